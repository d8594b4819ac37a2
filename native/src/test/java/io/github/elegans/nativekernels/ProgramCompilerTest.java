package io.github.elegans.nativekernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the compiler and its folder are found on other operating systems than this. */
class ProgramCompilerTest {
  private static final List<String> NAMES = List.of("cc", "gcc", "clang");
  private static final String GCC = "gcc.exe (Rev1, Built by MSYS2 project) 15.2.0";
  private static final String CLANG = "clang version 20.1.0\nTarget: x86_64-pc-windows-msvc";

  @TempDir Path folder;

  private Path program(String name) throws IOException {
    Path program = Files.createFile(folder.resolve(name));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return program;
  }

  private Path found(LibraryFormat format, List<String> names) throws IOException {
    // Where nothing is, where anything may be, and no folder at all.
    String[] entries = {folder + File.separator + "none", "", "\"" + folder + "\"", "\0"};
    return ProgramCompiler.onPath(names, entries, format);
  }

  @Test
  void onWindowsProgramsHaveNamesOfTheirOwn() throws IOException {
    program("cc");
    Path clang = program("clang.exe");
    assertThat(found(LibraryFormat.PE, NAMES)).isEqualTo(clang);
    Path gcc = program("gcc.exe");
    assertThat(found(LibraryFormat.PE, NAMES)).isEqualTo(gcc);
    assertThat(found(LibraryFormat.PE, List.of("clang.exe"))).isEqualTo(clang);
    assertThat(found(LibraryFormat.ELF, NAMES)).isEqualTo(folder.resolve("cc"));
    assertThatThrownBy(() -> found(LibraryFormat.PE, List.of("icx")))
        .isInstanceOf(IOException.class)
        .hasMessage("no C compiler on the PATH (icx)");
  }

  @Test
  void aPathIsTakenAsItIs() throws IOException {
    Path named = folder.resolve("my-gcc");
    assertThat(found(LibraryFormat.PE, List.of(named.toString()))).isEqualTo(named);
  }

  @Test
  void flagsAreThoseOfTheCompilerAndTheSystem() {
    assertThat(ProgramCompiler.flags(Tier.V4, LibraryFormat.ELF, GCC))
        .contains("-shared", "-fPIC", "-march=x86-64-v4", "-ffp-contract=off")
        .noneMatch(flag -> flag.startsWith("-Wa,"));
    assertThat(ProgramCompiler.flags(Tier.V4, LibraryFormat.PE, GCC))
        .contains("-shared", "-march=x86-64-v4", "-ffp-contract=off")
        .contains("-Wa,-muse-unaligned-vector-move", "-static-libgcc")
        .doesNotContain("-fPIC", "-Wl,-z,noexecstack");
    assertThat(ProgramCompiler.flags(Tier.V3, LibraryFormat.PE, CLANG))
        .contains("-shared", "-march=x86-64-v3", "-DELEGANS_TIER=v3")
        .noneMatch(flag -> flag.startsWith("-Wa,") || flag.startsWith("-Wl,"));
  }

  @Test
  void theCacheLiesWhereTheSystemKeepsCaches() throws IOException {
    String home = folder.toString();
    Path local = folder.resolve("AppData").resolve("Local");
    Map<String, String> windows = Map.of("LOCALAPPDATA", local.toString());
    assertThat(PrivateFolder.cache(windows, home, LibraryFormat.PE))
        .isEqualTo(local.resolve("elegans"));
    assertThat(PrivateFolder.cache(windows, home, LibraryFormat.ELF))
        .isEqualTo(folder.resolve(".cache").resolve("elegans"));
    assertThat(PrivateFolder.cache(Map.of(), home, LibraryFormat.PE))
        .isEqualTo(folder.resolve(".cache").resolve("elegans"));
    assertThat(
            PrivateFolder.cache(
                Map.of("XDG_CACHE_HOME", home, "LOCALAPPDATA", local.toString()),
                "?",
                LibraryFormat.PE))
        .isEqualTo(folder.resolve("elegans"));
  }

  /** As on Windows a library that a JVM has loaded. */
  @Test
  void whatCannotBeDeletedDoesNotKeepTheRest() throws IOException {
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
    for (String name : List.of("elegans-1", "elegans-2", "elegans-3", "other")) {
      Path leftover = Files.createDirectory(folder.resolve(name));
      Path inside = leftover.resolve("elegans.dll");
      // A folder that is not empty is not deleted with what lies beside it.
      Files.createDirectories(name.equals("elegans-2") ? inside.resolve("in use") : inside);
      Files.setLastModifiedTime(leftover, old);
    }
    Path young = Files.createDirectory(folder.resolve("elegans-4"));
    PrivateFolder.sweep(folder, "elegans-*");
    assertThat(folder.resolve("elegans-1")).doesNotExist();
    assertThat(folder.resolve("elegans-2")).exists();
    assertThat(folder.resolve("elegans-3")).doesNotExist();
    assertThat(folder.resolve("other")).exists();
    assertThat(young).exists();
  }
}
