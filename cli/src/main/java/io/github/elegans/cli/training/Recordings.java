package io.github.elegans.cli.training;

import io.github.elegans.cli.files.Npy;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.training.Metric;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Recordings of states, a file each. */
final class Recordings {
  private Recordings() {}

  /** Reads all npy files of a folder in the order of their names. */
  static List<Npy> read(Path directory) throws IOException {
    List<Path> paths;
    try (Stream<Path> all = Files.list(directory)) {
      paths = all.filter(path -> path.toString().endsWith(".npy")).sorted().toList();
    }
    if (paths.isEmpty()) {
      throw new FileFormatException(directory.toString(), "folder", "npy files", "none");
    }
    List<Npy> files = new ArrayList<>();
    for (Path path : paths) {
      Npy file = Npy.read(path);
      List<Long> shape = file.shape();
      if (shape.size() != 2
          || (!files.isEmpty() && !shape.get(1).equals(files.getFirst().shape().get(1)))) {
        throw new FileFormatException(
            file.source(), "shape", "[steps, states], states as in the others", "" + shape);
      }
      files.add(file);
    }
    return files;
  }

  /** The rows of a file. */
  static List<float[]> rows(Npy file) {
    float[] values = file.toFloats();
    int width = Math.toIntExact(file.shape().get(1));
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < values.length; i += width) {
      float[] row = new float[width];
      System.arraycopy(values, i, row, 0, width);
      rows.add(row);
    }
    return rows;
  }

  /** Prints the errors on test data whose targets are the next inputs. */
  static void report(Windows test, Network network, PrintWriter out) {
    out.printf(
        "Test        MSE %.4f; no change %.4f, always 0 %.4f%n",
        test.measure(Metric.MSE, test.outputs(network)),
        test.measure(Metric.MSE, test.x()),
        test.measure(Metric.MSE, new float[test.y().length]));
  }

  /** Puts windows together, step by step. */
  static final class Collector {
    private final int steps;
    private final List<float[]> x = new ArrayList<>();
    private final List<float[]> y = new ArrayList<>();
    private final List<Float> timespans = new ArrayList<>();

    Collector(int steps) {
      this.steps = steps;
    }

    void add(float[] input, float[] target, float timespan) {
      x.add(input);
      y.add(target);
      timespans.add(timespan);
    }

    Windows windows() {
      float[] elapsed = new float[timespans.size()];
      for (int i = 0; i < elapsed.length; i++) {
        elapsed[i] = timespans.get(i);
      }
      return Windows.perStep(x.size() / steps, steps, flat(x), flat(y), elapsed);
    }

    private static float[] flat(List<float[]> rows) {
      int width = rows.isEmpty() ? 0 : rows.getFirst().length;
      float[] all = new float[rows.size() * width];
      for (int i = 0; i < rows.size(); i++) {
        System.arraycopy(rows.get(i), 0, all, i * width, width);
      }
      return all;
    }
  }
}
