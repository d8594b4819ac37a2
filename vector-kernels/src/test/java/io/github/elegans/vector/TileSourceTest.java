package io.github.elegans.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.kernels.WeightStorage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TileSourceTest {
  @ParameterizedTest
  @EnumSource
  void theCommittedTilesAreTheGeneratedOnes(WeightStorage storage) {
    assertThat(TileSource.file(storage)).hasContent(TileSource.text(storage));
  }
}
