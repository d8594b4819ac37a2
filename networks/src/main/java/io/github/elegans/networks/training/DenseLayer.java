package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ActivationGradientKernels;
import org.jspecify.annotations.Nullable;

/** A fully connected layer over the rows of whole sequences: y = activation(b + x W). */
final class DenseLayer implements TrainableLayer {
  private final Kernels kernels;
  private final Accuracy accuracy;
  private final TrainableDense dense;
  private final Activation activation;

  DenseLayer(Kernels kernels, Accuracy accuracy, TrainableDense dense, Activation activation) {
    this.kernels = kernels;
    this.accuracy = accuracy;
    this.dense = dense;
    this.activation = activation;
    dense.transpose(0, dense.inputs());
  }

  @Override
  public int inputSize() {
    return dense.inputs();
  }

  @Override
  public int outputSize() {
    return dense.outputs();
  }

  @Override
  public long rowFloats() {
    return dense.inputs() + 2L * dense.outputs();
  }

  @Override
  public void bind(ParameterBlock parameters) {
    dense.bind(parameters);
  }

  @Override
  public void refresh() {
    dense.refresh(kernels);
  }

  @Override
  public void finish(ParameterBlock gradient) {
    dense.finish(gradient);
  }

  @Override
  public Tape tape(TrainableCell.Context context) {
    return new DenseTape();
  }

  private final class DenseTape implements Tape {
    private final boolean fromOutput = ActivationGradientKernels.FROM_OUTPUT.contains(activation);
    private final RowBuffer sums = RowBuffer.of(dense.outputs());
    private final RowBuffer out = fromOutput ? sums : RowBuffer.of(dense.outputs());
    private @Nullable RowBuffer inputs;

    @Override
    public RowBuffer forward(LeafRows rows, RowBuffer x) {
      int n = rows.rows();
      inputs = x;
      sums.reserve(n);
      out.reserve(n);
      if (n > 0) {
        Activation function = fromOutput ? activation : Activation.LINEAR;
        kernels
            .dense()
            .forward(
                dense.weights(),
                function,
                accuracy,
                x.memory(),
                x.stride(),
                sums.memory(),
                sums.stride(),
                n);
        if (!fromOutput) {
          kernels
              .math()
              .apply(activation, accuracy, sums.memory(), out.memory(), n * sums.stride());
        }
      }
      return out;
    }

    @Override
    public void backward(
        LeafRows rows,
        RowBuffer upstream,
        ParameterBlock gradient,
        @Nullable RowBuffer inputGradients) {
      int n = rows.rows();
      RowBuffer x = inputs;
      if (n == 0 || x == null) {
        return;
      }
      if (activation != Activation.LINEAR) {
        kernels
            .activationGradients()
            .backward(activation, sums.memory(), upstream.memory(), n * sums.stride());
      }
      dense.addGradient(kernels, x, upstream, n, gradient);
      if (inputGradients != null) {
        inputGradients.reserve(n);
        Rows.dense(kernels, dense.transposed(0), upstream, 0, inputGradients, 0, n);
      }
    }
  }
}
