package io.github.elegans.backends;

/**
 * Offers a backend. Found by {@link java.util.ServiceLoader}: declare it in {@code module-info} and
 * in {@code META-INF/services}. The constructor must be cheap and must not fail.
 */
public interface KernelProvider {

  /** The name for {@code -Delegans.backend} and {@link Backends#named}. */
  String name();

  /** Automatic choice takes the available provider with the highest preference. */
  int preference();

  /**
   * Opens the backend on the widest tier that this machine has within the cap.
   *
   * @throws BackendUnavailableException if it cannot run here, with the reason
   */
  Kernels open(InstructionSet cap);
}
