package io.github.elegans.nativekernels;

import io.github.elegans.backends.BackendUnavailableException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/** Files that an operating system loads code from. */
enum LibraryFormat {
  /** Executable and Linkable Format, of Linux and others. */
  ELF(".so") {
    @Override
    Optional<String> fault(FileChannel file) throws IOException {
      ByteBuffer header = read(file, 0, ELF_HEADER);
      if (header.getInt(0) != ELF_MAGIC || header.get(4) != ELF_64_BIT) {
        return Optional.of("is no 64-bit ELF file");
      }
      int machine = Short.toUnsignedInt(header.getShort(18));
      int expected = isAarch64() ? 183 : 62;
      if (machine != expected) {
        return Optional.of("is for ELF machine %d, this is %d".formatted(machine, expected));
      }
      long sections = header.getLong(40);
      long sectionBytes =
          (long) Short.toUnsignedInt(header.getShort(58))
              * Short.toUnsignedInt(header.getShort(60));
      // The table of sections is the last thing in the file.
      return sections <= 0 || sections > file.size() - sectionBytes
          ? Optional.of("is truncated")
          : Optional.empty();
    }
  },

  /** Portable Executable, of Windows: Microsoft's "PE Format" says where what lies. */
  PE(".dll") {
    @Override
    Optional<String> fault(FileChannel file) throws IOException {
      ByteBuffer dos = read(file, 0, DOS_HEADER);
      long start = Integer.toUnsignedLong(dos.getInt(DOS_HEADER - Integer.BYTES));
      if (dos.getShort(0) != DOS_MAGIC || start > file.size() - PE_HEADER) {
        return Optional.of("is no 64-bit PE file");
      }
      ByteBuffer header = read(file, start, PE_HEADER);
      if (header.getInt(0) != PE_MAGIC || header.getShort(24) != PE_64_BIT) {
        return Optional.of("is no 64-bit PE file");
      }
      int machine = Short.toUnsignedInt(header.getShort(4));
      int expected = isAarch64() ? 0xaa64 : 0x8664;
      if (machine != expected) {
        return Optional.of("is for PE machine %x, this is %x".formatted(machine, expected));
      }
      int sections = Short.toUnsignedInt(header.getShort(6));
      long table = start + 24 + Short.toUnsignedInt(header.getShort(20));
      ByteBuffer section = read(file, table, sections * PE_SECTION);
      for (int at = 0; at < sections * PE_SECTION; at += PE_SECTION) {
        long bytes = Integer.toUnsignedLong(section.getInt(at + 16));
        long from = Integer.toUnsignedLong(section.getInt(at + 20));
        if (from + bytes > file.size()) {
          return Optional.of("is truncated");
        }
      }
      return Optional.empty();
    }
  },

  /** Of macOS, for which there is no library yet. */
  MACH_O(".dylib") {
    @Override
    Optional<String> fault(FileChannel file) {
      return Optional.empty();
    }
  };

  private static final int ELF_HEADER = 64;
  private static final int ELF_MAGIC = 0x464c457f;
  private static final int ELF_64_BIT = 2;
  private static final int DOS_HEADER = 64;
  private static final short DOS_MAGIC = 0x5a4d;
  private static final int PE_HEADER = 26;
  private static final int PE_MAGIC = 0x4550;
  private static final short PE_64_BIT = 0x20b;
  private static final int PE_SECTION = 40;

  private final String suffix;

  LibraryFormat(String suffix) {
    this.suffix = suffix;
  }

  /** That of this operating system. */
  static LibraryFormat here() {
    String name = System.mapLibraryName("");
    for (LibraryFormat format : values()) {
      if (name.endsWith(format.suffix)) {
        return format;
      }
    }
    return ELF;
  }

  /** How the names of its files end. */
  String suffix() {
    return suffix;
  }

  /**
   * Checks what a library's header promises against its size: loaders trust their files, and a
   * truncated one kills the process.
   *
   * @throws BackendUnavailableException if it is none for this processor, or not whole
   */
  void checkWhole(Path library) {
    Optional<String> fault;
    try (FileChannel channel = FileChannel.open(library)) {
      fault = fault(channel);
    } catch (EOFException e) {
      fault = Optional.of("is no 64-bit %s file, or truncated".formatted(name()));
    } catch (IOException e) {
      throw new BackendUnavailableException("the library cannot be read: " + e, e);
    }
    if (fault.isPresent()) {
      throw new BackendUnavailableException(
          "the library cannot be loaded: %s %s".formatted(library, fault.get()));
    }
  }

  /** What is wrong with a file. */
  abstract Optional<String> fault(FileChannel file) throws IOException;

  private static boolean isAarch64() {
    return System.getProperty("os.arch").equals("aarch64");
  }

  private static ByteBuffer read(FileChannel file, long from, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, from + buffer.position()) < 0) {
        throw new EOFException();
      }
    }
    return buffer;
  }
}
