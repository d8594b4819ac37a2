package io.github.elegans.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.models.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import scala.collection.Seq;

class ElegansModelTest {
  private static final Network NETWORK =
      Cfc.initialised(CfcConfiguration.of(3, 20).withProjection(2), 1);
  private static final TestSequences SEQUENCES = TestSequences.random(500, 40, 3);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = Sparks.local();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Reads results whatever their form; nested ones as flat. */
  private static float[] read(Row row, String column) {
    Form form = Form.of(row.schema().apply(column).dataType());
    return new Column(column, row.fieldIndex(column), form).read(row, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "nested, array<array<float>>, array<float>",
    "array, array<float>, array<float>",
    "doubles, array<float>, array<float>",
    "vector, vector, vector",
    "vectors, array<array<float>>, array<float>",
    "binary, binary, binary"
  })
  void everyFormHasTheBitsOfASession(String column, String outputForm, String stateForm) {
    Dataset<Row> result =
        ElegansModel.of(NETWORK)
            .setInputCol(column)
            .setOutputStateCol("state")
            .transform(SEQUENCES.dataset(spark, 3));
    assertThat(Form.of(result.schema().apply("output").dataType())).hasToString(outputForm);
    assertThat(Form.of(result.schema().apply("state").dataType())).hasToString(stateForm);
    List<Row> rows = result.select("id", "output", "state").collectAsList();
    assertThat(rows).hasSize(SEQUENCES.size());
    for (Row row : rows) {
      int id = row.getInt(0);
      float[] expected = SEQUENCES.alone(NETWORK, id, false, false);
      int outputs = SEQUENCES.steps(id) * 2;
      assertThat(read(row, "output")).isEqualTo(Arrays.copyOf(expected, outputs));
      assertThat(read(row, "state"))
          .isEqualTo(Arrays.copyOfRange(expected, outputs, expected.length));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mask", "maskBytes"})
  void timespansAndMasksAreThoseOfASession(String mask) {
    ElegansModel model =
        ElegansModel.of(NETWORK)
            .setInputCol("array")
            .setTimespansCol("dt")
            .setMaskCol(mask)
            .setOutputStateCol("state");
    for (Row row : model.transform(SEQUENCES.dataset(spark, 2)).collectAsList()) {
      int id = row.getAs("id");
      float[] expected = SEQUENCES.alone(NETWORK, id, true, true);
      int outputs = SEQUENCES.steps(id) * 2;
      assertThat(read(row, "output")).isEqualTo(Arrays.copyOf(expected, outputs));
      assertThat(read(row, "state"))
          .isEqualTo(Arrays.copyOfRange(expected, outputs, expected.length));
    }
  }

  @Test
  void sequencesGoOnFromTheStatesOfTheirFirstParts() {
    StructType schema =
        new StructType().add("id", "int").add("a", "array<float>").add("b", "array<float>");
    List<Row> halves =
        java.util.stream.IntStream.range(0, SEQUENCES.size())
            .mapToObj(
                i -> {
                  float[] x = SEQUENCES.x().get(i);
                  int cut = SEQUENCES.steps(i) / 2 * 3;
                  return RowFactory.create(
                      i, Arrays.copyOf(x, cut), Arrays.copyOfRange(x, cut, x.length));
                })
            .toList();
    ElegansModel first =
        ElegansModel.of(NETWORK).setInputCol("a").setOutputCol("").setOutputStateCol("state");
    ElegansModel second =
        ElegansModel.of(NETWORK)
            .setInputCol("b")
            .setStateCol("state")
            .setOutputStateCol("end")
            .setOutputCol("last")
            .setLastOutputOnly(true);
    Dataset<Row> result =
        new PipelineModel("both", List.<org.apache.spark.ml.Transformer>of(first, second))
            .transform(spark.createDataFrame(halves, schema));
    assertThat(result.columns()).containsExactly("id", "a", "b", "state", "last", "end");
    for (Row row : result.collectAsList()) {
      int id = row.getInt(0);
      float[] expected = SEQUENCES.alone(NETWORK, id, false, false);
      int outputs = SEQUENCES.steps(id) * 2;
      float[] last =
          outputs == 0 ? new float[2] : Arrays.copyOfRange(expected, outputs - 2, outputs);
      assertThat(read(row, "last")).isEqualTo(last);
      assertThat(read(row, "end"))
          .isEqualTo(Arrays.copyOfRange(expected, outputs, expected.length));
    }
  }

  @Test
  void arraysWithoutNullsStandInRowsAsTheyDoEverywhere() {
    StructType schema =
        new StructType().add("x", Form.NESTED.type()).add("other", Form.ARRAY.type());
    Dataset<Row> rows =
        spark.createDataFrame(
            List.of(
                RowFactory.create(new float[][] {{1, 2, 3}, {4, 5, 6}}, null),
                RowFactory.create(new float[][] {}, new float[] {7, 8})),
            schema);
    Dataset<Row> result = ElegansModel.of(NETWORK).setInputCol("x").transform(rows).cache();
    assertThat(result.select("x", "other").collectAsList()).isEqualTo(rows.collectAsList());
    List<Row> all = result.orderBy("other").collectAsList();
    assertThat(all.getFirst().isNullAt(1)).isTrue();
    assertThat(all.getFirst().<Seq<Float>>getList(2)).hasSize(2).allMatch(step -> step.size() == 2);
    assertThat(all.getLast().<Float>getList(1)).containsExactly(7f, 8f);
    assertThat(all.getLast().getList(2)).isEmpty();
  }

  @Test
  void isSavedAndLoadedInAPipeline(@TempDir Path folder) {
    StructType schema = new StructType().add("u", "double").add("v", "double").add("w", "double");
    Dataset<Row> rows =
        spark.createDataFrame(
            List.of(RowFactory.create(0.5, -1.0, 2.0), RowFactory.create(1.5, 0.25, -0.75)),
            schema);
    PipelineModel pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new VectorAssembler()
                      .setInputCols(new String[] {"u", "v", "w"})
                      .setOutputCol("features"),
                  ElegansModel.of(NETWORK).setInputCol("features").setOutputCol("prediction")
                })
            .fit(rows);
    String path = folder.resolve("pipeline").toString();
    try {
      pipeline.save(path);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
    PipelineModel loaded = PipelineModel.load(path);
    assertThat(loaded.transform(rows).collectAsList())
        .isEqualTo(pipeline.transform(rows).collectAsList());
    ElegansModel model = (ElegansModel) loaded.stages()[1];
    assertThat(model.uid()).isEqualTo(pipeline.stages()[1].uid());
    assertThat(model.getOrDefault(model.inputCol())).isEqualTo("features");
    float[] out = new float[2];
    NETWORK.session(1).step(new float[] {0.5f, -1, 2}, out);
    assertThat(read(loaded.transform(rows).first(), "prediction")).isEqualTo(out);
  }

  @Test
  void readsAFileOfANetwork(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("model.safetensors");
    Models.save(NETWORK, file);
    assertThat(SEQUENCES.alone(ElegansModel.of(file).network(), 0, true, false))
        .isEqualTo(SEQUENCES.alone(NETWORK, 0, true, false));
    Files.write(file, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> ElegansModel.of(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void aSavedModelWithoutItsNetworkIsNamed(@TempDir Path folder) throws Exception {
    Path path = folder.resolve("model");
    ElegansModel.of(NETWORK).save(path.toString());
    Path network = path.resolve("network.safetensors");
    // Hadoop compares its own checksum first.
    Files.deleteIfExists(path.resolve(".network.safetensors.crc"));
    byte[] content = Files.readAllBytes(network);
    Files.write(network, Arrays.copyOf(content, content.length / 2));
    assertThatThrownBy(() -> ElegansModel.load(path.toString()))
        .hasMessageContaining("network.safetensors")
        .hasMessageContaining("cannot be read");
    Files.delete(network);
    assertThatThrownBy(() -> ElegansModel.load(path.toString()))
        .hasMessageContaining("network.safetensors cannot be read");
  }

  @Test
  void wrongColumnsAreNamedBeforeAnythingRuns() {
    Dataset<Row> rows = SEQUENCES.dataset(spark, 1);
    ElegansModel model = ElegansModel.of(NETWORK);
    assertThatThrownBy(() -> model.transform(rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "column 'input' (inputCol) is expected, found only id, nested, array, doubles, vector,"
                + " vectors, binary, dt, mask, maskBytes");
    assertThatThrownBy(() -> model.setInputCol("mask").transform(rows))
        .hasMessage(
            "column 'mask' (inputCol): one of [array<float>, array<array<float>>, vector, binary]"
                + " is expected, found array<boolean>");
    model.setInputCol("array");
    assertThatThrownBy(() -> model.setOutputCol("dt").transform(rows))
        .hasMessageContaining("column 'dt' (outputCol) would be added");
    model.setOutputCol("output");
    assertThatThrownBy(() -> model.setMaskCol("dt").transform(rows))
        .hasMessage(
            "column 'dt' (maskCol): array<boolean> or binary is expected, found array<float>");
    model.setMaskCol("");
    assertThatThrownBy(() -> model.setStateCol("id").transform(rows))
        .hasMessageContaining("column 'id' (stateCol)")
        .hasMessageContaining("found int");
  }

  @Test
  void wrongRowsAreNamed() {
    StructType schema =
        new StructType()
            .add("x", "array<array<float>>")
            .add("dt", "array<float>")
            .add("hx", "array<float>");
    Row good = RowFactory.create(new float[2][3], new float[2], null);
    ElegansModel model =
        ElegansModel.of(NETWORK).setInputCol("x").setTimespansCol("dt").setStateCol("hx");
    assertWrong(
        model,
        schema,
        good,
        RowFactory.create(new float[][] {{1, 2, 3}, {1, 2}}, new float[2], null),
        "column 'x', row 1 of partition 0: step 1: 3 numbers are expected, as in step 0, found 2");
    assertWrong(
        model,
        schema,
        good,
        RowFactory.create(new float[1][4], new float[1], null),
        "column 'x', row 1 of partition 0: a multiple of 3 numbers is expected, 3 inputs for each"
            + " step, found 4");
    assertWrong(
        model,
        schema,
        good,
        RowFactory.create(new float[2][3], new float[3], null),
        "column 'dt', row 1 of partition 0: 2 timespans are expected, one for each step, found 3");
    assertWrong(
        model,
        schema,
        good,
        RowFactory.create(new float[2][3], new float[] {1, -1}, null),
        "column 'dt', row 1 of partition 0: timespans must be finite and not negative, but one is"
            + " -1.0");
    assertWrong(
        model,
        schema,
        good,
        RowFactory.create(new float[2][3], new float[2], new float[7]),
        "column 'hx', row 1 of partition 0: a state of 20 numbers is expected (hidden state 20,"
            + " memory 0), found 7");
    assertWrong(
        model,
        schema,
        good,
        RowFactory.create(null, new float[2], null),
        "column 'x', row 1 of partition 0: numbers are expected, found null");
  }

  private static void assertWrong(
      ElegansModel model, StructType schema, Row good, Row bad, String message) {
    Dataset<Row> rows = spark.createDataFrame(List.of(good, bad), schema).coalesce(1);
    assertThatThrownBy(() -> model.transform(rows).collectAsList()).rootCause().hasMessage(message);
  }
}
