package io.github.elegans.networks.models;

import io.github.elegans.networks.files.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Small models that come with the library, to begin with. */
public final class BundledModels {
  private static final String CO2 = "co2-cfc.safetensors";

  private BundledModels() {}

  /**
   * A CfC of 24 units with 3 inputs and 1 output, trained with ncps in PyTorch to forecast every
   * next weekly reading of CO2 at Mauna Loa. Its metadata {@code task} tells what inputs, timespans
   * and output are. {@code Models.of(BundledModels.co2(), LoadOptions.NONE)} is the network.
   */
  public static Safetensors co2() {
    try (InputStream stream = BundledModels.class.getResourceAsStream(CO2)) {
      return Safetensors.read(CO2, Objects.requireNonNull(stream, CO2).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
