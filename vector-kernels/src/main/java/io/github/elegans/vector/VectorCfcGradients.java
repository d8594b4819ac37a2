package io.github.elegans.vector;

import static io.github.elegans.vector.Vectors.ADDRESS;
import static io.github.elegans.vector.Vectors.ALL;
import static io.github.elegans.vector.Vectors.FLOATS;
import static io.github.elegans.vector.Vectors.LANES;
import static io.github.elegans.vector.Vectors.ORDER;
import static io.github.elegans.vector.Vectors.ROWS;
import static io.github.elegans.vector.Vectors.STRIDE;
import static io.github.elegans.vector.Vectors.VECTOR;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.cfc.CfcGradientKernels;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.memory.Staging;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/** Gates of closed-form continuous-time cells and their derivatives, in passes over rows. */
final class VectorCfcGradients implements CfcGradientKernels {
  private static final int BLOCK = PanelLayout.BLOCK;
  private static final int BLOCK_BYTES = BLOCK * Float.BYTES;
  private static final int HEADS_BYTES = 4 * BLOCK_BYTES;

  private static final FloatVector ZERO = FloatVector.zero(FLOATS);
  private static final FloatVector ONE = FloatVector.broadcast(FLOATS, 1);
  private static final FloatVector MINUS_ONE = FloatVector.broadcast(FLOATS, -1);
  private static final FloatVector FLUSH = FloatVector.broadcast(FLOATS, PanelLayout.FLUSH);

  /** The derivative of lecun_tanh where the output is 0, and how it falls with its square. */
  private static final float LECUN_SLOPE = (float) (1.7159 * 0.666);

  private static final float LECUN_FALL = (float) (0.666 / 1.7159);

  /** Each thread's sixteen chains of a sum, on their way from vectors to floats. */
  private static final ThreadLocal<MemorySegment> CHAINS =
      ThreadLocal.withInitial(() -> Staging.allocate(BLOCK_BYTES));

  @Override
  public void gate(
      CfcMode mode,
      Activation headActivation,
      Accuracy accuracy,
      MemorySegment heads,
      long headsStride,
      MemorySegment timespans,
      MemorySegment h,
      long hStride,
      int units,
      int rows) {
    int width = PanelLayout.roundUp(units);
    int blocks = width / BLOCK;
    long headsStep = headsStride * Float.BYTES;
    long step = hStride * Float.BYTES;
    int most = VectorGates.rowsTogether((long) blocks * HEADS_BYTES);
    for (int row = 0; row < rows; row += most) {
      int n = Math.min(most, rows - row);
      long head = heads.address() + row * headsStep;
      long gate = head + 3 * BLOCK_BYTES;
      long next = h.address() + row * step;
      arguments(head, headsStep, timespans.address() + 4L * row, width, n);
      VectorGates.activate(
          headActivation, accuracy, head, 2 * BLOCK, HEADS_BYTES, blocks, headsStep, n);
      VectorGates.activate(
          Activation.SIGMOID, accuracy, gate, BLOCK, HEADS_BYTES, blocks, headsStep, n);
      if (mode == CfcMode.DEFAULT) {
        mix(head, headsStep, next, step, width, n);
      } else {
        mixWithoutGate(head, headsStep, next, step, width, n);
      }
    }
  }

  @Override
  public void gateBackward(
      CfcMode mode,
      Activation headActivation,
      MemorySegment heads,
      long headsStride,
      MemorySegment timespans,
      MemorySegment upstream,
      long upstreamStride,
      int units,
      int rows,
      @Nullable MemorySegment timespanGradients) {
    int width = PanelLayout.roundUp(units);
    long headsStep = headsStride * Float.BYTES;
    long step = upstreamStride * Float.BYTES;
    int most = VectorGates.rowsTogether((long) width * 4 * Float.BYTES);
    for (int row = 0; row < rows; row += most) {
      int n = Math.min(most, rows - row);
      long head = heads.address() + row * headsStep;
      long l = upstream.address() + row * step;
      backward(mode, headActivation, head, headsStep, l, step, width, n);
      if (timespanGradients != null) {
        long to = timespanGradients.address() + 4L * row;
        timespanGradients(head, headsStep, units, n, to);
      }
      timeGradients(head, headsStep, timespans.address() + 4L * row, width, n);
    }
    int whole = units / BLOCK * BLOCK;
    if (whole < units) {
      long last = heads.address() + (long) (whole / BLOCK) * HEADS_BYTES;
      for (int i = 0; i < 4; i++) {
        VectorGates.clearPadding(last + (long) i * BLOCK_BYTES, headsStep, units - whole, rows);
      }
    }
  }

