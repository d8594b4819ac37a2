package io.github.elegans.bench.jmh;

import com.sun.management.OperatingSystemMXBean;
import io.github.elegans.bench.peers.Peer;
import io.github.elegans.bench.report.BenchReport;
import io.github.elegans.cli.measuring.Machine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What was measured, and where. */
final class Provenance {
  private Provenance() {}

  static BenchReport.Build build() {
    String version = Provenance.class.getPackage().getImplementationVersion();
    return new BenchReport.Build(Objects.requireNonNullElse(version, "not packaged"), commit());
  }

  /** What git calls the sources that the classes lie in; empty if it does not know them. */
  private static String commit() {
    try {
      Path classes =
          Path.of(Provenance.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--tags", "--dirty")
              .directory(Objects.requireNonNull(classes.toAbsolutePath().getParent()).toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String text = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return git.waitFor() == 0 ? text.strip() : "";
    } catch (IOException | URISyntaxException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  static BenchReport.Host host(List<ForkTarget> targets) throws IOException, InterruptedException {
    Machine machine = Machine.probe();
    List<String> arguments = targets.isEmpty() ? List.of() : targets.getFirst().jvmArguments();
    ForkTarget.Jvm jvm = ForkTarget.ask(arguments);
    return new BenchReport.Host(
        machine.name(),
        Runtime.getRuntime().availableProcessors(),
        machine.features(),
        machine.caches().stream()
            .map(cache -> new BenchReport.Cache(cache.level(), cache.bytes()))
            .toList(),
        ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
            ? system.getTotalMemorySize()
            : 0,
        "%s %s, %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")),
        jvm.description(),
        jvm.flags(),
        arguments);
  }

  /** Backends, then peers. */
  static List<BenchReport.Target> targets(List<ForkTarget> backends, List<Peer> peers) {
    return Stream.concat(
            backends.stream()
                .map(it -> new BenchReport.Target(it.tier(), it.backend(), it.reason(), false)),
            peers.stream()
                .map(
                    it ->
                        new BenchReport.Target(
                            it.reason().isEmpty() ? it.title() : "", it.name(), it.reason(), true)))
        .toList();
  }
}
