package io.github.elegans.networks.files;

/**
 * A file that can be read but does not hold what it should. The message is one line of the form
 *
 * <pre>{@code model.safetensors: tensor "fc.weight": expected 96 bytes for F32 [1, 24], found 92}
 * </pre>
 *
 * whatever the file holds: characters that would break the line or hide in it are written as
 * escapes, and long quotations are cut.
 */
public final class FileFormatException extends IllegalArgumentException {
  /** The longest quotation from a file; a name in it may be as long as the file. */
  private static final int LIMIT = 240;

  /**
   * An error of a file.
   *
   * @param source the file, as the user named it
   * @param thing what in the file is wrong: a tensor, a line, a header
   * @param expected what should be there
   * @param found what is there instead
   */
  public FileFormatException(String source, String thing, String expected, String found) {
    super(
        "%s: %s: expected %s, found %s"
            .formatted(
                line(source, Integer.MAX_VALUE),
                line(thing, LIMIT),
                line(expected, Integer.MAX_VALUE),
                line(found, LIMIT)));
  }

  private static String line(String text, int limit) {
    var line = new StringBuilder();
    for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
      if (line.length() >= limit) {
        return line.append('…').toString();
      }
      c = text.codePointAt(i);
      switch (Character.getType(c)) {
        case Character.CONTROL,
            Character.FORMAT,
            Character.LINE_SEPARATOR,
            Character.PARAGRAPH_SEPARATOR,
            Character.SURROGATE ->
            line.append("\\u%04x".formatted(c));
        default -> line.appendCodePoint(c);
      }
    }
    return line.toString();
  }
}
