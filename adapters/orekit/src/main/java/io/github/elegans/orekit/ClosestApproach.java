package io.github.elegans.orekit;

import org.orekit.propagation.SpacecraftState;

/**
 * Two satellites where their distance has a minimum.
 *
 * @param first the one's state
 * @param second the other's, at the same date
 * @param distance in metres
 */
public record ClosestApproach(SpacecraftState first, SpacecraftState second, double distance) {}
