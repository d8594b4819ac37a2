package io.github.elegans.kernels;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the backend.
 *
 * <ul>
 *   <li>{@code -Delegans.backend=auto|scalar|vector|native} names the one that {@link #get}
 *       returns. A named backend is strict: if it cannot run, {@link #get} throws with the reason.
 *       {@code auto}, the default, takes the best that can run; {@link #report} says why.
 *   <li>{@code -Delegans.isa=…} caps the instruction set ({@link InstructionSet#PROPERTY}).
 * </ul>
 */
public final class Backends {
  /** The system property that names the backend. */
  public static final String PROPERTY = "elegans.backend";

  /** The value of {@link #PROPERTY} for the best backend that can run. */
  public static final String AUTO = "auto";

  private static @Nullable List<Status> statuses;

  private Backends() {}

  /**
   * What became of one backend.
   *
   * @param name the backend's name
   * @param kernels its kernels, or null if it cannot run
   * @param reason why it cannot run, or why automatic choice passes it over; otherwise empty
   */
  public record Status(String name, @Nullable Kernels kernels, String reason) {}

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
    List<Status> all = statuses();
    for (Status status : all) {
      boolean wanted =
          name.equals(AUTO)
              ? status.kernels != null && status.kernels.caveat().isEmpty()
              : name.equals(status.name);
      if (wanted && status.kernels != null) {
        return status.kernels;
      }
      if (wanted) {
        throw new BackendUnavailableException(
            "backend '%s' cannot run here: %s".formatted(name, status.reason));
      }
    }
    throw new IllegalArgumentException(
        "unknown backend '%s': expected %s, %s"
            .formatted(
                name, AUTO, all.stream().map(Status::name).collect(Collectors.joining(", "))));
  }

  /** All backends that can run here, the preferred first. */
  public static List<Kernels> available() {
    return statuses().stream().map(Status::kernels).filter(Objects::nonNull).toList();
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

  /** One line for each backend: chosen or not, tier, why. */
  public static String report() {
    Kernels chosen = get();
    return statuses().stream()
        .map(
            status -> {
              String state =
                  status.kernels == null ? "-" : status.kernels == chosen ? "chosen" : "available";
              String tier = status.kernels == null ? "" : status.kernels.tier();
              return "%-8s %-10s %s"
                  .formatted(
                      status.name,
                      state,
                      tier
                          + (tier.isEmpty() || status.reason.isEmpty() ? "" : "; ")
                          + status.reason)
                  .stripTrailing();
            })
        .collect(Collectors.joining("\n"));
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
      Kernels kernels = new CheckedKernels(provider.open(cap));
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
