@NullMarked
package io.github.elegans.flink;

import org.jspecify.annotations.NullMarked;
