package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever holds the caller's numbers, sessions read and write the numbers. */
class FloatsTest {
  private static final int B = 3;
  private static final int T = 4;
  private static final int I = 2;
  private static final int O = 5;
  private static final Network NETWORK = Data.cfc(I, O, 0);

  /** CallerMemory for n floats, as buffers. */
  enum CallerMemory {
    HEAP(FloatBuffer::allocate),
    HEAP_BIG_ENDIAN(n -> ByteBuffer.allocate(4 * n).order(ByteOrder.BIG_ENDIAN).asFloatBuffer()),
    HEAP_LITTLE_ENDIAN(
        n -> ByteBuffer.allocate(4 * n).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer()),
    DIRECT_BIG_ENDIAN(
        n -> ByteBuffer.allocateDirect(4 * n).order(ByteOrder.BIG_ENDIAN).asFloatBuffer()),
    DIRECT_LITTLE_ENDIAN(
        n -> ByteBuffer.allocateDirect(4 * n).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer()),
    UNALIGNED(
        n ->
            ByteBuffer.allocateDirect(4 * n + 1)
                .position(1)
                .slice()
                .order(ByteOrder.BIG_ENDIAN)
                .asFloatBuffer()),
    OF_AN_ARENA(n -> Arena.ofAuto().allocate(4L * n).asByteBuffer().asFloatBuffer());

    @SuppressWarnings("ImmutableEnumChecker") // functions without state
    private final Function<Integer, FloatBuffer> allocate;

    CallerMemory(Function<Integer, FloatBuffer> allocate) {
      this.allocate = allocate;
    }

    /** A buffer whose numbers stand between others. */
    FloatBuffer of(float[] values) {
      FloatBuffer all = allocate.apply(values.length + 3);
      for (int i = 0; i < all.capacity(); i++) {
        all.put(i, Float.NaN);
      }
      return all.position(2).put(values).flip().position(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void numbersOfBuffersAreThoseThatTheBuffersGive(CallerMemory memory) {
    float[] x = Data.random(1, B * T * I);
    float[] timespans = Data.timespans(2, B * T);
    float[] expected = new float[B * T * O];
    try (Session session = NETWORK.session(B)) {
      session.run(x, T, Timespans.perRowAndStep(timespans), expected);
    }
    FloatBuffer out = memory.of(new float[B * T * O]);
    FloatBuffer from = memory.of(x);
    try (Session session = NETWORK.session(B).parallelism(2)) {
      Floats times = Floats.of(memory.of(timespans));
      session.run(Floats.of(from), T, Timespans.perRowAndStep(times), Floats.of(out));
    }
    assertThat(from.remaining()).isEqualTo(x.length);
    assertThat(out.position()).isEqualTo(2);
    float[] found = new float[expected.length];
    out.get(found);
    assertThat(found).isEqualTo(expected);
    assertThat(out.clear().get(0)).isNaN();
    assertThat(out.get(out.capacity() - 1)).isNaN();
  }

  @Test
  void aBufferIsWhatItWasWhenItWasWrapped() {
    FloatBuffer x = ByteBuffer.allocateDirect(4 * 2 * B * I).asFloatBuffer();
    Floats wrapped = Floats.of(x.limit(B * I));
    x.clear().position(3);
    float[] values = Data.random(3, B * I);
    x.put(0, values);
    float[] expected = new float[B * O];
    float[] found = new float[B * O];
    try (Session one = NETWORK.session(B);
        Session other = NETWORK.session(B)) {
      one.step(values, 0.5f, expected);
      other.step(wrapped, 0.5f, Floats.of(found));
    }
    assertThat(found).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BIG_ENDIAN", "LITTLE_ENDIAN"})
  void aSegmentIsReadInTheOrderThatIsGiven(String name) {
    ByteOrder order = name.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    ValueLayout.OfFloat layout = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(order);
    float[] values = Data.random(4, B * I);
    float[] expected = new float[B * O];
    try (Arena arena = Arena.ofConfined();
        Session one = NETWORK.session(B);
        Session other = NETWORK.session(B)) {
      MemorySegment x = arena.allocate(4L * values.length + 1).asSlice(1);
      MemorySegment.copy(values, 0, x, layout, 0, values.length);
      MemorySegment out = arena.allocate(4L * B * O);
      one.step(values, 1, expected);
      other.step(Floats.of(x, order), 1, Floats.of(out, order));
      for (int i = 0; i < expected.length; i++) {
        assertThat(out.get(layout, 4L * i)).isEqualTo(expected[i]);
      }
    }
  }

  static Stream<Arguments> otherArrays() {
    return Stream.of(
        Arguments.of(MemorySegment.ofArray(new double[B * I / 2]), "double[]"),
        Arguments.of(MemorySegment.ofArray(new int[B * I]), "int[]"),
        Arguments.of(MemorySegment.ofArray(new long[B * I / 2]), "long[]"),
        Arguments.of(MemorySegment.ofArray(new short[2 * B * I]), "short[]"),
        Arguments.of(MemorySegment.ofArray(new char[2 * B * I]), "char[]"));
  }

  @ParameterizedTest
  @MethodSource("otherArrays")
  void refusesSegmentsOfArraysOfOtherNumbers(MemorySegment segment, String type) {
    assertThatThrownBy(() -> Floats.of(segment))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a segment of float32 must not be of an array of another type, but is of " + type);
  }

  @Test
  void anArrayAndASegmentOfItOverlap() {
    Network square = Data.cfc(I, I, 0);
    float[] both = Data.random(5, T * I);
    float[] before = both.clone();
    try (Session session = square.session(1)) {
      for (Floats out :
          new Floats[] {
            Floats.of(MemorySegment.ofArray(both)), Floats.of(FloatBuffer.wrap(both))
          }) {
        assertThatThrownBy(() -> session.run(Floats.of(both), T, out))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("out must not overlap x or timespans");
        assertThatThrownBy(() -> session.run(out, T, Floats.of(both)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("out must not overlap x or timespans");
      }
      session.run(Floats.of(both), T, Floats.of(MemorySegment.ofArray(new float[T * I])));
      assertThat(both).isEqualTo(before);
    }
  }

  @Test
  void refusesToWriteToAReadOnlyBuffer() {
    FloatBuffer out = ByteBuffer.allocateDirect(4 * B * O).asFloatBuffer().asReadOnlyBuffer();
    try (Session session = NETWORK.session(B)) {
      assertThatThrownBy(() -> session.step(Floats.of(new float[B * I]), Floats.of(out)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("out must be writable, but is read-only");
    }
  }

  @Test
  void aSessionKeepsNoArrayOfTheCaller() throws InterruptedException {
    try (Session session = NETWORK.session(B)) {
      List<WeakReference<float[]>> arrays = new ArrayList<>();
      pass(session, arrays, B * I, B * O);
      // A call that is refused, too.
      pass(session, arrays, B * I + 1, B * O);
      for (int i = 0; i < 100 && arrays.stream().anyMatch(a -> a.get() != null); i++) {
        System.gc();
        Thread.sleep(10);
      }
      assertThat(arrays).hasSize(4).allMatch(array -> array.get() == null);
      assertThat(session.batch()).isEqualTo(B);
    }
  }

  private static void pass(
      Session session, List<WeakReference<float[]>> arrays, int inputs, int outputs) {
    float[] x = new float[inputs];
    float[] out = new float[outputs];
    arrays.add(new WeakReference<>(x));
    arrays.add(new WeakReference<>(out));
    try {
      session.step(x, out);
    } catch (IllegalArgumentException e) {
      assertThat(inputs).isGreaterThan(B * I);
    }
  }
}
