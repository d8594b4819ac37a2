/** The catalogue against the literature. */
@NullMarked
package io.github.elegans.ode;

import org.jspecify.annotations.NullMarked;
