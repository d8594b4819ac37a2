@NullMarked
package io.github.elegans.networks.training;

import org.jspecify.annotations.NullMarked;
