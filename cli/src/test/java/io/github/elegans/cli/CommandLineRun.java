package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * What a run of the command line did.
 *
 * @param arguments what it was called with
 * @param status its exit status
 * @param out what it wrote to the standard output stream
 * @param err what it wrote to the standard error stream
 */
public record CommandLineRun(String arguments, int status, String out, String err) {

  /** Runs a command in this process; arguments that are not strings are written as such. */
  public static CommandLineRun of(Object... arguments) {
    var words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    var out = new StringWriter();
    var err = new StringWriter();
    int status = Main.run(new PrintWriter(out), new PrintWriter(err), words);
    return new CommandLineRun(String.join(" ", words), status, out.toString(), err.toString());
  }

  /** Checks that it succeeded without a complaint. */
  public CommandLineRun succeeds() {
    assertThat(err).as(arguments).isEmpty();
    assertThat(status).as(arguments).isZero();
    return this;
  }

  /** Checks that it failed with one line that says all this. */
  public CommandLineRun fails(int expectedStatus, String... parts) {
    assertThat(err).as(arguments).startsWith("elegans: ").endsWith(System.lineSeparator());
    assertThat(err.lines()).as(arguments).hasSize(1);
    assertThat(err).as(arguments).contains(parts).doesNotContain("unexpected", "Exception");
    assertThat(status).as(arguments).isEqualTo(expectedStatus);
    return this;
  }
}
