@NullMarked
package io.github.elegans.networks;

import org.jspecify.annotations.NullMarked;
