@NullMarked
package io.github.elegans.bench.report;

import org.jspecify.annotations.NullMarked;
