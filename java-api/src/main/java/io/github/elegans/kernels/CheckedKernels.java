package io.github.elegans.kernels;

import io.github.elegans.checks.FloatingPoint;
import io.github.elegans.checks.Require;
import io.github.elegans.expressions.Program;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The border: checks every argument of every family once, so that backends can trust theirs, and
 * keeps the arguments reachable, because backends work on raw addresses of memory that is freed
 * with its last reference.
 */
final class CheckedKernels implements Kernels {
  /** In floats; no real memory has longer ones, and backends may rely on it. */
  private static final long LONGEST_STRIDE = 1L << 34;

  private final Kernels unchecked;
  private final MathKernels math;
  private final DenseKernels dense;
  private final CfcKernels cfc;
  private final LtcKernels ltc;
  private final LstmKernels lstm;
  private final ProgramKernels programs;
  private final RooflineKernels roofline;

  CheckedKernels(Kernels unchecked) {
    this.unchecked = unchecked;
    this.math = new CheckedMath(unchecked.math());
    this.dense = new CheckedDense(unchecked.dense());
    this.cfc = new CheckedCfc(unchecked.cfc());
    this.ltc = new CheckedLtc(unchecked.ltc());
    this.lstm = new CheckedLstm(unchecked.lstm());
    this.programs = new CheckedPrograms(unchecked.programs());
    this.roofline = new CheckedRoofline(unchecked.roofline());
  }

  @Override
  public String backend() {
    return unchecked.backend();
  }

  @Override
  public String tier() {
    return unchecked.tier();
  }

  @Override
  public Optional<String> caveat() {
    return unchecked.caveat();
  }

  @Override
  public MathKernels math() {
    return math;
  }

  @Override
  public DenseKernels dense() {
    return dense;
  }

  @Override
  public CfcKernels cfc() {
    return cfc;
  }

  @Override
  public LtcKernels ltc() {
    return ltc;
  }

  @Override
  public LstmKernels lstm() {
    return lstm;
  }

  @Override
  public ProgramKernels programs() {
    return programs;
  }

  @Override
  public RooflineKernels roofline() {
    return roofline;
  }

  @Override
  public String toString() {
    return backend() + " (" + tier() + ")";
  }

  private record CheckedMath(MathKernels unchecked) implements MathKernels {

    @Override
    public void apply(
        Activation function, Accuracy accuracy, MemorySegment x, MemorySegment y, long n) {
      FloatingPoint.check();
      Objects.requireNonNull(function, "function");
      Objects.requireNonNull(accuracy, "accuracy");
      checkMap(x, y, n, Float.BYTES);
      try {
        if (Staging.lasts(x) && Staging.lasts(y)) {
          unchecked.apply(function, accuracy, x, y, n);
        } else {
          inChunks(function, accuracy, x, y, n, Float.BYTES);
        }
      } finally {
        Reference.reachabilityFence(x);
        Reference.reachabilityFence(y);
      }
    }

    @Override
    public void applyDouble(Activation function, MemorySegment x, MemorySegment y, long n) {
      FloatingPoint.check();
      Objects.requireNonNull(function, "function");
      checkMap(x, y, n, Double.BYTES);
      try {
        if (Staging.lasts(x) && Staging.lasts(y)) {
          unchecked.applyDouble(function, x, y, n);
        } else {
          inChunks(function, Accuracy.ACCURATE, x, y, n, Double.BYTES);
        }
      } finally {
        Reference.reachabilityFence(x);
        Reference.reachabilityFence(y);
      }
    }

    private void inChunks(
        Activation function,
        Accuracy accuracy,
        MemorySegment x,
        MemorySegment y,
        long n,
        int bytes) {
      MemorySegment chunk = Staging.input(0);
      long most = chunk.byteSize() / bytes;
      for (long done = 0; done < n; done += most) {
        long m = Math.min(most, n - done);
        MemorySegment.copy(x, done * bytes, chunk, 0, m * bytes);
        if (bytes == Double.BYTES) {
          unchecked.applyDouble(function, chunk, chunk, m);
        } else {
          unchecked.apply(function, accuracy, chunk, chunk, m);
        }
        MemorySegment.copy(chunk, 0, y, done * bytes, m * bytes);
      }
    }

