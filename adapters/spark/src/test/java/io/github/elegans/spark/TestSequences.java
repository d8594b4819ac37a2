package io.github.elegans.spark;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;

/** Ragged sequences, and what a session makes of each alone. */
record TestSequences(List<float[]> x, List<float[]> timespans, List<boolean[]> masks, int inputs) {
  static final StructType SCHEMA =
      new StructType()
          .add("id", "int")
          .add("nested", "array<array<float>>")
          .add("array", "array<float>")
          .add("doubles", "array<double>")
          .add("vector", SQLDataTypes.VectorType())
          .add("vectors", new ArrayType(SQLDataTypes.VectorType(), false))
          .add("binary", "binary")
          .add("dt", "array<float>")
          .add("mask", "array<boolean>")
          .add("maskBytes", "binary");

  static TestSequences random(int n, int longest, int inputs) {
    Random random = new Random(7);
    List<float[]> x = new ArrayList<>();
    List<float[]> timespans = new ArrayList<>();
    List<boolean[]> masks = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int steps = random.nextInt(longest + 1);
      float[] own = new float[steps * inputs];
      float[] elapsed = new float[steps];
      boolean[] mask = new boolean[steps];
      for (int k = 0; k < own.length; k++) {
        own[k] = (float) random.nextGaussian();
      }
      for (int t = 0; t < steps; t++) {
        elapsed[t] = 0.5f + random.nextFloat();
        mask[t] = random.nextInt(4) > 0;
      }
      x.add(own);
      timespans.add(elapsed);
      masks.add(mask);
    }
    return new TestSequences(x, timespans, masks, inputs);
  }

  int size() {
    return x.size();
  }

  int steps(int i) {
    return x.get(i).length / inputs;
  }

  Dataset<Row> dataset(SparkSession spark, int partitions) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < size(); i++) {
      float[] own = x.get(i);
      int steps = steps(i);
      float[][] nested = new float[steps][inputs];
      Vector[] vectors = new Vector[steps];
      double[] doubles = new double[own.length];
      for (int k = 0; k < own.length; k++) {
        nested[k / inputs][k % inputs] = own[k];
        doubles[k] = own[k];
      }
      byte[] maskBytes = new byte[steps];
      for (int t = 0; t < steps; t++) {
        double[] step = new double[inputs];
        System.arraycopy(doubles, t * inputs, step, 0, inputs);
        vectors[t] = Vectors.dense(step);
        maskBytes[t] = (byte) (masks.get(i)[t] ? 1 : 0);
      }
      rows.add(
          RowFactory.create(
              i,
              nested,
              own,
              doubles,
              Vectors.dense(doubles),
              vectors,
              bytes(own),
              timespans.get(i),
              masks.get(i),
              maskBytes));
    }
    return spark.createDataFrame(rows, SCHEMA).repartition(partitions);
  }

  static byte[] bytes(float[] values) {
    ByteBuffer buffer =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }

  /** The outputs of a sequence, step by step, and the state at its end behind them. */
  float[] alone(Network network, int i, boolean withTimespans, boolean withMask) {
    int steps = steps(i);
    int outputs = network.outputSize();
    int all = network.stateSize() + network.memorySize();
    float[] result = new float[steps * outputs + all];
    try (Session session = network.session(1)) {
      float[] in = new float[inputs];
      float[] out = new float[outputs];
      for (int t = 0; t < steps; t++) {
        if (!withMask || masks.get(i)[t]) {
          System.arraycopy(x.get(i), t * inputs, in, 0, inputs);
          session.step(in, withTimespans ? Timespans.of(timespans.get(i)[t]) : Timespans.ONE, out);
        }
        System.arraycopy(out, 0, result, t * outputs, outputs);
      }
      float[] end = new float[all];
      session.readRows(new int[] {0}, end);
      System.arraycopy(end, 0, result, steps * outputs, all);
    }
    return result;
  }
}
