package io.github.elegans.networks.files;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of other programs are called what they are. */
class ForeignFormatTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lit/data.pkl   | a PyTorch checkpoint
          data.pkl       | a PyTorch checkpoint
          metadata.json  | a Keras model
          arr_0.npy      | a NumPy archive
          readme.txt     | a zip archive that begins with 'readme.txt'
          """)
  void archivesAreKnownByTheirFirstEntry(String entry, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(entry));
      zip.write(new byte[1000]);
    }
    check(bytes.toByteArray(), format);
  }

  /** How such files begin: by their specifications, and as PyTorch, h5py and NumPy write them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          894844460d0a1a0a0000000000080800    | an HDF5 file
          800263636f6c6c656374696f6e730a      | a Python pickle
          80048af60000000000007d94            | a Python pickle
          934e554d5059010076007b2764657363    | a NumPy array
          4747554603000000                    | a GGUF file
          """)
  void othersAreKnownByTheirFirstBytes(String start, String format) throws IOException {
    check(HexFormat.of().parseHex(start), format);
  }

  @Test
  void whatToDoFitsIntoTheMessage() {
    byte[] torch = "PK\3\4".getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> Safetensors.read("x.zip", torch))
        .hasMessage("x.zip: format: expected safetensors, found a zip archive that begins with ''");
    byte[] hdf = HexFormat.of().parseHex("894844460d0a1a0a");
    assertThatThrownBy(() -> Safetensors.read("x.h5", hdf))
        .hasMessageContainingAll("safetensors.numpy.save_file", "\"model.safetensors\")");
    byte[] pickle = HexFormat.of().parseHex("80027d7100");
    assertThatThrownBy(() -> Safetensors.read("x.pt", pickle))
        .hasMessageContainingAll("docs/ncps_to_safetensors.py", "save(model, ");
  }

  private void check(byte[] content, String format) throws IOException {
    assertThatThrownBy(() -> Safetensors.read("model", content))
        .isInstanceOf(FileFormatException.class)
        .hasMessageStartingWith("model: format: expected safetensors, found " + format);
    Path file = Files.write(folder.resolve("model.pt"), content);
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(FileFormatException.class)
        .hasMessageStartingWith(file + ": format: expected safetensors, found " + format);
  }
}
