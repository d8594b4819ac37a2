package io.github.elegans.djl;

import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooProvider;

/** How DJL finds the model zoo, group {@code io.github.elegans}. */
public final class ElegansZooProvider implements ZooProvider {
  /** For the service loader. */
  public ElegansZooProvider() {}

  @Override
  public ModelZoo getModelZoo() {
    return new ElegansZoo();
  }
}
