package io.github.elegans.nativekernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.nativekernels.bindings.elegans_cfc_call;
import io.github.elegans.nativekernels.bindings.elegans_dense;
import io.github.elegans.nativekernels.bindings.elegans_lstm_call;
import io.github.elegans.nativekernels.bindings.elegans_ltc_call;
import io.github.elegans.nativekernels.bindings.elegans_ltc_leaf;
import io.github.elegans.nativekernels.bindings.elegans_ltc_training;
import io.github.elegans.nativekernels.bindings.elegans_series;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What the C structures of several families share. */
final class Structures {
  /** A segment, not an object of ours: whatever a thread keeps would keep our class loader. */
  private static final ThreadLocal<MemorySegment> CALL =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(longest(), PanelLayout.ALIGNMENT));

  /** What threads used last, because {@link ThreadLocal#get} takes ten nanoseconds. */
  private static final @Nullable Own[] KNOWN = new @Nullable Own[256];

  /** Immutable, so that it may be read without synchronisation; used by one thread only. */
  private record Own(long thread, MemorySegment call, MemorySegment leaf) {}

  /**
   * All memory: of one constant segment the JVM knows that it is there, and does not ask at every
   * field.
   */
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Structures() {}

  private static long longest() {
    long cells =
        Math.max(
            elegans_cfc_call.sizeof(),
            Math.max(elegans_lstm_call.sizeof(), elegans_ltc_call.sizeof()));
    return Math.max(cells, elegans_ltc_training.sizeof() + elegans_ltc_leaf.sizeof());
  }

  /**
   * Where this thread describes the call that it is about to make. C follows the addresses in it,
   * so it is not in memory that anybody else can write, such as a workspace's.
   */
  static MemorySegment call() {
    return own().call;
  }

  /** Behind {@link #call}, where a structure of a leaf goes if that of its cell lies there. */
  static MemorySegment leaf() {
    return own().leaf;
  }

  private static Own own() {
    long thread = Thread.currentThread().threadId();
    Own own = KNOWN[slot(thread)];
    return own != null && own.thread == thread ? own : remember(thread);
  }

  private static Own remember(long thread) {
    MemorySegment call = CALL.get();
    Own own = new Own(thread, call, call.asSlice(elegans_ltc_training.sizeof()));
    KNOWN[slot(thread)] = own;
    return own;
  }

  private static int slot(long thread) {
    return (int) thread & (KNOWN.length - 1);
  }

  /** Describes a dense layer, which must stay reachable. */
  static void describe(DenseWeights weights, MemorySegment dense) {
    elegans_dense.panels(dense, weights.panels());
    elegans_dense.inputs(dense, weights.inputs());
    elegans_dense.outputs(dense, weights.outputs());
    elegans_dense.storage(dense, weights.storage().ordinal());
  }

  /**
   * Writes a series, or null as no data, into the structure at an address; strides of nothing do
   * not matter.
   */
  static void set(long at, @Nullable Series value) {
    if (value == null) {
      set(at + elegans_series.data$offset(), MemorySegment.NULL);
      return;
    }
    set(at + elegans_series.data$offset(), value.data());
    set(at + elegans_series.row_stride$offset(), value.rowStride());
    set(at + elegans_series.step_stride$offset(), value.stepStride());
  }

  /** Writes a pointer. */
  static void set(long at, MemorySegment pointer) {
    set(at, pointer.address());
  }

  /** Writes an int64_t. */
  static void set(long at, long value) {
    ALL.set(JAVA_LONG, at, value);
  }

  /** Writes an int32_t. */
  static void setInt(long at, int value) {
    ALL.set(JAVA_INT, at, value);
  }

  /** Writes a float. */
  static void setFloat(long at, float value) {
    ALL.set(JAVA_FLOAT, at, value);
  }
}
