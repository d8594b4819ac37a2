package io.github.elegans.nativekernels;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.expressions.Graph;
import io.github.elegans.expressions.Interpreter;
import io.github.elegans.expressions.Node.Real;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.kernels.programs.ProgramKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A main class for a JVM of its own that is tried hard: extracts the library, has a program
 * compiled, and says whether both compute what the definition does.
 */
final class NativeProbe {
  /** Before anything is extracted. */
  static final String BEGIN = "begin";

  /** After everything. */
  static final String END = "end";

  private NativeProbe() {}

  /** Prints a line of {@code key = value} each. */
  public static void main(String[] arguments) {
    System.out.println(BEGIN);
    Kernels chosen = Backends.get();
    System.out.println("chosen = " + chosen.backend());
    for (Backends.Status status : Backends.statuses()) {
      System.out.printf("%s.reason = %s%n", status.name(), status.reason());
    }
    System.out.println("bits = " + (hasBits(chosen) ? "right" : "wrong"));
    Program program = program();
    ProgramKernel kernel = chosen.programs().compile(program);
    System.out.println("rendering = " + kernel.rendering());
    System.out.println("program = " + (hasBits(program, kernel) ? "right" : "wrong"));
    System.out.println(END);
  }

  private static boolean hasBits(Kernels kernels) {
    try (Arena arena = Arena.ofConfined()) {
      int n = 100;
      float[] x = new float[n];
      for (int i = 0; i < n; i++) {
        x[i] = 0.1f * (i - n / 2);
      }
      MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_FLOAT, x);
      MemorySegment expected = arena.allocate(in.byteSize(), 64);
      MemorySegment found = arena.allocate(in.byteSize(), 64);
      Backends.named("scalar").math().apply(Activation.TANH, Accuracy.ACCURATE, in, expected, n);
      kernels.math().apply(Activation.TANH, Accuracy.ACCURATE, in, found, n);
      return expected.mismatch(found) < 0;
    }
  }

  /** One that the library does not have. */
  private static Program program() {
    Graph g = new Graph(Precision.DOUBLE);
    Real x = g.variable(0);
    Real sum = x;
    for (int i = 1; i < 200; i++) {
      sum = g.add(g.mul(sum, x), g.constant(1.0 / i));
    }
    return new Program(g, 1, new int[] {0}, new Real[] {sum}, null);
  }

  private static boolean hasBits(Program program, ProgramKernel kernel) {
    double[] found = new double[kernel.width()];
    for (int i = 0; i < found.length; i++) {
      found[i] = 0.9 - 0.01 * i;
    }
    double[] expected = found.clone();
    new Interpreter(program, kernel.width()).run(expected, 3);
    kernel.lanes().copyFrom(MemorySegment.ofArray(found));
    kernel.run(3);
    return Arrays.equals(expected, kernel.lanes().toArray(ValueLayout.JAVA_DOUBLE));
  }
}
