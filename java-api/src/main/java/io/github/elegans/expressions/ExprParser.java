package io.github.elegans.expressions;

import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads expressions: {@code 0.1*bernoulli(-(V + 40)/10)*(1 - m)}.
 *
 * <p>Operators from loose to tight: {@code or}, {@code and}, {@code not}, comparisons ({@code < <=
 * > >= == !=}), {@code + -}, {@code * /}, the minus sign, {@code ^} (from right to left).
 * Functions: exp, expm1, log, log1p, sin, cos, asin, acos, atan, atan2, tanh, sigmoid, exprel,
 * which is (eˣ − 1)/x, bernoulli, which is x/(eˣ − 1), sqrt, hypot, rint, abs, min, max, pow, fma
 * and {@code if(condition, yes, no)}; {@code pi} is a constant.
 */
public final class ExprParser {
  private final String text;
  private final int line;
  private final Function<String, @Nullable Expr> names;
  private int at;

  /**
   * A parser of one line.
   *
   * @param line its number, for messages
   * @param names what a name means, null if nothing; an IllegalArgumentException of its says why a
   *     name means nothing here
   */
  public ExprParser(String text, int line, Function<String, @Nullable Expr> names) {
    this.text = text;
    this.line = line;
    this.names = names;
  }

  /** Reads an expression of the given variables. */
  public static Expr parse(String text, Collection<String> variables) {
    ExprParser parser =
        new ExprParser(text, 1, name -> variables.contains(name) ? Expr.variable(name) : null);
    Expr expression = parser.expression();
    parser.end();
    return expression;
  }

