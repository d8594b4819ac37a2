package io.github.elegans.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class FunctionSourceTest {
  @Test
  void theCommittedFilesAreTheGeneratedOnes() throws IOException {
    FunctionSource.files().forEach((file, text) -> assertThat(file).hasContent(text));
  }
}
