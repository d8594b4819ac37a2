/** Models of every kind against published values. */
@NullMarked
package io.github.elegans.models;

import org.jspecify.annotations.NullMarked;
