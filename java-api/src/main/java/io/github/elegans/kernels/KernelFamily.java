package io.github.elegans.kernels;

import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A family of kernels: all that a backend or a caller must know of it. Its one instance is the
 * constant {@code FAMILY} of the interface that its kernels implement.
 *
 * @param <K> the interface
 */
public final class KernelFamily<K> {
  private final String name;
  private final Class<K> type;
  private final Supplier<K> definition;
  private final UnaryOperator<K> checks;

  /**
   * A family.
   *
   * @param name for people: {@code "dense"}
   * @param type the interface
   * @param definition makes the scalar kernels: what every backend's must compute, bit for bit, and
   *     what serves where a backend has none of its own
   * @param checks puts the checks of all arguments before kernels, which need none then
   */
  public KernelFamily(String name, Class<K> type, Supplier<K> definition, UnaryOperator<K> checks) {
    this.name = Objects.requireNonNull(name, "name");
    this.type = Objects.requireNonNull(type, "type");
    this.definition = Objects.requireNonNull(definition, "definition");
    this.checks = Objects.requireNonNull(checks, "checks");
  }

  /** For people. */
  public String name() {
    return name;
  }

  /** The interface. */
  public Class<K> type() {
    return type;
  }

  /** The scalar kernels, without checks. */
  public K definition() {
    return definition.get();
  }

  /** The same kernels behind the checks. */
  public K checked(K kernels) {
    return checks.apply(kernels);
  }

  @Override
  public String toString() {
    return name;
  }
}
