/**
 * The engine {@code Elegans} of <a href="https://djl.ai">Deep Java Library</a>: {@code
 * Criteria.builder().optEngine("Elegans")} loads what {@link
 * io.github.elegans.networks.models.Models} loads, and its predictors compute the bits of a {@link
 * io.github.elegans.networks.Session}.
 */
@NullMarked
package io.github.elegans.djl;

import org.jspecify.annotations.NullMarked;
