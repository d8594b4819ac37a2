/** Models in files, of whatever kind. */
@NullMarked
package io.github.elegans.networks.models;

import org.jspecify.annotations.NullMarked;
