@NullMarked
package io.github.elegans.kafkastreams;

import org.jspecify.annotations.NullMarked;
