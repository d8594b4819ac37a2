package io.github.elegans.ode;

import java.util.List;

/** The names of the texts that come with the library. */
final class Catalogue {
  static final List<String> NAMES = List.of("lorenz");

  private Catalogue() {}
}
