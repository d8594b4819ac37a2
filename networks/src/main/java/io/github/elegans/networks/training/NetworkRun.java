package io.github.elegans.networks.training;

import io.github.elegans.networks.training.TrainableCell.Context;
import io.github.elegans.networks.training.TrainableCell.Dropout;
import io.github.elegans.networks.training.TrainableLayer.Tape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A leaf on its way through a network and back, in one thread. When all that the way back needs is
 * too much to be kept, the steps go in windows: only the states at their beginnings are kept, and a
 * window is computed again before the way back through it, with the same bits.
 */
final class NetworkRun implements LeafRun {
  private final TrainableModel model;
  private final TrainableNetwork network;
  private final Context context;
  private final Tape[] body;
  private final Tape[] head;
  private final RowBuffer[] bodyGradients;
  private final RowBuffer[] headGradients;

  /** All steps of the leaf. */
  private final LeafRows rows = new LeafRows();

  private final RowBuffer inputs;
  private final RowBuffer timespans = RowBuffer.ofScalars();
  private final RowBuffer timespanGradients = RowBuffer.ofScalars();

  // The rows of a window, where there are several.
  private final RowBuffer windowInputs;
  private final RowBuffer windowTimespans = RowBuffer.ofScalars();
  private final RowBuffer windowTimespanGradients = RowBuffer.ofScalars();
  private final RowBuffer windowUpstream;
  private final RowBuffer outputs;
  private final RowBuffer inputGradients;
  private final List<StateRows> states;
  private final List<StateRows> stateGradients;
  private final List<List<StateRows>> starts = new ArrayList<>();

  /** The last row of each sample, for models of which only the last output counts. */
  private final LeafRows lastRows = new LeafRows();

  private final RowBuffer upstream;
  private final RowBuffer last;
  private final RowBuffer lastUpstream;

  private int firstSample;
  private int firstStep;
  private LeafRows.@Nullable Mask mask;
  private int window = Integer.MAX_VALUE;

  /**
   * A run.
   *
   * @param model which says how long windows are
   */
  NetworkRun(TrainableModel model, TrainableNetwork network, @Nullable Dropout dropout) {
    this.model = model;
    this.network = network;
    context = new Context(dropout);
    body = tapes(network.body());
    head = tapes(network.head());
    bodyGradients = gradients(network.body());
    headGradients = gradients(network.head());
    states = Arrays.stream(body).map(Tape::state).filter(Objects::nonNull).toList();
    stateGradients =
        Arrays.stream(body).map(Tape::stateGradients).filter(Objects::nonNull).toList();
    inputs = RowBuffer.of(network.inputSize());
    inputGradients = RowBuffer.of(network.inputSize());
    windowInputs = RowBuffer.of(network.inputSize());
    int width = network.bodyOutputSize();
    outputs = RowBuffer.of(width);
    windowUpstream = RowBuffer.of(width);
    upstream = RowBuffer.of(network.outputSize());
    last = RowBuffer.of(width, LeafRows.SAMPLES);
    lastUpstream = RowBuffer.of(width);
  }

  private Tape[] tapes(List<TrainableLayer> layers) {
    return layers.stream().map(layer -> layer.tape(context)).toArray(Tape[]::new);
  }

  private static RowBuffer[] gradients(List<TrainableLayer> layers) {
    return layers.stream().map(layer -> RowBuffer.of(layer.inputSize())).toArray(RowBuffer[]::new);
  }

  @Override
  public void begin(
      int samples,
      int steps,
      int firstOfBatch,
      int firstOfSequence,
      LeafRows.@Nullable Mask given) {
    firstSample = firstOfBatch;
    firstStep = firstOfSequence;
    mask = given;
    rows.set(samples, steps, firstSample, firstStep, mask);
    inputs.reserve(rows.rows());
    timespans.reserve(rows.rows());
    for (Tape tape : body) {
      tape.begin();
    }
    // Windows are as long as each other, but for the last.
    window = Math.clamp(model.windowSteps(samples), 1, Math.max(1, steps));
  }

  @Override
  public LeafRows rows() {
    return rows;
  }

  @Override
  public RowBuffer inputs() {
    return inputs;
  }

  @Override
  public RowBuffer timespans() {
    return timespans;
  }

  @Override
  public RowBuffer upstream() {
    return upstream;
  }

  @Override
  public LeafRows outputRows() {
    return network.isLastOnly() ? lastRows : rows;
  }

  @Override
  public List<StateRows> states() {
    return states;
  }

  @Override
  public List<StateRows> stateGradients() {
    return stateGradients;
  }

  @Override
  public RowBuffer forward() {
    int steps = rows.steps();
    RowBuffer out;
    if (window >= steps) {
      context.rows.set(rows.samples(), steps, firstSample, firstStep, mask);
      context.timespans = timespans;
      out = forward(body, context.rows, inputs);
    } else {
      outputs.reserve(rows.rows());
      for (int begin = 0; begin < steps; begin += window) {
        if (starts.size() == begin / window) {
          starts.add(StateRows.like(states));
        }
        StateRows.copy(states, starts.get(begin / window));
        RowBuffer part = forwardWindow(begin);
        Rows.copy(part, 0, outputs, rows.first(end(begin) - 1), context.rows.rows());
      }
      out = outputs;
    }
    return network.isLastOnly() ? forwardLast(out) : out;
  }

