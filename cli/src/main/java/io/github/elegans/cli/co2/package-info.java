/** Forecasts of a dated record, with the bundled one of CO2 at Mauna Loa and the model for it. */
@NullMarked
package io.github.elegans.cli.co2;

import org.jspecify.annotations.NullMarked;
