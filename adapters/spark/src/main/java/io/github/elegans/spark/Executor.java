package io.github.elegans.spark;

import io.github.elegans.backends.Backends;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.models.LoadOptions;
import io.github.elegans.networks.models.Models;
import java.nio.ByteBuffer;
import java.util.stream.Collectors;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/** What a task finds in its JVM. */
final class Executor {
  static final String FLAGS =
      "--add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED";

  private static final PerJvm<ByteBuffer, Network> NETWORKS = new PerJvm<>();

  private Executor() {}

  /**
   * The network of a safetensors file, one for all tasks of this JVM.
   *
   * @throws IllegalArgumentException if it cannot be read here
   */
  static Network network(byte[] file) {
    checkBackend();
    return NETWORKS.get(ByteBuffer.wrap(file), () -> load("the model", file));
  }

  /**
   * Reads a network.
   *
   * @param source what messages call it
   */
  static Network load(String source, byte[] file) {
    try {
      return Models.of(Safetensors.read(source, file), LoadOptions.NONE);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "%s (%d bytes) cannot be read %s: %s"
              .formatted(source, file.length, here(), e.getMessage()),
          e);
    }
  }

  /**
   * Says no to the scalar kernels unless they were asked for: they are hundreds of times slower,
   * and a cluster that runs them has lost its flags or its jars.
   *
   * @throws IllegalStateException if there is nothing faster
   */
  static void checkBackend() {
    if (!Backends.get().backend().equals("scalar")
        || System.getProperty(Backends.PROPERTY) != null) {
      return;
    }
    String reasons =
        Backends.statuses().stream()
            .filter(status -> !status.reason().isEmpty())
            .map(status -> status.name() + ": " + status.reason())
            .collect(Collectors.joining("; "));
    throw new IllegalStateException(
        "the vector or the native backend is expected %s, but only the scalar one can run%s. JVMs are to be started with %s (spark.executor.extraJavaOptions, spark.driver.extraJavaOptions); who wants the scalar backend says -D%s=scalar"
            .formatted(
                here(),
                reasons.isEmpty()
                    ? " (elegans-vector and elegans-native are not on the class path)"
                    : " (" + reasons + ")",
                FLAGS,
                Backends.PROPERTY));
  }

  /** Where this is, for messages. */
  static String here() {
    SparkEnv env = SparkEnv.get();
    return env == null
        ? "here"
        : "on executor %s (%s)"
            .formatted(env.executorId(), env.blockManager().blockManagerId().host());
  }

  /** The number of the partition that is being worked on. */
  static int partition() {
    TaskContext context = TaskContext.get();
    return context == null ? 0 : context.partitionId();
  }
}
