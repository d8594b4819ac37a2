package io.github.elegans.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GradientTileSourceTest {
  @Test
  void theCommittedTilesAreTheGeneratedOnes() {
    assertThat(GradientTileSource.file()).hasContent(GradientTileSource.text());
  }
}
