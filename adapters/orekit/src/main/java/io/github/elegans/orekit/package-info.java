/**
 * Ensembles of satellites by Orekit's force models: these are traced into a system of equations,
 * which is compiled and solved for many satellites at once.
 */
@NullMarked
package io.github.elegans.orekit;

import org.jspecify.annotations.NullMarked;
