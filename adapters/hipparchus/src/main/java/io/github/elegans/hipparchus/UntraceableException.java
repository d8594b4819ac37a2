package io.github.elegans.hipparchus;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Equations ask for the value of a number while they are traced, when there is none. The message
 * says which method was asked for it, the place in the equations, and what can be done.
 */
public final class UntraceableException extends UnsupportedOperationException {
  private static final long serialVersionUID = 1;

  /** Class, method and line. */
  private final String place;

  private UntraceableException(String message, String place) {
    super(message);
    this.place = place;
  }

  /** Where the equations ask: class, method and line. */
  public String place() {
    return place;
  }

  /**
   * What is to be thrown.
   *
   * @param method of a traced number
   * @param advice what to do, a sentence
   */
  static UntraceableException of(String method, String advice) {
    StackWalker.StackFrame caller = frame(name -> false);
    StackWalker.StackFrame user = frame(name -> name.startsWith("org.hipparchus."));
    String place = place(user == null ? caller : user);
    String within =
        user == null || caller == null || user.equals(caller)
            ? ""
            : " (within %s)".formatted(place(caller));
    return new UntraceableException(
        "%s%s: %s has no value while equations are traced, for it stands for all values at once. %s"
            .formatted(place, within, method, advice),
        place);
  }

  /** The first frame that is neither of this class, nor of traced numbers, nor skipped. */
  private static StackWalker.@Nullable StackFrame frame(Predicate<String> skipped) {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(
                        frame ->
                            !frame.getClassName().equals(UntraceableException.class.getName())
                                && !frame.getClassName().equals(Traced.class.getName())
                                && !skipped.test(frame.getClassName()))
                    .findFirst()
                    .orElse(null));
  }

  private static String place(StackWalker.@Nullable StackFrame frame) {
    return frame == null
        ? "unknown place"
        : "%s.%s(%s:%d)"
            .formatted(
                frame.getClassName(),
                frame.getMethodName(),
                frame.getFileName(),
                frame.getLineNumber());
  }
}
