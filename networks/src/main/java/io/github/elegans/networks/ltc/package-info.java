/**
 * Liquid time-constant networks (LTC), with the semantics of ncps and of the authors' repositories.
 */
@NullMarked
package io.github.elegans.networks.ltc;

import org.jspecify.annotations.NullMarked;
