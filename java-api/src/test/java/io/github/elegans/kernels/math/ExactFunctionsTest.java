package io.github.elegans.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.hipparchus.dfp.Dfp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The yardsticks themselves: against published digits and against each other. */
class ExactFunctionsTest {

  @ParameterizedTest
  @CsvSource({
    // Computed with mpmath.
    "EXP, 1, 2.71828182845904523536028747135266249775724709",
    "TANH, 1, 0.761594155955764888119458282604793590412768597",
    "LECUN_TANH, 0.5, 0.551170809161427902308812093523413691671742227",
    "SIGMOID, 1, 0.73105857863000487925115924182183627436514464",
    "SILU, -10, -0.000453978687024343945047762327634894550936920047",
    "SOFTPLUS, 1, 1.31326168751822283404899549496785564191528009",
    "SOFTPLUS, 0, 0.693147180559945309417232121458176568075500134",
    "GELU, 1, 0.841344746068542948585232545632037922477912967",
    "GELU, -3, -0.00404969409489028357995544430278493213348810447",
    "GELU_TANH, -2, -0.0454023059122249812189586138492809603579387733",
  })
  void hasTheDigitsOfAnotherLibrary(Activation function, double x, String digits) {
    Dfp found = ExactFunctions.of(function, x);
    Dfp expected = found.newInstance(digits);
    assertThat(found.subtract(expected).divide(expected).abs().toDouble())
        .as("%s of %s = %s", function, x, found)
        .isLessThan(1e-40);
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void agreesWithTextbookFormulas(Activation function) {
    for (double x = -15; x < 20; x += 0.37) {
      double exact = ExactFunctions.of(function, x).toDouble();
      assertThat(DoubleFunctions.of(function, x))
          .as("%s of %s", function, x)
          .isCloseTo(exact, within(Math.abs(exact) * DoubleFunctions.ERROR));
    }
  }

  @Test
  void smallArgumentsKeepTheirDigits() {
    assertThat(ExactFunctions.of(Activation.TANH, 1e-300).toDouble()).isEqualTo(1e-300);
    assertThat(ExactFunctions.of(Activation.TANH, 1e-5).toDouble())
        .isEqualTo(StrictMath.tanh(1e-5));
    assertThat(ExactFunctions.of(Activation.SOFTPLUS, -700).toDouble())
        .isEqualTo(StrictMath.exp(-700));
  }
}
