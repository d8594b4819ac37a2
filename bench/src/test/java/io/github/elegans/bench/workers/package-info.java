@NullMarked
package io.github.elegans.bench.workers;

import org.jspecify.annotations.NullMarked;