    private static void checkMap(MemorySegment x, MemorySegment y, long n, long bytes) {
      Require.atLeast("n", 0, n);
      Memory.check("x", x, n, bytes);
      Memory.checkWritable("y", y, n, bytes);
      if (x.address() != y.address()) {
        Memory.checkDisjoint("x", x, "y", y);
      }
    }
  }

  private record CheckedDense(DenseKernels unchecked) implements DenseKernels {

    @Override
    public void forward(
        DenseWeights weights,
        Activation activation,
        Accuracy accuracy,
        MemorySegment x,
        long xStride,
        MemorySegment y,
        long yStride,
        int rows) {
      FloatingPoint.check();
      Objects.requireNonNull(activation, "activation");
      Objects.requireNonNull(accuracy, "accuracy");
      Require.atLeast("rows", 0, rows);
      int width = DenseWeights.roundUp(weights.outputs());
      Require.atLeast("xStride", weights.inputs(), xStride);
      Require.atLeast("yStride (outputs rounded up to 16)", width, yStride);
      Memory.check("x", x, Memory.extent(rows, xStride, weights.inputs()), Float.BYTES);
      Memory.checkWritable("y", y, Memory.extent(rows, yStride, width), Float.BYTES);
      Memory.checkDisjoint("x", x, "y", y);
      Require.between("the longer stride", 0, LONGEST_STRIDE, Math.max(xStride, yStride));
      try {
        if (Staging.lasts(x) && Staging.lasts(y)) {
          unchecked.forward(weights, activation, accuracy, x, xStride, y, yStride, rows);
        } else {
          inChunks(weights, activation, accuracy, x, xStride, y, yStride, rows);
        }
      } finally {
        Reference.reachabilityFence(weights);
        Reference.reachabilityFence(x);
        Reference.reachabilityFence(y);
      }
    }

    private void inChunks(
        DenseWeights weights,
        Activation activation,
        Accuracy accuracy,
        MemorySegment x,
        long xStride,
        MemorySegment y,
        long yStride,
        int rows) {
      int inputs = weights.inputs();
      int outputs = weights.outputs();
      int width = DenseWeights.roundUp(outputs);
      MemorySegment in = Staging.input((long) inputs * Float.BYTES);
      MemorySegment out = Staging.output((long) width * Float.BYTES);
      int most =
          (int)
              Math.min(
                  rows, Math.min(in.byteSize() / inputs, out.byteSize() / width) / Float.BYTES);
      for (int done = 0; done < rows; done += most) {
        int m = Math.min(most, rows - done);
        for (int row = 0; row < m; row++) {
          FloatSegments.copy(x, (done + row) * xStride, in, (long) row * inputs, inputs);
        }
        unchecked.forward(weights, activation, accuracy, in, inputs, out, width, m);
        for (int row = 0; row < m; row++) {
          FloatSegments.copy(out, (long) row * width, y, (done + row) * yStride, outputs);
        }
      }
    }
  }

  private record CheckedCfc(CfcKernels unchecked) implements CfcKernels {

    @Override
    public Cell cell(CfcWeights weights, Accuracy accuracy) {
      FloatingPoint.check();
      Objects.requireNonNull(accuracy, "accuracy");
      return new CheckedCell(weights, unchecked.cell(weights, accuracy));
    }
  }

