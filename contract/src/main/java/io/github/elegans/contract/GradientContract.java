package io.github.elegans.contract;

import static io.github.elegans.contract.Contract.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.Bidirectional.Merge;
import io.github.elegans.networks.BidirectionalSession;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.ltc.LtcConfiguration;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import io.github.elegans.networks.training.GradientSession;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * Gradients of whole networks on a backend: those of the reference implementation, and the bits of
 * the scalar backend whatever way is taken.
 */
public abstract class GradientContract {
  /** What ncps on PyTorch computed, by autograd in double precision. */
  private static final List<String> GOLDENS =
      List.of(
          "cfc-batch-40",
          "cfc-default-2-layers",
          "cfc-dropout",
          "cfc-keras-gelu-tanh",
          "cfc-last-output",
          "cfc-mixed",
          "cfc-no-backbone",
          "cfc-nogate-silu",
          "cfc-projection",
          "cfc-pure-gelu",
          "cfc-pure-no-backbone",
          "cfc-step-mask",
          "cfc-tensorflow-mixed",
          "cfc-tensorflow-softplus",
          "ltc-autoncp16-explicit",
          "ltc-autoncp16-softplus",
          "ltc-explicit-euler",
          "ltc-full-explicit",
          "ltc-full-softplus",
          "ltc-mixed-linear-map",
          "ltc-one-unfold",
          "ltc-runge-kutta",
          "wired-cfc-autoncp16",
          "wired-cfc-autoncp16-pure",
          "wired-cfc-mixed");

  private static final int[] BATCHES = Contract.SMALL ? new int[] {3} : new int[] {1, 16, 35};
  private static final int STEPS = 19;

  /** The backend to test, or several tiers of it. */
  protected abstract List<Kernels> kernels();

  @TestFactory
  Stream<DynamicNode> givesTheGradientsOfTheReference() {
    return Contract.each(
        kernels(), k -> GOLDENS.stream().map(name -> dynamicTest(name, () -> compare(k, name))));
  }

  private static void compare(Kernels kernels, String name) {
    Golden golden = Golden.of("gradients/" + name);
    Network network = golden.model().on(kernels);
    GradientSession.Builder builder = GradientSession.builder(network);
    if (golden.metadata("return_sequences").equals("false")) {
      builder.lastOutputOnly();
    }
    if (golden.has("keep")) {
      builder.dropout(dropout(golden));
    }
    boolean mixed = network.memorySize() > 0;
    try (GradientSession session = builder.build()) {
      float[] out = new float[golden.doubles("out").length];
      session.forward(
          golden.batch(),
          golden.steps(),
          golden.floats("x"),
          Timespans.perRowAndStep(golden.floats("ts")),
          golden.has("mask") ? Mask.of(golden.mask()) : Mask.ALL,
          states(golden, mixed, "h0", "c0"),
          out);
      assertNear(name + ": out", golden.doubles("out"), out);
      assertNear(
          name + ": state", states(golden, mixed, "hT", "cT", golden.batch()), session.states());
      session.backward(golden.floats("gy"), states(golden, mixed, "ghT", "gcT"));
      assertNear(name + ": x", golden.doubles("grad.x"), session.inputGradients());
      assertNear(name + ": ts", golden.doubles("grad.ts"), session.timespanGradients());
      assertNear(
          name + ": initial state",
          states(golden, mixed, "grad.h0", "grad.c0", golden.batch()),
          session.stateGradients());
      Map<String, float[]> found = session.gradients();
      List<String> expected =
          golden.names("param.").stream().filter(p -> !p.endsWith("sparsity_mask")).toList();
      assertThat(found).as("all parameters").hasSize(expected.size());
      for (String parameter : expected) {
        String own = parameter.replaceFirst("^rnn_cell\\.", "");
        assertNear(name + ": " + own, golden.doubles("grad." + parameter), found.get(own));
      }
    }
  }

