package io.github.elegans.cli;

import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.training.GradientSession;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A golden file of gradients: weights, inputs and gradients of the outputs, and all gradients that
 * the reference implementation computed from them in double precision.
 */
final class GradientGolden implements TensorGolden {
  static final String FORMAT = "elegans-gradient-1";

  /** Ten times what single precision costs in PyTorch, of a tensor's largest value. */
  static final double TOLERANCE = 1e-5;

  private static final double LEAST_SIZE = 1e-3;

  private final Safetensors file;
  private final Network model;
  private final int batch;
  private final int steps;

  GradientGolden(Safetensors file) {
    this.file = file;
    model = Golden.model(file);
    List<Long> shape = file.tensor("x").shape();
    if (shape.size() != 3 || shape.get(0) < 1 || shape.get(1) < 1) {
      throw new FileFormatException(
          file.source(), "tensor \"x\"", "shape [B, T, I]", "shape " + shape);
    }
    batch = Math.toIntExact(shape.get(0));
    steps = Math.toIntExact(shape.get(1));
  }

  /** Outputs, the last states and all gradients by their names. */
  @Override
  public Map<String, double[]> run(Kernels kernels) {
    Network on = model.on(kernels);
    GradientSession.Builder builder = GradientSession.builder(on);
    boolean lastOnly =
        file.metadata()
            .getOrDefault("return_sequences", "")
            .toLowerCase(Locale.ROOT)
            .equals("false");
    if (lastOnly) {
      builder.lastOutputOnly();
    }
    if (file.tensors().containsKey("keep")) {
      builder.dropout(dropout());
    }
    Map<String, float[]> results = new LinkedHashMap<>();
    try (GradientSession session = builder.build()) {
      float[] out = new float[batch * (lastOnly ? 1 : steps) * on.outputSize()];
      session.forward(
          batch,
          steps,
          file.tensor("x").toFloats(),
          Timespans.perRowAndStep(file.tensor("ts").toFloats()),
          file.tensors().containsKey("mask") ? mask() : Mask.ALL,
          states("h0", "c0"),
          out);
      session.backward(file.tensor("gy").toFloats(), states("ghT", "gcT"));
      results.put("out", out);
      results.put("hT", session.states());
      results.put("grad.x", session.inputGradients());
      results.put("grad.ts", session.timespanGradients());
      results.put("grad.h0", session.stateGradients());
      session.gradients().forEach((name, values) -> results.put("grad.param." + name, values));
    }
    return TensorGolden.doubles(results);
  }

  /** The file's decisions: of all layers, where ncps itself drops behind the second and later. */
  private GradientSession.Dropout dropout() {
    if (!(model instanceof Cfc cfc)) {
      throw new FileFormatException(
          file.source(), "tensor \"keep\"", "only beside a CfC with a backbone", "" + model);
    }
    int layers = cfc.configuration().backboneLayers();
    int units = cfc.configuration().backboneUnits();
    List<Long> shape = List.of((long) batch, (long) steps, (long) layers, (long) units);
    float[] keep = Golden.tensor(file, "keep", shape).toFloats();
    String probability = file.metadata().getOrDefault("backbone_dropout", "");
    if (!probability.matches("0(\\.[0-9]+)?")) {
      throw new FileFormatException(
          file.source(), "metadata backbone_dropout", "a number from 0 to below 1", probability);
    }
    float scale = (float) (1 / (1 - Double.parseDouble(probability)));
    return (sample, step, layer, unit) ->
        keep[((sample * steps + step) * layers + layer) * units + unit] * scale;
  }

  private Mask mask() {
    float[] present = file.tensor("mask").toFloats();
    boolean[] mask = new boolean[present.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = present[i] != 0;
    }
    return Mask.of(mask);
  }

  /** Hidden states and memories of every sample, together. */
  private float[] states(String hidden, String memory) {
    double[] both = together(hidden, memory);
    float[] states = new float[both.length];
    for (int i = 0; i < states.length; i++) {
      states[i] = (float) both[i];
    }
    return states;
  }

  private double[] together(String hidden, String memory) {
    double[] h = file.tensor(hidden).toDoubles();
    double[] c = model.memorySize() > 0 ? file.tensor(memory).toDoubles() : new double[0];
    int s = h.length / batch;
    int m = c.length / batch;
    double[] both = new double[batch * (s + m)];
    for (int b = 0; b < batch; b++) {
      System.arraycopy(h, b * s, both, b * (s + m), s);
      System.arraycopy(c, b * m, both, b * (s + m) + s, m);
    }
    return both;
  }

  /**
   * How far results are from the reference: the largest error of every tensor as a share of {@code
   * 1e-5 · max(1e-3, its largest value)}.
   */
  @Override
  public Map<String, Double> shares(Map<String, double[]> results) {
    Map<String, Double> shares = new LinkedHashMap<>();
    Set<String> rest = new TreeSet<>(file.tensors().keySet());
    rest.removeIf(name -> !name.startsWith("grad.") || name.equals("grad.c0"));
    results.forEach(
        (name, found) -> {
          shares.put(name, share(name, found));
          rest.remove(nameInFile(name));
        });
    if (!rest.isEmpty()) {
      throw new FileFormatException(
          file.source(), "gradients", "those of the network's parameters", "also " + rest);
    }
    return shares;
  }

  @Override
  public double share(String name, double[] found) {
    double[] expected =
        switch (name) {
          case "hT" -> together("hT", "cT");
          case "grad.h0" -> together("grad.h0", "grad.c0");
          default -> file.tensor(nameInFile(name)).toDoubles();
        };
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    return TensorGolden.share(
        file,
        nameInFile(name),
        expected,
        found,
        value -> TOLERANCE * Math.max(LEAST_SIZE, largest));
  }

  /** Parameters of the cell stand behind a prefix of their own. */
  private String nameInFile(String name) {
    if (!name.startsWith("grad.param.")) {
      return name;
    }
    String own = name.substring("grad.param.".length());
    String ofCell = "grad.rnn_cell." + own;
    return file.tensors().containsKey(ofCell) ? ofCell : "grad." + own;
  }
}
