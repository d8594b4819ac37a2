@NullMarked
package io.github.elegans.cli.training;

import org.jspecify.annotations.NullMarked;
