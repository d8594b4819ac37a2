package io.github.elegans.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import io.github.elegans.backends.Backends;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.models.Models;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A predictor computes what a session does, in every bit. */
class PredictorTest {
  @TempDir private Path folder;

  /** What a session makes of a sequence. */
  private static SequenceOutput expected(Network network, SequenceInput sequence) {
    int steps = sequence.input().length;
    float[] timespans = sequence.timespans();
    boolean[] mask = sequence.mask();
    float[] hx = sequence.hx();
    float[] out = new float[steps * network.outputSize()];
    float[] after = new float[network.stateSize() + network.memorySize()];
    try (Session session = network.session(1)) {
      if (hx != null) {
        session.writeRows(new int[] {0}, hx);
      }
      session.run(
          Example.flat(sequence.input()),
          steps,
          timespans == null ? Timespans.ONE : Timespans.perStep(timespans),
          mask == null ? Mask.ALL : Mask.of(mask),
          out);
      session.readRows(new int[] {0}, after);
    }
    float[][] rows = new float[steps][];
    Arrays.setAll(
        rows,
        step ->
            Arrays.copyOfRange(
                out, step * network.outputSize(), (step + 1) * network.outputSize()));
    return new SequenceOutput(rows, after);
  }

  private static void assertSame(SequenceOutput found, SequenceOutput expected) {
    assertThat(found.output()).isDeepEqualTo(expected.output());
    assertThat(found.hx()).isEqualTo(expected.hx());
  }

  @ParameterizedTest
  @EnumSource
  void everyKindOfNetwork(Example.Kind kind) throws Exception {
    Network network = kind.network();
    SequenceInput sequence = Example.sequence(7, 1);
    try (var model = Example.model(kind.file(folder));
        var predictor = model.newPredictor()) {
      assertSame(predictor.predict(sequence), expected(network, sequence));
      SequenceInput plain = SequenceInput.of(sequence.input());
      assertSame(predictor.predict(plain), expected(network, plain));
    }
  }

