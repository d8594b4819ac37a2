package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.cli.files.Npy;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Mask;
import io.github.elegans.networks.SequenceLayout;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.models.BundledModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCommandTest {
  private static final int INPUTS = 3;
  private static final int HIDDEN = 24;
  private static final float[] X = StepTiming.noise(2 * 5 * INPUTS, 4);
  private static final float[] TIMESPANS = {1, 2, 3, 4, 5, 0, 1, 0, 1, 0};
  private static final Cfc BUNDLED = Cfc.of(BundledModels.co2());

  @TempDir private Path directory;
  private Path model;
  private Path output;

  @BeforeEach
  void writeModel() throws IOException {
    model = ModelFiles.model(directory.resolve("m.safetensors"), content -> {});
    output = directory.resolve("y.npy");
  }

  @Test
  void runsABatch() throws IOException {
    Path x = npy("x", X, 2, 5, INPUTS);
    CommandLineRun run =
        run("--input", x, "--timespans", npy("t", TIMESPANS, 2, 5), "--output", output).succeeds();

    assertThat(run.out()).contains("y.npy: [2, 5, 1] float32, computed by ");
    var expected = new float[10];
    BUNDLED.session(2).run(X, 5, Timespans.perRowAndStep(TIMESPANS), expected);
    assertNpy(output, expected, 2, 5, 1);
  }

  @Test
  void runsABatchTimeFirst() throws IOException {
    Path x = npy("x", X, 5, 2, INPUTS);
    Path timespans = npy("t", TIMESPANS, 5, 2);
    run("--time-first", "--input", x, "--timespans", timespans, "--output", output).succeeds();

    var expected = new float[10];
    BUNDLED
        .session(2)
        .layout(SequenceLayout.TIME_FIRST)
        .run(X, 5, Timespans.perRowAndStep(TIMESPANS), expected);
    assertNpy(output, expected, 5, 2, 1);
  }

  @Test
  void runsToTheLastStep() throws IOException {
    Path x = npy("x", X, 2, 5, INPUTS);
    run("--last", "--input", x, "--timespans", 0.5, "--output", output).succeeds();

    var expected = new float[2];
    BUNDLED.session(2).runToLast(X, 5, Timespans.of(0.5f), expected);
    assertNpy(output, expected, 2, 1);
  }

  @Test
  void runsOneSequence() throws IOException {
    Path x = npy("x", X, 10, INPUTS);
    run("--input", x, "--timespans", npy("t", TIMESPANS, 10), "--output", output).succeeds();

    var expected = new float[10];
    BUNDLED.session(1).run(X, 10, Timespans.perStep(TIMESPANS), expected);
    assertNpy(output, expected, 10, 1);
  }

  @Test
  void readsAndWritesCsv() throws IOException {
    List<String> lines = new ArrayList<>(List.of("a,b,c,Timespan"));
    for (int i = 0; i < 10; i++) {
      lines.add("%s,%s,%s,%s".formatted(X[3 * i], X[3 * i + 1], X[3 * i + 2], TIMESPANS[i]));
    }
    Path x = Files.write(directory.resolve("x.csv"), lines);
    Path csv = directory.resolve("y.csv");
    String printed = run("--input", x).succeeds().out();
    run("--input", x, "--output", csv).succeeds();

    var expected = new float[10];
    BUNDLED.session(1).run(X, 10, Timespans.perStep(TIMESPANS), expected);
    List<String> expectedLines = new ArrayList<>();
    for (float value : expected) {
      expectedLines.add(Float.toString(value));
    }
    assertThat(printed.lines()).isEqualTo(expectedLines);
    assertThat(csv).content().isEqualTo(printed);
  }

  @Test
  void readsTimespansFromCsv() throws IOException {
    Path x = npy("x", X, 10, INPUTS);
    var expected = new float[10];
    BUNDLED.session(1).run(X, 10, Timespans.perStep(TIMESPANS), expected);
    Path column = Files.writeString(directory.resolve("t.csv"), "1\n2\n3\n4\n5\n0\n1\n0\n1\n0\n");
    Path line = Files.writeString(directory.resolve("t.txt"), "1 2 3 4 5 0 1 0 1 0");
    for (Path timespans : List.of(column, line)) {
      run("--input", x, "--timespans", timespans, "--output", output).succeeds();
      assertNpy(output, expected, 10, 1);
    }
  }

  @Test
  void goesOnFromAState() throws IOException {
    Path first = npy("first", Arrays.copyOf(X, 12), 4, INPUTS);
    Path second = npy("second", Arrays.copyOfRange(X, 12, 30), 6, INPUTS);
    Path state = directory.resolve("h.npy");
    run("--input", first, "--hx-output", state).succeeds();
    assertThat(Npy.read(state).shape()).containsExactly((long) HIDDEN);
    run("--input", second, "--hx", state, "--output", output).succeeds();

    var expected = new float[10];
    BUNDLED.session(1).run(X, 10, expected);
    assertNpy(output, Arrays.copyOfRange(expected, 4, 10), 6, 1);
  }

  @Test
  void threadsAndTiers() throws IOException {
    Path x = npy("x", X, 2, 5, INPUTS);
    for (Accuracy accuracy : Accuracy.values()) {
      run("--parallelism", 2, "--accuracy", accuracy, "--input", x, "--output", output).succeeds();

      var expected = new float[10];
      BUNDLED.with(accuracy).session(2).run(X, 5, expected);
      assertNpy(output, expected, 2, 5, 1);
    }
  }

  @Test
  void tellsModeAndActivation() throws IOException {
    Path bare =
        ModelFiles.model(
            directory.resolve("bare.safetensors"), content -> content.metadata.clear());
    Path x = npy("x", X, 10, INPUTS);

    runModel(bare, "--input", x).fails(1, "bare.safetensors: metadata mode", "--metadata mode=");
    runModel(bare, "--input", x, "--mode", "default").fails(1, "metadata activation");
    runModel(bare, "--input", x, "--mode", "odd", "--activation", "tanh").fails(1, "mode", "odd");
    runModel(bare, "--input", x, "--mode", "default", "--activation", "lecun_tanh").succeeds();
    run("--input", x, "--mode", "pure").fails(1, "m.safetensors: metadata mode", "'pure'");
  }

  @Test
  void refusesInputs() throws IOException {
    refusesInput(directory.resolve("none.npy"), "none.npy: there is no such file");
    refusesInput(directory.resolve("none.csv"), "none.csv: there is no such file");
    refusesInput(directory, "a directory");
    refusesInput(npy("rank", X, 30), "rank.npy: shape", "[T, 3] or [B, T, 3]", "[30]");
    refusesInput(npy("width", X, 15, 2), "width.npy: shape", "[15, 2]");
    refusesInput(npy("none", new float[0], 0, 3), "none.npy: shape", "[0, 3]");
    float[] broken = X.clone();
    broken[7] = Float.NaN;
    refusesInput(npy("nan", broken, 2, 5, 3), "nan.npy: element [0, 2, 1]", "finite", "NaN");
    Path truncated = npy("short", X, 10, 3);
    Files.write(truncated, Arrays.copyOf(Files.readAllBytes(truncated), 200));
    refusesInput(truncated, "short.npy: data");
    refusesInput(Files.writeString(directory.resolve("n.npy"), "1,2,3\n"), "n.npy: ");
    refusesInput(csv("word", "a,b,c", "1,2,x"), "word.csv: line 2", "column 3", "\"x\"");
    refusesInput(csv("ragged", "1,2,3", "1,2"), "ragged.csv: line 2");
    refusesInput(csv("narrow", "1,2"), "narrow.csv: columns", "3 inputs");
    refusesInput(csv("hole", "a,b,c", "1,,3"), "hole.csv: element [0, 1]", "NaN");
    refusesInput(csv("huge", "a,b,c", "1,1e300,3"), "huge.csv: element [0, 1]", "Infinity");
    refusesInput(csv("back", "a,b,c,timespan", "1,2,3,-1"), "back.csv: timespans", "-1.0");
  }

  private void refusesInput(Path input, String... parts) {
    run("--input", input).fails(1, parts);
  }

  @Test
  void refusesTimespans() throws IOException {
    Path x = npy("x", X, 2, 5, INPUTS);
    for (Object wrong : List.of("-1", "NaN", "Infinity")) {
      run("--input", x, "--timespans", wrong, "--output", output).fails(2, "--timespans");
    }
    run("--input", x, "--timespans", "no/file", "--output", output).fails(1, "no/file");
    Path swapped = npy("t", TIMESPANS, 5, 2);
    run("--input", x, "--timespans", swapped, "--output", output)
        .fails(1, "t.npy: shape", "[5] or [1, 5] for one per step", "[2, 5], found [5, 2]");
    Path negative = npy("n", new float[] {1, 1, -2, 1, 1}, 5);
    run("--input", x, "--timespans", negative, "--output", output).fails(1, "n.npy", "-2.0");
    Path twice = csv("twice", "a,b,c,timespan", "1,2,3,4");
    run("--input", twice, "--timespans", 1).fails(2, "twice.csv has a column of them");
  }

  @Test
  void takesTimespansPerStepOrPerRow() throws IOException {
    Path x = npy("x", X, 2, 5, INPUTS);
    float[] ofSteps = {1, 0.5f, 0, 2, 1};
    float[] ofRows = {0.25f, 2};
    for (Path file : List.of(npy("s1", ofSteps, 5), npy("s2", ofSteps, 1, 5))) {
      run("--input", x, "--timespans", file, "--output", output).succeeds();
      var expected = new float[10];
      BUNDLED.session(2).run(X, 5, Timespans.perStep(ofSteps), expected);
      assertNpy(output, expected, 2, 5, 1);
    }
    for (Path file : List.of(npy("r1", ofRows, 2), npy("r2", ofRows, 2, 1))) {
      run("--input", x, "--timespans", file, "--output", output).succeeds();
      var expected = new float[10];
      BUNDLED.session(2).run(X, 5, Timespans.perRow(ofRows), expected);
      assertNpy(output, expected, 2, 5, 1);
    }
    Path first = npy("first", X, 5, 2, INPUTS);
    Path rowsInLine = npy("r3", ofRows, 1, 2);
    run("--time-first", "--input", first, "--timespans", rowsInLine, "--output", output).succeeds();
    var expected = new float[10];
    BUNDLED
        .session(2)
        .layout(SequenceLayout.TIME_FIRST)
        .run(X, 5, Timespans.perRow(ofRows), expected);
    assertNpy(output, expected, 5, 2, 1);
  }

  @Test
  void refusesTimespansThatCouldBeOfRowsOrOfSteps() throws IOException {
    float[] three = {0.5f, 1, 2};
    float[] square = Arrays.copyOf(X, 3 * 3 * INPUTS);
    Path x = npy("x", StepTiming.noise(square.length, 4), 3, 3, INPUTS);
    run("--input", x, "--timespans", npy("t", three, 3), "--output", output)
        .fails(1, "t.npy: shape", "[3, 1] for one per row or [1, 3] for one per step", "[3]");
    run("--input", x, "--timespans", npy("r", three, 3, 1), "--output", output).succeeds();
    float[] input = StepTiming.noise(square.length, 4);
    var expected = new float[9];
    BUNDLED.session(3).run(input, 3, Timespans.perRow(three), expected);
    assertNpy(output, expected, 3, 3, 1);
    run("--input", x, "--timespans", npy("s", three, 1, 3), "--output", output).succeeds();
    BUNDLED.session(3).run(input, 3, Timespans.perStep(three), expected);
    assertNpy(output, expected, 3, 3, 1);
  }

  @Test
  void takesLengthsAndMasks() throws IOException {
    Path x = npy("x", X, 2, 5, INPUTS);
    int[] lengths = {3, 5};
    float[] mask = {1, 1, 1, 0, 0, 1, 1, 1, 1, 1};
    var expected = new float[10];
    BUNDLED.session(2).run(X, 5, Timespans.ONE, Mask.lengths(lengths), expected);
    var last = new float[2];
    BUNDLED.session(2).runToLast(X, 5, Timespans.ONE, Mask.lengths(lengths), last);
    for (List<Object> option :
        List.<List<Object>>of(
            List.of("--lengths", npy("l", new float[] {3, 5}, 2)),
            List.of("--lengths", csv("l", "3,5")),
            List.of("--mask", npy("m", mask, 2, 5)))) {
      run("--input", x, option.get(0), option.get(1), "--output", output).succeeds();
      assertNpy(output, expected, 2, 5, 1);
      run("--input", x, option.get(0), option.get(1), "--last", "--output", output).succeeds();
      assertNpy(output, last, 2, 1);
    }
    // The row that ends earlier gives what it gives alone.
    var alone = new float[3];
    BUNDLED.session(1).run(Arrays.copyOf(X, 3 * INPUTS), 3, alone);
    assertThat(Arrays.copyOf(expected, 3)).isEqualTo(alone);
    assertThat(last[0]).isEqualTo(alone[2]);
  }

  @Test
  void refusesLengthsAndMasks() throws IOException {
    Path x = npy("x", X, 2, 5, INPUTS);
    refusesOption(x, "--lengths", npy("a", new float[] {3, 6}, 2), "an integer from 0 to 5", "6.0");
    refusesOption(x, "--lengths", npy("b", new float[] {3, 2.5f}, 2), "an integer", "2.5");
    refusesOption(x, "--lengths", npy("c", new float[] {3}, 1), "c.npy: shape", "[2]", "[1]");
    refusesOption(x, "--mask", npy("d", new float[10], 5, 2), "d.npy: shape", "[2, 5]", "[5, 2]");
    float[] half = {1, 1, 1, 1, 0.5f, 1, 1, 1, 1, 1};
    refusesOption(x, "--mask", npy("e", half, 2, 5), "element [0, 4]", "0 or 1", "0.5");
    Path lengths = npy("f", new float[] {3, 5}, 2);
    run("--input", x, "--lengths", lengths, "--mask", lengths)
        .fails(2, "only one of --mask and --lengths");
  }

  private void refusesOption(Path input, String option, Path file, String... parts) {
    run("--input", input, option, file, "--output", output).fails(1, parts);
  }

  @Test
  void refusesStates() throws IOException {
    Path x = npy("x", X, 2, 5, INPUTS);
    Path one = npy("h", new float[HIDDEN], HIDDEN);
    run("--input", x, "--hx", one, "--output", output).fails(1, "h.npy: shape", "[2, 24]", "[24]");
    run("--input", x, "--hx-output", "h.csv", "--output", output).fails(2, "--hx-output", "h.csv");
  }

  @Test
  void refusesOutputs() throws IOException {
    Path x = npy("x", X, 2, 5, INPUTS);
    run("--input", x).fails(2, "[2, 5, 1]", "--output");
    run("--input", x, "--output", "y.csv").fails(2, "[2, 5, 1]", "npy");
    run("--input", x, "--output", "y.mat").fails(2, "--output", "y.mat");
    run("--input", x, "--output", directory.resolve("no/y.npy")).fails(1, "no/y.npy");
    Path folder = Files.createDirectories(directory.resolve("folder.npy/full")).getParent();
    run("--input", x, "--output", folder).fails(2, "--output", "folder.npy");
  }

  @Test
  void refusesModels() throws IOException {
    Path x = npy("x", X, 10, INPUTS);
    runModel(directory.resolve("none"), "--input", x).fails(1, "none: there is no such file");
    runModel(directory, "--input", x).fails(1, directory.toString(), "a directory");
    runModel(x, "--input", x).fails(1, "x.npy: format: expected safetensors, found a NumPy array");
    Path truncated = directory.resolve("short.safetensors");
    byte[] content = Files.readAllBytes(model);
    for (int length : new int[] {0, 7, 500, content.length - 1}) {
      Files.write(truncated, Arrays.copyOf(content, length));
      runModel(truncated, "--input", x).fails(1, "short.safetensors: ");
    }
    Path nan =
        ModelFiles.model(
            directory.resolve("nan.safetensors"),
            changed -> changed.tensor("rnn_cell.ff1.weight")[3] = Float.NaN);
    runModel(nan, "--input", x).fails(1, "nan.safetensors: 'ff1.weight'", "finite", "NaN");
    Path missing =
        ModelFiles.model(
            directory.resolve("missing.safetensors"),
            changed -> changed.tensors.remove("rnn_cell.time_b.bias"));
    runModel(missing, "--input", x).fails(1, "missing.safetensors: parameter 'time_b.bias'");
    Path shape =
        ModelFiles.model(
            directory.resolve("shape.safetensors"),
            changed -> changed.shapes.put("rnn_cell.ff2.weight", new long[] {48, 24}));
    runModel(shape, "--input", x).fails(1, "shape.safetensors: 'ff2.weight'", "[48, 24]");
  }

  private CommandLineRun run(Object... arguments) {
    return runModel(model, arguments);
  }

  private static CommandLineRun runModel(Path model, Object... arguments) {
    var all = new ArrayList<Object>(List.of("run", "--model", model));
    all.addAll(List.of(arguments));
    return CommandLineRun.of(all.toArray());
  }

  private Path npy(String name, float[] values, long... shape) throws IOException {
    Path file = directory.resolve(name + ".npy");
    Npy.write(file, values, shape);
    return file;
  }

  private Path csv(String name, String... lines) throws IOException {
    return Files.write(directory.resolve(name + ".csv"), Arrays.asList(lines));
  }

  private static void assertNpy(Path file, float[] expected, long... shape) throws IOException {
    Npy npy = Npy.read(file);
    assertThat(npy.shape()).isEqualTo(LongStream.of(shape).boxed().toList());
    assertThat(Bits.differences(npy.toFloats(), expected)).isZero();
  }
}
