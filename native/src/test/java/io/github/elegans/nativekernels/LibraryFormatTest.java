package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.backends.BackendUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Headers of Windows' libraries; those of Linux are in {@link NativeLibraryTest}. */
class LibraryFormatTest {
  /** From Microsoft's "PE Format": where the PE header begins, and the lengths of what follows. */
  private static final int START = 0x80;

  private static final int OPTIONAL_HEADER = 240;
  private static final int SECTIONS = START + 24 + OPTIONAL_HEADER;
  private static final int SECTION = 40;
  private static final int HERE = System.getProperty("os.arch").equals("aarch64") ? 0xaa64 : 0x8664;

  @TempDir Path folder;

  /** A library of two sections with as little as a loader reads. */
  private static byte[] library(int machine, int magic) {
    ByteBuffer file = ByteBuffer.allocate(0x600).order(ByteOrder.LITTLE_ENDIAN);
    file.put(0, "MZ".getBytes(StandardCharsets.US_ASCII)).putInt(0x3c, START);
    file.put(START, "PE\0\0".getBytes(StandardCharsets.US_ASCII));
    file.putShort(START + 4, (short) machine).putShort(START + 6, (short) 2);
    file.putShort(START + 20, (short) OPTIONAL_HEADER).putShort(START + 24, (short) magic);
    file.putInt(SECTIONS + 16, 0x200).putInt(SECTIONS + 20, 0x400);
    // Of numbers that nobody has written down: it takes no room in the file.
    file.putInt(SECTIONS + SECTION + 8, 0x10000);
    return file.array();
  }

  private void assertRefused(byte[] content, String reason) throws IOException {
    Path file = Files.write(folder.resolve("elegans.dll"), content);
    assertThatThrownBy(() -> LibraryFormat.PE.checkWhole(file))
        .as("%d bytes", content.length)
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("cannot be loaded: " + file)
        .hasMessageContaining(reason);
  }

  @Test
  void aWholeLibraryIsTaken() throws IOException {
    Path file = Files.write(folder.resolve("elegans.dll"), library(HERE, 0x20b));
    assertThatCode(() -> LibraryFormat.PE.checkWhole(file)).doesNotThrowAnyException();
  }

  @Test
  void aLibraryThatIsCutAnywhereIsRefused() throws IOException {
    byte[] content = library(HERE, 0x20b);
    for (int length = 0; length < content.length; length += length < 0x200 ? 1 : 0x1f) {
      assertRefused(Arrays.copyOf(content, length), length < 0x9a ? "64-bit PE" : "truncated");
    }
    assertRefused(Arrays.copyOf(content, content.length - 1), "is truncated");
  }

  @Test
  void whatIsNoLibraryForThisProcessorIsRefused() throws IOException {
    assertRefused(library(HERE, 0x10b), "is no 64-bit PE file");
    assertRefused(
        library(0x14c, 0x20b), "is for PE machine 14c, this is " + Integer.toHexString(HERE));
    byte[] far = library(HERE, 0x20b);
    ByteBuffer.wrap(far).order(ByteOrder.LITTLE_ENDIAN).putInt(0x3c, -1);
    assertRefused(far, "is no 64-bit PE file");
    assertRefused(new byte[0x600], "is no 64-bit PE file");
  }

  /** What the build makes with mingw-w64, where that is there. */
  @Test
  void whatTheBuildMakesIsWhole() throws IOException {
    for (String library :
        new String[] {"windows-x86_64/elegans.dll", "linux-x86_64/libelegans.so"}) {
      Path file = Path.of("target/classes/META-INF/native").resolve(library);
      if (Files.exists(file) && System.getProperty("os.arch").equals("amd64")) {
        LibraryFormat format = library.endsWith(".dll") ? LibraryFormat.PE : LibraryFormat.ELF;
        assertThatCode(() -> format.checkWhole(file)).doesNotThrowAnyException();
      }
    }
  }

  @Test
  void platformsAreNamedAsTheBuildNamesThem() {
    assertThat(NativeLibrary.platform("Linux", "amd64")).isEqualTo("linux-x86_64");
    assertThat(NativeLibrary.platform("Linux", "aarch64")).isEqualTo("linux-aarch64");
    assertThat(NativeLibrary.platform("Windows Server 2022", "amd64")).isEqualTo("windows-x86_64");
    assertThat(NativeLibrary.platform("Mac OS X", "aarch64")).isEqualTo("darwin-aarch64");
  }
}
