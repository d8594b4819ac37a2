@NullMarked
package io.github.elegans.djl;

import org.jspecify.annotations.NullMarked;