  /** The file's decisions: of all layers, where ncps itself drops behind the second and later. */
  private static GradientSession.Dropout dropout(Golden golden) {
    int steps = golden.steps();
    int layers = golden.size("keep", 2);
    int units = golden.size("keep", 3);
    float[] keep = golden.floats("keep");
    float scale = 1 / (1 - Float.parseFloat(golden.metadata("backbone_dropout")));
    return (sample, step, layer, unit) ->
        keep[((sample * steps + step) * layers + layer) * units + unit] * scale;
  }

  /** Hidden states and memories of every sample, together. */
  private static float[] states(Golden golden, boolean mixed, String h, String c) {
    double[] both = states(golden, mixed, h, c, golden.batch());
    float[] states = new float[both.length];
    for (int i = 0; i < states.length; i++) {
      states[i] = (float) both[i];
    }
    return states;
  }

  private static double[] states(Golden golden, boolean mixed, String h, String c, int batch) {
    double[] hidden = golden.doubles(h);
    double[] memory = mixed ? golden.doubles(c) : new double[0];
    int s = hidden.length / batch;
    int m = memory.length / batch;
    double[] both = new double[batch * (s + m)];
    for (int b = 0; b < batch; b++) {
      System.arraycopy(hidden, b * s, both, b * (s + m), s);
      System.arraycopy(memory, b * m, both, b * (s + m) + s, m);
    }
    return both;
  }