  private record CheckedCell(CfcWeights weights, CfcKernels.Cell unchecked)
      implements CfcKernels.Cell {

    @Override
    public void run(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      FloatingPoint.check();
      checkRows(workspace, firstRow, rows);
      Require.atLeast("steps", 0, steps);
      Memory.checkItems("x", x, firstRow, rows, steps, weights.inputSize());
      Memory.checkItems("timespans", timespans, firstRow, rows, steps, 1);
      if (out != null) {
        Memory.checkItems("out", out, firstRow, rows, steps, weights.hiddenSize());
        Memory.checkOut(out, x, timespans);
      }
      if (!workspace.isInPlace(x)) {
        workspace.border().check("x", x);
      }
      workspace.border().check("timespans", timespans);
      workspace.border().check("out", out);
      try {
        if (Staging.lasts(x, timespans, out)) {
          unchecked.run(workspace, firstRow, rows, steps, x, timespans, out);
        } else {
          Staging staging = workspace.border().staging();
          for (int done = 0, n; done < steps; done += n) {
            n = staging.bring(x, timespans, firstRow, rows, done, steps);
            unchecked.run(
                workspace, firstRow, rows, n, staging.x(), staging.timespans(), staging.out(out));
            staging.take(out, firstRow, rows, done, n);
          }
        }
      } finally {
        Reference.reachabilityFence(this);
        Reference.reachabilityFence(workspace);
        Reference.reachabilityFence(x);
        Reference.reachabilityFence(timespans);
        Reference.reachabilityFence(out);
      }
    }

    @Override
    public void layer(
        CfcWorkspace workspace,
        int firstRow,
        int rows,
        int layer,
        int firstPanel,
        int panels,
        Series timespans,
        int step) {
      FloatingPoint.check();
      checkRows(workspace, firstRow, rows);
      Require.between("rows", 0, workspace.hiddenRows(), rows);
      Require.between("layer", 0, weights.layerCount() - 1L, layer);
      Objects.checkFromIndexSize(firstPanel, panels, weights.layer(layer).panelCount());
      Require.between("step", 0, Integer.MAX_VALUE - 1L, step);
      Memory.checkItems("timespans", timespans, firstRow, rows, step + 1, 1);
      workspace.border().check("timespans", timespans);
      try {
        if (Staging.lasts(timespans.data())) {
          unchecked.layer(workspace, firstRow, rows, layer, firstPanel, panels, timespans, step);
        } else {
          Staging staging = workspace.border().staging();
          staging.bringTimespans(timespans, firstRow, rows, step);
          unchecked.layer(
              workspace, firstRow, rows, layer, firstPanel, panels, staging.timespans(), 0);
        }
      } finally {
        Reference.reachabilityFence(this);
        Reference.reachabilityFence(workspace);
        Reference.reachabilityFence(timespans);
      }
    }

    private void checkRows(CfcWorkspace workspace, int firstRow, int rows) {
      if (workspace.weights() != weights) {
        throw new IllegalArgumentException("the workspace was made for another cell");
      }
      Objects.checkFromIndexSize(firstRow, rows, workspace.rows());
    }
  }

  private record CheckedLtc(LtcKernels unchecked) implements LtcKernels {

    @Override
    public Cell cell(LtcWeights weights, Accuracy accuracy) {
      FloatingPoint.check();
      Objects.requireNonNull(accuracy, "accuracy");
      return new CheckedLtcCell(weights, unchecked.cell(weights, accuracy));
    }
  }

  private record CheckedLtcCell(LtcWeights weights, LtcKernels.Cell unchecked)
      implements LtcKernels.Cell {

    @Override
    public void run(
        LtcWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      FloatingPoint.check();
      if (workspace.weights() != weights) {
        throw new IllegalArgumentException("the workspace was made for another cell");
      }
      Objects.checkFromIndexSize(firstRow, rows, workspace.rows());
      Require.atLeast("steps", 0, steps);
      Memory.checkItems("x", x, firstRow, rows, steps, weights.inputSize());
      Memory.checkItems("timespans", timespans, firstRow, rows, steps, 1);
      if (out != null) {
        Memory.checkItems("out", out, firstRow, rows, steps, weights.outputSize());
        Memory.checkOut(out, x, timespans);
      }
      workspace.border().check("x", x);
      workspace.border().check("timespans", timespans);
      workspace.border().check("out", out);
      try {
        if (Staging.lasts(x, timespans, out)) {
          unchecked.run(workspace, firstRow, rows, steps, x, timespans, out);
        } else {
          Staging staging = workspace.border().staging();
          for (int done = 0, n; done < steps; done += n) {
            n = staging.bring(x, timespans, firstRow, rows, done, steps);
            unchecked.run(
                workspace, firstRow, rows, n, staging.x(), staging.timespans(), staging.out(out));
            staging.take(out, firstRow, rows, done, n);
          }
        }
      } finally {
        Reference.reachabilityFence(this);
        Reference.reachabilityFence(workspace);
        Reference.reachabilityFence(x);
        Reference.reachabilityFence(timespans);
        Reference.reachabilityFence(out);
      }
    }
  }

