package io.github.elegans.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One clear message, and a predictor that still works. */
class BadInputTest {
  private static final float[][] GOOD = {{1, 2, 3}, {4, 5, 6}};

  @TempDir private Path folder;

  /** What a predictor says of a sequence. */
  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(SequenceInput... batch)
      throws Exception {
    try (var model = Example.model(Example.Kind.CFC.file(folder));
        var predictor = model.newPredictor()) {
      SequenceOutput before = predictor.predict(SequenceInput.of(GOOD));
      var refusal =
          assertThatThrownBy(() -> predictor.batchPredict(List.of(batch)))
              .isInstanceOf(TranslateException.class)
              .cause()
              .isInstanceOf(IllegalArgumentException.class);
      assertThat(predictor.predict(SequenceInput.of(GOOD)).hx()).isEqualTo(before.hx());
      return refusal;
    }
  }

  @Test
  void sequencesOfWrongShapes() throws Exception {
    assertRefused(SequenceInput.of(new float[0][]))
        .hasMessage("a sequence must have at least 1 step, but has none");
    assertRefused(SequenceInput.of(new float[][] {{1, 2, 3}, {1, 2}}))
        .hasMessage("step 1 must have 3 values, as step 0 has, but has 2");
    assertRefused(SequenceInput.of(new float[][] {{1, 2}}))
        .hasMessage(
            "input must be float32 of shape (-1, -1, 3), but is float32 of shape (1, 1, 2)");
    assertRefused(SequenceInput.of(GOOD), SequenceInput.of(new float[][] {{1, 2}}))
        .hasMessage(
            "input of sequence 1 must be float32 of shape (1, 3), but is float32 of shape (1, 2)");
    assertRefused(SequenceInput.of(GOOD).withTimespans(new float[3]))
        .hasMessage(
            "timespans of sequence 0 must be float32 of shape (2), but is float32 of shape (3)");
    assertRefused(SequenceInput.of(GOOD), SequenceInput.of(GOOD).withMask(new boolean[1]))
        .hasMessage("mask of sequence 1 must be boolean of shape (2), but is boolean of shape (1)");
    assertRefused(SequenceInput.of(GOOD).withHx(new float[5]))
        .hasMessage("hx must be float32 of shape (1, 24), but is float32 of shape (1, 5)");
    assertRefused(
            SequenceInput.of(GOOD).withHx(new float[24]),
            SequenceInput.of(GOOD).withHx(new float[5]))
        .hasMessage("hx of sequence 1 must be float32 of shape (24), but is float32 of shape (5)");
    assertRefused(SequenceInput.of(GOOD).withTimespans(new float[] {1, -1}))
        .hasMessageContaining("timespans must be finite and not negative, but one is -1.0");
  }

  @Test
  void nothing() throws Exception {
    try (var model = Example.model(Example.Kind.CFC.file(folder));
        var predictor = model.newPredictor()) {
      assertThatThrownBy(() -> predictor.predict(SequenceInput.of(new float[][] {{1, 2, 3}, null})))
          .hasRootCauseInstanceOf(NullPointerException.class)
          .hasRootCauseMessage("a step of the input");
      assertThatThrownBy(() -> predictor.batchPredict(Arrays.asList((SequenceInput) null)))
          .hasRootCauseMessage("sequence");
    }
  }

