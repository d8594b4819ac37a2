package io.github.elegans.expressions;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes constant factors out of products, quotients and sums, for as long as they meet others: of
 * c₁·x·p − c₂·y·q remains c₁·(x·p − (c₂/c₁)·y·q), and c₁ goes on to whatever uses it. What divides
 * more than one expression becomes its inverse, once.
 */
final class Factors {
  /**
   * Beyond it, and below its inverse, factors stay where they are: it bounds by how much values in
   * between change, and with that what overflows.
   */
  private static final double MOST = 0x1p64;

  private final Map<Expr, Product> products = new HashMap<>();

  /** How many expressions one divides. */
  private final Map<Expr, Integer> quotients = new HashMap<>();

  private final Map<Expr, Expr> inverses = new HashMap<>();

  /**
   * A constant times an expression.
   *
   * @param rest null for 1
   */
  private record Product(double factor, @Nullable Expr rest) {
    Product negated() {
      return new Product(-factor, rest);
    }

    Expr expression() {
      return rest == null
          ? Expr.constant(factor)
          : factor == 1 ? rest : factor == -1 ? rest.negate() : rest.times(factor);
    }
  }

  static List<Expr> takenOut(List<Expr> expressions) {
    Factors factors = new Factors();
    for (Expr e : Expr.parts(expressions)) {
      if (e.op() == Op.DIV) {
        factors.quotients.merge(e.operands().get(1), 1, Integer::sum);
      }
    }
    return expressions.stream().map(e -> factors.of(e).expression()).toList();
  }

  private Product of(Expr root) {
    return PostOrder.value(root, products, Expr::operands, this::product);
  }

  /** Of an expression whose operands are these. */
  private Product product(Expr e, List<Product> p) {
    Product found =
        switch (e.op()) {
          case CONSTANT -> new Product(e.value(), null);
          case NEG -> p.get(0).negated();
          case MUL -> times(p.get(0), p.get(1));
          case DIV -> over(p.get(0), p.get(1), quotients.get(e.operands().get(1)) > 1);
          case ADD -> sum(p.get(0), p.get(1));
          case SUB -> sum(p.get(0), p.get(1).negated());
          default -> null;
        };
    return found != null && isModerate(found.factor)
        ? found
        : new Product(1, e.with(p.stream().map(Product::expression).toList()));
  }

  private static boolean isModerate(double factor) {
    double size = Math.abs(factor);
    return size <= MOST && size >= 1 / MOST;
  }

  private static Product times(Product x, Product y) {
    double factor = x.factor * y.factor;
    return x.rest == null
        ? new Product(factor, y.rest)
        : y.rest == null ? new Product(factor, x.rest) : new Product(factor, x.rest.times(y.rest));
  }

  private Product over(Product x, Product y, boolean isShared) {
    double factor = x.factor / y.factor;
    Expr divisor = y.rest;
    if (divisor == null) {
      return new Product(factor, x.rest);
    }
    if (x.rest != null && !isShared) {
      return new Product(factor, x.rest.over(divisor));
    }
    Expr inverse = inverses.computeIfAbsent(divisor, Expr.constant(1)::over);
    return new Product(factor, x.rest == null ? inverse : x.rest.times(inverse));
  }

  /** x + y, with the greater factor taken out, of c and −c the positive one. */
  private static Product sum(Product x, Product y) {
    if (x.rest == null && y.rest == null) {
      return new Product(x.factor + y.factor, null);
    }
    double size = Math.abs(x.factor);
    boolean isLess = size < Math.abs(y.factor) || (x.factor < 0 && y.factor == size);
    if (x.rest == null || (y.rest != null && isLess)) {
      return sum(y, x);
    }
    double ratio = y.factor / x.factor;
    Expr rest =
        y.rest == null
            ? x.rest.plus(ratio)
            : ratio == 1
                ? x.rest.plus(y.rest)
                : ratio == -1 ? x.rest.minus(y.rest) : y.rest.fma(Expr.constant(ratio), x.rest);
    return new Product(x.factor, rest);
  }
}
