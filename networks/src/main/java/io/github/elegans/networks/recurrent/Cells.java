package io.github.elegans.networks.recurrent;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.CellDescription;
import io.github.elegans.networks.statedict.Packing;
import io.github.elegans.networks.statedict.Parameters;
import java.util.Arrays;

/** The cells with gates. */
final class Cells {
  private Cells() {}

  /**
   * A phased LSTM (Neil et al. 2016) as ode-lstms has it: the phase is that of Δ instead of the
   * time, and the opening branch is 2 φ r_on instead of 2 φ / r_on.
   *
   * @param tau period
   * @param ron share of the period in which the gate is open
   * @param shift of the phase
   */
  record PhasedLstm(int inputSize, GatedMemory memory, float tau, float ron, float shift)
      implements Dynamics {
    private static final float LEAK = 0.001f;

    @Override
    public int stateSize() {
      return memory.units();
    }

    @Override
    public int memorySize() {
      return memory.units();
    }

    @Override
    public PhasedLstm with(WeightStorage storage) {
      return new PhasedLstm(inputSize, memory.with(storage), tau, ron, shift);
    }

    @Override
    public Step step(Rows.Functions functions) {
      GatedMemory.Run run = memory.new Run(functions);
      int h = inputSize;
      int c = h + memory.units();
      return (rows, timespans, n) -> {
        run.advance(rows, c, n);
        for (int r = 0; r < n; r++) {
          float open = openness(timespans.get(r, 0) - shift, tau, ron);
          for (int i = 0; i < memory.units(); i++) {
            rows.set(r, h + i, mix(open, run.output(r, i), rows.get(r, h + i)));
            rows.set(r, c + i, mix(open, run.memory(r, i), rows.get(r, c + i)));
          }
        }
      };
    }

    /** How far the gate is open so long after its cycle began: 0 to 1. */
    static float openness(float since, float tau, float ron) {
      // The remainder is exact, however many cycles have passed; it has the dividend's sign.
      float remainder = since % tau;
      float phase = (remainder < 0 ? remainder + tau : remainder) / tau;
      return phase < 0.5f * ron
          ? 2 * phase * ron
          : phase < ron ? 2 - 2 * phase / ron : LEAK * phase;
    }
  }

