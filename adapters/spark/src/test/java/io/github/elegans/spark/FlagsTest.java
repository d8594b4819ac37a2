package io.github.elegans.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A JVM without its flags says so. */
class FlagsTest {
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      try {
        Executor.checkBackend();
        System.out.println("runs " + Backends.get().backend());
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static String run(String... flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Program.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void missingFlagsAreNamed() throws IOException {
    assertThat(run("--illegal-native-access=deny"))
        .contains("the vector or the native backend is expected here")
        .contains("JVMs are to be started with " + Executor.FLAGS);
    assertThat(run("--illegal-native-access=deny", "-Delegans.backend=scalar"))
        .contains("runs scalar");
  }
}
