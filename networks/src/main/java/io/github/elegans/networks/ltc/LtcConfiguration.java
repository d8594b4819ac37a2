package io.github.elegans.networks.ltc;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.kernels.ltc.LtcWeights.Integration;
import java.util.Objects;

/**
 * The shape of an LTC network, with ncps's names and the defaults of its sequence class {@code
 * LTC}.
 *
 * @param inputSize I, at least 1
 * @param units N: neurons, at least 1
 * @param outputSize m: the first neurons, whose states are the output; at most N
 * @param inputMapping {@code input_mapping}
 * @param outputMapping {@code output_mapping}
 * @param odeUnfolds {@code ode_unfolds}: substeps of a step, at least 1
 * @param epsilon added to the denominator of a substep
 * @param implicitParamConstraints whether w, sensory_w, cm and gleak go through a softplus
 *     (threshold 20) to become positive; otherwise they are taken as they are
 * @param mixedMemory whether an LSTM stands before the cell
 * @param dialect whose cell
 * @param solver the method of integration; other than semi-implicit only in the LTC repository's
 *     dialect
 */
public record LtcConfiguration(
    int inputSize,
    int units,
    int outputSize,
    LtcMapping inputMapping,
    LtcMapping outputMapping,
    int odeUnfolds,
    double epsilon,
    boolean implicitParamConstraints,
    boolean mixedMemory,
    LtcDialect dialect,
    LtcSolver solver) {

  /**
   * Checks its components.
   *
   * @throws IllegalArgumentException if a number is out of range, or the dialect does not have the
   *     solver
   */
  public LtcConfiguration {
    Objects.requireNonNull(inputMapping, "inputMapping");
    Objects.requireNonNull(outputMapping, "outputMapping");
    Objects.requireNonNull(dialect, "dialect");
    Objects.requireNonNull(solver, "solver");
    Require.atLeast("input_size", 1, inputSize);
    Require.atLeast("units", 1, units);
    Require.between("output_size", 1, units, outputSize);
    new Integration(solver, odeUnfolds, epsilon, dialect.elapsedTime(), dialect.timespanOffset());
  }

  /** ncps's defaults. */
  public static LtcConfiguration of(int inputSize, int units, int outputSize) {
    return of(LtcDialect.NCPS, inputSize, units, outputSize);
  }

  /** A dialect's defaults. */
  public static LtcConfiguration of(LtcDialect dialect, int inputSize, int units, int outputSize) {
    return new LtcConfiguration(
        inputSize,
        units,
        outputSize,
        LtcMapping.AFFINE,
        dialect == LtcDialect.NCPS || dialect == LtcDialect.CFC_TENSORFLOW
            ? LtcMapping.AFFINE
            : LtcMapping.NONE,
        dialect.defaultUnfolds(),
        dialect.defaultEpsilon(),
        dialect == LtcDialect.NCPS,
        false,
        dialect,
        LtcSolver.SEMI_IMPLICIT);
  }

  /** This configuration with other maps of inputs and outputs. */
  public LtcConfiguration withMappings(LtcMapping input, LtcMapping output) {
    return new LtcConfiguration(
        inputSize,
        units,
        outputSize,
        input,
        output,
        odeUnfolds,
        epsilon,
        implicitParamConstraints,
        mixedMemory,
        dialect,
        solver);
  }

  /** This configuration with another integration. */
  public LtcConfiguration withSolver(LtcSolver newSolver, int unfolds) {
    return new LtcConfiguration(
        inputSize,
        units,
        outputSize,
        inputMapping,
        outputMapping,
        unfolds,
        epsilon,
        implicitParamConstraints,
        mixedMemory,
        dialect,
        newSolver);
  }

  /** This configuration with explicit (false) or implicit (true) constraints of parameters. */
  public LtcConfiguration withImplicitParamConstraints(boolean implicit) {
    return new LtcConfiguration(
        inputSize,
        units,
        outputSize,
        inputMapping,
        outputMapping,
        odeUnfolds,
        epsilon,
        implicit,
        mixedMemory,
        dialect,
        solver);
  }

  /** This configuration with an LSTM before the cell, or without. */
  public LtcConfiguration withMixedMemory(boolean mixed) {
    return new LtcConfiguration(
        inputSize,
        units,
        outputSize,
        inputMapping,
        outputMapping,
        odeUnfolds,
        epsilon,
        implicitParamConstraints,
        mixed,
        dialect,
        solver);
  }

  /** How a step is integrated. */
  public Integration integration() {
    return new Integration(
        solver, odeUnfolds, epsilon, dialect.elapsedTime(), dialect.timespanOffset());
  }
}
