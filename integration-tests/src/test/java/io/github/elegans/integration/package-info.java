/**
 * What no module can test alone: the borders of modules and layers, all backends side by side,
 * hostile virtual machines, and the artifacts as users have them.
 */
@NullMarked
package io.github.elegans.integration;

import org.jspecify.annotations.NullMarked;
