/** The elementary functions against high precision. */
@NullMarked
package io.github.elegans.expressions;

import org.jspecify.annotations.NullMarked;
