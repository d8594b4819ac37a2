package io.github.elegans.ode;

import io.github.elegans.expressions.Expr;
import io.github.elegans.expressions.ExprParser;
import io.github.elegans.expressions.TextException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a system from text, line by line. */
final class SystemText {
  private static final Set<String> OPERATORS = Set.of("and", "or", "not", "if");

  private static final Set<String> KEYWORDS =
      Stream.concat(
              OPERATORS.stream(),
              Stream.of("system", "source", "time", "parameter", "state", "gate", "output"))
          .collect(Collectors.toUnmodifiableSet());

  /** A keyword where an equation or a definition has a name. */
  private static final Pattern KEYWORD_AS_NAME =
      Pattern.compile("\\s*(" + String.join("|", KEYWORDS) + ")\\s*(?:'\\s*)?=(?!=).*");

  private static final Pattern DEFINITION =
      Pattern.compile("\\s*(?:(?:parameter|state|output)\\s+)?([\\p{L}_]\\w*)\\s*=(?!=).*");

  /** Where something stands. */
  private record Place(int line, int column) {}

  private final String[] lines;
  private final Map<String, Expr> names = new HashMap<>();
  private final Map<String, Place> places = new HashMap<>();
  private final Map<String, Place> states = new LinkedHashMap<>();
  private final Map<String, Place> gates = new LinkedHashMap<>();
  private final Map<String, Place> derivatives = new HashMap<>();

  /** The first line that defines a name: to say so where it is used before. */
  private final Map<String, Integer> definitions = new HashMap<>();

  private OdeSystem.Builder builder = OdeSystem.builder("system");
  private String source = "";
  private String time = "t";
  private @Nullable Place timeNamed;
  private int timeUsed;
  private int number;
  private boolean begun;

  SystemText(String text) {
    // Editors put a byte order mark in front.
    this.lines = (text.startsWith("\uFEFF") ? text.substring(1) : text).split("\r\n|\r|\n", -1);
    names.put(time, Expr.variable(time));
    for (int i = 0; i < lines.length; i++) {
      int comment = lines[i].indexOf('#');
      lines[i] = comment < 0 ? lines[i] : lines[i].substring(0, comment);
      Matcher matcher = DEFINITION.matcher(lines[i]);
      if (matcher.matches()) {
        definitions.putIfAbsent(matcher.group(1), i + 1);
      }
    }
  }