  private record CheckedLstm(LstmKernels unchecked) implements LstmKernels {

    @Override
    public Cell cell(LstmWeights weights, Accuracy accuracy) {
      FloatingPoint.check();
      Objects.requireNonNull(accuracy, "accuracy");
      return new CheckedLstmCell(weights, unchecked.cell(weights, accuracy));
    }
  }

  private record CheckedLstmCell(LstmWeights weights, LstmKernels.Cell unchecked)
      implements LstmKernels.Cell {

    @Override
    public void run(
        LstmWorkspace workspace,
        int firstRow,
        int rows,
        int steps,
        Series x,
        @Nullable Series out) {
      FloatingPoint.check();
      if (workspace.weights() != weights) {
        throw new IllegalArgumentException("the workspace was made for another cell");
      }
      Objects.checkFromIndexSize(firstRow, rows, workspace.rows());
      Require.atLeast("steps", 0, steps);
      Memory.checkItems("x", x, firstRow, rows, steps, weights.inputSize());
      if (out != null) {
        Memory.checkItems("out", out, firstRow, rows, steps, weights.hiddenSize());
        Memory.checkOut(out, x, x);
      }
      if (!workspace.isInPlace(x)) {
        workspace.border().check("x", x);
      }
      workspace.border().check("out", out);
      try {
        if (Staging.lasts(x, null, out)) {
          unchecked.run(workspace, firstRow, rows, steps, x, out);
        } else {
          Staging staging = workspace.border().staging();
          for (int done = 0, n; done < steps; done += n) {
            n = staging.bring(x, null, firstRow, rows, done, steps);
            unchecked.run(workspace, firstRow, rows, n, staging.x(), staging.out(out));
            staging.take(out, firstRow, rows, done, n);
          }
        }
      } finally {
        Reference.reachabilityFence(this);
        Reference.reachabilityFence(workspace);
        Reference.reachabilityFence(x);
        Reference.reachabilityFence(out);
      }
    }
  }

  private record CheckedPrograms(ProgramKernels unchecked) implements ProgramKernels {
    @Override
    public ProgramKernel compile(Program program) {
      FloatingPoint.check();
      Objects.requireNonNull(program, "program");
      return checked(program, unchecked.compile(program));
    }

    @Override
    public ProgramKernel compile(Program program, int lanes) {
      Objects.requireNonNull(program, "program");
      Require.atLeast("lanes", 1, lanes);
      return checked(program, unchecked.compile(program, lanes));
    }

    private static ProgramKernel checked(Program program, ProgramKernel kernel) {
      MemorySegment lanes = kernel.lanes();
      long bytes = ProgramKernel.bytes(program, kernel.width());
      if (!lanes.isNative()
          || lanes.byteSize() != bytes
          || lanes.address() % DenseWeights.ALIGNMENT != 0) {
        throw new IllegalStateException(
            "lanes: %d bytes of native memory, aligned to %d, are expected (%d variables of %d"
                    .formatted(bytes, DenseWeights.ALIGNMENT, program.variables(), kernel.width())
                + " lanes), found "
                + lanes);
      }
      return new CheckedProgram(kernel);
    }
  }

  /** There is nothing to check about lanes: they are the kernel's own. */
  private record CheckedProgram(ProgramKernel unchecked) implements ProgramKernel {
    @Override
    public int width() {
      return unchecked.width();
    }

    @Override
    public boolean isCompiled() {
      return unchecked.isCompiled();
    }

    @Override
    public String rendering() {
      return unchecked.rendering();
    }

    @Override
    public MemorySegment lanes() {
      return unchecked.lanes();
    }