  private int end(int begin) {
    return Math.min(rows.steps(), begin + window);
  }

  private RowBuffer forwardWindow(int begin) {
    int end = end(begin);
    LeafRows.Mask all = mask;
    context.rows.set(
        rows.samples(),
        end - begin,
        firstSample,
        firstStep + begin,
        all == null ? null : (sample, step) -> all.has(sample, begin + step));
    int n = context.rows.rows();
    windowInputs.reserve(n);
    windowTimespans.reserve(n);
    context.timespans = windowTimespans;
    Rows.copy(inputs, rows.first(end - 1), windowInputs, 0, n);
    Rows.copy(timespans, rows.first(end - 1), windowTimespans, 0, n);
    return forward(body, context.rows, windowInputs);
  }

  private static RowBuffer forward(Tape[] tapes, LeafRows rows, RowBuffer x) {
    RowBuffer in = x;
    for (Tape tape : tapes) {
      in = tape.forward(rows, in);
    }
    return in;
  }

  private RowBuffer forwardLast(RowBuffer out) {
    lastRows.set(rows.samples(), 1, firstSample, 0, null);
    for (int i = 0; i < rows.samples(); i++) {
      int row = rows.lastRow(i);
      if (row >= 0) {
        out.copyRow(row, 0, last, i, 0, last.width());
      }
    }
    clearAbsent(last);
    RowBuffer ofHead = forward(head, lastRows, last);
    clearAbsent(ofHead);
    return ofHead;
  }

  /** A sample without any step has no last output: 0, which depends on nothing. */
  private void clearAbsent(RowBuffer ofLast) {
    for (int i = 0; i < rows.samples(); i++) {
      if (rows.lastRow(i) < 0) {
        for (int k = 0; k < ofLast.width(); k++) {
          ofLast.set(i, k, 0);
        }
      }
    }
  }

  @Override
  public @Nullable RowBuffer backward(
      RowBuffer upstream, ParameterBlock gradient, boolean wantsInputs, boolean wantsTimespans) {
    context.wantsTimespanGradients = wantsTimespans;
    RowBuffer above = upstream;
    if (network.isLastOnly()) {
      clearAbsent(upstream);
      RowBuffer ofLast =
          head.length == 0 ? upstream : backward(head, headGradients, lastRows, upstream, gradient);
      lastUpstream.reserve(rows.rows());
      lastUpstream.clear(rows.rows());
      for (int i = 0; i < rows.samples(); i++) {
        int row = rows.lastRow(i);
        if (row >= 0) {
          ofLast.copyRow(i, 0, lastUpstream, row, 0, lastUpstream.width());
        }
      }
      above = lastUpstream;
    }
    if (wantsTimespans) {
      timespanGradients.reserve(Math.max(1, rows.rows()));
      timespanGradients.clear(rows.rows());
    }
    RowBuffer to = wantsInputs ? inputGradients : null;
    if (to != null) {
      to.reserve(rows.rows());
    }
    int steps = rows.steps();
    if (window >= steps) {
      backwardBody(above, gradient, to, wantsTimespans ? timespanGradients : null);
      return to;
    }
    int lastBegin = (steps - 1) / window * window;
    for (int begin = lastBegin; begin >= 0; begin -= window) {
      if (begin != lastBegin) {
        StateRows.copy(starts.get(begin / window), states);
        forwardWindow(begin);
      }
      int first = rows.first(end(begin) - 1);
      int n = context.rows.rows();
      windowUpstream.reserve(n);
      Rows.copy(above, first, windowUpstream, 0, n);
      windowTimespanGradients.reserve(Math.max(1, n));
      windowTimespanGradients.clear(n);
      backwardBody(
          windowUpstream,
          gradient,
          to == null ? null : bodyGradients[0],
          wantsTimespans ? windowTimespanGradients : null);
      if (to != null) {
        Rows.copy(bodyGradients[0], 0, to, first, n);
      }
      if (wantsTimespans) {
        Rows.copy(windowTimespanGradients, 0, timespanGradients, first, n);
      }
    }
    return to;
  }

  private void backwardBody(
      RowBuffer upstream,
      ParameterBlock gradient,
      @Nullable RowBuffer toInputs,
      @Nullable RowBuffer toTimespans) {
    RowBuffer above = upstream;
    for (int i = body.length - 1; i >= 0; i--) {
      RowBuffer to = i > 0 ? bodyGradients[i] : toInputs;
      body[i].backward(context.rows, above, gradient, to);
      if (toTimespans != null) {
        body[i].addTimespanGradients(context.rows, toTimespans);
      }
      if (to != null) {
        above = to;
      }
    }
  }

  private static RowBuffer backward(
      Tape[] tapes,
      RowBuffer[] gradients,
      LeafRows rows,
      RowBuffer upstream,
      ParameterBlock gradient) {
    RowBuffer above = upstream;
    for (int i = tapes.length - 1; i >= 0; i--) {
      tapes[i].backward(rows, above, gradient, gradients[i]);
      above = gradients[i];
    }
    return above;
  }

  @Override
  public RowBuffer timespanGradients() {
    return timespanGradients;
  }
}
