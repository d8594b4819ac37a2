package io.github.elegans.vector;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * A directive to HotSpot: its first compiler, C1, leaves written programs alone. It runs out of
 * registers for what the Vector API unfolds into; a method that it gave up on stays in slow code
 * for ever, while one that it may not take goes from the interpreter to C2. The directive stands on
 * top of the JVM's stack of directives, matches our classes only, and stays: taking one away takes
 * away whatever is on top.
 */
final class CompilerDirective {
  private static final String METHODS = ProgramWriter.CLASS_NAME + "*.*";

  private static final String REFUSAL = add();

  private CompilerDirective() {}

  /** Why there is no directive, or nothing if there is one. */
  static String refusal() {
    return REFUSAL;
  }

  private static String add() {
    try {
      MBeanServer server = ManagementFactory.getPlatformMBeanServer();
      ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
      // Another class loader may have been here.
      if (isAdded(server, commands)) {
        return "";
      }
      Path file = Files.createTempFile("elegans-", ".json");
      try {
        Files.writeString(file, "[{match: \"" + METHODS + "\", c1: {Exclude: true}}]");
        Object answer =
            server.invoke(
                commands,
                "compilerDirectivesAdd",
                new Object[] {new String[] {file.toString()}},
                new String[] {String[].class.getName()});
        return isAdded(server, commands) ? "" : "no directive was added: " + answer;
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException | JMException | RuntimeException e) {
      return e.toString();
    }
  }

  private static boolean isAdded(MBeanServer server, ObjectName commands) throws JMException {
    Object all = server.invoke(commands, "compilerDirectivesPrint", null, null);
    return String.valueOf(all).contains(METHODS);
  }
}
