package io.github.elegans.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;

/** How DJL finds the engine. */
public final class ElegansEngineProvider implements EngineProvider {
  /** As the other engines that only infer: none of those that train gives way to it. */
  static final int RANK = 10;

  /** The only one, made when it is first asked for. */
  private static final class Holder {
    static final ElegansEngine ENGINE = new ElegansEngine();
  }

  /** For the service loader. */
  public ElegansEngineProvider() {}

  @Override
  public String getEngineName() {
    return ElegansEngine.NAME;
  }

  @Override
  public int getEngineRank() {
    return RANK;
  }

  @Override
  public Engine getEngine() {
    return Holder.ENGINE;
  }
}
