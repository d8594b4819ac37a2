package io.github.elegans.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.bench.BenchCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Wrong options are refused before anything is measured. */
class BenchCommandTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "maths | unknown family 'maths'",
        "--setting fast | --setting must be quick, short or full, but is 'fast'",
        "--backend fortran | unknown backend 'fortran': expected one of",
        "--isa v9 | unknown instruction set 'v9'",
        "--shape 1x2 | expected a shape of M x K x N like 24x128x256, but found '1x2'",
        "--shape 1,2 | expected a shape of I,U,H like 16,128,64, but found '1,2'",
        "math --shape 1,2,3 | --shape 1,2,3 is for the family cfc",
        "cfc --shape 1x2x3 | --shape 1x2x3 is for the family dense",
        "dense --batch 7 | --batch 7 is for the family cfc",
        "dense --threads 2 | --threads 2 is for the family cfc, ode, training or call",
        "dense --function tanh | --function tanh is for the family math",
        "--function tan | --function must be one of linear, exp, tanh",
        "--accuracy low | --accuracy must be one of fast, accurate, exact, but is 'low'",
        "--batch 0 | --batch must lie between 1 and",
        "--batch x | Invalid value for option '--batch'",
        "--threads 5000 | --threads must lie between 1 and 1024, but is 5000",
        "--output no/such/directory/x.json | --output no/such/directory/x.json: there is no such",
        "--jvm-args -XX:NoSuchOption=1 | a JVM does not start with the arguments",
      })
  void isRefused(String arguments, String message) {
    StringWriter error = new StringWriter();
    int status =
        new CommandLine(new BenchCommand())
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(error))
            .execute(arguments.split(" "));
    assertThat(error.toString()).contains(message);
    assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
  }
}
