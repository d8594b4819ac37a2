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
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
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

  public static void main(String[] args)
      throws IOException, InterruptedException, TimeoutException {
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
    float[][] x = new float[n][];
    for (int i = 0; i < n; i++) {
      x[i] = inputs(i);
    }
    List<String> names = new ArrayList<>(List.of("sessions"));
    List<Work> works = new ArrayList<>(List.of(() -> alone(network, x)));
    for (Form form : forms) {
      Dataset<Row> dataset = dataset(spark, form, n, 16);
      names.add(form.name());
      works.add(() -> run(network, dataset));
      names.add(form.name() + " without network");
      works.add(() -> copy(network, dataset, form));
    }
    double[][] seconds = new double[works.size()][rounds];
    double[][] processors = new double[works.size()][rounds];
    for (int round = -2; round < rounds; round++) {
      for (int what = 0; what < seconds.length; what++) {
        long begin = System.nanoTime();
        double cpuBegin = cpuSeconds();
        works.get(what).run();
        if (round >= 0) {
          seconds[what][round] = (System.nanoTime() - begin) / 1e9;
          processors[what][round] = cpuSeconds() - cpuBegin;
        }
      }
    }
    System.out.printf("%s, %d sequences of %d steps%n", network, n, STEPS);
    for (int what = 0; what < seconds.length; what++) {
      System.out.printf(
          "%-24s %s; processor %s%n",
          names.get(what),
          figures(seconds[what], seconds[0]),
          figures(processors[what], processors[0]));
    }
    spark.stop();
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  /** Seconds of rounds, and how many of the sessions' alone they are. */
  private static String figures(double[] seconds, double[] alone) {
    double[] ratios = new double[seconds.length];
    Arrays.setAll(ratios, round -> seconds[round] / alone[round]);
    return "least %.2f s, median %.2f s, median ratio %.3f, ratio of least %.3f"
        .formatted(least(seconds), median(seconds), median(ratios), least(seconds) / least(alone));
  }

  private static void executors(Network network, int n, int rounds)
      throws IOException, InterruptedException, TimeoutException {
    double[] seconds = {Double.MAX_VALUE, Double.MAX_VALUE};
    double[] processors = {Double.MAX_VALUE, Double.MAX_VALUE};
    for (int turn = 0; turn < 4; turn++) {
      int executors = 1 + turn % 2;
      SparkSession spark = Sparks.cluster(executors);
      LongAdder nanoseconds = new LongAdder();
      spark
          .sparkContext()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onTaskEnd(SparkListenerTaskEnd end) {
                  nanoseconds.add(end.taskMetrics().executorCpuTime());
                }
              });
      Dataset<Row> dataset = dataset(spark, Form.BINARY, n, 16);
      for (int round = -2; round < rounds; round++) {
        spark.sparkContext().listenerBus().waitUntilEmpty(10_000);
        nanoseconds.reset();
        long begin = System.nanoTime();
        run(network, dataset);
        double took = (System.nanoTime() - begin) / 1e9;
        spark.sparkContext().listenerBus().waitUntilEmpty(10_000);
        double computed = nanoseconds.sum() / 1e9;
        System.out.printf("executors %d: %.2f s, tasks %.2f s%n", executors, took, computed);
        seconds[executors - 1] = Math.min(seconds[executors - 1], took);
        processors[executors - 1] = Math.min(processors[executors - 1], computed);
      }
      spark.stop();
    }
    for (int executors = 1; executors <= 2; executors++) {
      System.out.printf(
          "executors %d: least %.2f s, %.0f sequences/s; a processor of theirs %.0f sequences/s%n",
          executors,
          seconds[executors - 1],
          n / seconds[executors - 1],
          n / processors[executors - 1]);
    }
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
    write(ElegansModel.of(network).setInputCol(dataset.columns()[1]).transform(dataset));
  }

  /** Rows in and out of Spark as {@link #run} has them, with outputs that nobody computes. */
  private static void copy(Network network, Dataset<Row> dataset, Form form) {
    int outputs = STEPS * network.outputSize();
    StructType schema = dataset.schema().add("output", form.type(), false);
    write(
        RowEncoders.mapPartitions(
            dataset,
            rows -> {
              Object output = form.write(new float[outputs], 0, outputs, outputs / STEPS);
              return new Iterator<>() {
                @Override
                public boolean hasNext() {
                  return rows.hasNext();
                }

                @Override
                public Row next() {
                  return Batches.append(rows.next(), List.of(output));
                }
              };
            },
            schema));
  }

  private static void write(Dataset<Row> dataset) {
    dataset.write().format("noop").mode("overwrite").save();
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

  private static double least(double[] values) {
    return Arrays.stream(values).min().orElseThrow();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
