package io.github.elegans.expressions;

/** A text that cannot be read: where, and why. */
public final class TextException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /** From 1. */
  private final int line;

  /** From 1. */
  private final int column;

  /** What is wrong at a line and column, both from 1; they are put before the message. */
  public TextException(int line, int column, String message) {
    super("line %d, column %d: %s".formatted(line, column, message));
    this.line = line;
    this.column = column;
  }

  /** The line, from 1. */
  public int line() {
    return line;
  }

  /** The column, from 1. */
  public int column() {
    return column;
  }
}
