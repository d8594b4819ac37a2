package io.github.elegans.ode;

import java.util.List;

/** The names of the texts that come with the library. */
final class Catalogue {
  static final List<String> NAMES =
      List.of(
          "arenstorf",
          "beeler-reuter-1977",
          "brusselator",
          "detest-a1",
          "detest-a2",
          "detest-a3",
          "detest-a4",
          "e5",
          "fitzhugh-nagumo",
          "henon-heiles",
          "hires",
          "hodgkin-huxley",
          "kepler",
          "lorenz",
          "lorenz-gpu",
          "lotka-volterra",
          "ltc-4-neurons",
          "luo-rudy-1991",
          "noble-1962",
          "nonlinear-chemistry",
          "oregonator",
          "outer-solar-system",
          "pleiades",
          "rigid-body",
          "robertson",
          "roessler",
          "ten-tusscher-panfilov-2006",
          "van-der-pol",
          "van-der-pol-scaled",
          "worm-3-neurons");

  private Catalogue() {}
}
