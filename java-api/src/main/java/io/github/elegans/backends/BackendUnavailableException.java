package io.github.elegans.backends;

/** A backend cannot run here; the message says why and, where there is a remedy, what to do. */
public final class BackendUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BackendUnavailableException(String reason) {
    super(reason);
  }

  public BackendUnavailableException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
