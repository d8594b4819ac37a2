package io.github.elegans.kernels.programs;

import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.PanelLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A compiled program and the lanes that it runs on. One thread uses it at a time. */
public interface ProgramKernel {
  /** How many lanes it runs at a time. */
  int width();

  /** How it is executed, for people: {@code "bytecode, 512 bits"}, {@code "tape"}, … */
  String rendering();

  /** Whether it runs as fast as it will; some begin slowly, while they are being compiled. */
  default boolean isCompiled() {
    return true;
  }

  /**
   * The variables of all lanes: variable v of lane l is number {@code v * width() + l}, of the
   * program's precision, in the order of the machine's bytes. Zeros at first; always the same
   * native memory, which lives as long as the segment or the kernel does.
   */
  MemorySegment lanes();

  /**
   * Runs rounds on {@link #lanes()} until a lane asks for attention.
   *
   * @param rounds how many at most, at least 1
   * @return how many there were
   */
  int run(int rounds);

  /**
   * New lanes of a program, for kernels: zeros, in native memory, aligned for the widest vectors.
   *
   * @param width how many
   */
  static MemorySegment newLanes(Program program, int width) {
    return Arena.ofAuto().allocate(bytes(program, width), PanelLayout.ALIGNMENT);
  }

  /** How many bytes the variables of so many lanes take. */
  static long bytes(Program program, int width) {
    int each = program.precision() == Precision.DOUBLE ? Double.BYTES : Float.BYTES;
    return Math.multiplyExact((long) program.variables() * width, each);
  }
}
