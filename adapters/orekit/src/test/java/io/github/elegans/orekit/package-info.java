@NullMarked
package io.github.elegans.orekit;

import org.jspecify.annotations.NullMarked;
