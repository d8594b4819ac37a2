/**
 * Liquid neural networks and ensembles of differential equations over the datasets of Apache Spark:
 * {@link io.github.elegans.spark.ElegansModel} runs a network over sequences, {@link
 * io.github.elegans.spark.ElegansTraining} trains one, {@link io.github.elegans.spark.ElegansSweep}
 * solves a system for every row of parameters. All give the bits of one machine.
 */
@NullMarked
package io.github.elegans.spark;

import org.jspecify.annotations.NullMarked;
