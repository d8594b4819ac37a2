/** The borders of the modules and of their layers. */
@NullMarked
package io.github.elegans.bench.architecture;

import org.jspecify.annotations.NullMarked;
