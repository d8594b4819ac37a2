/** Forecasts of a dated record, with the bundled one of CO2 at Mauna Loa. */
@NullMarked
package io.github.elegans.cli.co2;

import org.jspecify.annotations.NullMarked;
