/** Liquid neural networks and other recurrent ones in Flink. */
@NullMarked
package io.github.elegans.flink;

import org.jspecify.annotations.NullMarked;