  /** The column of the next character that is no space, from 1. */
  public int column() {
    space();
    return at + 1;
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  /** Whether nothing but white space is left. */
  public boolean atEnd() {
    space();
    return at == text.length();
  }

  /**
   * Nothing may follow.
   *
   * @throws TextException if something does
   */
  public void end() {
    if (!atEnd()) {
      throw expected("the end of the line");
    }
  }

  /** What is left of the line. */
  public String rest() {
    space();
    String rest = text.substring(at).strip();
    at = text.length();
    return rest;
  }

  /** Takes the symbol if it comes next. */
  public boolean take(String symbol) {
    space();
    if (!text.startsWith(symbol, at)) {
      return false;
    }
    int after = at + symbol.length();
    if (Character.isLetter(symbol.charAt(0))
        && after < text.length()
        && isName(text.charAt(after))) {
      return false;
    }
    at = after;
    return true;
  }

  /** Takes the symbol that must come next. */
  public void need(String symbol) {
    if (!take(symbol)) {
      throw expected("'" + symbol + "'");
    }
  }

  /** Takes a name. */
  public String name() {
    space();
    int from = at;
    if (at < text.length() && (Character.isLetter(text.charAt(at)) || text.charAt(at) == '_')) {
      while (at < text.length() && isName(text.charAt(at))) {
        at++;
      }
    }
    if (from == at) {
      throw expected("a name");
    }
    return text.substring(from, at);
  }

  private static boolean isName(char c) {
    return (c < 128 && Character.isLetterOrDigit(c)) || c == '_';
  }

  /** An error here: what was expected, and what is found. */
  public TextException expected(String what) {
    space();
    String found =
        at == text.length()
            ? "the end of the line"
            : "'" + text.substring(at, Math.min(text.length(), at + 12)).strip() + "'";
    return error(at + 1, what + " expected, found " + found);
  }

  /** An error at a column of this line. */
  public TextException error(int column, String message) {
    return new TextException(line, column, message);
  }

  private int depth;

  /** Takes an expression. */
  public Expr expression() {
    // The parser calls itself: texts that would exhaust the stack are refused.
    if (++depth > 100) {
      throw error(column(), "the expression is nested more than 100 deep");
    }
    Expr x = conjunction();
    while (take("or")) {
      int column = column();
      Expr left = x;
      x = checked(column, () -> left.or(conjunction()));
    }
    depth--;
    return x;
  }

  private Expr conjunction() {
    Expr x = negation();
    while (take("and")) {
      int column = column();
      Expr left = x;
      x = checked(column, () -> left.and(negation()));
    }
    return x;
  }

  private Expr negation() {
    int column = column();
    int nots = 0;
    while (take("not")) {
      nots++;
    }
    Expr x = comparison();
    boolean odd = nots % 2 == 1;
    return nots == 0 ? x : checked(column, () -> odd ? x.not() : x.not().not());
  }

  private static final List<String> COMPARISONS = List.of("<=", ">=", "==", "!=", "<", ">");

  private Expr comparison() {
    int column = column();
    Expr x = sum();
    for (String symbol : COMPARISONS) {
      if (take(symbol)) {
        Expr y = sum();
        int next = column();
        if (COMPARISONS.stream().anyMatch(this::take)) {
          throw error(next, "comparisons form no chains: a < b < c is 'a < b and b < c'");
        }
        return checked(
            column,
            () ->
                switch (symbol) {
                  case "<=" -> x.isAtMost(y);
                  case ">=" -> y.isAtMost(x);
                  case "==" -> x.isEqual(y);
                  case "!=" -> x.isEqual(y).not();
                  case "<" -> x.isLess(y);
                  default -> y.isLess(x);
                });
      }
    }
    return x;
  }

  private Expr sum() {
    Expr x = product();
    while (true) {
      int column = column();
      Expr left = x;
      if (take("+")) {
        x = checked(column, () -> left.plus(product()));
      } else if (take("-")) {
        x = checked(column, () -> left.minus(product()));
      } else {
        return x;
      }
    }
  }

  private Expr product() {
    Expr x = signed();
    while (true) {
      int column = column();
      Expr left = x;
      if (take("*")) {
        x = checked(column, () -> left.times(signed()));
      } else if (take("/")) {
        x = checked(column, () -> left.over(signed()));
      } else {
        return x;
      }
    }
  }

  private Expr signed() {
    int column = column();
    boolean negative = false;
    while (true) {
      if (take("-")) {
        negative = !negative;
      } else if (!take("+")) {
        break;
      }
    }
    Expr x = power();
    return negative ? checked(column, x::negate) : x;
  }

  private Expr power() {
    int column = column();
    Expr x = primary();
    if (!take("^")) {
      return x;
    }
    if (++depth > 100) {
      throw error(column, "the expression is nested more than 100 deep");
    }
    Expr y = signed();
    depth--;
    return checked(column, () -> x.pow(y));
  }

  private Expr primary() {
    space();
    int column = at + 1;
    if (take("(")) {
      Expr x = expression();
      need(")");
      return x;
    }
    if (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
      return Expr.constant(number());
    }
    if (at == text.length() || !(Character.isLetter(text.charAt(at)) || text.charAt(at) == '_')) {
      throw expected("a number, a name or '('");
    }
    String name = name();
    space();
    if (at < text.length() && text.charAt(at) == '(') {
      return function(name, column);
    }
    Expr known;
    try {
      known = names.apply(name);
    } catch (IllegalArgumentException e) {
      throw error(column, String.valueOf(e.getMessage()));
    }
    if (known != null) {
      return known;
    }
    if (name.equals("pi")) {
      return Expr.constant(Math.PI);
    }
    throw error(column, "unknown name '" + name + "'");
  }

  private double number() {
    int from = at;
    while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
      at++;
    }
    if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
      int exponent = at + 1;
      if (exponent < text.length()
          && (text.charAt(exponent) == '+' || text.charAt(exponent) == '-')) {
        exponent++;
      }
      if (exponent < text.length() && Character.isDigit(text.charAt(exponent))) {
        at = exponent;
        while (at < text.length() && Character.isDigit(text.charAt(at))) {
          at++;
        }
      }
    }
    String number = text.substring(from, at);
    double value;
    try {
      value = Double.parseDouble(number);
    } catch (NumberFormatException e) {
      throw error(from + 1, "'" + number + "' is no number");
    }
    if (Double.isInfinite(value)) {
      throw error(from + 1, number + " is too large a number");
    }
    return value;
  }

  private Expr function(String name, int column) {
    int arity =
        switch (name) {
          case "exp",
              "expm1",
              "log",
              "log1p",
              "sin",
              "cos",
              "tanh",
              "sigmoid",
              "exprel",
              "bernoulli",
              "asin",
              "acos",
              "atan",
              "rint",
              "sqrt",
              "abs" ->
              1;
          case "min", "max", "pow", "atan2", "hypot" -> 2;
          case "fma", "if" -> 3;
          default -> throw error(column, "unknown function '" + name + "'");
        };
    need("(");
    Expr[] x = new Expr[arity];
    for (int i = 0; i < arity; i++) {
      if (i > 0) {
        need(",");
      }
      x[i] = expression();
    }
    need(")");
    return checked(
        column,
        () ->
            switch (name) {
              case "exp" -> x[0].exp();
              case "expm1" -> x[0].expm1();
              case "log" -> x[0].log();
              case "log1p" -> x[0].log1p();
              case "sin" -> x[0].sin();
              case "cos" -> x[0].cos();
              case "tanh" -> x[0].tanh();
              case "sigmoid" -> x[0].sigmoid();
              case "exprel" -> x[0].exprel();
              case "bernoulli" -> x[0].bernoulli();
              case "asin" -> x[0].asin();
              case "acos" -> x[0].acos();
              case "atan" -> x[0].atan();
              case "rint" -> x[0].rint();
              case "atan2" -> x[0].atan2(x[1]);
              case "hypot" -> x[0].hypot(x[1]);
              case "sqrt" -> x[0].sqrt();
              case "abs" -> x[0].abs();
              case "min" -> x[0].min(x[1]);
              case "max" -> x[0].max(x[1]);
              case "pow" -> x[0].pow(x[1]);
              case "fma" -> x[0].fma(x[1], x[2]);
              default -> x[0].select(x[1], x[2]);
            });
  }

  private Expr checked(int column, Supplier<Expr> make) {
    try {
      return make.get();
    } catch (TextException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw error(column, String.valueOf(e.getMessage()));
    }
  }
}
