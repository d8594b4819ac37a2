/** Liquid neural networks and other recurrent ones in Kafka Streams. */
@NullMarked
package io.github.elegans.kafkastreams;

import org.jspecify.annotations.NullMarked;
