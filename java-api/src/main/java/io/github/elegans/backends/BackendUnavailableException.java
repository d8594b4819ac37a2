package io.github.elegans.backends;

/** A backend cannot run here; the message says why and, where there is a remedy, what to do. */
public final class BackendUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A backend cannot run for this reason, which becomes the message. */
  public BackendUnavailableException(String reason) {
    super(reason);
  }

  /** The same, with what was thrown where that was found. */
  public BackendUnavailableException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
