package io.github.elegans.spark;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.models.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.reflect.ClassTag$;

/**
 * Runs a network over a column of sequences, each row its own, of any length.
 *
 * <p>A sequence of T steps of I inputs is {@code array<array<float>>} or {@code array<vector>} (one
 * for each step), {@code array<float>}, a {@code vector} or {@code binary} of little-endian float32
 * (T * I of them, step by step); doubles are rounded to float32. Binary is fastest: Spark boxes
 * what is in arrays. Outputs stand as the inputs do, and arrays are of float: [T, O], or [O] of the
 * last output. Without columns for timespans and states, timespans are 1 and states begin at 0.
 *
 * <p>The outputs have the bits of a {@link io.github.elegans.networks.Session} on one machine,
 * however the dataset is partitioned. What is wrong with columns is an {@link
 * IllegalArgumentException} before anything runs; what is wrong with a row ends the job, and the
 * message names column, row and partition.
 */
public final class ElegansModel extends Transformer implements MLWritable {
  private static final long serialVersionUID = 1L;

  /** The network's file, beside the metadata. */
  private static final String FILE = "network.safetensors";

  private final String uid;
  private final byte[] weights;
  private final transient Network network;
  private final Param<String> inputCol;
  private final Param<String> timespansCol;
  private final Param<String> maskCol;
  private final Param<String> stateCol;
  private final Param<String> outputCol;
  private final Param<String> outputStateCol;
  private final BooleanParam lastOutputOnly;
  private transient @Nullable Broadcast<byte[]> broadcast;

  private ElegansModel(String uid, byte[] weights, Network network) {
    this.uid = uid;
    this.weights = weights;
    this.network = network;
    inputCol = new Param<>(this, "inputCol", "sequences of inputs");
    timespansCol = new Param<>(this, "timespansCol", "elapsed times: a number, or one a step");
    maskCol = new Param<>(this, "maskCol", "whether there is an input: a boolean or byte a step");
    stateCol = new Param<>(this, "stateCol", "state and memory before the sequence; null is 0");
    outputCol = new Param<>(this, "outputCol", "receives the outputs");
    outputStateCol = new Param<>(this, "outputStateCol", "receives state and memory at the end");
    lastOutputOnly =
        new BooleanParam(this, "lastOutputOnly", "only the output after the last step");
    setDefault(inputCol, "input");
    setDefault(outputCol, "output");
    setDefault(lastOutputOnly, false);
  }

  /**
   * A model of a network.
   *
   * @throws UnsupportedOperationException if the network does not tell its parameters
   */
  public static ElegansModel of(Network network) {
    return of(bytes(network), network);
  }

  /**
   * A model of a file that {@link Models#load(Path)} reads.
   *
   * @throws IOException if it cannot be read
   */
  public static ElegansModel of(Path file) throws IOException {
    byte[] weights = Files.readAllBytes(file);
    return of(weights, Executor.load(file.toString(), weights));
  }

  private static ElegansModel of(byte[] weights, Network network) {
    return new ElegansModel("elegans_" + UUID.randomUUID(), weights, network);
  }

