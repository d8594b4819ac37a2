/** Systems, methods and the catalogue against mathematics and the literature. */
@NullMarked
package io.github.elegans.ode;

import org.jspecify.annotations.NullMarked;
