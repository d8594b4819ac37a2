package io.github.elegans.backends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.backends.Calibration.Timing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalibrationTest {
  private static final Duration BUDGET = Duration.ofSeconds(1);

  /** Something to write to, or the compiler would remove allocations. */
  @SuppressWarnings("UnusedVariable")
  private static volatile Object sink = "";

  @TempDir private Path directory;

  /** The preferred first. */
  private static List<Kernels> backends(String... names) {
    return Arrays.stream(names).map(CalibrationTest::backend).toList();
  }

  private static Kernels backend(String name) {
    return Kernels.of(name, "scalar Java").build();
  }

  private static Calibration calibrate(List<Kernels> backends, Map<String, Runnable> work) {
    Function<Kernels, Runnable> works = kernels -> work.get(kernels.backend());
    long deadline = System.nanoTime() + BUDGET.toNanos();
    return new Calibration(
        "fakes", Calibrator.measure(backends, works, deadline), Surroundings.here());
  }

  private static void spin(long nanos) {
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < nanos) {
      Thread.onSpinWait();
    }
  }

  @Test
  void theFastestIsChosenAgainstThePreference() {
    Calibration calibration =
        calibrate(
            backends("slow", "fast", "medium"),
            Map.of(
                "slow", () -> spin(300_000),
                "fast", () -> spin(10_000),
                "medium", () -> spin(100_000)));

    assertThat(calibration.chosen()).isEqualTo("fast");
    assertThat(calibration.reason()).startsWith("fast was the fastest; slow ");
    assertThat(calibration.timings())
        .extracting(Timing::backend)
        .containsExactly("slow", "fast", "medium");
    assertThat(calibration.timings().get(0).nanos()).isGreaterThanOrEqualTo(300_000);
    assertThat(calibration.timings().get(1).nanos()).isBetween(10_000.0, 300_000.0);
  }

  @Test
  void aCallThatDoesNotEndIsNotWaitedFor() {
    CountDownLatch end = new CountDownLatch(1);
    long begin = System.nanoTime();
    Calibration calibration =
        calibrate(
            backends("stuck", "fast"),
            Map.of("stuck", () -> await(end), "fast", () -> spin(10_000)));
    long elapsed = System.nanoTime() - begin;
    end.countDown();

    assertThat(Duration.ofNanos(elapsed)).isLessThan(Duration.ofSeconds(10));
    assertThat(calibration.chosen()).isEqualTo("stuck");
    assertThat(calibration.reason())
        .isEqualTo(
            "stuck is preferred, because there was not time enough to measure it; stuck not"
                + " measured, fast not measured");
  }

  @Test
  void afterTheDeadlineNothingIsMeasured() {
    Function<Kernels, Runnable> work =
        kernels -> {
          throw new AssertionError("there is no time");
        };
    List<Timing> timings = Calibrator.measure(backends("a", "b"), work, System.nanoTime() - 1);

    assertThat(new Calibration("late", timings, Map.of()).reason())
        .isEqualTo(
            "a is preferred, because there was not time enough to measure it; a not measured, b"
                + " not measured");
  }

  private static void await(CountDownLatch end) {
    while (end.getCount() > 0) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** As vectors do as long as they are objects. */
  @Test
  void anInterruptedCalibrationEnds() throws InterruptedException {
    Thread caller = Thread.currentThread();
    AtomicReference<Thread> measuring = new AtomicReference<>();
    Function<Kernels, Runnable> work =
        kernels ->
            () -> {
              if (measuring.getAndSet(Thread.currentThread()) == null) {
                caller.interrupt();
              }
              spin(10_000);
            };
    Backends.calibrate("interrupted", work, Duration.ofHours(1));
    assertThat(Thread.interrupted()).isTrue();
    measuring.get().join(Duration.ofSeconds(30));
    assertThat(measuring.get().isAlive()).isFalse();
  }

  @Test
  void whatAllocatesHeavilyIsNotCompiledYet() {
    Runnable boxed =
        () -> {
          sink = new byte[1 << 18];
          spin(300_000);
        };
    Runnable fast = () -> spin(10_000);

    Calibration preferred =
        calibrate(backends("boxed", "fast"), Map.of("boxed", boxed, "fast", fast));
    assertThat(preferred.reason()).contains("boxed is preferred", "or less (warming up), fast ");
    assertThat(preferred.chosen()).isEqualTo("boxed");

    Calibration other = calibrate(backends("fast", "boxed"), Map.of("boxed", boxed, "fast", fast));
    assertThat(other.chosen()).isEqualTo("fast");
    assertThat(other.reason()).startsWith("fast was the fastest");
  }

  private static Timing timing(String backend, double nanos, boolean steady) {
    return new Timing(backend, "tier", nanos, steady);
  }

  private static String reason(Timing... timings) {
    return new Calibration("steps", List.of(timings), Map.of()).reason();
  }

  /** A claim never goes beyond what was measured. */
  @Test
  void theReasonSaysWhatIsKnownOfTheOthers() {
    double never = Double.POSITIVE_INFINITY;
    Timing first = timing("native", 1000, true);
    Timing scalar = timing("scalar", 9000, true);

    assertThat(reason(first, timing("vector", 2000, true), scalar))
        .isEqualTo("native was the fastest; native 1.000 µs, vector 2.000 µs, scalar 9.000 µs");
    assertThat(reason(first, timing("vector", never, false), scalar))
        .isEqualTo(
            "native was the fastest of those that were measured; native 1.000 µs, vector not"
                + " measured, scalar 9.000 µs");
    assertThat(reason(first, timing("vector", 2000, false), scalar))
        .isEqualTo(
            "native was the fastest so far; native 1.000 µs, vector 2.000 µs or less (warming up),"
                + " scalar 9.000 µs");
    assertThat(reason(first, timing("vector", 2000, false), timing("scalar", never, false)))
        .startsWith("native was the fastest of those that were measured so far; ");
    assertThat(reason(first, timing("vector", never, false), timing("scalar", never, false)))
        .startsWith("native is the only one that was measured; ");
    assertThat(reason(scalar))
        .isEqualTo("scalar is the only backend to choose from; scalar 9.000 µs");
    assertThat(reason(timing("native", 1000, false), scalar))
        .isEqualTo("native was the fastest; native 1.000 µs or less (warming up), scalar 9.000 µs");
  }

  @Test
  void aWorkloadThatThrowsIsReported() {
    IllegalArgumentException cause = new IllegalArgumentException("no such shape");
    assertThatThrownBy(
            () ->
                Backends.calibrate(
                    "broken",
                    kernels -> {
                      throw cause;
                    },
                    Duration.ofMinutes(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no such shape")
        .hasCause(cause);
  }

  @Test
  void aBudgetOfNothingIsRefused() {
    assertThatThrownBy(() -> Backends.calibrate("any", k -> () -> {}, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("budget must be positive, but is PT0S");
  }

  /** Backends a, b and c, the preferred first, with their times; ~ is one that is not steady. */
  @ParameterizedTest
  @CsvSource({
    "3 2 1, c",
    "1 2 3, a",
    "2 1 1, b",
    "~3 2 1, a",
    "3 ~2 1, b",
    "3 ~1 2, b",
    "1 ~2 ~3, a",
    "2 1 ~3, b",
    "~Infinity ~Infinity 1, a",
    "~Infinity ~Infinity ~Infinity, a",
    "2 ~Infinity 1, b",
  })
  void theFastestIsChosenUnlessAPreferredOneCouldNotBeMeasured(String times, String chosen) {
    String[] words = times.split(" ");
    List<Timing> timings =
        List.of(timing("a", words[0]), timing("b", words[1]), timing("c", words[2]));

    assertThat(new Calibration("table", timings, Map.of()).chosen()).isEqualTo(chosen);
  }

  private static Timing timing(String backend, String text) {
    return new Timing(
        backend, "tier", Double.parseDouble(text.replace("~", "")), !text.startsWith("~"));
  }

  private static Calibration ofScalar() {
    return new Calibration(
        "a step",
        List.of(new Timing("scalar", "scalar Java", 1234.5678901234567, true)),
        Surroundings.here());
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("calibration"), text);
  }

  private String written(Calibration calibration) throws IOException {
    Path file = directory.resolve("written");
    calibration.write(file);
    return Files.readString(file);
  }

  @Test
  void whatWasWrittenIsRead() throws IOException {
    Calibration calibration = ofScalar();
    Calibration read = Calibration.read(file(written(calibration)));

    assertThat(read).isEqualTo(calibration);
    assertThat(read.kernels()).isSameAs(Backends.named("scalar"));
    for (Timing timing : List.of(timing("b", "~Infinity"), timing("c", "~1e-3"))) {
      Calibration other = new Calibration("x = y | z", List.of(timing), Map.of("java", "= 1"));
      assertThat(Calibration.parse(file(written(other)))).isEqualTo(other);
    }
  }

  /** Who reads it meanwhile sees the old file or the new one. */
  @Test
  void aFileIsWrittenAsAWholeOrNotAtAll() throws IOException {
    Path file = file("old");
    ofScalar().write(file);
    assertThat(Calibration.read(file)).isEqualTo(ofScalar());
    // Another file took its place: whoever had opened the old one still reads that.
    Path old = Files.createLink(directory.resolve("link"), file);
    Calibration other = new Calibration("another", ofScalar().timings(), Map.of());
    other.write(file);
    assertThat(Calibration.parse(file)).isEqualTo(other);
    assertThat(Calibration.read(old)).isEqualTo(ofScalar());
    assertThat(directory).isDirectoryNotContaining("glob:**.tmp");

    Path nowhere = directory.resolve("missing").resolve("calibration");
    assertThatThrownBy(() -> other.write(nowhere))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("its directory does not exist");
  }

  @ParameterizedTest
  @CsvSource({
    "processor = .*, processor = abacus, processor: expected",
    "java = .*, java = 1.4, java: expected",
    "library = .*, library = 0.0.1, library: expected",
    "'library = .*\n', '', 'library: expected .*, found none'",
    "scalar Java, scalar Fortran, 'backends: expected scalar \\(scalar Java\\), found scalar"
        + " \\(scalar Fortran\\)'",
    "\\z, 'backend = gpu | warp | 1.0 | steady\n', 'backends: expected scalar \\(scalar Java\\),"
        + " found scalar \\(scalar Java\\), gpu \\(warp\\)'",
  })
  void aStaleFileIsRefusedByName(String what, String with, String reason) throws IOException {
    Path file = file(written(ofScalar()).replaceFirst(what, with));

    assertThatThrownBy(() -> Calibration.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + ": is of other circumstances: ")
        .hasMessageMatching(".*" + reason + ".*");
  }

  @ParameterizedTest
  @CsvSource({
    "(?s).*, '', 'line 1: expected elegans calibration 1, found ''nothing'''",
    "calibration 1, calibration 2, line 1: expected elegans calibration 1",
    "'workload = .*\n', '', line 5: expected workload",
    "'backend = .*\n', '', line 5: expected backend lines",
    "workload = .*, workload, 'line 2: expected a name, =, and a value, found ''workload'''",
    "1234.5678901234567, fast, line 6: expected name | tier | nanoseconds",
    "1234.5678901234567, NaN, line 6: expected name | tier | nanoseconds",
    "1234.5678901234567, -1, line 6: expected name | tier | nanoseconds",
    "steady, stable, line 6: expected name | tier | nanoseconds",
    "\\z, 'java = again\n', line 7: expected java once",
  })
  void aMalformedFileIsRefusedByName(String what, String with, String reason) throws IOException {
    Path file = file(written(ofScalar()).replaceFirst(what, with));

    assertThatThrownBy(() -> Calibration.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(reason);
  }

  @Test
  void bytesThatAreNoTextAreRefused() throws IOException {
    Path file = Files.write(directory.resolve("bytes"), new byte[] {-1, -2, -3});

    assertThatThrownBy(() -> Calibration.read(file)).hasMessageContaining("other bytes than text");
  }

  @Test
  void aFileKeepsTheResultUntilTheWorkloadIsAnother() throws IOException {
    Path file = directory.resolve("kept");
    int[] runs = {0};
    Function<Kernels, Runnable> work =
        kernels -> {
          runs[0]++;
          return () -> spin(10_000);
        };

    Calibration first = Backends.calibrate("a  step\n", work, file);
    assertThat(Backends.calibrate("a  step\n", work, file)).isEqualTo(first);
    assertThat(runs[0]).isEqualTo(1);
    assertThat(Backends.calibrate("b", work, file).workload()).isEqualTo("b");
    assertThat(runs[0]).isEqualTo(2);
    assertThat(Calibration.read(file).workload()).isEqualTo("b");

    Files.writeString(file, "precious");
    assertThatThrownBy(() -> Backends.calibrate("a", work, file))
        .hasMessageContaining("line 1: expected elegans calibration 1, found 'precious'");
    assertThat(file).hasContent("precious");
  }
}
