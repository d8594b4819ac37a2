package io.github.elegans.djl;

import ai.djl.ModelException;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.models.Models;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan.AutoNcp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Networks in files, and sequences for them. */
final class Example {
  static final int INPUTS = 3;

  private static final CfcConfiguration SMALL = CfcConfiguration.of(INPUTS, 24).withBackbone(32, 1);
  private static final Wiring NCP = new AutoNcp(20, 4).build(INPUTS);

  private Example() {}

  /** Kinds of networks that there are files of. */
  enum Kind {
    CFC,
    CFC_WITH_MEMORY,
    WIRED_CFC,
    LTC,
    STACK,
    SEQUENTIAL;

    Network network() {
      return switch (this) {
        case CFC -> Cfc.initialised(SMALL, 1);
        case CFC_WITH_MEMORY -> Cfc.initialised(SMALL.withMixedMemory(true), 2);
        case WIRED_CFC ->
            WiredCfc.initialised(INPUTS, NCP, CfcMode.DEFAULT, false, CfcDialect.NCPS_TORCH, 3);
        case LTC -> Ltc.initialised(NCP, 4);
        case STACK ->
            Stack.of(Cfc.initialised(SMALL, 5), Cfc.initialised(CfcConfiguration.of(24, 8), 6));
        case SEQUENTIAL ->
            Sequential.of(
                List.of(Dense.initialised(INPUTS, 10, Activation.SILU, 7)),
                Cfc.initialised(CfcConfiguration.of(10, 12), 8),
                List.of(Dense.initialised(12, 2, Activation.TANH, 9)));
      };
    }

    /** Writes a file of it. */
    Path file(Path folder) throws IOException {
      Path file = folder.resolve(name() + ".safetensors");
      Models.save(network(), file);
      return file;
    }
  }

  /** What all tests say of a model. */
  static <I, O> Criteria.Builder<I, O> criteria(Class<I> input, Class<O> output, Path path) {
    return Criteria.builder()
        .setTypes(input, output)
        .optEngine("Elegans")
        .optModelPath(path)
        .optTranslatorFactory(new SequenceTranslatorFactory());
  }

  static ZooModel<SequenceInput, SequenceOutput> model(Path path)
      throws IOException, ModelException {
    return criteria(SequenceInput.class, SequenceOutput.class, path).build().loadModel();
  }

  /** A sequence with everything but a state. */
  static SequenceInput sequence(int steps, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[][] input = new float[steps][INPUTS];
    float[] timespans = new float[steps];
    boolean[] mask = new boolean[steps];
    for (int step = 0; step < steps; step++) {
      for (int i = 0; i < INPUTS; i++) {
        input[step][i] = (float) random.nextDouble(-2, 2);
      }
      timespans[step] = (float) random.nextDouble(0, 3);
      mask[step] = random.nextInt(4) > 0;
    }
    return SequenceInput.of(input).withTimespans(timespans).withMask(mask);
  }

  /** All rows behind one another. */
  static float[] flat(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, flat, row * rows[0].length, rows[0].length);
    }
    return flat;
  }
}
