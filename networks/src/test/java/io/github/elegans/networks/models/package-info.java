/** Models of every kind against published values. */
@NullMarked
package io.github.elegans.networks.models;

import org.jspecify.annotations.NullMarked;
