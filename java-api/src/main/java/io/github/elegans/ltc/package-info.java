/**
 * Liquid time-constant networks (LTC), with the semantics of ncps and of the authors' repositories.
 */
@NullMarked
package io.github.elegans.ltc;

import org.jspecify.annotations.NullMarked;
