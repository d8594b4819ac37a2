package io.github.elegans.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PaletteTest {

  @Test
  void seriesDifferWithoutColour() {
    Set<List<Object>> signs = new HashSet<>();
    for (int series = 0; series < 14; series++) {
      signs.add(List.of(Palette.shape(series), Palette.hollow(series)));
    }
    assertThat(signs).hasSize(14);
    assertThat(Palette.hollow(6)).isFalse();
    assertThat(Palette.hollow(7)).isTrue();
  }

  @Test
  void linesOfOneColourHaveDifferentPatternsOrSigns() {
    Set<List<Object>> looks = new HashSet<>();
    for (int series = 0; series < 56; series++) {
      looks.add(List.of(Palette.line(series), Palette.shape(series), Palette.hollow(series)));
    }
    assertThat(looks).hasSize(56);
  }

  @Test
  void whatHasNoPlaceHasALookToo() {
    assertThat(Palette.bar(-1)).isEqualTo("pale f6 s6");
    assertThat(Palette.bar(6)).isEqualTo("f6");
    assertThat(Palette.shape(-1)).isEqualTo(Palette.Shape.HOURGLASS);
    assertThat(Palette.line(-1)).isEqualTo("curve s6 d2");
  }
}
