package io.github.elegans.spark;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.spark.sql.SparkSession;

/** Sessions of Spark in tests. */
final class Sparks {
  private Sparks() {}

  /** Two threads in this JVM. */
  static SparkSession local() {
    return builder().master("local[2]").getOrCreate();
  }

  /** Executors of one core, each in a JVM of its own. */
  static SparkSession cluster(int executors) throws IOException {
    // Spark takes the class path of executors from a folder of jars.
    Path jars =
        Path.of(
            Objects.requireNonNull(
                System.getenv("SPARK_HOME"), "the variable SPARK_HOME: a folder of the build"),
            "jars");
    Files.createDirectories(jars);
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path jar = Path.of(entry);
      Path link = jars.resolve(jar.getFileName());
      if (entry.endsWith(".jar") && !Files.exists(link)) {
        Files.createSymbolicLink(link, jar);
      }
    }
    return builder()
        .master("local-cluster[%d,1,1024]".formatted(executors))
        .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .config("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"))
        .getOrCreate();
  }

  private static SparkSession.Builder builder() {
    return SparkSession.builder()
        .appName("elegans")
        .config("spark.ui.enabled", false)
        .config("spark.scheduler.minRegisteredResourcesRatio", 1)
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.warehouse.dir", System.getProperty("java.io.tmpdir"));
  }
}
