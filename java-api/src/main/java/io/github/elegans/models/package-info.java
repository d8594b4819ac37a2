/** Models in files, of whatever kind. */
@NullMarked
package io.github.elegans.models;

import org.jspecify.annotations.NullMarked;
