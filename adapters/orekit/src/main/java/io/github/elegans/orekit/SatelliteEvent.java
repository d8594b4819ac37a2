package io.github.elegans.orekit;

import org.orekit.propagation.SpacecraftState;

/**
 * An event of a satellite.
 *
 * @param name the event's
 * @param state where it happened
 */
public record SatelliteEvent(String name, SpacecraftState state) {}
