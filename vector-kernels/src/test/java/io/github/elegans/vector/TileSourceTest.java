package io.github.elegans.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TileSourceTest {
  @Test
  void theCommittedTilesAreTheGeneratedOnes() {
    assertThat(TileSource.FILE).hasContent(TileSource.text());
  }
}
