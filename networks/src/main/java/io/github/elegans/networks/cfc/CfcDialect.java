package io.github.elegans.networks.cfc;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.MixedMemory;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whose CfC it is: the two repositories of its authors, ncps (mlech26l/ncps) and CfC (raminmh/CfC),
 * hold cells of that name that compute different functions of the same parameters. They differ in
 * the activation of the heads ff1 and ff2 and in the sign of time_a in the gate. Cells of mode pure
 * are the same in all.
 */
public enum CfcDialect {
  /** {@code ncps.torch}: tanh heads, the gate sigmoid(time_a Δ + time_b). */
  NCPS_TORCH(Activation.TANH, false),
  /** {@code ncps.tf} and {@code ncps.keras}: linear heads, sigmoid(-time_a Δ + time_b). */
  NCPS_KERAS(Activation.LINEAR, true, Activation.SOFTPLUS, Activation.SIGMOID, Activation.LINEAR),
  /** {@code torch_cfc.py} of the CfC repository: as {@link #NCPS_TORCH}. */
  CFC_TORCH(Activation.TANH, false),
  /**
   * {@code tf_cfc.py} of the CfC repository: lecun_tanh heads whatever the backbone's activation,
   * sigmoid(-time_a Δ + time_b).
   */
  CFC_TENSORFLOW(Activation.LECUN_TANH, true, Activation.SOFTPLUS);

  private final Activation headActivation;
  private final boolean negatesTimeA;

  @SuppressWarnings("ImmutableEnumChecker") // made by Set.copyOf
  private final Set<Activation> activations;

  CfcDialect(Activation headActivation, boolean negatesTimeA, Activation... more) {
    this.headActivation = headActivation;
    this.negatesTimeA = negatesTimeA;
    EnumSet<Activation> all =
        EnumSet.of(
            Activation.SILU,
            Activation.RELU,
            Activation.TANH,
            Activation.GELU,
            Activation.GELU_TANH,
            Activation.LECUN_TANH);
    all.addAll(Set.of(more));
    this.activations = Set.copyOf(all);
  }

  /** The activation of ff1 and ff2, except in mode pure, where ff1 is linear. */
  public Activation headActivation() {
    return headActivation;
  }

  /** Whether the gate has -time_a Δ where ncps on PyTorch has time_a Δ. */
  public boolean negatesTimeA() {
    return negatesTimeA;
  }

  /** Whether the cell is made of Keras's layers. */
  boolean isKeras() {
    return negatesTimeA;
  }

  /**
   * Whether the LSTM of mixed memory takes the place of the input (TensorFlow, Keras) instead of
   * the previous state.
   */
  public boolean memoryReplacesInput() {
    return negatesTimeA;
  }

  /** A cell with the LSTM beside it, if there is one, in the scheme of this dialect. */
  Cell remembering(@Nullable LstmWeights lstm, Cell cell, Kernels kernels, Accuracy accuracy) {
    return lstm == null
        ? cell
        : memoryReplacesInput()
            ? MixedMemory.tensorFlow(lstm, cell, kernels, accuracy)
            : MixedMemory.torch(lstm, cell, kernels, accuracy);
  }

  /**
   * What a sparsity mask multiplies weights with: its signs in TensorFlow, magnitudes in PyTorch.
   */
  public float[] mask(float[] mask) {
    float[] factors = Objects.requireNonNull(mask, "mask").clone();
    if (!negatesTimeA) {
      for (int i = 0; i < factors.length; i++) {
        factors[i] = Math.abs(factors[i]);
      }
    }
    return factors;
  }

  /** The activations that a backbone can have. */
  public Set<Activation> activations() {
    return activations;
  }

  /** The name in metadata: {@code ncps_torch}, {@code cfc_tensorflow}, … */
  public String fieldName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
