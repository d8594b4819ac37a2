import io.github.elegans.djl.ElegansEngineProvider;
import io.github.elegans.djl.ElegansZooProvider;

/** An engine for Deep Java Library. */
module io.github.elegans.djl {
  requires transitive ai.djl.api;
  requires transitive io.github.elegans.networks;
  requires static org.jspecify;
  // Which DJL's jar needs and does not name, as it has no descriptor.
  requires com.google.gson;
  requires org.slf4j;

  exports io.github.elegans.djl;

  provides ai.djl.engine.EngineProvider with
      ElegansEngineProvider;
  provides ai.djl.repository.zoo.ZooProvider with
      ElegansZooProvider;
}
