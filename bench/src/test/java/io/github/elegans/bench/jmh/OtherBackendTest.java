package io.github.elegans.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract's example of a backend is in this class path, as others' may be. */
class OtherBackendTest {
  @Test
  void isATargetOfTheBenchmarks() throws Exception {
    assertThat(ForkTarget.ask(List.of()).targets())
        .filteredOn(ForkTarget::available)
        .extracting(ForkTarget::tier)
        .contains("blocked (blocks of 8 in plain Java)");
  }

  @Test
  void isInTheReport() {
    assertThat(Backends.report()).containsPattern("blocked +available +blocks of 8 in plain Java");
  }
}