  /** Ten times what single precision costs in PyTorch, of the largest value. */
  private static void assertNear(String what, double[] expected, float[] found) {
    assertThat(found).as(what).hasSameSizeAs(expected);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    double tolerance = 1e-5 * Math.max(1e-3, largest);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).as("%s[%d]", what, i).isCloseTo(expected[i], within(tolerance));
    }
  }

  private Stream<DynamicNode> eachNetwork(BiConsumer<Kernels, Trained> test) {
    return Contract.each(
        kernels(),
        k ->
            networks().entrySet().stream()
                .map(entry -> dynamicTest(entry.getKey(), () -> test.accept(k, entry.getValue()))));
  }

  @TestFactory
  Stream<DynamicNode> givesTheBitsOfTheScalarBackend() {
    return eachNetwork(GradientContract::compareWithScalar);
  }

  private static void compareWithScalar(Kernels kernels, Trained network) {
    for (int batch : BATCHES) {
      Problem problem = new Problem(network, batch, STEPS);
      Map<String, float[]> expected =
          problem.gradients(network.on(Contract.DEFINITION).gradients());
      GradientSession.Builder own = network.on(kernels).gradients();
      assertSameAll("batch " + batch, expected, problem.gradients(own));
      assertSameAll("two threads, batch " + batch, expected, problem.gradients(own.threads(2)));
      assertSameAll("windows, batch " + batch, expected, problem.gradients(own.memory(1)));
      assertSameAll(
          "micro-batches of 16, batch " + batch,
          expected,
          problem.gradientsInParts(network.on(kernels).gradients(), 16));
    }
  }

  private static void assertSameAll(
      String what, Map<String, float[]> expected, Map<String, float[]> found) {
    assertThat(found.keySet()).as(what).containsExactlyElementsOf(expected.keySet());
    expected.forEach((name, values) -> assertSame(what + ": " + name, values, found.get(name)));
  }

  /**
   * Differences of the fourth order along a random direction of each tensor, in single precision:
   * for kinds of networks that the files do not have.
   */
  @TestFactory
  Stream<DynamicNode> givesWhatDifferencesGive() {
    return Contract.each(
        kernels(),
        k ->
            networks().entrySet().stream()
                // A function with a corner has other differences.
                .filter(entry -> !entry.getKey().contains("relu"))
                .map(
                    entry ->
                        dynamicTest(
                            entry.getKey(), () -> compareDifferences(entry.getValue().on(k)))));
  }

  private static void compareDifferences(Trained network) {
    int batch = 3;
    Problem problem = new Problem(network, batch, 4);
    try (GradientSession session = network.gradients().build()) {
      problem.forward(session);
      session.backward(problem.upstream, problem.upstreamOfStates);
      Map<String, float[]> gradients = session.gradients();
      Map<String, float[]> parameters = session.parameters();
      gradients.forEach(
          (name, gradient) -> {
            float[] values = parameters.get(name);
            double h = 0.008;
            double[] direction = direction(name, gradient);
            double[] losses = new double[4];
            int[] steps = {-2, -1, 1, 2};
            for (int i = 0; i < 4; i++) {
              float[] moved = values.clone();
              for (int j = 0; j < moved.length; j++) {
                moved[j] += (float) (steps[i] * h * direction[j]);
              }
              session.setParameters(Map.of(name, moved));
              losses[i] = problem.loss(session);
            }
            session.setParameters(Map.of(name, values));
            double expected = (losses[0] - 8 * losses[1] + 8 * losses[2] - losses[3]) / (12 * h);
            double found = 0;
            double norm = 0;
            for (int j = 0; j < direction.length; j++) {
              found += gradient[j] * direction[j];
              norm += (double) gradient[j] * gradient[j];
            }
            assertThat(found)
                .as(name)
                .isCloseTo(expected, within(2e-3 * Math.max(0.3, Math.sqrt(norm))));
          });
    }
  }

  /** Of length 1, half of it along the gradient, so that something is seen. */
  private static double[] direction(String name, float[] gradient) {
    SplittableRandom random = Contract.random("direction", name);
    double norm = 0;
    for (float g : gradient) {
      norm += (double) g * g;
    }
    double[] direction = new double[gradient.length];
    double length = 0;
    for (int i = 0; i < direction.length; i++) {
      double along = norm == 0 ? 0 : gradient[i] / Math.sqrt(norm);
      direction[i] = along + random.nextDouble(-1, 1) / Math.sqrt(direction.length);
      // What is no parameter, or cut by a mask, has no gradient and is not moved.
      direction[i] = gradient[i] == 0 ? 0 : direction[i];
      length += direction[i] * direction[i];
    }
    for (int i = 0; i < direction.length && length > 0; i++) {
      direction[i] /= Math.sqrt(length);
    }
    return direction;
  }

  /** A forward pass is that of inference. */
  @TestFactory
  Stream<DynamicNode> goesForwardAsInference() {
    return eachNetwork((k, network) -> compareForward(network.on(k)));
  }

  private static void compareForward(Trained network) {
    int batch = 19;
    Problem problem = new Problem(network, batch, STEPS);
    // A sample without any step.
    Arrays.fill(problem.mask, STEPS, 2 * STEPS, false);
    for (Mask mask : List.of(Mask.ALL, Mask.of(problem.mask))) {
      for (boolean lastOnly : new boolean[] {false, true}) {
        float[] expected = new float[batch * (lastOnly ? 1 : STEPS) * network.outputSize()];
        network.run(batch, problem.x, STEPS, problem.timespans, mask, lastOnly, expected);
        GradientSession.Builder builder = network.gradients();
        if (lastOnly) {
          builder.lastOutputOnly();
        }
        float[] found = new float[expected.length];
        try (GradientSession session = builder.build()) {
          session.forward(batch, STEPS, problem.x, problem.timespans, mask, null, found);
        }
        assertSame(
            "outputs, masked %s, last only %s".formatted(mask != Mask.ALL, lastOnly),
            expected,
            found);
      }
    }
  }

  /** A loss that is asked for while going has the bits of one that is known before. */
  @TestFactory
  Stream<DynamicNode> goesForwardAndBackAtOnce() {
    return eachNetwork((k, network) -> compareAtOnce(network.on(k)));
  }

  private static void compareAtOnce(Trained network) {
    int batch = 35;
    Problem problem = new Problem(network, batch, 5);
    Mask mask = Mask.of(problem.mask);
    for (boolean lastOnly : new boolean[] {false, true}) {
      GradientSession.Builder builder = network.gradients().threads(2);
      if (lastOnly) {
        builder.lastOutputOnly();
      }
      int width = (lastOnly ? 1 : 5) * network.outputSize();
      float[] expectedOut = new float[batch * width];
      float[] out = new float[batch * width];
      try (GradientSession expected = builder.build();
          GradientSession found = builder.build()) {
        expected.forward(batch, 5, problem.x, problem.timespans, mask, problem.states, expectedOut);
        float[] squared = new float[batch * width];
        for (int i = 0; i < squared.length; i++) {
          squared[i] = 2 * (expectedOut[i] - problem.upstream[i]);
        }
        expected.backward(squared);
        found.forwardAndBackward(
            batch,
            5,
            problem.x,
            problem.timespans,
            mask,
            problem.states,
            out,
            (first, samples, outputs, upstream) -> {
              for (int i = first * width; i < (first + samples) * width; i++) {
                upstream[i] = 2 * (outputs[i] - problem.upstream[i]);
              }
            });
        assertSame("outputs", expectedOut, out);
        assertSame("states", expected.states(), found.states());
        assertSameAll("gradients", expected.gradients(), found.gradients());
        assertSame("inputs", expected.inputGradients(), found.inputGradients());
        assertSame("timespans", expected.timespanGradients(), found.timespanGradients());
        assertSame("first states", expected.stateGradients(), found.stateGradients());
      }
    }
  }

  /** A network, or those of both directions. */
  private interface Trained {
    int inputSize();

    int outputSize();

    /** S + M. */
    int allStates();

    Trained on(Kernels kernels);

    GradientSession.Builder gradients();

    /** Inference. */
    void run(
        int batch,
        float[] x,
        int steps,
        Timespans timespans,
        Mask mask,
        boolean toLast,
        float[] out);
  }

  private record One(Network network) implements Trained {
    @Override
    public int inputSize() {
      return network.inputSize();
    }

    @Override
    public int outputSize() {
      return network.outputSize();
    }

    @Override
    public int allStates() {
      return network.stateSize() + network.memorySize();
    }

    @Override
    public Trained on(Kernels kernels) {
      return new One(network.on(kernels));
    }

    @Override
    public GradientSession.Builder gradients() {
      return GradientSession.builder(network);
    }

    @Override
    public void run(
        int batch,
        float[] x,
        int steps,
        Timespans timespans,
        Mask mask,
        boolean toLast,
        float[] out) {
      try (Session session = network.session(batch)) {
        if (toLast) {
          session.runToLast(x, steps, timespans, mask, out);
        } else {
          session.run(x, steps, timespans, mask, out);
        }
      }
    }

    @Override
    public String toString() {
      return network.toString();
    }
  }

  private record Both(Bidirectional networks) implements Trained {
    @Override
    public int inputSize() {
      return networks.inputSize();
    }

    @Override
    public int outputSize() {
      return networks.outputSize();
    }

    @Override
    public int allStates() {
      return new One(networks.forward()).allStates() + new One(networks.backward()).allStates();
    }

    @Override
    public Trained on(Kernels kernels) {
      return new Both(networks.on(kernels));
    }

    @Override
    public GradientSession.Builder gradients() {
      return GradientSession.builder(networks);
    }

    @Override
    public void run(
        int batch,
        float[] x,
        int steps,
        Timespans timespans,
        Mask mask,
        boolean toLast,
        float[] out) {
      try (BidirectionalSession session = networks.session(batch)) {
        if (toLast) {
          session.runToLast(x, steps, timespans, mask, out);
        } else {
          session.run(x, steps, timespans, mask, out);
        }
      }
    }

    @Override
    public String toString() {
      return networks.toString();
    }
  }

  /** Networks of all kinds, by what they are. */
  private static Map<String, Trained> networks() {
    Map<String, Trained> networks = new LinkedHashMap<>();
    for (CfcMode mode : CfcMode.values()) {
      for (Activation activation : CfcDialect.NCPS_KERAS.activations()) {
        CfcConfiguration configuration =
            new CfcConfiguration(3, 18, mode, activation, 21, 2, 2, false, CfcDialect.NCPS_KERAS);
        put(networks, Cfc.initialised(configuration, 1));
      }
    }
    for (CfcDialect dialect : CfcDialect.values()) {
      put(networks, Cfc.initialised(CfcConfiguration.of(5, 33).withDialect(dialect), 2));
      put(
          networks,
          Cfc.initialised(
              CfcConfiguration.of(5, 16)
                  .withBackbone(0, 0)
                  .withDialect(dialect)
                  .withMixedMemory(true),
              3));
      Wiring wiring = new AutoNcp(19, 4).build(4);
      put(networks, WiredCfc.initialised(4, wiring, CfcMode.DEFAULT, false, dialect, 4));
    }
    Wiring wiring = new AutoNcp(19, 4).build(4);
    put(networks, WiredCfc.initialised(4, wiring, CfcMode.PURE, true, CfcDialect.NCPS_TORCH, 5));
    put(networks, Ltc.initialised(wiring, 8));
    put(
        networks,
        Ltc.initialised(
            LtcConfiguration.of(4, 19, 4).withImplicitParamConstraints(false), wiring, 9));
    put(networks, recurrent(RecurrentNetwork.Kind.LSTM, 4, 5, 17));
    put(networks, recurrent(RecurrentNetwork.Kind.GRU, 3, 5, 17));
    put(
        networks,
        Stack.of(
            Cfc.initialised(CfcConfiguration.of(3, 20), 6),
            recurrent(RecurrentNetwork.Kind.GRU, 3, 20, 7),
            Cfc.initialised(CfcConfiguration.of(7, 5).withMixedMemory(true), 7)));
    for (Activation activation : Activation.values()) {
      put(
          networks,
          Sequential.of(
              List.of(
                  Dense.initialised(3, 18, activation, 8), Dense.initialised(18, 6, activation, 9)),
              Cfc.initialised(CfcConfiguration.of(6, 17), 10),
              List.of(
                  Dense.initialised(17, 19, activation, 11),
                  Dense.initialised(19, 2, Activation.LINEAR, 12))));
    }
    put(
        networks,
        Stack.of(
            Sequential.before(
                recurrent(RecurrentNetwork.Kind.GRU, 3, 4, 7),
                Dense.initialised(5, 4, Activation.RELU, 13)),
            Sequential.behind(
                Cfc.initialised(CfcConfiguration.of(7, 5), 14),
                Dense.initialised(5, 3, Activation.SILU, 15))));
    Network mixed =
        Cfc.initialised(CfcConfiguration.of(4, 5).withBackbone(6, 1).withMixedMemory(true), 16);
    Network dense =
        Sequential.behind(
            Cfc.initialised(CfcConfiguration.of(4, 17), 17),
            Dense.initialised(17, 5, Activation.SILU, 18));
    put(networks, mixed, recurrent(RecurrentNetwork.Kind.LSTM, 4, 4, 17), Merge.CONCAT);
    put(networks, Stack.of(mixed, recurrent(RecurrentNetwork.Kind.GRU, 3, 5, 5)), dense, Merge.SUM);
    put(
        networks,
        Ltc.initialised(wiring, 19),
        Cfc.initialised(CfcConfiguration.of(4, 9).withProjection(4), 20),
        Merge.MUL);
    put(
        networks,
        WiredCfc.initialised(4, wiring, CfcMode.NO_GATE, true, CfcDialect.NCPS_TORCH, 21),
        Ltc.initialised(
            LtcConfiguration.of(4, 19, 4).withImplicitParamConstraints(false), wiring, 22),
        Merge.AVE);
    return networks;
  }

  private static void put(Map<String, Trained> networks, Network network) {
    networks.put(networks.size() + ", " + network, new One(network));
  }

  private static void put(
      Map<String, Trained> networks, Network forward, Network backward, Merge merge) {
    Bidirectional both = new Bidirectional(forward, backward, merge);
    networks.put(networks.size() + ", " + both, new Both(both));
  }

  private static RecurrentNetwork recurrent(
      RecurrentNetwork.Kind kind, int gates, int inputs, int units) {
    SplittableRandom random = new SplittableRandom(units);
    Map<String, float[]> values = new LinkedHashMap<>();
    values.put("weight_ih_l0", uniform(random, gates * units * inputs, 0.4));
    values.put("weight_hh_l0", uniform(random, gates * units * units, 0.4));
    values.put("bias_ih_l0", uniform(random, gates * units, 0.4));
    values.put("bias_hh_l0", uniform(random, gates * units, 0.4));
    return RecurrentNetwork.of(kind, inputs, units, values);
  }

  private static float[] uniform(SplittableRandom random, int n, double bound) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }

  /** Inputs and upstream gradients for a network. */
  private static final class Problem {
    final Trained network;
    final int batch;
    final int steps;
    final float[] x;
    final Timespans timespans;
    final float[] elapsed;
    final boolean[] mask;
    final float[] states;
    final float[] upstream;
    final float[] upstreamOfStates;

    Problem(Trained network, int batch, int steps) {
      SplittableRandom random = Contract.random(network.toString(), batch);
      this.network = network;
      this.batch = batch;
      this.steps = steps;
      x = uniform(random, batch * steps * network.inputSize(), 1);
      elapsed = uniform(random, batch * steps, 1);
      for (int i = 0; i < elapsed.length; i++) {
        elapsed[i] = Math.abs(elapsed[i]);
      }
      timespans = Timespans.perRowAndStep(elapsed);
      mask = new boolean[batch * steps];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = random.nextInt(4) > 0;
      }
      int all = network.allStates();
      states = uniform(random, batch * all, 0.5);
      upstream = uniform(random, batch * steps * network.outputSize(), 1);
      upstreamOfStates = uniform(random, batch * all, 1);
    }

    float[] forward(GradientSession session) {
      float[] out = new float[batch * steps * network.outputSize()];
      session.forward(batch, steps, x, timespans, Mask.of(mask), states, out);
      return out;
    }

    /** The sum of outputs and last states, each times its upstream gradient. */
    double loss(GradientSession session) {
      float[] out = forward(session);
      float[] last = session.states();
      double loss = 0;
      for (int i = 0; i < out.length; i++) {
        loss += (double) out[i] * upstream[i];
      }
      for (int i = 0; i < last.length; i++) {
        loss += (double) last[i] * upstreamOfStates[i];
      }
      return loss;
    }

    Map<String, float[]> gradients(GradientSession.Builder builder) {
      return gradientsInParts(builder, batch);
    }

    Map<String, float[]> gradientsInParts(GradientSession.Builder builder, int most) {
      List<float[]> ofInputs = new ArrayList<>();
      List<float[]> ofTimespans = new ArrayList<>();
      List<float[]> ofStates = new ArrayList<>();
      try (GradientSession session = builder.build()) {
        for (int first = 0; first < batch; first += most) {
          int n = Math.min(most, batch - first);
          float[] out = new float[n * steps * network.outputSize()];
          session.forward(
              n,
              steps,
              part(x, first, n),
              Timespans.perRowAndStep(part(elapsed, first, n)),
              Mask.of(Arrays.copyOfRange(mask, first * steps, (first + n) * steps)),
              part(states, first, n),
              out);
          session.backward(part(upstream, first, n), part(upstreamOfStates, first, n));
          ofInputs.add(session.inputGradients());
          ofTimespans.add(session.timespanGradients());
          ofStates.add(session.stateGradients());
        }
        Map<String, float[]> all = new LinkedHashMap<>(session.gradients());
        all.put("x", joined(ofInputs));
        all.put("timespans", joined(ofTimespans));
        all.put("state", joined(ofStates));
        return all;
      }
    }

    private float[] part(float[] values, int first, int n) {
      int item = values.length / batch;
      return Arrays.copyOfRange(values, first * item, (first + n) * item);
    }

    private static float[] joined(List<float[]> parts) {
      float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
      int at = 0;
      for (float[] part : parts) {
        System.arraycopy(part, 0, all, at, part.length);
        at += part.length;
      }
      return all;
    }
  }
}
