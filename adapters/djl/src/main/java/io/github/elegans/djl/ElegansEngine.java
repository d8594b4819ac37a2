package io.github.elegans.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.util.passthrough.PassthroughNDManager;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs the networks on the CPU, by whichever backend {@link
 * io.github.elegans.backends.Backends#get()} or the option {@code backend} of a model names. Its
 * arrays carry numbers in and out, and do not calculate.
 */
public final class ElegansEngine extends Engine {
  /** What {@code Criteria.Builder.optEngine} takes. */
  public static final String NAME = "Elegans";

  ElegansEngine() {}

  /** None: there is nothing that another engine would do for its arrays. */
  @Override
  public @Nullable Engine getAlternativeEngine() {
    return null;
  }

  @Override
  public String getEngineName() {
    return NAME;
  }

  @Override
  public int getRank() {
    return ElegansEngineProvider.RANK;
  }

  /** That of the library, or {@code not packaged}. */
  @Override
  public String getVersion() {
    Class<?> self = ElegansEngine.class;
    return self.getModule().isNamed()
        ? self.getModule().getDescriptor().rawVersion().orElse("not packaged")
        : Objects.requireNonNullElse(self.getPackage().getImplementationVersion(), "not packaged");
  }

  /** None of those that DJL asks for: they are of GPUs. */
  @Override
  public boolean hasCapability(String capability) {
    return false;
  }

  /**
   * A model to be loaded.
   *
   * @throws IllegalArgumentException if the device is not the CPU
   */
  @Override
  public ElegansModel newModel(String name, @Nullable Device device) {
    return new ElegansModel(name, newBaseManager(device));
  }

  @Override
  public NDManager newBaseManager() {
    return newBaseManager(null);
  }

  @Override
  public NDManager newBaseManager(@Nullable Device device) {
    if (device != null && !device.equals(Device.cpu())) {
      throw new IllegalArgumentException(
          "device must be cpu, all that %s runs on, but is %s".formatted(NAME, device));
    }
    return new PassthroughNDManager(this, Device.cpu());
  }
}