  OdeSystem read() {
    int columns = 1;
    for (String line : lines) {
      number++;
      ExprParser parser = new ExprParser(line, number, this::meaning);
      int column = parser.column();
      columns = column;
      if (!parser.atEnd()) {
        try {
          item(line, parser);
        } catch (TextException e) {
          throw e;
        } catch (IllegalArgumentException e) {
          throw parser.error(column, String.valueOf(e.getMessage()));
        }
        begun = true;
      }
    }
    states.forEach(
        (name, place) -> {
          if (!derivatives.containsKey(name)) {
            throw error(place, "state '%s' has no derivative".formatted(name));
          }
        });
    gates.forEach(
        (name, place) -> {
          if (!states.containsKey(name)) {
            throw error(place, "there is no state '%s' to be a gate".formatted(name));
          }
        });
    try {
      return builder.build();
    } catch (RightHandSide.NoGateException e) {
      throw error(Objects.requireNonNull(gates.get(e.state())), String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw new TextException(number, columns, String.valueOf(e.getMessage()));
    }
  }

  private static TextException error(Place place, String message) {
    return new TextException(place.line, place.column, message);
  }

  /** What a name means in an expression. */
  private @Nullable Expr meaning(String name) {
    Expr known = names.get(name);
    if (known != null) {
      timeUsed = timeUsed == 0 && name.equals(time) ? number : timeUsed;
      return known;
    }
    Integer line = definitions.get(name);
    if (line != null && !KEYWORDS.contains(name)) {
      throw new IllegalArgumentException(
          line == number
              ? "'%s' is used in its own definition".formatted(name)
              : "'%s' is used before its definition in line %d".formatted(name, line));
    }
    return null;
  }

  private void item(String line, ExprParser parser) {
    Place here = here(parser);
    Matcher keyword = KEYWORD_AS_NAME.matcher(line);
    if (keyword.matches()) {
      throw error(here, reserved(keyword.group(1)));
    }
    if (parser.take("system")) {
      if (begun) {
        throw parser.error(1, "'system' must be the first item");
      }
      builder = OdeSystem.builder(parser.rest());
    } else if (parser.take("source")) {
      String text = parser.rest();
      source = source.isEmpty() ? text : source + "; " + text;
      builder.source(source);
    } else if (parser.take("time")) {
      time(parser);
    } else if (parser.take("parameter")) {
      String name = newName(parser);
      parser.need("=");
      Place value = here(parser);
      Expr definition = parser.expression();
      String unit = unit(parser);
      at(value, () -> builder.parameter(name, definition, unit));
      names.put(name, Expr.variable(name));
    } else if (parser.take("state")) {
      Place place = here(parser);
      String name = newName(parser);
      parser.need("=");
      Place value = here(parser);
      Expr initial = parser.expression();
      String unit = unit(parser);
      at(value, () -> builder.requireParameters(initial));
      at(value, () -> builder.state(name, initial, unit));
      names.put(name, Expr.variable(name));
      states.put(name, place);
    } else if (parser.take("gate")) {
      Place place = here(parser);
      String name = parser.name();
      gates.put(name, place);
      builder.gate(name);
    } else if (parser.take("output")) {
      String name = newName(parser);
      parser.need("=");
      Place place = here(parser);
      Expr value = parser.expression();
      String unit = unit(parser);
      at(place, () -> builder.output(name, value, unit));
      names.put(name, value);
    } else {
      definition(parser);
    }
    parser.end();
  }

  private void time(ExprParser parser) {
    Place place = here(parser);
    String name = parser.name();
    if (timeNamed != null) {
      throw error(place, "the time is named twice: in line %d and here".formatted(timeNamed.line));
    }
    if (timeUsed > 0) {
      throw error(
          place,
          "the time is named after its use in line %d, where it is '%s'".formatted(timeUsed, time));
    }
    if (OPERATORS.contains(name)) {
      throw error(place, reserved(name));
    }
    if (!name.equals(time)) {
      requireNew(place, name);
    }
    timeNamed = place;
    names.remove(time);
    names.put(name, Expr.variable(name));
    time = name;
    builder.time(name, unit(parser));
  }

  private void definition(ExprParser parser) {
    Place place = here(parser);
    String name = parser.name();
    if (parser.take("'")) {
      parser.need("=");
      Place equation = here(parser);
      Expr value = parser.expression();
      Integer line = definitions.get(name);
      if (!states.containsKey(name) && line != null) {
        throw error(
            place,
            line > number
                ? "there is no state '%s' yet: its definition is in line %d".formatted(name, line)
                : "'%s' is no state, but defined in line %d".formatted(name, line));
      }
      at(value.isCondition() ? equation : place, () -> builder.derivative(name, value));
      derivatives.put(name, place);
    } else {
      if (!parser.take("=")) {
        throw parser.expected("''' or '='");
      }
      requireNew(place, name);
      places.put(name, place);
      names.put(name, parser.expression());
    }
  }

  /** Takes the name of something that is defined here. */
  private String newName(ExprParser parser) {
    Place place = here(parser);
    String name = parser.name();
    if (KEYWORDS.contains(name)) {
      throw error(place, reserved(name));
    }
    requireNew(place, name);
    places.put(name, place);
    return name;
  }

  private void requireNew(Place place, String name) {
    Place before = places.get(name);
    if (before != null) {
      throw error(place, "'%s' is defined twice: in line %d and here".formatted(name, before.line));
    }
    if (name.equals(time)) {
      throw error(
          place,
          timeNamed == null
              ? "'%s' is the time unless 'time NAME' calls it otherwise".formatted(name)
              : "'%s' is the time: line %d says so".formatted(name, timeNamed.line));
    }
  }

  private static String reserved(String keyword) {
    return "'%s' is a word of this language, so that nothing else can have this name"
        .formatted(keyword);
  }

  private Place here(ExprParser parser) {
    return new Place(number, parser.column());
  }

  private static void at(Place place, Runnable action) {
    try {
      action.run();
    } catch (IllegalArgumentException e) {
      throw error(place, String.valueOf(e.getMessage()));
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
