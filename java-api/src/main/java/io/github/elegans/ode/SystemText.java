package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.ExprParser;
import io.github.elegans.expressions.TextException;
import java.util.HashMap;
import java.util.Map;

/** Reads a system from text, line by line. */
final class SystemText {
  private final String text;
  private final Map<String, Expr> names = new HashMap<>();
  private OdeSystem.Builder builder = OdeSystem.builder("system");
  private boolean begun;

  SystemText(String text) {
    this.text = text;
    names.put("t", Expr.variable("t"));
  }

  OdeSystem read() {
    int number = 0;
    int columns = 1;
    for (String line : text.split("\n", -1)) {
      number++;
      int comment = line.indexOf('#');
      ExprParser parser =
          new ExprParser(comment < 0 ? line : line.substring(0, comment), number, names::get);
      int column = parser.column();
      columns = column;
      if (!parser.atEnd()) {
        try {
          item(parser);
        } catch (TextException e) {
          throw e;
        } catch (IllegalArgumentException e) {
          throw parser.error(column, String.valueOf(e.getMessage()));
        }
        begun = true;
      }
    }
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new TextException(number, columns, String.valueOf(e.getMessage()));
    }
  }

  private void item(ExprParser parser) {
    if (parser.take("system")) {
      if (begun) {
        throw parser.error(1, "'system' must be the first item");
      }
      builder = OdeSystem.builder(parser.rest());
    } else if (parser.take("source")) {
      builder.source(parser.rest());
    } else if (parser.take("time")) {
      names.remove("t");
      String name = parser.name();
      builder.time(name, unit(parser));
      names.put(name, Expr.variable(name));
    } else if (parser.take("parameter")) {
      String name = parser.name();
      parser.need("=");
      Expr value = parser.expression();
      builder.parameter(name, builder.value(value), unit(parser));
      names.put(name, Expr.variable(name));
    } else if (parser.take("state")) {
      String name = parser.name();
      parser.need("=");
      Expr initial = parser.expression();
      builder.value(initial);
      builder.state(name, initial, unit(parser));
      names.put(name, Expr.variable(name));
    } else if (parser.take("gate")) {
      builder.gate(parser.name());
    } else if (parser.take("output")) {
      String name = parser.name();
      parser.need("=");
      Expr value = parser.expression();
      builder.output(name, value, unit(parser));
      names.put(name, value);
    } else {
      definition(parser);
    }
    parser.end();
  }

  private void definition(ExprParser parser) {
    int column = parser.column();
    String name = parser.name();
    if (parser.take("'")) {
      parser.need("=");
      Expr value = parser.expression();
      try {
        builder.derivative(name, value);
      } catch (IllegalArgumentException e) {
        throw parser.error(column, String.valueOf(e.getMessage()));
      }
    } else {
      if (!parser.take("=")) {
        throw parser.expected("''' or '='");
      }
      Expr value = parser.expression();
      if (names.putIfAbsent(name, value) != null) {
        throw parser.error(column, "'%s' is defined twice".formatted(name));
      }
    }
  }

  private String unit(ExprParser parser) {
    if (!parser.take("[")) {
      return "";
    }
    String rest = parser.rest();
    if (!rest.endsWith("]")) {
      throw parser.expected("']'");
    }
    return rest.substring(0, rest.length() - 1).strip();
  }
}
