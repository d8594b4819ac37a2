package io.github.elegans.hipparchus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.hipparchus.CalculusFieldElement;
import org.hipparchus.FieldElement;
import org.hipparchus.dfp.Dfp;
import org.hipparchus.dfp.DfpField;
import org.hipparchus.exception.MathIllegalArgumentException;
import org.hipparchus.geometry.euclidean.threed.FieldRotation;
import org.hipparchus.geometry.euclidean.threed.FieldVector3D;
import org.hipparchus.geometry.euclidean.threed.RotationConvention;
import org.hipparchus.linear.Array2DRowFieldMatrix;
import org.hipparchus.linear.FieldMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.ode.FieldOrdinaryDifferentialEquation;
import org.hipparchus.util.Binary64;
import org.hipparchus.util.Binary64Field;
import org.hipparchus.util.FastMath;
import org.hipparchus.util.FieldSinCos;
import org.hipparchus.util.FieldSinhCosh;
import org.hipparchus.util.MathArrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TracedTest {
  private static final long SEED = 20261201;
  private static final DfpField EXACT = new DfpField(50);

  /** One function of one number, for every field. */
  interface Unary {
    <T extends CalculusFieldElement<T>> T apply(T x);
  }

  /** Functions with the arguments that they are tried at, and their error in units. */
  record Case(String name, double low, double high, double units, Unary function) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Case> functions() {
    return Stream.of(
        c("sqrt", 0, 50, 0.51, CalculusFieldElement::sqrt),
        c("cbrt", -1e6, 1e6, 2, CalculusFieldElement::cbrt),
        c("square", -5, 5, 0.51, CalculusFieldElement::square),
        c("reciprocal", 0.1, 9, 0.51, FieldElement::reciprocal),
        c("pow(3)", -5, 5, 1.1, TracedTest::cube),
        c("pow(-2)", 0.5, 5, 1.6, TracedTest::inverseSquare),
        c("pow(0.5)", 0.5, 5, 0.51, TracedTest::root),
        c("exp", -20, 20, 0.9, CalculusFieldElement::exp),
        c("expm1", -2, 2, 1.1, CalculusFieldElement::expm1),
        c("log", 1e-3, 1e3, 1, CalculusFieldElement::log),
        c("log1p", -0.9, 9, 1, CalculusFieldElement::log1p),
        c("log10", 1e-3, 1e3, 2, CalculusFieldElement::log10),
        c("sin", -30, 30, 1, CalculusFieldElement::sin),
        c("cos", -30, 30, 1, CalculusFieldElement::cos),
        c("tan", -1.5, 1.5, 3, CalculusFieldElement::tan),
        c("asin", -1, 1, 1.7, CalculusFieldElement::asin),
        c("acos", -1, 1, 1.7, CalculusFieldElement::acos),
        c("atan", -30, 30, 1.4, CalculusFieldElement::atan),
        c("sinh", -20, 20, 3, CalculusFieldElement::sinh),
        c("cosh", -20, 20, 2, CalculusFieldElement::cosh),
        c("tanh", -5, 5, 1.4, CalculusFieldElement::tanh),
        c("asinh", -30, 30, 4, CalculusFieldElement::asinh),
        c("acosh", 1.0001, 30, 4, CalculusFieldElement::acosh),
        c("atanh", -0.99, 0.99, 3, CalculusFieldElement::atanh));
  }

  private static <T extends CalculusFieldElement<T>> T cube(T x) {
    return x.pow(3);
  }

  private static <T extends CalculusFieldElement<T>> T inverseSquare(T x) {
    return x.pow(-2);
  }

  private static <T extends CalculusFieldElement<T>> T root(T x) {
    return x.pow(0.5);
  }

  private static Case c(String name, double low, double high, double units, Unary function) {
    return new Case(name, low, high, units, function);
  }

  /** What equations y' = f(y) over traced numbers give at a point. */
  private static double[] evaluate(Function<Traced[], Traced[]> equations, double... y) {
    OdeSystem system =
        HipparchusSystems.trace(equations(y.length, (t, states) -> equations.apply(states)));
    double[] derivatives = new double[y.length];
    system.vectorField().evaluate(0, y, new double[0], derivatives);
    return derivatives;
  }

  private static double at(UnaryOperator<Traced> function, double x) {
    return evaluate(y -> new Traced[] {function.apply(y[0])}, x)[0];
  }

  private interface Right {
    Traced[] derivatives(Traced t, Traced[] y);
  }

  private static FieldOrdinaryDifferentialEquation<Traced> equations(int dimension, Right right) {
    return new FieldOrdinaryDifferentialEquation<>() {
      @Override
      public int getDimension() {
        return dimension;
      }

      @Override
      public Traced[] computeDerivatives(Traced t, Traced[] y) {
        return right.derivatives(t, y);
      }
    };
  }

  /** Hipparchus' own numbers of 50 digits say what is right. */
  @ParameterizedTest
  @MethodSource("functions")
  void functionsAreAsExactAsTheySay(Case c) {
    OdeSystem system =
        HipparchusSystems.trace(equations(1, (t, y) -> new Traced[] {c.function().apply(y[0])}));
    OdeSystem.VectorField field = system.vectorField();
    Random random = new Random(SEED);
    for (int i = 0; i < 100; i++) {
      double x = c.low() + (c.high() - c.low()) * random.nextDouble();
      double[] found = new double[1];
      field.evaluate(0, new double[] {x}, new double[0], found);
      Dfp exact = c.function().apply(EXACT.newDfp(x));
      double unit = Math.ulp(exact.toDouble());
      double error = exact.subtract(found[0]).divide(unit).abs().toDouble();
      assertThat(error).as("%s(%s), seed %d", c, x, SEED).isLessThanOrEqualTo(c.units());
      // Of a constant, the value is known at once, and FastMath's.
      assertThat(Traced.constant(x).add(0).isConstant()).isTrue();
      assertThat(c.function().apply(Traced.constant(x)).getReal())
          .isCloseTo(exact.toDouble(), Offset.offset(4 * unit));
    }
  }

  @Test
  void functionsOfTwoNumbersAreThoseOfFastMath() {
    Random random = new Random(SEED);
    for (int i = 0; i < 200; i++) {
      double a = random.nextGaussian() * 3;
      double b = random.nextGaussian() * 3;
      double[] found =
          evaluate(
              y ->
                  new Traced[] {
                    y[0].hypot(y[1]),
                    FastMath.atan2(y[0], y[1]),
                    y[0].abs().pow(y[1]),
                    y[0].copySign(y[1]),
                    y[0].remainder(y[1]),
                    FastMath.hypot(y[0], y[1].getField().getOne()),
                    y[0].divide(y[1]),
                    y[0].scalb(-5)
                  },
              a,
              b,
              0,
              0,
              0,
              0,
              0,
              0);
      double[] expected = {
        FastMath.hypot(a, b),
        FastMath.atan2(a, b),
        FastMath.pow(FastMath.abs(a), b),
        FastMath.copySign(a, b),
        Math.IEEEremainder(a, b),
        FastMath.hypot(a, 1),
        a / b,
        FastMath.scalb(a, -5)
      };
      for (int j = 0; j < expected.length; j++) {
        assertThat(found[j])
            .as("function %d of %s and %s, seed %d", j, a, b, SEED)
            .isCloseTo(
                expected[j], Offset.offset(4 * Math.ulp(Math.max(1e-3, Math.abs(expected[j])))));
      }
    }
  }

  @Test
  void stepsOfNumbersAreThoseOfFastMath() {
    for (double x : new double[] {-2.5, -2, -1.5, -0.3, 0, 0.5, 1, 1.5, 2.5, 1e17, -0x1p52 - 1}) {
      assertThat(at(Traced::rint, x)).isEqualTo(FastMath.rint(x));
      assertThat(at(Traced::floor, x)).isEqualTo(FastMath.floor(x));
      assertThat(at(Traced::ceil, x)).isEqualTo(FastMath.ceil(x));
      assertThat(at(Traced::sign, x)).isEqualTo(FastMath.signum(x));
      assertThat(at(Traced::abs, x)).isEqualTo(FastMath.abs(x));
      assertThat(at(y -> y.rootN(5), x))
          .isCloseTo(
              FastMath.copySign(FastMath.pow(FastMath.abs(x), 0.2), x), Offset.offset(1e-11));
      assertThat(at(y -> Traced.constant(2).copySign(y), x)).isEqualTo(FastMath.copySign(2, x));
    }
    assertThat(at(y -> Traced.constant(2).copySign(y), -0.0)).isEqualTo(-2);
    assertThat(at(y -> y.cbrt(), 0)).isZero();
    assertThat(at(Traced::cbrt, Double.NEGATIVE_INFINITY)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(at(Traced::asinh, 1e300))
        .isCloseTo(Math.log(1e300) + Math.log(2), Offset.offset(1e-12));
    assertThat(at(Traced::sinh, -1e-12)).isEqualTo(-1e-12);
  }

  /** A user's code over any field, which uses what is around fields in Hipparchus. */
  private static <T extends CalculusFieldElement<T>> T[] geometry(T[] y) {
    FieldVector3D<T> position = new FieldVector3D<>(y[0], y[1], y[2]);
    FieldVector3D<T> other = new FieldVector3D<>(y[2], y[0], y[1]);
    FieldVector3D<T> cross = FieldVector3D.crossProduct(position, other);
    T dot = FieldVector3D.dotProduct(position, other);
    FieldVector3D<T> sum =
        new FieldVector3D<>(2.0, position, -1.0, cross).add(dot, position.scalarMultiply(0.5));
    FieldSinCos<T> sinCos = y[0].sinCos();
    FieldSinhCosh<T> hyperbolic = FastMath.sinhCosh(y[1]);
    FieldMatrix<T> matrix = new Array2DRowFieldMatrix<>(y[0].getField(), 2, 2);
    matrix.setEntry(0, 0, sinCos.cos());
    matrix.setEntry(0, 1, sinCos.sin().negate());
    matrix.setEntry(1, 0, sinCos.sin());
    matrix.setEntry(1, 1, sinCos.cos());
    T[] turned =
        matrix
            .multiply(matrix)
            .operate(new Array2DRowFieldMatrix<>(y[0].getField(), 2, 1).getColumn(0));
    T[] column = matrix.add(MatrixUtils.createFieldIdentityMatrix(y[0].getField(), 2)).getColumn(1);
    FieldRotation<T> rotation =
        new FieldRotation<>(
            FieldVector3D.getPlusK(y[0].getField()), y[1], RotationConvention.VECTOR_OPERATOR);
    FieldVector3D<T> rotated = rotation.applyTo(position);
    T[] result = MathArrays.buildArray(y[0].getField(), 3);
    result[0] = sum.getX().add(turned[0]).add(column[0]).add(rotated.getX());
    result[1] = sum.getNorm().add(hyperbolic.sinh()).add(rotated.getY()).add(position.getAlpha());
    result[2] =
        y[0].linearCombination(y[0], y[1], y[1], y[2], y[2], y[0])
            .add(position.getDelta())
            .add(y[0].linearCombination(y, y))
            .add(FastMath.toDegrees(y[2]));
    return result;
  }

  @Test
  void codeOverFieldsIsTracedAsItStands() {
    Random random = new Random(SEED);
    for (int i = 0; i < 20; i++) {
      double[] y = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
      Binary64[] numbers = new Binary64[3];
      for (int j = 0; j < 3; j++) {
        numbers[j] = new Binary64(y[j]);
      }
      Binary64[] expected = geometry(numbers);
      double[] found = evaluate(TracedTest::geometry, y);
      for (int j = 0; j < 3; j++) {
        assertThat(found[j]).isCloseTo(expected[j].getReal(), Offset.offset(1e-12));
      }
    }
  }

  @Test
  void functionsHaveTheSameBitsOnEveryBackend() {
    OdeSystem system =
        HipparchusSystems.trace(
            equations(
                3,
                (t, y) ->
                    new Traced[] {
                      y[0].atan2(y[1]).add(y[2].sinh()).add(y[0].cbrt()),
                      y[1].hypot(y[0]).asinh().subtract(y[2].sin().asin()),
                      y[0].cos().acos().add(y[1].rint()).subtract(y[2].atan().log10())
                    }));
    Ensemble ensemble = Ensemble.of(50).initial("y0", i -> i - 25.0).initial("y2", 0.5).end(1);
    List<double[]> results = new ArrayList<>();
    for (Kernels kernels : Backends.available()) {
      Solution solution =
          Solver.of(system).kernels(kernels).fixedStep(0.05).build().solve(ensemble);
      results.add(
          IntStream.range(0, 50)
              .mapToObj(solution::states)
              .flatMapToDouble(Arrays::stream)
              .toArray());
    }
    assertThat(results)
        .hasSizeGreaterThan(1)
        .allSatisfy(each -> assertThat(each).containsExactly(results.getFirst()));
  }

  @Test
  void choicesAreMadeAtEveryPoint() {
    for (double x : new double[] {-2, -0.5, 0.5, 3}) {
      assertThat(at(y -> Piecewise.max(y, y.square()), x)).isEqualTo(Math.max(x, x * x));
      assertThat(at(y -> Piecewise.min(y, y.square()), x)).isEqualTo(Math.min(x, x * x));
      assertThat(at(y -> Piecewise.ifLess(y, y.newInstance(0), y.exp(), y.cos()), x))
          .isCloseTo(x < 0 ? Math.exp(x) : Math.cos(x), Offset.offset(1e-15));
    }
    Binary64 one = Binary64Field.getInstance().getOne();
    assertThat(Piecewise.max(one, one.add(1)).getReal()).isEqualTo(2);
    assertThat(Piecewise.min(Traced.constant(4), Traced.constant(3)).getReal()).isEqualTo(3);
  }

  @Test
  void whatAsksForAValueIsToldWhere() {
    Map<String, UnaryOperator<Traced>> asking = new LinkedHashMap<>();
    asking.put("getReal()", y -> y.newInstance(y.getReal()));
    asking.put("isZero()", y -> y.isZero() ? y : y.negate());
    asking.put("isNaN()", y -> y.isNaN() ? y : y.negate());
    asking.put("isInfinite()", y -> y.isInfinite() ? y : y.negate());
    asking.put("isFinite()", y -> y.isFinite() ? y : y.negate());
    asking.put("norm()", y -> y.newInstance(y.norm()));
    asking.put("round()", y -> y.newInstance((double) y.round()));
    asking.put("getExponent()", y -> y.newInstance(y.getExponent()));
    asking.put("ulp()", Traced::ulp);
    asking.put("getAddendum()", Traced::getAddendum);
    asking.put("equals()", y -> y.equals(y.newInstance(1)) ? y : y.negate());
    asking.forEach(
        (method, function) ->
            assertThatExceptionOfType(UntraceableException.class)
                .isThrownBy(() -> at(function, 1))
                .satisfies(
                    e -> {
                      assertThat(e).hasMessageContaining(method);
                      assertThat(e.place())
                          .startsWith("io.github.elegans.hipparchus.TracedTest.")
                          .containsPattern("\\(TracedTest\\.java:\\d+\\)");
                    }));
  }

  @Test
  void whatAsksWithinHipparchusIsToldWithBothPlaces() {
    assertThatThrownBy(() -> at(y -> FastMath.max(y, y.negate()), 1))
        .isInstanceOf(UntraceableException.class)
        .hasMessageContaining("TracedTest.java:")
        .hasMessageContaining("within org.hipparchus.util.FastMath.max(FastMath.java:")
        .hasMessageContaining("Piecewise");
  }

  @Test
  void constantsHaveTheirValues() {
    Traced two = Traced.constant(2);
    assertThat(two.add(3).multiply(2).getReal()).isEqualTo(10);
    assertThat(two.subtract(two).isZero()).isTrue();
    assertThat(two.isNaN() || two.isInfinite() || !two.isFinite()).isFalse();
    assertThat(two).isEqualTo(Traced.constant(2)).hasSameHashCodeAs(Traced.constant(2));
    assertThat(two.ulp().getReal()).isEqualTo(FastMath.ulp(2.0));
    assertThat(two.getAddendum().getReal()).isZero();
    assertThat(two.getPi().getReal()).isEqualTo(Math.PI);
    assertThat(two.round()).isEqualTo(2);
    assertThat(two.getExponent()).isEqualTo(1);
    assertThat(two.norm()).isEqualTo(2);
    assertThat(two).hasToString("2.0");
    assertThat(Traced.FIELD.getZero().isZero()).isTrue();
  }

  @Test
  void combinationsOfUnequalLengthAreRefused() {
    Traced[] one = {Traced.constant(1)};
    assertThatExceptionOfType(MathIllegalArgumentException.class)
        .isThrownBy(() -> one[0].linearCombination(one, new Traced[2]));
  }

  @Test
  void whatEquationsGiveIsChecked() {
    assertThatThrownBy(() -> HipparchusSystems.trace(equations(2, (t, y) -> new Traced[] {y[0]})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 derivatives are expected")
        .hasMessageContaining("found 1");
    assertThatThrownBy(
            () -> HipparchusSystems.trace(equations(2, (t, y) -> new Traced[] {y[0], null})))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("derivative 1 is missing");
    assertThatThrownBy(
            () ->
                HipparchusSystems.trace(
                    "Lorenz",
                    List.of("x"),
                    p -> new Lorenz<>(Traced.constant(1), p.parameter("r", 2), Traced.constant(3))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 names are expected")
        .hasMessageContaining("found 1");
    assertThatThrownBy(
            () ->
                HipparchusSystems.trace(
                    "Lorenz",
                    p ->
                        new Lorenz<>(
                            p.parameter("y0", 1), p.parameter("r", 2), p.parameter("b", 3))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("y0");
    assertThatThrownBy(
            () ->
                HipparchusSystems.trace(
                    "Lorenz",
                    p ->
                        new Lorenz<>(
                            p.parameter("r", 1), p.parameter("r", 2), p.parameter("b", 3))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the parameter 'r' is to be 2.0, but was to be 1.0");
  }

  @Test
  void whatInitIsGivenMustNotShow() {
    FieldOrdinaryDifferentialEquation<Traced> relative =
        new FieldOrdinaryDifferentialEquation<>() {
          private Traced start = Traced.constant(0);

          @Override
          public int getDimension() {
            return 1;
          }

          @Override
          public void init(Traced t0, Traced[] y0, Traced finalTime) {
            start = t0;
          }

          @Override
          public Traced[] computeDerivatives(Traced t, Traced[] y) {
            return new Traced[] {t.subtract(start)};
          }
        };
    assertThatThrownBy(() -> HipparchusSystems.trace(relative))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("initial time")
        .hasMessageContaining("parameter");
  }
}