    @Override
    public int run(int rounds) {
      FloatingPoint.check();
      Require.atLeast("rounds", 1, rounds);
      try {
        return unchecked.run(rounds);
      } finally {
        Reference.reachabilityFence(this);
      }
    }
  }

  private record CheckedRoofline(RooflineKernels unchecked) implements RooflineKernels {

    @Override
    public long multiplyAdd(long rounds) {
      FloatingPoint.check();
      Require.between("rounds", 1, 1L << 40, rounds);
      return unchecked.multiplyAdd(rounds);
    }

    @Override
    public long divide(long rounds) {
      FloatingPoint.check();
      Require.between("rounds", 1, 1L << 40, rounds);
      return unchecked.divide(rounds);
    }

    @Override
    public long gather(long rounds) {
      FloatingPoint.check();
      Require.between("rounds", 1, 1L << 32, rounds);
      return unchecked.gather(rounds);
    }

    @Override
    public float read(MemorySegment data, long n) {
      FloatingPoint.check();
      Require.atLeast("n", 0, n);
      if (n % 128 != 0) {
        throw new IllegalArgumentException("n must be a multiple of 128, but is " + n);
      }
      Memory.check("data", data, n, Float.BYTES);
      if (!Staging.lasts(data)) {
        // A copy would be measured.
        throw new IllegalArgumentException(
            "data must be memory of an automatic, confined or global arena that maps no file");
      }
      try {
        return unchecked.read(data, n);
      } finally {
        Reference.reachabilityFence(data);
      }
    }
  }

  /** Checks of memory. */
  private static final class Memory {

    /** Elements that rows span; beyond all memory, the largest number. */
    static long extent(long rows, long stride, long width) {
      if (rows == 0) {
        return 0;
      }
      try {
        return Math.addExact(Math.multiplyExact(rows - 1, stride), width);
      } catch (ArithmeticException e) {
        return Long.MAX_VALUE;
      }
    }

    static void check(String name, MemorySegment segment, long elements, long bytes) {
      if (!segment.isNative()) {
        throw new IllegalArgumentException(name + " must be native memory, but is on the heap");
      }
      if (elements > segment.byteSize() / bytes) {
        throw new IndexOutOfBoundsException(
            "%s must hold %d elements, but has %d"
                .formatted(name, elements, segment.byteSize() / bytes));
      }
      if (!segment.scope().isAlive()) {
        throw new IllegalStateException(name + " is memory of a closed arena");
      }
      if (!segment.isAccessibleBy(Thread.currentThread())) {
        throw new WrongThreadException(name + " belongs to another thread");
      }
    }

    static void checkWritable(String name, MemorySegment segment, long elements, long bytes) {
      check(name, segment, elements, bytes);
      if (segment.isReadOnly()) {
        throw new IllegalArgumentException(name + " must be writable, but is read-only");
      }
    }

    static void checkItems(
        String name, Series series, int firstRow, int rows, int steps, int item) {
      if (series.rowStride() < 0 || series.stepStride() < 0) {
        throw new IllegalArgumentException(name + ": strides must not be negative");
      }
      long itemsOfStep = extent((long) firstRow + rows, series.rowStride(), item);
      long extent = rows == 0 ? 0 : extent(steps, series.stepStride(), itemsOfStep);
      check(name, series.data(), extent, Float.BYTES);
      long longer = Math.max(series.rowStride(), series.stepStride());
      if (longer > LONGEST_STRIDE) {
        throw new IllegalArgumentException(
            "%s: strides must be at most %d, but one is %d"
                .formatted(name, LONGEST_STRIDE, longer));
      }
    }

    static void checkOut(Series out, Series x, Series timespans) {
      checkWritable("out", out.data(), 0, Float.BYTES);
      checkDisjoint("x", x.data(), "out", out.data());
      checkDisjoint("timespans", timespans.data(), "out", out.data());
    }

    static void checkDisjoint(String a, MemorySegment x, String b, MemorySegment y) {
      if (Staging.overlap(x, y)) {
        throw new IllegalArgumentException(a + " and " + b + " must not overlap");
      }
    }
  }
}
