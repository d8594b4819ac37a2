package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.expressions.Op;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.nativekernels.bindings.Elegans;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BindingsTest {
  private static final Path HEADER = Path.of("src/main/c/include/elegans.h");
  private static final Path LIST = Path.of("src/main/c/include/kernel_list.h");
  private static final Path STAMP =
      Path.of("src/main/java/io/github/elegans/nativekernels/bindings/package-info.java");

  @Test
  void theBindingsWereGeneratedFromTheseHeaders() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(Files.readAllBytes(HEADER));
    digest.update(Files.readAllBytes(LIST));
    assertThat(Files.readString(STAMP))
        .as("after a change of elegans.h or kernel_list.h run native/generate-bindings.sh")
        .contains(
            "SHA-256 of elegans.h and kernel_list.h: " + HexFormat.of().formatHex(digest.digest()));
  }

  @Test
  void nobodyEditedTheBindings() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (Stream<Path> files = Files.list(STAMP.getParent())) {
      for (Path file : files.filter(f -> !f.equals(STAMP)).sorted().toList()) {
        digest.update(Files.readAllBytes(file));
      }
    }
    assertThat(Files.readString(STAMP))
        .as("do not edit what jextract wrote; run native/generate-bindings.sh")
        .contains("one after another: " + HexFormat.of().formatHex(digest.digest()));
  }

  /** They are passed by their ordinals. */
  @Test
  void constantsHaveTheNumbersOfTheHeader() throws Exception {
    assertNumbers("", Activation.values());
    assertNumbers("", Accuracy.values());
    assertNumbers("", WeightStorage.values());
    assertNumbers("CFC_", CfcMode.values());
    assertNumbers("LTC_", LtcSolver.values());
    assertNumbers("", Arrays.stream(Op.values()).filter(Op::isPrimitive).toArray(Op[]::new));
  }

  private static void assertNumbers(String prefix, Enum<?>... constants) throws Exception {
    for (Enum<?> constant : constants) {
      Method number = Elegans.class.getMethod("ELEGANS_" + prefix + constant.name());
      assertThat(number.invoke(null)).as(number.getName()).isEqualTo(constant.ordinal());
    }
  }

  @Test
  void everyFunctionOfTheHeaderIsBoundAndNoOther() throws Exception {
    Set<String> declared =
        Stream.concat(
                names("\\bint32_t (elegans_\\w+)\\(", HEADER),
                names("(?m)^ +KERNEL\\((\\w+), \\(", LIST).map("elegans_"::concat))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> bound =
        Arrays.stream(Elegans.class.getMethods())
            .map(Method::getName)
            .filter(name -> name.startsWith("elegans_"))
            .map(name -> name.replaceFirst("\\$(descriptor|handle|address)$", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(bound).isEqualTo(declared).hasSizeGreaterThan(5);
  }

  private static Stream<String> names(String pattern, Path file) throws IOException {
    return Pattern.compile(pattern)
        .matcher(Files.readString(file, StandardCharsets.UTF_8))
        .results()
        .map(match -> match.group(1));
  }
}
