package io.github.elegans.spark;

import com.sun.management.OperatingSystemMXBean;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Measures what Spark costs: sequences of 100 steps through a CfC, by two sessions in two threads,
 * and by {@link ElegansModel} with two threads over a cached dataset, in turns. Arguments: {@code
 * overhead} or {@code executors}, sequences, rounds, units of the network, and for overhead the
 * forms of forms.
 */
final class Figures {
  private static final int STEPS = 100;
  private static final int INPUTS = 3;

  private Figures() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    int sequences = Integer.parseInt(args[1]);
    int rounds = Integer.parseInt(args[2]);
    Network network =
        Cfc.initialised(
            CfcConfiguration.of(INPUTS, Integer.parseInt(args[3])).withProjection(1), 1);
    if (args[0].equals("overhead")) {
      overhead(
          network,
          sequences,
          rounds,
          Arrays.stream(args[4].split(",")).map(Form::valueOf).toList());
    } else {
      executors(network, sequences, rounds);
    }
  }

  private static void overhead(Network network, int n, int rounds, List<Form> forms)
      throws InterruptedException {
    SparkSession spark = Sparks.local();
    List<Dataset<Row>> datasets = forms.stream().map(form -> dataset(spark, form, n, 16)).toList();
    float[][] x = new float[n][];
    for (int i = 0; i < n; i++) {
      x[i] = inputs(i);
    }
    double[][] seconds = new double[forms.size() + 1][rounds];
    for (int round = -1; round < rounds; round++) {
      for (int what = 0; what < seconds.length; what++) {
        long begin = System.nanoTime();
        double cpuBegin = cpuSeconds();
        if (what == 0) {
          alone(network, x);
        } else {
          run(network, datasets.get(what - 1));
        }
        double took = (System.nanoTime() - begin) / 1e9;
        double computed = cpuSeconds() - cpuBegin;
        System.out.printf("round %d, %d: %.3f s, CPU %.3f s%n", round, what, took, computed);
        if (round >= 0) {
          seconds[what][round] = took;
        }
      }
    }
    System.out.printf("%s, %d sequences of %d steps%n", network, n, STEPS);
    for (int what = 0; what < seconds.length; what++) {
      double[] ratios = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        ratios[round] = seconds[what][round] / seconds[0][round];
      }
      System.out.printf(
          "%-10s median %.2f s, of the sessions alone %.3f (%s)%n",
          what == 0 ? "sessions" : forms.get(what - 1).name(),
          median(seconds[what]),
          median(ratios),
          Arrays.toString(ratios));
    }
    spark.stop();
  }

  private static void executors(Network network, int n, int rounds) throws IOException {
    SparkSession spark = Sparks.cluster();
    Dataset<Row> dataset = dataset(spark, Form.BINARY, n, 16);
    double[][] seconds = new double[2][rounds];
    for (int round = -1; round < rounds; round++) {
      for (int cores = 1; cores <= 2; cores++) {
        // One executor has all the partitions of a dataset of one; two share those of two.
        Dataset<Row> part = cores == 1 ? dataset.coalesce(1) : dataset;
        long begin = System.nanoTime();
        run(network, part);
        if (round >= 0) {
          seconds[cores - 1][round] = (System.nanoTime() - begin) / 1e9;
        }
      }
    }
    for (int cores = 1; cores <= 2; cores++) {
      double[] ratios = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        ratios[round] = seconds[0][round] / seconds[cores - 1][round];
      }
      System.out.printf(
          "executors %d: median %.2f s, %.0f sequences/s, of one %.2f (%s)%n",
          cores,
          median(seconds[cores - 1]),
          n / median(seconds[cores - 1]),
          median(ratios),
          Arrays.toString(ratios));
    }
    spark.stop();
  }

  /** Sine waves that executors make themselves, so that nothing is sent from here. */
  private static Dataset<Row> dataset(SparkSession spark, Form form, int n, int partitions) {
    StructType schema = new StructType().add("id", "long").add(form.name(), form.type());
    Dataset<Row> rows =
        spark
            .range(0, n, 1, partitions)
            .map(
                (MapFunction<Long, Row>)
                    id -> {
                      float[] x = inputs(id.intValue());
                      return RowFactory.create(id, form.write(x, 0, x.length, INPUTS));
                    },
                Encoders.row(schema))
            .cache();
    rows.count();
    return rows;
  }

  private static float[] inputs(int i) {
    float[] x = new float[STEPS * INPUTS];
    for (int k = 0; k < x.length; k++) {
      x[k] = (float) Math.sin(i + k);
    }
    return x;
  }

  private static void run(Network network, Dataset<Row> dataset) {
    ElegansModel.of(network)
        .setInputCol(dataset.columns()[1])
        .transform(dataset)
        .write()
        .format("noop")
        .mode("overwrite")
        .save();
  }

  /** Two threads, each with a session of 64 rows. */
  private static void alone(Network network, float[][] x) throws InterruptedException {
    float[][] results = new float[x.length][];
    List<Thread> threads = new ArrayList<>();
    for (int half = 0; half < 2; half++) {
      int first = half * x.length / 2;
      int end = (half + 1) * x.length / 2;
      threads.add(Thread.ofPlatform().start(() -> alone(network, x, results, first, end)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void alone(Network network, float[][] x, float[][] results, int first, int end) {
    int outputs = STEPS * network.outputSize();
    int size = 64;
    float[] in = new float[size * STEPS * INPUTS];
    float[] out = new float[size * outputs];
    try (Session session = network.session(size)) {
      for (int i = first; i < end; i += size) {
        int n = Math.min(size, end - i);
        for (int k = 0; k < n; k++) {
          System.arraycopy(x[i + k], 0, in, k * STEPS * INPUTS, STEPS * INPUTS);
        }
        session.reset();
        session.run(in, STEPS, out);
        for (int k = 0; k < n; k++) {
          results[i + k] = Arrays.copyOfRange(out, k * outputs, (k + 1) * outputs);
        }
      }
    }
  }

  /** What this process has computed, which others on the machine hardly change. */
  private static double cpuSeconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