  /** f' of tanh and lecun_tanh is slope - fall y². */
  private static void backward(
      CfcMode mode,
      Activation headActivation,
      long heads,
      long headsStep,
      long upstream,
      long step,
      int width,
      int rows) {
    boolean lecun = headActivation == Activation.LECUN_TANH;
    float fall = lecun ? LECUN_FALL : 1;
    float slope = lecun ? LECUN_SLOPE : 1;
    if (headActivation == Activation.LINEAR) {
      if (mode == CfcMode.DEFAULT) {
        linear(heads, headsStep, upstream, step, width, rows);
      } else {
        linearWithoutGate(heads, headsStep, upstream, step, width, rows);
      }
    } else if (mode == CfcMode.DEFAULT) {
      tanh(heads, headsStep, upstream, step, width, rows, fall, slope);
    } else {
      tanhWithoutGate(heads, headsStep, upstream, step, width, rows, fall, slope);
    }
  }

  @Override
  public void decay(
      Accuracy accuracy,
      MemorySegment f,
      long fStride,
      MemorySegment parameters,
      MemorySegment timespans,
      MemorySegment e,
      long eStride,
      MemorySegment h,
      long hStride,
      int units,
      int rows) {
    int width = PanelLayout.roundUp(units);
    long fStep = fStride * Float.BYTES;
    long eStep = eStride * Float.BYTES;
    long hStep = hStride * Float.BYTES;
    long rate = parameters.address();
    int most = VectorGates.rowsTogether(3L * width * Float.BYTES);
    for (int row = 0; row < rows; row += most) {
      int n = Math.min(most, rows - row);
      long x = f.address() + row * fStep;
      long to = e.address() + row * eStep;
      exponents(x, fStep, rate, timespans.address() + 4L * row, to, eStep, width, n);
      VectorGates.activate(Activation.EXP, accuracy, to, width, 4L * width, 1, eStep, n);
      long next = h.address() + row * hStep;
      decayed(x, fStep, rate + 4L * width, to, eStep, next, hStep, width, n);
    }
  }

  @Override
  public void decayBackward(
      MemorySegment f,
      long fStride,
      MemorySegment parameters,
      MemorySegment timespans,
      MemorySegment e,
      long eStride,
      MemorySegment upstream,
      long upstreamStride,
      int units,
      int rows,
      MemorySegment parameterGradients,
      @Nullable MemorySegment timespanGradients) {
    int width = PanelLayout.roundUp(units);
    long fStep = fStride * Float.BYTES;
    long eStep = eStride * Float.BYTES;
    long step = upstreamStride * Float.BYTES;
    long rate = parameters.address();
    long sums = parameterGradients.address();
    int most = VectorGates.rowsTogether(3L * width * Float.BYTES);
    for (int row = 0; row < rows; row += most) {
      int n = Math.min(most, rows - row);
      long x = f.address() + row * fStep;
      long decay = e.address() + row * eStep;
      long l = upstream.address() + row * step;
      if (timespanGradients != null) {
        long to = timespanGradients.address() + 4L * row;
        timespanGradients(x, fStep, rate, width, decay, eStep, l, step, units, n, to);
      }
      long dt = timespans.address() + 4L * row;
      decayBackward(x, fStep, rate, dt, decay, eStep, l, step, sums, width, n);
    }
    int whole = units / BLOCK * BLOCK;
    if (whole < units) {
      int rest = units - whole;
      VectorGates.clearPadding(f.address() + 4L * whole, fStep, rest, rows);
      VectorGates.clearPadding(sums + 4L * whole, 0, rest, 1);
      VectorGates.clearPadding(sums + 4L * (width + whole), 0, rest, 1);
    }
  }