  /** The continuous-time LSTM of the neural Hawkes process (Mei and Eisner 2017). */
  record CtLstm(
      int inputSize, int stateSize, DenseWeights candidate, DenseWeights gates, DenseWeights decay)
      implements Dynamics {

    static CtLstm of(Parameters parameters, int inputs, int units) {
      Packing.Gates all = Packing.Gates.keras(parameters, "", "input_kernel", inputs, units, 7);
      return new CtLstm(
          inputs,
          units,
          all.layer(new int[] {0}, 0),
          // ig, fg, og, and those of the level that the memory decays to.
          all.layer(new int[] {1, 2, 3, 4, 5}, 0, 0, 0, 0, 0),
          all.layer(new int[] {6}, 0));
    }

    /** c and the level that it decays to. */
    @Override
    public int memorySize() {
      return 2 * stateSize;
    }

    @Override
    public CtLstm with(WeightStorage storage) {
      return new CtLstm(
          inputSize,
          stateSize,
          candidate.withStorage(storage),
          gates.withStorage(storage),
          decay.withStorage(storage));
    }

    @Override
    public Step step(Rows.Functions functions) {
      Rows x = Rows.of(stateSize);
      Rows opened = Rows.of(5 * stateSize);
      Rows factor = Rows.of(stateSize);
      int h = inputSize;
      int c = h + stateSize;
      int level = c + stateSize;
      return (rows, timespans, n) -> {
        functions.dense(candidate, Activation.TANH, rows, x, n);
        functions.dense(gates, Activation.SIGMOID, rows, opened, n);
        functions.dense(decay, Activation.SOFTPLUS, rows, factor, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < stateSize; i++) {
            factor.set(r, i, -factor.get(r, i) * timespans.get(r, 0));
          }
        }
        functions.apply(Activation.EXP, factor, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < stateSize; i++) {
            float in = x.get(r, i);
            float next =
                Math.fma(rows.get(r, c + i), opened.get(r, stateSize + i), in * opened.get(r, i));
            float nextLevel =
                Math.fma(
                    rows.get(r, level + i),
                    opened.get(r, 4 * stateSize + i),
                    in * opened.get(r, 3 * stateSize + i));
            rows.set(r, c + i, next);
            rows.set(r, level + i, nextLevel);
            x.set(r, i, Math.fma(next - nextLevel, factor.get(r, i), nextLevel));
          }
        }
        functions.apply(Activation.TANH, x, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < stateSize; i++) {
            rows.set(r, h + i, x.get(r, i) * opened.get(r, 2 * stateSize + i));
          }
        }
      };
    }
  }

  /** An ODE on rows [q | h], where q is an LSTM's output. */
  interface Ode {
    /** The solver of one thread: where its state stands before, h' stands behind. */
    OdeSolver.Run run(Rows.Functions functions);

    /** The same with its matrices in another storage. */
    Ode with(WeightStorage storage);
  }

  /** h' = outer(tanh(inner(h))), which begins at q. */
  record NeuralOde(DenseWeights inner, DenseWeights outer, OdeSolver solver) implements Ode {
    @Override
    public NeuralOde with(WeightStorage storage) {
      return new NeuralOde(inner.withStorage(storage), outer.withStorage(storage), solver);
    }

    @Override
    public OdeSolver.Run run(Rows.Functions functions) {
      int units = outer.outputs();
      Rows hidden = Rows.of(units);
      Rows k = Rows.of(units);
      OdeSolver.Slope slope =
          (rows, n) -> {
            functions.dense(inner, Activation.TANH, rows, hidden, n);
            functions.dense(outer, Activation.LINEAR, hidden, k, n);
          };
      return new OdeSolver.Run(solver, 0, units, slope, k);
    }
  }

  /**
   * An LSTM whose output drives an ODE, or whose output is the initial state of one (Lechner and
   * Hasani 2020).
   *
   * @param ode the CT-RNN that the LSTM's output drives, in the TensorFlow form
   */
  record OdeLstm(int inputSize, GatedMemory memory, Ode ode) implements Dynamics {
    @Override
    public int stateSize() {
      return memory.units();
    }

    @Override
    public int memorySize() {
      return memory.units();
    }

    @Override
    public OdeLstm with(WeightStorage storage) {
      return new OdeLstm(inputSize, memory.with(storage), ode.with(storage));
    }

    @Override
    public Step step(Rows.Functions functions) {
      GatedMemory.Run run = memory.new Run(functions);
      int units = memory.units();
      int h = inputSize;
      int c = h + units;
      Rows own = Rows.of(2 * units);
      OdeSolver.Run solve = ode.run(functions);
      return (rows, timespans, n) -> {
        run.advance(rows, c, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < units; i++) {
            own.set(r, i, run.output(r, i));
            own.set(r, units + i, rows.get(r, h + i));
          }
        }
        solve.advance(own, timespans, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < units; i++) {
            rows.set(r, h + i, own.get(r, solve.column() + i));
            rows.set(r, c + i, run.memory(r, i));
          }
        }
      };
    }
  }

  /** A GRU in PyTorch's form: the reset gate works on the product with the state. */
  record Gru(
      int inputSize, int stateSize, DenseWeights gates, DenseWeights input, DenseWeights recurrent)
      implements Dynamics {

    static Gru of(Parameters parameters, int inputs, int units) {
      int rows = 3 * units;
      float[] ih = parameters.take("weight_ih_l0", rows, inputs);
      float[] hh = parameters.take("weight_hh_l0", rows, units);
      float[] bih = parameters.take("bias_ih_l0", rows);
      float[] bhh = parameters.take("bias_hh_l0", rows);
      float[] bias = new float[2 * units];
      for (int i = 0; i < bias.length; i++) {
        bias[i] = bih[i] + bhh[i];
      }
      int all = inputs + units;
      return new Gru(
          inputs,
          units,
          Packing.pack(
              all,
              2 * units,
              (o, i) -> i < inputs ? ih[o * inputs + i] : hh[o * units + i - inputs],
              bias),
          Packing.pack(
              inputs, units, (o, i) -> ih[(2 * units + o) * inputs + i], tail(bih, 2 * units)),
          Packing.pack(
              units, units, (o, i) -> hh[(2 * units + o) * units + i], tail(bhh, 2 * units)));
    }

    private static float[] tail(float[] values, int from) {
      return Arrays.copyOfRange(values, from, values.length);
    }

    @Override
    public CellDescription description() {
      return new CellDescription.Gru(gates, input, recurrent);
    }

    @Override
    public Gru with(WeightStorage storage) {
      return new Gru(
          inputSize,
          stateSize,
          gates.withStorage(storage),
          input.withStorage(storage),
          recurrent.withStorage(storage));
    }

    @Override
    public Step step(Rows.Functions functions) {
      Rows opened = Rows.of(2 * stateSize);
      Rows fromInput = Rows.of(stateSize);
      Rows state = Rows.of(stateSize);
      Rows fromState = Rows.of(stateSize);
      int h = inputSize;
      return (rows, timespans, n) -> {
        functions.dense(gates, Activation.SIGMOID, rows, opened, n);
        functions.dense(input, Activation.LINEAR, rows, fromInput, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < stateSize; i++) {
            state.set(r, i, rows.get(r, h + i));
          }
        }
        functions.dense(recurrent, Activation.LINEAR, state, fromState, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < stateSize; i++) {
            float reset = opened.get(r, i);
            fromInput.set(r, i, Math.fma(reset, fromState.get(r, i), fromInput.get(r, i)));
          }
        }
        functions.apply(Activation.TANH, fromInput, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < stateSize; i++) {
            float update = opened.get(r, stateSize + i);
            rows.set(r, h + i, mix(update, state.get(r, i), fromInput.get(r, i)));
          }
        }
      };
    }
  }

  /**
   * The gates that GRU-D and GRU-ODE share: the reset gate works on the state.
   *
   * @param gates reset and update
   */
  record ResetGates(int inputSize, int units, DenseWeights gates, DenseWeights detect) {

    static ResetGates of(Parameters parameters, int inputs, int units) {
      int all = inputs + units;
      float[] reset = parameters.take("reset_gate.kernel", all, units);
      float[] resetBias = parameters.take("reset_gate.bias", units);
      float[] update = parameters.take("update_gate.kernel", all, units);
      float[] updateBias = parameters.take("update_gate.bias", units);
      float[] bias = Arrays.copyOf(resetBias, 2 * units);
      System.arraycopy(updateBias, 0, bias, units, units);
      DenseWeights gates =
          Packing.pack(
              all,
              2 * units,
              (o, i) -> o < units ? reset[i * units + o] : update[i * units + o - units],
              bias);
      return new ResetGates(
          inputs, units, gates, Packing.keras(parameters, "detect_signal", all, units));
    }

    ResetGates with(WeightStorage storage) {
      return new ResetGates(
          inputSize, units, gates.withStorage(storage), detect.withStorage(storage));
    }

    /** One thread's scratch memory. */
    final class Run {
      private final Rows.Functions functions;
      private final Rows opened = Rows.of(2 * units);
      private final Rows inner = Rows.of(inputSize + units);
      private final Rows detected = Rows.of(units);

      Run(Rows.Functions functions) {
        this.functions = functions;
      }

      /** From rows [x | h]. */
      void advance(Rows rows, int n) {
        functions.dense(gates, Activation.SIGMOID, rows, opened, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < inputSize; i++) {
            inner.set(r, i, rows.get(r, i));
          }
          for (int i = 0; i < units; i++) {
            inner.set(r, inputSize + i, opened.get(r, i) * rows.get(r, inputSize + i));
          }
        }
        functions.dense(detect, Activation.TANH, inner, detected, n);
      }

      float update(int row, int i) {
        return opened.get(row, units + i);
      }

      float detected(int row, int i) {
        return detected.get(row, i);
      }
    }
  }

  /** GRU-D (Che et al. 2018) without its masks: the state decays by exp(-relu(W Δ + b)) first. */
  record GruD(ResetGates gates, float[] decayWeight, float[] decayBias) implements Dynamics {
    @Override
    public int inputSize() {
      return gates.inputSize();
    }

    @Override
    public int stateSize() {
      return gates.units();
    }

    @Override
    public GruD with(WeightStorage storage) {
      return new GruD(gates.with(storage), decayWeight, decayBias);
    }

    @Override
    public Step step(Rows.Functions functions) {
      ResetGates.Run run = gates.new Run(functions);
      int units = gates.units();
      int h = gates.inputSize();
      Rows gamma = Rows.of(units);
      return (rows, timespans, n) -> {
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < units; i++) {
            float rate = Math.fma(timespans.get(r, 0), decayWeight[i], decayBias[i]);
            gamma.set(r, i, rate < 0 ? 0 : -rate);
          }
        }
        functions.apply(Activation.EXP, gamma, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < units; i++) {
            rows.set(r, h + i, rows.get(r, h + i) * gamma.get(r, i));
          }
        }
        run.advance(rows, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < units; i++) {
            rows.set(r, h + i, mix(run.update(r, i), rows.get(r, h + i), run.detected(r, i)));
          }
        }
      };
    }
  }

  /** GRU-ODE (De Brouwer et al. 2019) without its Bayesian part: h' = (1 - z) (g - h). */
  record GruOde(ResetGates gates, OdeSolver solver) implements Dynamics {
    @Override
    public int inputSize() {
      return gates.inputSize();
    }

    @Override
    public int stateSize() {
      return gates.units();
    }

    @Override
    public GruOde with(WeightStorage storage) {
      return new GruOde(gates.with(storage), solver);
    }

    @Override
    public Step step(Rows.Functions functions) {
      ResetGates.Run run = gates.new Run(functions);
      int units = gates.units();
      int h = gates.inputSize();
      Rows k = Rows.of(units);
      OdeSolver.Slope slope =
          (rows, n) -> {
            run.advance(rows, n);
            for (int r = 0; r < n; r++) {
              for (int i = 0; i < units; i++) {
                float away = run.detected(r, i) - rows.get(r, h + i);
                k.set(r, i, (1 - run.update(r, i)) * away);
              }
            }
          };
      return new OdeSolver.Run(solver, h, units, slope, k)::advance;
    }
  }

  /**
   * CT-GRU (Mozer et al. 2017): every unit has traces of {@value #SCALES} time constants, √10
   * apart; its state is their sum. The state of the cell are the traces.
   */
  record CtGru(
      int inputSize, int units, DenseWeights retrieval, DenseWeights detect, DenseWeights update)
      implements Dynamics {
    private static final int SCALES = 8;
    private static final float[] TAU = new float[SCALES];
    private static final float[] LN_TAU = new float[SCALES];

    static {
      for (int k = 0; k < SCALES; k++) {
        TAU[k] = (float) StrictMath.pow(10, k / 2.0);
        LN_TAU[k] = (float) (k / 2.0 * StrictMath.log(10));
      }
    }

    static CtGru of(Parameters parameters, int inputs, int units) {
      int all = inputs + units;
      return new CtGru(
          inputs,
          units,
          Packing.keras(parameters, "retrieval_layer", all, units * SCALES),
          Packing.keras(parameters, "detect_layer", all, units),
          Packing.keras(parameters, "update_layer", all, units * SCALES));
    }

    @Override
    public int stateSize() {
      return units * SCALES;
    }

    @Override
    public int outputSize() {
      return units;
    }

    @Override
    public CtGru with(WeightStorage storage) {
      return new CtGru(
          inputSize,
          units,
          retrieval.withStorage(storage),
          detect.withStorage(storage),
          update.withStorage(storage));
    }

    @Override
    public Step step(Rows.Functions functions) {
      int traces = inputSize;
      Rows inner = Rows.of(inputSize + units);
      Rows scales = Rows.of(units * SCALES);
      Rows detected = Rows.of(units);
      Rows decay = Rows.of(SCALES);
      return new Step() {
        @Override
        public void advance(Rows rows, Rows timespans, int n) {
          for (int r = 0; r < n; r++) {
            for (int i = 0; i < inputSize; i++) {
              inner.set(r, i, rows.get(r, i));
            }
            for (int k = 0; k < SCALES; k++) {
              decay.set(r, k, -timespans.get(r, 0) / TAU[k]);
            }
            for (int i = 0; i < units; i++) {
              inner.set(r, inputSize + i, output(rows, r, i, traces));
            }
          }
          functions.apply(Activation.EXP, decay, n);
          functions.dense(update, Activation.LINEAR, inner, scales, n);
          // The detection needs [x | retrieved], and the update was read from [x | h] before.
          Rows stored = storedScales;
          softmax(scales, stored, n);
          functions.dense(retrieval, Activation.LINEAR, inner, scales, n);
          softmax(scales, scales, n);
          for (int r = 0; r < n; r++) {
            for (int i = 0; i < units; i++) {
              float retrieved = 0;
              for (int k = 0; k < SCALES; k++) {
                int at = i * SCALES + k;
                retrieved = Math.fma(scales.get(r, at), rows.get(r, traces + at), retrieved);
              }
              inner.set(r, inputSize + i, retrieved);
            }
          }
          functions.dense(detect, Activation.TANH, inner, detected, n);
          for (int r = 0; r < n; r++) {
            for (int at = 0; at < units * SCALES; at++) {
              float trace = rows.get(r, traces + at);
              float next = mix(stored.get(r, at), detected.get(r, at / SCALES), trace);
              rows.set(r, traces + at, next * decay.get(r, at % SCALES));
            }
          }
        }

        private final Rows storedScales = Rows.of(units * SCALES);

        // Shares of the time constants: softmax of -(ln τ - ln τ_k)².
        private void softmax(Rows from, Rows to, int n) {
          for (int r = 0; r < n; r++) {
            for (int i = 0; i < units; i++) {
              float most = Float.NEGATIVE_INFINITY;
              for (int k = 0; k < SCALES; k++) {
                float distance = from.get(r, i * SCALES + k) - LN_TAU[k];
                float logit = -distance * distance;
                to.set(r, i * SCALES + k, logit);
                most = logit > most ? logit : most;
              }
              for (int k = 0; k < SCALES; k++) {
                to.set(r, i * SCALES + k, to.get(r, i * SCALES + k) - most);
              }
            }
          }
          functions.apply(Activation.EXP, to, n);
          for (int r = 0; r < n; r++) {
            for (int i = 0; i < units; i++) {
              float sum = 0;
              for (int k = 0; k < SCALES; k++) {
                sum += to.get(r, i * SCALES + k);
              }
              for (int k = 0; k < SCALES; k++) {
                to.set(r, i * SCALES + k, to.get(r, i * SCALES + k) / sum);
              }
            }
          }
        }

        @Override
        public float output(Rows rows, int row, int column, int stateColumn) {
          float sum = 0;
          for (int k = 0; k < SCALES; k++) {
            sum += rows.get(row, stateColumn + column * SCALES + k);
          }
          return sum;
        }
      };
    }
  }

  /**
   * A plain network with one hidden layer, whose states decay by Δ τ: h = W tanh(V [x | h]) - Δ τ.
   */
  record VanillaRnn(int inputSize, DenseWeights hidden, DenseWeights out, float[] tau)
      implements Dynamics {
    @Override
    public int stateSize() {
      return out.outputs();
    }

    @Override
    public VanillaRnn with(WeightStorage storage) {
      return new VanillaRnn(inputSize, hidden.withStorage(storage), out.withStorage(storage), tau);
    }

    @Override
    public Step step(Rows.Functions functions) {
      Rows inner = Rows.of(stateSize());
      Rows next = Rows.of(stateSize());
      return (rows, timespans, n) -> {
        functions.dense(hidden, Activation.TANH, rows, inner, n);
        functions.dense(out, Activation.LINEAR, inner, next, n);
        for (int r = 0; r < n; r++) {
          for (int i = 0; i < tau.length; i++) {
            rows.set(r, inputSize + i, Math.fma(-timespans.get(r, 0), tau[i], next.get(r, i)));
          }
        }
      };
    }
  }

  /** share a + (1 - share) b. */
  private static float mix(float share, float a, float b) {
    return Math.fma(share, a - b, b);
  }
}
