package io.github.elegans.hipparchus;

import io.github.elegans.expressions.Expr;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hipparchus.Field;

/**
 * Gives equations their parameters while they are traced, each by a name that it keeps in the
 * system: ensembles and {@link SystemEquations#setParameter} give it other values.
 */
public final class TracedParameters {
  private final Map<String, Double> values = new LinkedHashMap<>();

  TracedParameters() {}

  /** The field of traced numbers, for equations that make constants. */
  public Field<Traced> field() {
    return Traced.FIELD;
  }

  /**
   * A parameter.
   *
   * @param value what it is unless something else is said
   * @throws IllegalArgumentException if there is one of that name with another value
   */
  public Traced parameter(String name, double value) {
    Double known = values.putIfAbsent(name, value);
    if (known != null && Double.compare(known, value) != 0) {
      throw new IllegalArgumentException(
          "the parameter '%s' is to be %s, but was to be %s before".formatted(name, value, known));
    }
    return Traced.of(Expr.variable(name));
  }

  /**
   * Parameters for equations that take them as an array.
   *
   * @param names as many as values
   * @throws IllegalArgumentException if there are more of one than of the other
   */
  public Traced[] parameters(List<String> names, double... values) {
    if (names.size() != values.length) {
      throw new IllegalArgumentException(
          "values: %d are expected, one for each name, found %d"
              .formatted(names.size(), values.length));
    }
    Traced[] all = new Traced[values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = parameter(names.get(i), values[i]);
    }
    return all;
  }

  Map<String, Double> values() {
    return values;
  }
}