  /** time_b := time_a Δ + time_b. */
  private static void arguments(long heads, long headsStep, long timespans, int width, int rows) {
    heads &= ADDRESS;
    timespans &= ADDRESS;
    headsStep &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long timeA = (heads + 4 * (column - lane) + lane + 2 * BLOCK_BYTES) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long at = timeA + (row & ROWS) * headsStep;
        float dt = ALL.get(JAVA_FLOAT_UNALIGNED, timespans + (row & ROWS) * 4L);
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        a.fma(FloatVector.broadcast(FLOATS, dt), b).intoMemorySegment(ALL, at + BLOCK_BYTES, ORDER);
      }
    }
  }

  /** h' = fma(s, b - a, a). */
  private static void mix(long heads, long headsStep, long h, long step, int width, int rows) {
    heads &= ADDRESS;
    h &= ADDRESS;
    headsStep &= STRIDE;
    step &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long head = (heads + 4 * (column - lane) + lane) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long at = head + (row & ROWS) * headsStep;
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        FloatVector s = FloatVector.fromMemorySegment(FLOATS, ALL, at + 3 * BLOCK_BYTES, ORDER);
        FloatVector next = s.fma(b.sub(a), a);
        next = next.blend(ZERO, next.abs().compare(LT, FLUSH));
        next.intoMemorySegment(ALL, h + column + (row & ROWS) * step, ORDER);
      }
    }
  }

  /** h' = fma(s, b, a). */
  private static void mixWithoutGate(
      long heads, long headsStep, long h, long step, int width, int rows) {
    heads &= ADDRESS;
    h &= ADDRESS;
    headsStep &= STRIDE;
    step &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long head = (heads + 4 * (column - lane) + lane) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long at = head + (row & ROWS) * headsStep;
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        FloatVector s = FloatVector.fromMemorySegment(FLOATS, ALL, at + 3 * BLOCK_BYTES, ORDER);
        FloatVector next = s.fma(b, a);
        next = next.blend(ZERO, next.abs().compare(LT, FLUSH));
        next.intoMemorySegment(ALL, h + column + (row & ROWS) * step, ORDER);
      }
    }
  }

  /** dff1, dff2, and dp in the place of s. */
  private static void tanh(
      long heads,
      long headsStep,
      long upstream,
      long step,
      int width,
      int rows,
      float fall,
      float slope) {
    heads &= ADDRESS;
    upstream &= ADDRESS;
    headsStep &= STRIDE;
    step &= STRIDE;
    FloatVector falls = FloatVector.broadcast(FLOATS, fall);
    FloatVector slopes = FloatVector.broadcast(FLOATS, slope);
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long head = (heads + 4 * (column - lane) + lane) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long at = head + (row & ROWS) * headsStep;
        long from = upstream + column + (row & ROWS) * step;
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        FloatVector s = FloatVector.fromMemorySegment(FLOATS, ALL, at + 3 * BLOCK_BYTES, ORDER);
        FloatVector l = FloatVector.fromMemorySegment(FLOATS, ALL, from, ORDER);
        FloatVector lb = l.mul(s);
        FloatVector la = l.sub(lb);
        FloatVector dp = l.mul(b.sub(a)).mul(s.neg().fma(s, s));
        FloatVector da = la.mul(falls.mul(a).neg().fma(a, slopes));
        da.blend(ZERO, da.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at, ORDER);
        FloatVector db = lb.mul(falls.mul(b).neg().fma(b, slopes));
        db.blend(ZERO, db.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at + BLOCK_BYTES, ORDER);
        dp.blend(ZERO, dp.abs().compare(LT, FLUSH))
            .intoMemorySegment(ALL, at + 3 * BLOCK_BYTES, ORDER);
      }
    }
  }

  /** The same of mode no_gate. */
  private static void tanhWithoutGate(
      long heads,
      long headsStep,
      long upstream,
      long step,
      int width,
      int rows,
      float fall,
      float slope) {
    heads &= ADDRESS;
    upstream &= ADDRESS;
    headsStep &= STRIDE;
    step &= STRIDE;
    FloatVector falls = FloatVector.broadcast(FLOATS, fall);
    FloatVector slopes = FloatVector.broadcast(FLOATS, slope);
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long head = (heads + 4 * (column - lane) + lane) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long at = head + (row & ROWS) * headsStep;
        long from = upstream + column + (row & ROWS) * step;
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        FloatVector s = FloatVector.fromMemorySegment(FLOATS, ALL, at + 3 * BLOCK_BYTES, ORDER);
        FloatVector l = FloatVector.fromMemorySegment(FLOATS, ALL, from, ORDER);
        FloatVector lb = l.mul(s);
        FloatVector dp = l.mul(b).mul(s.neg().fma(s, s));
        FloatVector da = l.mul(falls.mul(a).neg().fma(a, slopes));
        da.blend(ZERO, da.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at, ORDER);
        FloatVector db = lb.mul(falls.mul(b).neg().fma(b, slopes));
        db.blend(ZERO, db.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at + BLOCK_BYTES, ORDER);
        dp.blend(ZERO, dp.abs().compare(LT, FLUSH))
            .intoMemorySegment(ALL, at + 3 * BLOCK_BYTES, ORDER);
      }
    }
  }

  /** The same of linear heads. */
  private static void linear(
      long heads, long headsStep, long upstream, long step, int width, int rows) {
    heads &= ADDRESS;
    upstream &= ADDRESS;
    headsStep &= STRIDE;
    step &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long head = (heads + 4 * (column - lane) + lane) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long at = head + (row & ROWS) * headsStep;
        long from = upstream + column + (row & ROWS) * step;
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        FloatVector s = FloatVector.fromMemorySegment(FLOATS, ALL, at + 3 * BLOCK_BYTES, ORDER);
        FloatVector l = FloatVector.fromMemorySegment(FLOATS, ALL, from, ORDER);
        FloatVector lb = l.mul(s);
        FloatVector la = l.sub(lb);
        FloatVector dp = l.mul(b.sub(a)).mul(s.neg().fma(s, s));
        la.blend(ZERO, la.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at, ORDER);
        lb.blend(ZERO, lb.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at + BLOCK_BYTES, ORDER);
        dp.blend(ZERO, dp.abs().compare(LT, FLUSH))
            .intoMemorySegment(ALL, at + 3 * BLOCK_BYTES, ORDER);
      }
    }
  }

  /** The same of linear heads in mode no_gate. */
  private static void linearWithoutGate(
      long heads, long headsStep, long upstream, long step, int width, int rows) {
    heads &= ADDRESS;
    upstream &= ADDRESS;
    headsStep &= STRIDE;
    step &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long head = (heads + 4 * (column - lane) + lane) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long at = head + (row & ROWS) * headsStep;
        long from = upstream + column + (row & ROWS) * step;
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        FloatVector s = FloatVector.fromMemorySegment(FLOATS, ALL, at + 3 * BLOCK_BYTES, ORDER);
        FloatVector l = FloatVector.fromMemorySegment(FLOATS, ALL, from, ORDER);
        FloatVector lb = l.mul(s);
        FloatVector dp = l.mul(b).mul(s.neg().fma(s, s));
        l.blend(ZERO, l.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at, ORDER);
        lb.blend(ZERO, lb.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at + BLOCK_BYTES, ORDER);
        dp.blend(ZERO, dp.abs().compare(LT, FLUSH))
            .intoMemorySegment(ALL, at + 3 * BLOCK_BYTES, ORDER);
      }
    }
  }

  /** time_a := dp Δ. */
  private static void timeGradients(
      long heads, long headsStep, long timespans, int width, int rows) {
    heads &= ADDRESS;
    timespans &= ADDRESS;
    headsStep &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      long lane = 4L * (unit & (BLOCK - 1));
      long timeA = (heads + 4 * (column - lane) + lane + 2 * BLOCK_BYTES) & ADDRESS;
      for (int row = 0; row < rows; row++) {
        long at = timeA + (row & ROWS) * headsStep;
        float dt = ALL.get(JAVA_FLOAT_UNALIGNED, timespans + (row & ROWS) * 4L);
        FloatVector dp = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
        FloatVector da = dp.mul(FloatVector.broadcast(FLOATS, dt));
        da.blend(ZERO, da.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at, ORDER);
      }
    }
  }

  /** Σ time_a dp of rows. */
  private static void timespanGradients(
      long heads, long headsStep, int units, int rows, long gradients) {
    long sums = CHAINS.get().address();
    for (int row = 0; row < rows; row++) {
      chains(heads + row * headsStep + 2 * BLOCK_BYTES, units, sums);
      Vectors.set(gradients + 4L * row, VectorGates.folded(sums));
    }
  }

  private static void chains(long timeA, int units, long sums) {
    timeA &= ADDRESS;
    sums &= ADDRESS;
    int whole = (units - 1) / BLOCK;
    for (int lane = 0; lane < BLOCK; lane += LANES) {
      // Not the constant: an object that a loop's vector begins with makes objects of all of them.
      FloatVector chain = FloatVector.broadcast(FLOATS, 0);
      for (int block = 0; block < whole; block++) {
        long at = timeA + lane * 4L + (long) HEADS_BYTES * (block & Integer.MAX_VALUE);
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        chain = a.fma(FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER), chain);
      }
      // The last block may have padding.
      long at = timeA + lane * 4L + (long) HEADS_BYTES * (whole & Integer.MAX_VALUE);
      FloatVector left = FloatVector.broadcast(FLOATS, units - whole * BLOCK - lane);
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
      FloatVector dp = FloatVector.fromMemorySegment(FLOATS, ALL, at + BLOCK_BYTES, ORDER);
      FloatVector sum = VECTOR.cast(chain);
      sum.blend(a.fma(dp, sum), VectorGates.INDEX.compare(LT, left))
          .intoMemorySegment(ALL, sums + lane * 4L, ORDER);
    }
  }

  /** e := -Δ (|w_tau| + |f|). */
  private static void exponents(
      long f, long fStep, long rate, long timespans, long e, long eStep, int width, int rows) {
    f &= ADDRESS;
    rate &= ADDRESS;
    timespans &= ADDRESS;
    e &= ADDRESS;
    fStep &= STRIDE;
    eStep &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      FloatVector w = FloatVector.fromMemorySegment(FLOATS, ALL, rate + column, ORDER).abs();
      for (int row = 0; row < rows; row++) {
        float dt = ALL.get(JAVA_FLOAT_UNALIGNED, timespans + (row & ROWS) * 4L);
        FloatVector x =
            FloatVector.fromMemorySegment(FLOATS, ALL, f + column + (row & ROWS) * fStep, ORDER);
        FloatVector.broadcast(FLOATS, -dt)
            .mul(w.add(x.abs()))
            .intoMemorySegment(ALL, e + column + (row & ROWS) * eStep, ORDER);
      }
    }
  }

  /** h' = A - A e f. */
  private static void decayed(
      long f, long fStep, long level, long e, long eStep, long h, long hStep, int width, int rows) {
    f &= ADDRESS;
    level &= ADDRESS;
    e &= ADDRESS;
    h &= ADDRESS;
    fStep &= STRIDE;
    eStep &= STRIDE;
    hStep &= STRIDE;
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      FloatVector limit = FloatVector.fromMemorySegment(FLOATS, ALL, level + column, ORDER);
      for (int row = 0; row < rows; row++) {
        FloatVector x =
            FloatVector.fromMemorySegment(FLOATS, ALL, f + column + (row & ROWS) * fStep, ORDER);
        FloatVector decay =
            FloatVector.fromMemorySegment(FLOATS, ALL, e + column + (row & ROWS) * eStep, ORDER);
        FloatVector next = limit.mul(decay).neg().fma(x, limit);
        next = next.blend(ZERO, next.abs().compare(LT, FLUSH));
        next.intoMemorySegment(ALL, h + column + (row & ROWS) * hStep, ORDER);
      }
    }
  }

  /** df, and what rows add to the gradients of w_tau and A. */
  private static void decayBackward(
      long f,
      long fStep,
      long rate,
      long timespans,
      long e,
      long eStep,
      long upstream,
      long step,
      long sums,
      int width,
      int rows) {
    f &= ADDRESS;
    rate &= ADDRESS;
    timespans &= ADDRESS;
    e &= ADDRESS;
    upstream &= ADDRESS;
    sums &= ADDRESS;
    fStep &= STRIDE;
    eStep &= STRIDE;
    step &= STRIDE;
    long second = 4L * (width & Integer.MAX_VALUE);
    for (int unit = 0; unit < width; unit += LANES) {
      long column = 4L * (unit & Integer.MAX_VALUE);
      FloatVector w = FloatVector.fromMemorySegment(FLOATS, ALL, rate + column, ORDER);
      FloatVector level = FloatVector.fromMemorySegment(FLOATS, ALL, rate + second + column, ORDER);
      FloatVector dw = FloatVector.fromMemorySegment(FLOATS, ALL, sums + column, ORDER);
      FloatVector dLevel =
          FloatVector.fromMemorySegment(FLOATS, ALL, sums + second + column, ORDER);
      for (int row = 0; row < rows; row++) {
        long at = f + column + (row & ROWS) * fStep;
        FloatVector dt =
            FloatVector.broadcast(
                FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, timespans + (row & ROWS) * 4L));
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, at, ORDER);
        FloatVector decay =
            FloatVector.fromMemorySegment(FLOATS, ALL, e + column + (row & ROWS) * eStep, ORDER);
        FloatVector l =
            FloatVector.fromMemorySegment(
                FLOATS, ALL, upstream + column + (row & ROWS) * step, ORDER);
        FloatVector q = l.mul(level).mul(decay);
        q = q.blend(ZERO, q.abs().compare(LT, FLUSH));
        FloatVector signed =
            ZERO.blend(dt, w.compare(GT, ZERO)).blend(dt.neg(), w.compare(LT, ZERO));
        dw = q.mul(x).fma(signed, dw);
        dLevel = l.fma(decay.neg().fma(x, ONE), dLevel);
        FloatVector df = q.mul(dt.fma(x.abs(), MINUS_ONE));
        df.blend(ZERO, df.abs().compare(LT, FLUSH)).intoMemorySegment(ALL, at, ORDER);
      }
      VECTOR.cast(dw).intoMemorySegment(ALL, sums + column, ORDER);
      VECTOR.cast(dLevel).intoMemorySegment(ALL, sums + second + column, ORDER);
    }
  }

  /** Σ λ A e f (|w_tau| + |f|) of rows. */
  private static void timespanGradients(
      long f,
      long fStep,
      long rate,
      int width,
      long e,
      long eStep,
      long upstream,
      long step,
      int units,
      int rows,
      long gradients) {
    long sums = CHAINS.get().address();
    long level = rate + 4L * width;
    for (int row = 0; row < rows; row++) {
      chains(f + row * fStep, rate, level, e + row * eStep, upstream + row * step, units, sums);
      Vectors.set(gradients + 4L * row, VectorGates.folded(sums));
    }
  }

  private static void chains(
      long f, long rate, long level, long e, long upstream, int units, long sums) {
    f &= ADDRESS;
    rate &= ADDRESS;
    level &= ADDRESS;
    e &= ADDRESS;
    upstream &= ADDRESS;
    sums &= ADDRESS;
    int whole = (units - 1) / BLOCK * BLOCK;
    for (int lane = 0; lane < BLOCK; lane += LANES) {
      FloatVector chain = FloatVector.broadcast(FLOATS, 0);
      for (int unit = 0; unit < whole; unit += BLOCK) {
        long at = 4L * (unit & Integer.MAX_VALUE) + lane * 4L;
        FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, f + at, ORDER);
        FloatVector w = FloatVector.fromMemorySegment(FLOATS, ALL, rate + at, ORDER);
        FloatVector limit = FloatVector.fromMemorySegment(FLOATS, ALL, level + at, ORDER);
        FloatVector decay = FloatVector.fromMemorySegment(FLOATS, ALL, e + at, ORDER);
        FloatVector l = FloatVector.fromMemorySegment(FLOATS, ALL, upstream + at, ORDER);
        FloatVector q = l.mul(limit).mul(decay);
        q = q.blend(ZERO, q.abs().compare(LT, FLUSH));
        chain = q.mul(x).fma(w.abs().add(x.abs()), chain);
      }
      long at = 4L * (whole & Integer.MAX_VALUE) + lane * 4L;
      FloatVector left = FloatVector.broadcast(FLOATS, units - whole - lane);
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, f + at, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(FLOATS, ALL, rate + at, ORDER);
      FloatVector limit = FloatVector.fromMemorySegment(FLOATS, ALL, level + at, ORDER);
      FloatVector decay = FloatVector.fromMemorySegment(FLOATS, ALL, e + at, ORDER);
      FloatVector l = FloatVector.fromMemorySegment(FLOATS, ALL, upstream + at, ORDER);
      FloatVector sum = VECTOR.cast(chain);
      FloatVector q = l.mul(limit).mul(decay);
      q = q.blend(ZERO, q.abs().compare(LT, FLUSH));
      FloatVector last = q.mul(x).fma(w.abs().add(x.abs()), sum);
      sum.blend(last, VectorGates.INDEX.compare(LT, left))
          .intoMemorySegment(ALL, sums + lane * 4L, ORDER);
    }
  }
}
