package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.contract.ChildJvm;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever flags the JVM is started with, a backend has the bits of the definition or says why it
 * cannot run.
 */
@Tag("nightly")
class VirtualMachineFlagsTest {
  private static final List<String> NEEDED =
      List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");

  /** What the scalar backend makes of it under no flags but the needed ones. */
  private static final String EXPECTED = numberOf("scalar", probe(""));

  private static String probe(String flags) {
    List<String> all = new ArrayList<>(NEEDED);
    if (!flags.isEmpty()) {
      all.addAll(List.of(flags.split(" ", -1)));
    }
    ChildJvm.Result result = ChildJvm.run(all, BitsProbe.class);
    assertThat(result.status()).as(result.output()).isZero();
    return result.output();
  }

  private static String numberOf(String backend, String output) {
    var matcher = Pattern.compile("(?m)^" + backend + " = (\\w{16}), ").matcher(output);
    assertThat(matcher.find()).as("%s runs: %s", backend, output).isTrue();
    return matcher.group(1);
  }

  /**
   * Tries a set of flags.
   *
   * @param vector {@code runs}, or words of the reason why it does not
   * @param nativeCode as well
   */
  @ParameterizedTest(name = "java {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                             | runs                 | runs
          -Delegans.isa=v4               | runs                 | runs
          -Delegans.isa=v3               | runs                 | runs
          -Delegans.isa=128              | runs                 | caps below
          -XX:UseAVX=2                   | runs                 | runs
          -XX:UseAVX=1                   | runs                 | runs
          -XX:UseAVX=0                   | fused multiply-add   | runs
          -XX:-UseFMA                    | fused multiply-add   | runs
          -XX:MaxVectorSize=16           | runs                 | runs
          -XX:+UnlockExperimentalVMOptions -XX:-EnableVectorSupport | runs                 | runs
          -Xint                          | runs                 | runs
          -XX:TieredStopAtLevel=1        | runs                 | runs
          -XX:-TieredCompilation         | runs                 | runs
          -Xcomp                         | runs                 | runs
          -XX:+UseSerialGC               | runs                 | runs
          -XX:+UseParallelGC             | runs                 | runs
          -XX:+UseG1GC                   | runs                 | runs
          -XX:+UseZGC                    | runs                 | runs
          -XX:+UseShenandoahGC           | runs                 | runs
          -XX:+UseCompactObjectHeaders   | runs                 | runs
          -XX:-UseCompressedOops         | runs                 | runs
          -Xmx32m                        | runs                 | runs
          -Xss256k                       | runs                 | runs
          -Xcheck:jni                    | runs                 | runs
          """)
  void aBackendHasTheBitsOrAReason(String flags, String vector, String nativeCode) {
    String output = probe(flags);
    assertThat(numberOf("scalar", output)).isEqualTo(EXPECTED);
    check("vector", vector, output);
    check("native", nativeCode, output);
  }

  private static void check(String backend, String expected, String output) {
    if (expected.equals("runs")) {
      assertThat(numberOf(backend, output)).as(backend).isEqualTo(EXPECTED);
    } else {
      assertThat(output).containsPattern("(?m)^" + backend + " refuses: .*" + expected);
    }
  }
}