  /** The safetensors file of a network. */
  static byte[] bytes(Network network) {
    try {
      Path file = Files.createTempFile("elegans", ".safetensors");
      try {
        Models.save(network, file);
        return Files.readAllBytes(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new IllegalStateException("no temporary file for the network: " + e, e);
    }
  }

  /** The network's safetensors file, to be broadcast for functions of one's own. */
  public byte[] file() {
    return weights.clone();
  }

  /**
   * The network of a file that was broadcast: one for all tasks of this JVM.
   *
   * @throws IllegalArgumentException if it cannot be read here
   * @throws IllegalStateException if this JVM was started without the flags of a fast backend
   */
  public static Network shared(byte[] file) {
    return Executor.network(file);
  }

  /** The network. */
  public Network network() {
    return network;
  }

  /** The column of the inputs, {@code input} by default. */
  public Param<String> inputCol() {
    return inputCol;
  }

  /** The column of the timespans: a number for all steps, or T numbers. */
  public Param<String> timespansCol() {
    return timespansCol;
  }

  /**
   * The column of masks: T booleans, or bytes of which 0 is false. At masked steps the state stays,
   * and the output is the one before.
   */
  public Param<String> maskCol() {
    return maskCol;
  }

  /** The column of the states at the beginning, S + M numbers; null stands for zeros. */
  public Param<String> stateCol() {
    return stateCol;
  }

  /** The column that receives the outputs, {@code output} by default; empty for none. */
  public Param<String> outputCol() {
    return outputCol;
  }

  /** The column that receives the states at the end, S + M numbers, for the next part. */
  public Param<String> outputStateCol() {
    return outputStateCol;
  }

  /** Whether only the output after a sequence's last step is wanted; not by default. */
  public BooleanParam lastOutputOnly() {
    return lastOutputOnly;
  }

  /** Sets {@link #inputCol}. */
  public ElegansModel setInputCol(String name) {
    set(inputCol, name);
    return this;
  }

  /** Sets {@link #timespansCol}. */
  public ElegansModel setTimespansCol(String name) {
    set(timespansCol, name);
    return this;
  }

  /** Sets {@link #maskCol}. */
  public ElegansModel setMaskCol(String name) {
    set(maskCol, name);
    return this;
  }

  /** Sets {@link #stateCol}. */
  public ElegansModel setStateCol(String name) {
    set(stateCol, name);
    return this;
  }

  /** Sets {@link #outputCol}. */
  public ElegansModel setOutputCol(String name) {
    set(outputCol, name);
    return this;
  }

  /** Sets {@link #outputStateCol}. */
  public ElegansModel setOutputStateCol(String name) {
    set(outputStateCol, name);
    return this;
  }

  /** Sets {@link #lastOutputOnly}. */
  public ElegansModel setLastOutputOnly(boolean only) {
    set(lastOutputOnly, only);
    return this;
  }

  @Override
  public String uid() {
    return uid;
  }

  /** The value of a parameter, or null if it is not set or empty. */
  private @Nullable String column(Param<String> param) {
    return isDefined(param) && !getOrDefault(param).isEmpty() ? getOrDefault(param) : null;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    Form form = columns(schema).input().form();
    state(schema);
    StructType result = schema;
    String output = column(outputCol);
    if (output != null) {
      Column.requireNew("outputCol", output, result);
      Form own = getOrDefault(lastOutputOnly).equals(true) ? form.flat() : form;
      result = result.add(output, own.type(), false);
    }
    String outputState = column(outputStateCol);
    if (outputState != null) {
      Column.requireNew("outputStateCol", outputState, result);
      result = result.add(outputState, form.flat().type(), false);
    }
    return result;
  }

  private SequenceColumns columns(StructType schema) {
    return SequenceColumns.of(
        getOrDefault(inputCol), column(timespansCol), column(maskCol), schema);
  }

  private @Nullable Column state(StructType schema) {
    String name = column(stateCol);
    return name == null
        ? null
        : Column.of("stateCol", name, schema, Form.ARRAY, Form.VECTOR, Form.BINARY);
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = dataset.schema();
    StructType result = transformSchema(schema);
    ModelTask task =
        new ModelTask(
            broadcast(dataset.sparkSession()),
            columns(schema),
            state(schema),
            getOrDefault(lastOutputOnly).equals(true),
            column(outputCol) != null,
            column(outputStateCol) != null);
    return RowEncoders.mapPartitions(dataset, task, result);
  }

  /** Sent to every executor once. */
  private synchronized Broadcast<byte[]> broadcast(SparkSession session) {
    Broadcast<byte[]> known = broadcast;
    if (known == null || !known.isValid()) {
      known = session.sparkContext().broadcast(weights, ClassTag$.MODULE$.apply(byte[].class));
      broadcast = known;
    }
    return known;
  }

  @Override
  public ElegansModel copy(ParamMap extra) {
    return copyValues(new ElegansModel(uid, weights, network), extra);
  }

  @Override
  public MLWriter write() {
    return new Writer();
  }

  /** Reads what {@link #write} has written. */
  public static MLReader<ElegansModel> read() {
    return new Reader();
  }

  /** Loads what was saved. */
  public static ElegansModel load(String path) {
    return read().load(path);
  }

  private static org.apache.hadoop.fs.Path file(String folder) {
    return new org.apache.hadoop.fs.Path(folder, FILE);
  }

  private final class Writer extends MLWriter {
    @Override
    public void saveImpl(String path) {
      DefaultParamsWriter$.MODULE$.saveMetadata(
          ElegansModel.this, path, sparkSession(), Option.empty(), Option.empty());
      org.apache.hadoop.fs.Path file = file(path);
      try {
        FileSystem files = file.getFileSystem(sparkSession().sparkContext().hadoopConfiguration());
        try (FSDataOutputStream stream = files.create(file, true)) {
          stream.write(weights);
        }
      } catch (IOException e) {
        throw new IllegalStateException("%s cannot be written: %s".formatted(file, e), e);
      }
    }
  }

  private static final class Reader extends MLReader<ElegansModel> {
    @Override
    public ElegansModel load(String path) {
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader$.MODULE$.loadMetadata(
              path, sparkSession(), ElegansModel.class.getName());
      org.apache.hadoop.fs.Path file = file(path);
      byte[] weights;
      try {
        FileSystem files = file.getFileSystem(sparkSession().sparkContext().hadoopConfiguration());
        try (FSDataInputStream stream = files.open(file)) {
          weights = stream.readAllBytes();
        }
      } catch (IOException e) {
        throw new IllegalArgumentException("%s cannot be read: %s".formatted(file, e), e);
      }
      ElegansModel model =
          new ElegansModel(metadata.uid(), weights, Executor.load(file.toString(), weights));
      metadata.getAndSetParams(model, Option.empty());
      return model;
    }
  }
}
