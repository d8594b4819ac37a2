package io.github.elegans.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.BackendUnavailableException;
import io.github.elegans.backends.Backends;
import io.github.elegans.backends.InstructionSet;
import io.github.elegans.backends.KernelProvider;
import io.github.elegans.backends.Kernels;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.programs.ProgramKernel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Everything that a backend is held to: all families and models in every tier that this machine
 * has, programs in the widest and solvers in the narrowest, and how the backend presents itself;
 * {@code -Delegans.isa} caps the tiers. A backend's test is
 *
 * <pre>{@code
 * class MyBackendContractTest extends BackendContract {
 *   MyBackendContractTest() {
 *     super(new MyProvider());
 *   }
 * }
 * }</pre>
 */
public abstract class BackendContract {
  private final KernelProvider provider;

  /**
   * A contract to be kept.
   *
   * @param provider of the backend, which the service loader must find, too
   */
  protected BackendContract(KernelProvider provider) {
    this.provider = provider;
  }

  /**
   * The kernels to test: a provider is opened under each cap up to that of {@code -Delegans.isa},
   * and may refuse some.
   *
   * @throws BackendUnavailableException if it refuses all
   */
  private List<Kernels> kernels() {
    Map<String, Kernels> byTier = new LinkedHashMap<>();
    BackendUnavailableException refusal = null;
    for (InstructionSet tier : InstructionSet.values()) {
      try {
        Kernels kernels = provider.open(tier.atMost(InstructionSet.cap()));
        byTier.put(kernels.tier(), kernels);
      } catch (BackendUnavailableException e) {
        refusal = e;
      }
    }
    if (byTier.isEmpty() && refusal != null) {
      throw refusal;
    }
    return List.copyOf(byTier.values());
  }

  @Test
  void theServiceLoaderFindsTheBackendByItsName() {
    assertThat(provider.name()).matches("[a-z][a-z0-9-]*").isNotIn(Backends.AUTO, "all");
    assertThat(Backends.statuses().stream().map(Backends.Status::name))
        .as("the names in META-INF/services or module-info, each once")
        .containsOnlyOnce(provider.name());
    assertThat(Backends.named(provider.name()).backend()).isEqualTo(provider.name());
  }

  @Test
  void theKernelsSayWhatTheyAre() {
    for (Kernels kernels : kernels()) {
      assertThat(kernels.backend()).isEqualTo(provider.name());
      assertThat(kernels.tier()).isNotBlank();
    }
  }

  @Nested
  class Border extends BorderContract {
    @Override
    protected List<Kernels> kernels() {
      return List.of(Backends.named(provider.name()));
    }
  }

  @Nested
  class Elementwise extends MathContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class ActivationGradients extends ActivationGradientContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class Optimisers extends OptimiserContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class Losses extends LossContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class RandomNumbers extends RandomContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class Dense extends DenseContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class DenseGradients extends DenseGradientContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class Cfc extends CfcContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class CfcGradients extends CfcGradientContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class LtcGradients extends LtcGradientContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class Recurrent extends RecurrentContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class LstmGradients extends LstmGradientContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class GruGradients extends GruGradientContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class Gradients extends GradientContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class Trainings extends TrainingContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class Programs implements ProgramContract {
    @Override
    public ProgramKernel compile(Program program) {
      return Backends.named(provider.name()).programs().compile(program);
    }
  }

  @Nested
  class Models extends ModelContract {
    @Override
    protected List<Kernels> kernels() {
      return BackendContract.this.kernels();
    }
  }

  @Nested
  class Solvers implements OdeContract {
    @Override
    public Kernels kernels() {
      return BackendContract.this.kernels().getLast();
    }
  }
}