  @Test
  void arraysOfWrongNamesAndTypes() throws Exception {
    try (var model =
            Example.criteria(NDList.class, NDList.class, Example.Kind.CFC.file(folder))
                .build()
                .loadModel();
        var predictor = model.newPredictor()) {
      NDManager manager = model.getNDManager();
      NDArray input = manager.create(new float[6], new Shape(1, 2, 3));
      NDArray other = manager.create(new float[2], new Shape(1, 2));
      assertThatThrownBy(() -> predictor.predict(new NDList(input, other)))
          .hasMessageContaining(
              "array 1 must be named timespans, mask, lengths or hx, but has no name");
      other.setName("time");
      assertThatThrownBy(() -> predictor.predict(new NDList(input, other)))
          .hasMessageContaining("but is named 'time'");
      other.setName("mask");
      assertThatThrownBy(() -> predictor.predict(new NDList(input, other)))
          .hasMessageContaining("mask must be boolean of shape (1, 2), but is float32");
      other.setName("timespans");
      assertThatThrownBy(() -> predictor.predict(new NDList(input, other, other)))
          .hasMessageContaining("array 2 is a second one named timespans");
      NDArray integers = manager.create(new int[6], new Shape(1, 2, 3));
      assertThatThrownBy(() -> predictor.predict(new NDList(integers)))
          .hasMessageContaining("input must be float32 of shape (-1, -1, 3), but is int32");
      NDArray none = manager.create(new float[0], new Shape(1, 0, 3));
      assertThatThrownBy(() -> predictor.predict(new NDList(none)))
          .hasMessageContaining("input must have at least 1 of steps, but has none");
      NDArray lengths = manager.create(new int[] {3}, new Shape(1));
      lengths.setName("lengths");
      assertThatThrownBy(() -> predictor.predict(new NDList(input, lengths)))
          .hasMessageContaining("lengths must lie between 0 and 2, but is 3");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          speed        | 9     | unknown option 'speed': expected backend, accuracy, storage
          backend      | cuda  | unknown backend 'cuda': expected auto
          accuracy     | low   | option accuracy must be one of [fast, accurate, exact], but is 'low'
          storage      | int8  | option storage must be one of [float32, bfloat16], but is 'int8'
          parallelism  | many  | option parallelism must be a number from 1 to 1024, but is 'many'
          parallelism  | 0     | option parallelism must be a number from 1 to 1024, but is '0'
          ignore_others| yes   | option ignore_others must be true or false, but is 'yes'
          """)
  void options(String name, String value, String message) throws Exception {
    Criteria<float[][], float[][]> criteria =
        Example.criteria(float[][].class, float[][].class, Example.Kind.CFC.file(folder))
            .optOption(name, value)
            .build();
    assertThatThrownBy(criteria::loadModel)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void pathsWithoutAModel() throws Exception {
    // DJL itself, before any engine is asked.
    assertThatThrownBy(() -> Example.model(folder.resolve("none")))
        .isInstanceOf(ModelNotFoundException.class);
    try (Model model = Model.newInstance("cfc", "Elegans")) {
      assertThatThrownBy(() -> model.load(folder.resolve("none")))
          .isInstanceOf(FileNotFoundException.class)
          .hasMessage("there is no file or folder " + folder.resolve("none"));
      assertThatThrownBy(() -> model.load(folder))
          .isInstanceOf(FileNotFoundException.class)
          .hasMessage(
              folder
                  + " must have a file cfc.safetensors or only one .safetensors, but has no"
                  + " .safetensors");
      Example.Kind.LTC.file(folder);
      Example.Kind.STACK.file(folder);
      assertThatThrownBy(() -> model.load(folder))
          .hasMessageEndingWith("but has LTC.safetensors, STACK.safetensors");
      assertThatThrownBy(() -> model.load(folder, "gru"))
          .hasMessageEndingWith(
              "must have a file gru.safetensors, but has LTC.safetensors, STACK.safetensors");
      model.load(folder, "LTC");
      assertThatThrownBy(() -> model.load(folder, "LTC"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("has a block already");
    }
  }

  @Test
  void brokenFiles() throws IOException {
    Path file = Example.Kind.CFC.file(folder);
    byte[] content = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(content, content.length / 2));
    assertThatThrownBy(() -> Example.model(file))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining("expected")
        .hasMessageNotContaining("\n");
    Files.writeString(file, "no model");
    assertThatThrownBy(() -> Example.model(file))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageStartingWith(file + ": ");
  }

  @Test
  void typesWithoutATranslator() throws IOException {
    Path file = Example.Kind.CFC.file(folder);
    assertThatThrownBy(
            () ->
                new SequenceTranslatorFactory().newInstance(String.class, int[].class, null, null))
        .isInstanceOf(TranslateException.class)
        .hasMessageContaining("float[][] to float[][]")
        .hasMessageEndingWith("but are java.lang.String and int[]");
    assertThatThrownBy(() -> Example.criteria(String.class, int[].class, file).build().loadModel())
        .isInstanceOf(ModelNotFoundException.class);
  }

  @Test
  void whatTheEngineDoesNotDo() throws Exception {
    Engine engine = Engine.getEngine("Elegans");
    assertThatThrownBy(() -> engine.newModel("cfc", Device.gpu()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("device must be cpu, all that Elegans runs on, but is gpu(0)");
    try (var model = Example.model(Example.Kind.CFC.file(folder))) {
      assertThatThrownBy(() -> model.newTrainer(new DefaultTrainingConfig(Loss.l2Loss())))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("does not train")
          .hasMessageContaining("docs/training.md");
    }
    try (Model model = engine.newModel("cfc", null)) {
      assertThatThrownBy(() -> ((ElegansModel) model).network())
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("model cfc is not loaded");
      model.setBlock(Blocks.identityBlock());
      assertThatThrownBy(() -> model.load(Example.Kind.CFC.file(folder)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("model cfc has a block already");
    }
  }

  @Test
  void aClosedModel() throws Exception {
    var model = Example.model(Example.Kind.CFC.file(folder));
    try (var predictor = model.newPredictor()) {
      predictor.predict(SequenceInput.of(GOOD));
      model.close();
      assertThatThrownBy(() -> predictor.predict(SequenceInput.of(GOOD)))
          .hasRootCauseInstanceOf(IllegalStateException.class)
          .hasRootCauseMessage("model CFC.safetensors is closed");
    }
  }
}
