package io.github.elegans.backends;

import io.github.elegans.kernels.KernelFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the backend.
 *
 * <ul>
 *   <li>{@code -Delegans.backend=auto|scalar|vector|native} names the one that {@link #get}
 *       returns. A named backend is strict: if it cannot run, {@link #get} throws with the reason.
 *       {@code auto}, the default, takes the best that can run; {@link #report} says why.
 *   <li>{@code -Delegans.isa=…} caps the instruction set ({@link InstructionSet#PROPERTY}).
 *   <li>{@code -Delegans.calibration=FILE} has {@code auto} take what {@link #calibrate} has found
 *       the fastest instead. A file that is not valid here is ignored; {@link #report} says why.
 * </ul>
 */
public final class Backends {
  /** The system property that names the backend. */
  public static final String PROPERTY = "elegans.backend";

  /** The value of {@link #PROPERTY} for the best backend that can run. */
  public static final String AUTO = "auto";

  /** How long {@link #calibrate} measures, the time to open the backends included. */
  public static final Duration CALIBRATION_BUDGET = Duration.ofMillis(200);

  private static @Nullable List<Status> statuses;
  private static @Nullable Automatic automatic;

  private Backends() {}

  /**
   * What became of one backend.
   *
   * @param name the backend's name
   * @param kernels its kernels, or null if it cannot run
   * @param reason why it cannot run, or why automatic choice passes it over; otherwise empty
   */
  public record Status(String name, @Nullable Kernels kernels, String reason) {}

  /** The automatic choice, and what the calibration had to do with it. */
  private record Automatic(Kernels kernels, Optional<String> calibration) {}

  /**
   * The backend that {@code -Delegans.backend} names, by default the best that can run.
   *
   * @throws IllegalArgumentException if a property has a value that is not known
   * @throws BackendUnavailableException if the named backend cannot run here
   */
  public static Kernels get() {
    return named(System.getProperty(PROPERTY, AUTO));
  }

  /**
   * A backend by its name, or the best that can run for {@code "auto"}. Always the same object.
   *
   * @throws IllegalArgumentException if there is no such backend
   * @throws BackendUnavailableException if it cannot run here, with the reason
   */
  public static Kernels named(String name) {
    if (name.equals(AUTO)) {
      return automatic().kernels;
    }
    List<Status> all = statuses();
    for (Status status : all) {
      if (!name.equals(status.name)) {
        continue;
      }
      if (status.kernels == null) {
        throw new BackendUnavailableException(
            "backend '%s' cannot run here: %s".formatted(name, status.reason));
      }
      return status.kernels;
    }
    throw new IllegalArgumentException(
        "unknown backend '%s': expected %s, %s"
            .formatted(
                name, AUTO, all.stream().map(Status::name).collect(Collectors.joining(", "))));
  }

  private static synchronized Automatic automatic() {
    Automatic known = automatic;
    if (known == null) {
      known = choose();
      automatic = known;
    }
    return known;
  }

  private static Automatic choose() {
    // The scalar backend is always among them.
    Kernels assumed = candidates().getFirst();
    String file = System.getProperty(Calibration.PROPERTY);
    if (file == null) {
      return new Automatic(assumed, Optional.empty());
    }
    try {
      Calibration calibration = Calibration.read(Path.of(file));
      return new Automatic(
          calibration.kernels(),
          Optional.of(
              "used: %s; %s; %s".formatted(file, calibration.workload(), calibration.reason())));
    } catch (IOException | IllegalArgumentException e) {
      String reason =
          e instanceof IOException ? "%s cannot be read: %s".formatted(file, e) : e.getMessage();
      return new Automatic(assumed, Optional.of("ignored: " + reason));
    }
  }

  /** All backends that can run here, the preferred first. */
  public static List<Kernels> available() {
    return statuses().stream().map(Status::kernels).filter(Objects::nonNull).toList();
  }

  /** The backends among which automatic choice chooses, the preferred first. */
  static List<Kernels> candidates() {
    return available().stream().filter(kernels -> kernels.caveat().isEmpty()).toList();
  }

  /**
   * Every backend that was found, the preferred first.
   *
   * @throws IllegalArgumentException if {@code -Delegans.isa} has a value that is not known
   */
  public static synchronized List<Status> statuses() {
    List<Status> known = statuses;
    if (known == null) {
      known = probe(InstructionSet.cap());
      statuses = known;
    }
    return known;
  }

  /**
   * Measures how long a workload takes on each backend that automatic choice might take, within
   * {@link #CALIBRATION_BUDGET} from the call on. Nothing else changes: {@code auto} follows a
   * calibration only if it is written to a file that {@code -Delegans.calibration} names.
   *
   * <p>What is first called in a JVM opens the backends; that counts, and is the one thing that may
   * take longer than the budget, because there is no choice among unknown backends. Backends that
   * the JVM compiles may need more time than there is, too. The choice falls back to the preferred
   * one then, and says so. A longer budget, or a workload that has run before, helps.
   *
   * @param workload what is measured, on one line
   * @param work makes the workload for a backend: something that can be run again and again, with
   *     little garbage; both are called in a thread of their own, which may still be in a call when
   *     the result is there
   * @throws IllegalStateException if the workload throws, with the cause
   */
  public static Calibration calibrate(String workload, Function<Kernels, Runnable> work) {
    return calibrate(workload, work, CALIBRATION_BUDGET);
  }

  /**
   * As {@link #calibrate(String, Function)}, within another budget.
   *
   * @param budget how long it may take in all
   */
  public static Calibration calibrate(
      String workload, Function<Kernels, Runnable> work, Duration budget) {
    long begin = System.nanoTime();
    if (!budget.isPositive()) {
      throw new IllegalArgumentException("budget must be positive, but is " + budget);
    }
    return calibrate(workload, work, begin + budget.toNanos());
  }

  private static Calibration calibrate(
      String workload, Function<Kernels, Runnable> work, long deadline) {
    List<Kernels> candidates = candidates();
    Map<String, String> surroundings = Surroundings.here();
    return new Calibration(workload, Calibrator.measure(candidates, work, deadline), surroundings);
  }

  /**
   * The calibration of a file if it is of this workload and valid here; otherwise calibrates and
   * writes the file, as a whole or not at all.
   *
   * @throws IOException if the file cannot be read or written
   * @throws IllegalArgumentException if there is a file that is no calibration
   */
  public static Calibration calibrate(String workload, Function<Kernels, Runnable> work, Path file)
      throws IOException {
    long deadline = System.nanoTime() + CALIBRATION_BUDGET.toNanos();
    if (Files.exists(file)) {
      Calibration known = Calibration.parse(file);
      if (known.workload().equals(Calibration.oneLine(workload)) && known.difference().isEmpty()) {
        return known;
      }
    }
    Calibration calibration = calibrate(workload, work, deadline);
    calibration.write(file);
    return calibration;
  }

  /**
   * One line for each backend: chosen or not, tier, why. Then one for the calibration, if automatic
   * choice was given one.
   */
  public static String report() {
    Kernels chosen = get();
    Stream<String> calibration =
        System.getProperty(PROPERTY, AUTO).equals(AUTO)
            ? automatic().calibration.map("calibration "::concat).stream()
            : Stream.empty();
    return Stream.concat(statuses().stream().map(status -> line(status, chosen)), calibration)
        .collect(Collectors.joining("\n"));
  }

  private static String line(Status status, Kernels chosen) {
    String state = status.kernels == null ? "-" : status.kernels == chosen ? "chosen" : "available";
    String tier = status.kernels == null ? "" : status.kernels.tier() + lacking(status.kernels);
    return "%-8s %-10s %s"
        .formatted(
            status.name,
            state,
            tier + (tier.isEmpty() || status.reason.isEmpty() ? "" : "; ") + status.reason)
        .stripTrailing();
  }

  private static String lacking(Kernels kernels) {
    return kernels.lacking().isEmpty()
        ? ""
        : "; by the scalar backend: "
            + kernels.lacking().stream().map(KernelFamily::name).collect(Collectors.joining(", "));
  }

  private static List<Status> probe(InstructionSet cap) {
    List<KernelProvider> providers = new ArrayList<>();
    List<Status> found = new ArrayList<>();
    Iterator<ServiceLoader.Provider<KernelProvider>> iterator =
        ServiceLoader.load(KernelProvider.class, Backends.class.getClassLoader()).stream()
            .iterator();
    while (true) {
      // A provider that cannot even be found or made must not take the others down.
      String name = "?";
      try {
        if (!iterator.hasNext()) {
          break;
        }
        ServiceLoader.Provider<KernelProvider> provider = iterator.next();
        name = provider.type().getSimpleName();
        providers.add(provider.get());
      } catch (ServiceConfigurationError | LinkageError e) {
        found.add(new Status(name, null, reason(e)));
      }
    }
    providers.sort(Comparator.comparingInt(KernelProvider::preference).reversed());
    List<Status> result = new ArrayList<>();
    for (KernelProvider provider : providers) {
      result.add(open(provider, cap));
    }
    result.addAll(found);
    return List.copyOf(result);
  }

  private static Status open(KernelProvider provider, InstructionSet cap) {
    try {
      Kernels kernels = provider.open(cap);
      return new Status(provider.name(), kernels, kernels.caveat().orElse(""));
    } catch (BackendUnavailableException e) {
      return new Status(provider.name(), null, String.valueOf(e.getMessage()));
    } catch (LinkageError e) {
      return new Status(provider.name(), null, reason(e));
    }
  }

  private static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }
}
