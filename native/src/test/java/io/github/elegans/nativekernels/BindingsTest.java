package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.nativekernels.bindings.Elegans;
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
import org.junit.jupiter.api.Test;

class BindingsTest {
  private static final Path HEADER = Path.of("src/main/c/include/elegans.h");
  private static final Path STAMP =
      Path.of("src/main/java/io/github/elegans/nativekernels/bindings/package-info.java");

  @Test
  void theBindingsWereGeneratedFromThisHeader() throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(HEADER));
    assertThat(Files.readString(STAMP))
        .as("after a change of elegans.h run native/generate-bindings.sh")
        .contains("Header SHA-256: " + HexFormat.of().formatHex(hash));
  }

  @Test
  void everyFunctionOfTheHeaderIsBoundAndNoOther() throws Exception {
    Set<String> declared =
        Pattern.compile("\\b(elegans_\\w+)\\(")
            .matcher(Files.readString(HEADER, StandardCharsets.UTF_8))
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> bound =
        Arrays.stream(Elegans.class.getMethods())
            .map(Method::getName)
            .filter(name -> name.startsWith("elegans_"))
            .map(name -> name.replaceFirst("\\$(descriptor|handle|address)$", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(bound).isEqualTo(declared).hasSizeGreaterThan(5);
  }
}
