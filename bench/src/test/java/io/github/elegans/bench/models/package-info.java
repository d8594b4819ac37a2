/** All backends in one JVM, as users have them. */
@NullMarked
package io.github.elegans.bench.models;

import org.jspecify.annotations.NullMarked;
