package io.github.elegans.cli;

import io.github.elegans.backends.BackendUnavailableException;
import io.github.elegans.backends.Backends;
import io.github.elegans.backends.InstructionSet;
import io.github.elegans.networks.training.TrainingDivergedException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line.
 *
 * <p>Exit status 0 is success, 1 a failure, 2 wrong usage; what went wrong is one line on the
 * standard error stream. {@code -Delegans.debug=true} adds the stack trace.
 */
@Command(
    name = "elegans",
    description = {
      "Runs liquid neural networks on every backend of this machine: scalar Java, the Java Vector"
          + " API and native code, which give the same bits."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "elegans bench measures the kernels; it is built when it is first used."},
    subcommands = {
      CompareCommand.class,
      InfoCommand.class,
      VerifyCommand.class,
      RunCommand.class,
      ExportCommand.class,
      SolveCommand.class,
      WiringCommand.class,
      TrainCommand.class,
      CalibrateCommand.class,
      CommandLine.HelpCommand.class,
    })
public final class Main implements Runnable {
  private static final String DEBUG = "elegans.debug";

  @Spec private CommandSpec command;

  private Main() {}

  /** Runs a command and ends the virtual machine with its exit status. */
  public static void main(String[] arguments) {
    PrintWriter out = writer(System.out.charset(), System.out);
    PrintWriter err = writer(System.err.charset(), System.err);
    int status = run(out, err, arguments);
    out.flush();
    err.flush();
    System.exit(status);
  }

  /** A locale without a character set (C, POSIX) says nothing of the terminal: UTF-8 is likely. */
  private static PrintWriter writer(Charset charset, PrintStream stream) {
    Charset used = charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset;
    return new PrintWriter(stream, true, used);
  }

  /**
   * Runs a command.
   *
   * @param out the standard output stream
   * @param err the standard error stream
   * @return the exit status
   */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine line = new CommandLine(new Main());
    ServiceLoader.load(FurtherCommand.class).forEach(line::addSubcommand);
    line.setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(Main::wrongUsage)
        .setExecutionExceptionHandler((e, at, result) -> failure(err, e));
    String backend = System.getProperty(Backends.PROPERTY);
    String tier = System.getProperty(InstructionSet.PROPERTY);
    try {
      return line.execute(arguments);
    } catch (Error e) {
      return failure(err, e);
    } finally {
      // The options of one command are not those of the next in the same process.
      restore(Backends.PROPERTY, backend);
      restore(InstructionSet.PROPERTY, tier);
    }
  }

  private static void restore(String property, @Nullable String value) {
    if (value == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
  }

  @Override
  public void run() {
    throw new ParameterException(
        command.commandLine(),
        "expected a command: " + String.join(", ", command.subcommands().keySet()));
  }

  /**
   * Refuses a file that could not be written after long work.
   *
   * @param name what the message calls it
   */
  public static void requireDirectory(CommandSpec command, String name, Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw new ParameterException(command.commandLine(), name + ": there is no such directory");
    }
  }

  private static int wrongUsage(ParameterException e, String[] arguments) {
    CommandLine at = e.getCommandLine();
    complain(
        at.getErr(),
        "%s (see '%s --help')".formatted(e.getMessage(), at.getCommandSpec().qualifiedName()),
        e);
    return CommandLine.ExitCode.USAGE;
  }

  private static int failure(PrintWriter err, Throwable e) {
    complain(err, message(e), e);
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static void complain(PrintWriter err, String message, Throwable e) {
    err.println("elegans: " + oneLine(message));
    if (Boolean.getBoolean(DEBUG)) {
      e.printStackTrace(err);
    }
    err.flush();
  }

  /** What to tell the user of an exception. */
  public static String message(Throwable e) {
    return switch (e) {
      case UncheckedIOException unchecked when unchecked.getCause() != null ->
          message(Objects.requireNonNull(unchecked.getCause()));
      case NoSuchFileException missing -> missing.getFile() + ": there is no such file";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case FileSystemException other ->
          other.getFile() + ": " + Objects.requireNonNullElse(other.getReason(), name(other));
      case CommandFailure failure -> text(failure);
      case IllegalArgumentException wrong when wrong.getMessage() != null -> text(wrong);
      case TrainingDivergedException diverged -> text(diverged);
      case BackendUnavailableException unavailable -> text(unavailable);
      case IOException io when io.getMessage() != null -> text(io);
      case OutOfMemoryError memory ->
          "not enough memory: %s; more with ELEGANS_JAVA_OPTIONS=-Xmx… and -XX:MaxDirectMemorySize=…"
              .formatted(text(memory));
      default ->
          "unexpected %s: %s (the stack trace with ELEGANS_JAVA_OPTIONS=-D%s=true)"
              .formatted(name(e), text(e), DEBUG);
    };
  }

  private static String name(Throwable e) {
    return e.getClass().getSimpleName();
  }

  private static String text(Throwable e) {
    return String.valueOf(e.getMessage());
  }

  /** Writes line breaks and other control characters as escapes. */
  static String oneLine(@Nullable String text) {
    var line = new StringBuilder();
    String.valueOf(text)
        .codePoints()
        .forEach(
            c -> {
              if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                line.append(c == '\n' ? "\\n" : "\\u%04x".formatted(c));
              } else {
                line.appendCodePoint(c);
              }
            });
    return line.toString();
  }

  /** Reads the version from the manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "elegans "
            + Objects.requireNonNullElse(version, "(not packaged)")
            + " on Java "
            + Runtime.version()
      };
    }
  }
}
