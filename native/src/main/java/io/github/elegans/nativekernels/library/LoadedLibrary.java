package io.github.elegans.nativekernels.library;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The C library that this class loader's bindings call. It is opened as the dynamic linker does,
 * not by {@link System#load}: that gives a file to the first class loader that asks, and to no
 * other as long as that one lives. It is closed when nothing that was found in it is reachable any
 * more.
 */
public final class LoadedLibrary {
  private static volatile SymbolLookup symbols = name -> Optional.empty();

  private LoadedLibrary() {}

  /**
   * Opens the library.
   *
   * @throws IllegalArgumentException if it cannot be opened
   * @throws IllegalCallerException if native access is denied
   */
  public static void open(Path library) {
    symbols = SymbolLookup.libraryLookup(library, Arena.ofAuto());
  }

  /** The address of a function, if a library is open that has it. */
  public static Optional<MemorySegment> find(String name) {
    return symbols.find(name);
  }
}
