package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.InstructionSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "compare --help",
        "info -h",
        "verify --help",
        "run --help",
        "help",
        "help solve"
      })
  void helps(String arguments) {
    CommandLineRun run = CommandLineRun.of((Object[]) arguments.split(" ")).succeeds();

    assertThat(run.out()).startsWith("Usage: elegans");
  }

  @Test
  void tellsItsVersion() {
    assertThat(CommandLineRun.of("--version").succeeds().out()).startsWith("elegans ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                    | expected a command: compare, info, verify, run
          dance                                 | 'dance'
          --dance                               | '--dance'
          compare dance                         | 'dance'
          compare --backend gpu                 | unknown backend 'gpu': expected one of all, auto,
          compare --isa v9                      | --isa | 'v9'
          compare --batch 0                     | --batch must be from 1 to 65536, but is 0
          compare --batch 1,x                   | --batch | 'x'
          compare --batch 100000                | --batch must be from 1 to 65536, but is 100000
          compare --seconds -1                  | --seconds must be from 0 to 3600, but is -1.0
          compare --seconds NaN                 | --seconds must be from 0 to 3600, but is NaN
          compare --seconds soon                | --seconds | 'soon'
          compare --shape 16                    | --shape | 16,128,64 | '16'
          compare --shape 0,1,1                 | --shape | input_size must be at least 1
          compare --shape 16,128,99999999999    | --shape | '16,128,99999999999'
          compare --accuracy high               | --accuracy | 'high'
          compare --model                       | --model
          info --isa wide                       | --isa | 'wide'
          verify                                | FILE
          verify --tolerance -1 x               | --tolerance must be finite and not negative
          verify --tolerance NaN x              | --tolerance must be finite and not negative
          verify --backend gpu x                | unknown backend 'gpu'
          run                                   | --model | --input
          run --model m                         | --input
          run --model m --input x --backend all | --backend must name one backend here, but is 'all'
          run --model m --input x --parallelism 0 | --parallelism must be from 1 to 1024, but is 0
          """)
  void refusesWrongUsage(ArgumentsAccessor row) {
    String arguments = row.getString(0);
    String[] parts = row.toList().stream().skip(1).map(Object::toString).toArray(String[]::new);
    CommandLineRun run =
        CommandLineRun.of(arguments.isEmpty() ? new Object[0] : arguments.split(" "))
            .fails(2, parts)
            .fails(2, "--help");

    assertThat(run.out()).isEmpty();
  }

  @Test
  void optionsEndWithTheirCommand() {
    CommandLineRun.of("verify", "--backend", "scalar", "missing").fails(1, "missing");

    assertThat(System.getProperty(Backends.PROPERTY)).isNull();
    assertThat(System.getProperty(InstructionSet.PROPERTY)).isNull();
  }

  @Test
  void messagesAreOneLine() {
    assertThat(Main.oneLine("a\nb\r\u0007\u2028c\u00b5")).isEqualTo("a\\nb\\u000d\\u0007\\u2028cµ");
    CommandLineRun.of("verify", "no\nsuch\nfile").fails(1, "no\\nsuch\\nfile");
  }
}