  @ParameterizedTest
  @EnumSource
  void statesGoFromCallToCall(Example.Kind kind) throws Exception {
    SequenceInput whole = Example.sequence(9, 2);
    float[] timespans = Objects.requireNonNull(whole.timespans());
    try (var model = Example.model(kind.file(folder));
        var predictor = model.newPredictor()) {
      SequenceInput unmasked = SequenceInput.of(whole.input()).withTimespans(timespans);
      SequenceOutput expected = predictor.predict(unmasked);
      List<float[]> outputs = new ArrayList<>();
      float[] hx = new float[expected.hx().length];
      for (int step = 0; step < 9; step++) {
        SequenceOutput one =
            predictor.predict(
                SequenceInput.of(new float[][] {whole.input()[step]})
                    .withTimespans(new float[] {timespans[step]})
                    .withHx(hx));
        // Others in between do not matter.
        predictor.predict(whole);
        outputs.add(one.output()[0]);
        hx = one.hx();
      }
      assertSame(new SequenceOutput(outputs.toArray(float[][]::new), hx), expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sequencesOfABatchMayDiffer(Example.Kind kind) throws Exception {
    Network network = kind.network();
    float[] hx = new float[network.stateSize() + network.memorySize()];
    Arrays.fill(hx, 0.25f);
    List<SequenceInput> sequences =
        List.of(
            Example.sequence(3, 3),
            Example.sequence(11, 4).withHx(hx),
            SequenceInput.of(Example.sequence(1, 5).input()),
            SequenceInput.of(Example.sequence(8, 6).input()).withMask(new boolean[8]),
            SequenceInput.of(Example.sequence(5, 7).input()).withTimespans(new float[5]));
    try (var model = Example.model(kind.file(folder));
        var predictor = model.newPredictor()) {
      List<SequenceOutput> found = predictor.batchPredict(sequences);
      assertThat(found).hasSameSizeAs(sequences);
      for (int i = 0; i < found.size(); i++) {
        assertSame(found.get(i), expected(network, sequences.get(i)));
      }
    }
  }

  @Test
  void arraysAreASequenceOfTimespansOfOne() throws Exception {
    SequenceInput sequence = SequenceInput.of(Example.sequence(6, 8).input());
    try (ZooModel<float[][], float[][]> model =
            Example.criteria(float[][].class, float[][].class, Example.Kind.CFC.file(folder))
                .build()
                .loadModel();
        Predictor<float[][], float[][]> predictor = model.newPredictor()) {
      float[][] expected = expected(Example.Kind.CFC.network(), sequence).output();
      assertThat(predictor.predict(sequence.input())).isDeepEqualTo(expected);
      List<float[][]> batch =
          predictor.batchPredict(List.of(sequence.input(), new float[][] {sequence.input()[0]}));
      assertThat(batch.get(0)).isDeepEqualTo(expected);
      assertThat(batch.get(1)).isDeepEqualTo(new float[][] {expected[0]});
    }
  }

  /** Without a translator: arrays in, arrays out. */
  @Test
  void arraysOfABatch() throws Exception {
    Network network = Example.Kind.CFC_WITH_MEMORY.network();
    List<SequenceInput> rows =
        List.of(
            SequenceInput.of(Example.sequence(4, 9).input()),
            SequenceInput.of(Example.sequence(4, 10).input()));
    try (ZooModel<NDList, NDList> model =
            Example.criteria(NDList.class, NDList.class, Example.Kind.CFC_WITH_MEMORY.file(folder))
                .build()
                .loadModel();
        Predictor<NDList, NDList> predictor = model.newPredictor()) {
      NDManager manager = model.getNDManager();
      float[] x = new float[2 * 4 * Example.INPUTS];
      for (int row = 0; row < 2; row++) {
        System.arraycopy(Example.flat(rows.get(row).input()), 0, x, row * 12, 12);
      }
      NDList out =
          predictor.predict(new NDList(manager.create(x, new Shape(2, 4, Example.INPUTS))));
      assertThat(out.get("output").getShape()).isEqualTo(new Shape(2, 4, network.outputSize()));
      assertThat(out.get("hx").getShape())
          .isEqualTo(new Shape(2, network.stateSize() + network.memorySize()));
      for (int row = 0; row < 2; row++) {
        SequenceOutput expected = expected(network, rows.get(row));
        int n = 4 * network.outputSize();
        assertThat(Arrays.copyOfRange(out.get("output").toFloatArray(), row * n, (row + 1) * n))
            .isEqualTo(Example.flat(expected.output()));
        int s = expected.hx().length;
        assertThat(Arrays.copyOfRange(out.get("hx").toFloatArray(), row * s, (row + 1) * s))
            .isEqualTo(expected.hx());
      }
      assertThat(model.describeInput().get("input")).isEqualTo(new Shape(-1, -1, 3));
      assertThat(model.describeOutput().keys()).containsExactly("output", "hx");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "native", "auto"})
  void onTheNamedBackend(String backend) throws Exception {
    SequenceInput sequence = Example.sequence(20, 11);
    try (var model =
            Example.criteria(
                    SequenceInput.class, SequenceOutput.class, Example.Kind.LTC.file(folder))
                .optOption("backend", backend)
                .build()
                .loadModel();
        var predictor = model.newPredictor()) {
      Network network = ((ElegansModel) model.getWrappedModel()).network();
      assertThat(network.kernels()).isSameAs(Backends.named(backend));
      assertSame(
          predictor.predict(sequence),
          expected(Example.Kind.LTC.network().on(Backends.named("scalar")), sequence));
    }
  }

  @Test
  void withOptions() throws Exception {
    SequenceInput sequence = Example.sequence(20, 12);
    try (var model =
            Example.criteria(
                    SequenceInput.class, SequenceOutput.class, Example.Kind.CFC.file(folder))
                .optOption("accuracy", "fast")
                .optOption("storage", "bfloat16")
                .optOption("parallelism", "2")
                .build()
                .loadModel();
        var predictor = model.newPredictor()) {
      Network network = Example.Kind.CFC.network().with(Accuracy.FAST).with(WeightStorage.BFLOAT16);
      assertSame(predictor.predict(sequence), expected(network, sequence));
      assertThat(predictor.predict(sequence).hx())
          .isNotEqualTo(expected(Example.Kind.CFC.network(), sequence).hx());
    }
  }

  /** What the caller says of a file that does not say it: a part of a bigger one. */
  @Test
  void ofAPartOfAFile() throws Exception {
    SequenceInput sequence = Example.sequence(5, 13);
    Path file = Example.Kind.STACK.file(folder);
    try (var model =
            Example.criteria(SequenceInput.class, SequenceOutput.class, file)
                .optOption("prefix", "0.")
                .build()
                .loadModel();
        var predictor = model.newPredictor()) {
      assertSame(predictor.predict(sequence), expected(Models.load(file, "0."), sequence));
    }
  }

  /** As DJL Serving gives them: a folder with the options in a file. */
  @Test
  void ofAFolderWithProperties() throws Exception {
    SequenceInput sequence = Example.sequence(5, 15);
    Example.Kind.WIRED_CFC.file(folder);
    Files.writeString(
        folder.resolve("serving.properties"), "engine=Elegans\noption.backend=scalar\n");
    try (var model =
            Criteria.builder()
                .setTypes(SequenceInput.class, SequenceOutput.class)
                .optModelPath(folder)
                .optArgument("translatorFactory", SequenceTranslatorFactory.class.getName())
                .build()
                .loadModel();
        var predictor = model.newPredictor()) {
      assertThat(((ElegansModel) model.getWrappedModel()).network().kernels().backend())
          .isEqualTo("scalar");
      assertThat(model.getModelPath()).isEqualTo(folder.toAbsolutePath());
      assertSame(predictor.predict(sequence), expected(Example.Kind.WIRED_CFC.network(), sequence));
    }
  }

  @Test
  void ofAStream() throws Exception {
    SequenceInput sequence = Example.sequence(5, 16);
    try (Model model = Model.newInstance("wired", "Elegans");
        InputStream content = Files.newInputStream(Example.Kind.WIRED_CFC.file(folder))) {
      model.load(content, Map.of("accuracy", "exact"));
      try (var predictor = model.newPredictor(new SequenceTranslator())) {
        assertSame(
            predictor.predict(sequence),
            expected(Example.Kind.WIRED_CFC.network().with(Accuracy.EXACT), sequence));
      }
    }
  }

  /** One predictor, and one of each thread; batches of several sizes at once. */
  @Test
  void byManyThreads() throws Exception {
    Network network = Example.Kind.CFC.network();
    int threads = 8;
    try (var model = Example.model(Example.Kind.CFC.file(folder));
        var shared = model.newPredictor();
        ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Callable<Integer>> tasks = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int seed = 100 * thread;
        tasks.add(
            () -> {
              try (var own = model.newPredictor()) {
                return calls(network, seed % 200 == 0 ? own : shared, seed);
              }
            });
      }
      int calls = 0;
      for (Future<Integer> one : executor.invokeAll(tasks)) {
        calls += one.get();
      }
      assertThat(calls).isEqualTo(threads * 50);
    }
  }

  private static int calls(
      Network network, Predictor<SequenceInput, SequenceOutput> predictor, int seed)
      throws TranslateException {
    int calls = 0;
    for (; calls < 50; calls++) {
      List<SequenceInput> batch = new ArrayList<>();
      for (int row = 0; row <= calls % 5; row++) {
        batch.add(Example.sequence(1 + (seed + calls + row) % 7, seed + calls + row));
      }
      List<SequenceOutput> found = predictor.batchPredict(batch);
      for (int row = 0; row < batch.size(); row++) {
        assertSame(found.get(row), expected(network, batch.get(row)));
      }
    }
    return calls;
  }

  @Test
  void aSavedModelIsTheSame() throws Exception {
    SequenceInput sequence = Example.sequence(5, 14);
    Path copies = folder.resolve("copies");
    try (var model = Example.model(Example.Kind.LTC.file(folder))) {
      model.save(copies, "ltc");
    }
    try (var model = Example.model(copies);
        var predictor = model.newPredictor()) {
      assertThat(copies.resolve("ltc.safetensors")).exists();
      assertSame(predictor.predict(sequence), expected(Example.Kind.LTC.network(), sequence));
    }
  }
}
