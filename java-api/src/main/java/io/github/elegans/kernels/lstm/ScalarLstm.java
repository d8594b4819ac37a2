package io.github.elegans.kernels.lstm;

import static io.github.elegans.kernels.dense.ScalarDense.element;
import static io.github.elegans.memory.FloatSegments.get;
import static io.github.elegans.memory.FloatSegments.set;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cell.CellKernel;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.math.ScalarMath;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Long short-term memory, by definition. */
final class ScalarLstm implements LstmKernels {
  private static final int BLOCK = PanelLayout.BLOCK;

  @Override
  public CellKernel<LstmWorkspace> cell(LstmWeights weights, Accuracy accuracy) {
    return new ScalarCell(weights, accuracy);
  }

  /** The next memory. */
  static float remember(float forgetGate, float memory, float remembered, float inputGate) {
    return PanelLayout.flush(Math.fma(forgetGate, memory, remembered * inputGate));
  }

  /** The next state, from the memory's tanh. */
  static float output(float activated, float outputGate) {
    return PanelLayout.flush(activated * outputGate);
  }

  private record ScalarCell(LstmWeights weights, Accuracy accuracy)
      implements CellKernel<LstmWorkspace> {

    @Override
    public void run(
        LstmWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        @Nullable Series timespans,
        @Nullable Series out) {
      int inputSize = weights.inputSize();
      int hiddenSize = weights.hiddenSize();
      for (int row = firstRow; row < firstRow + rows; row++) {
        long h = workspace.hiddenStateOffset(row);
        long c = (long) row * workspace.memoryStride();
        for (int step = 0; step < steps; step++) {
          MemorySegment inputs = workspace.inputs();
          FloatSegments.copy(x.data(), x.offset(row, step), inputs, 0, inputSize);
          FloatSegments.copy(workspace.state(), h, inputs, inputSize, hiddenSize);
          for (int unit = 0; unit < hiddenSize; unit++) {
            int head = unit / BLOCK * 4 * BLOCK + unit % BLOCK;
            float remembered = apply(Activation.TANH, sum(inputs, head));
            float inputGate = apply(Activation.SIGMOID, sum(inputs, head + BLOCK));
            float forgetGate = apply(Activation.SIGMOID, sum(inputs, head + 2 * BLOCK));
            float outputGate = apply(Activation.SIGMOID, sum(inputs, head + 3 * BLOCK));
            MemorySegment memory = workspace.memory();
            float next = remember(forgetGate, get(memory, c + unit), remembered, inputGate);
            set(memory, c + unit, next);
            set(workspace.state(), h + unit, output(apply(Activation.TANH, next), outputGate));
          }
          if (out != null) {
            FloatSegments.copy(workspace.state(), h, out.data(), out.offset(row, step), hiddenSize);
          }
        }
      }
    }

    private float sum(MemorySegment inputs, int head) {
      return element(weights.gates(), head, inputs, 0);
    }

    private float apply(Activation function, float x) {
      return ScalarMath.apply(function, accuracy, x);
    }
  }
}
