package io.github.elegans.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedClass;

import io.github.elegans.backends.InstructionSet;
import io.github.elegans.backends.KernelProvider;
import io.github.elegans.backends.Kernels;
import io.github.elegans.contract.BackendContract;
import io.github.elegans.kernels.dense.DenseKernels;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/** The contract catches a backend that rounds between multiplication and addition. */
class BrokenBackendTest {

  /** The example's broken twin. */
  static final class BrokenProvider implements KernelProvider {
    @Override
    public String name() {
      return "broken";
    }

    @Override
    public int preference() {
      return -1;
    }

    @Override
    public Kernels open(InstructionSet cap) {
      return Kernels.of("blocked", "broken on purpose")
          .with(
              DenseKernels.FAMILY,
              new BlockedDense() {
                @Override
                float multiplyAdd(float a, float b, float sum) {
                  return a * b + sum;
                }
              })
          .build();
    }
  }

  static final class BrokenContract extends BackendContract {
    BrokenContract() {
      super(new BrokenProvider());
    }
  }

  private static Events run(Class<?> contract, String part) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(
            selectNestedClass(List.of(contract.getName()), BackendContract.class.getName() + part))
        .execute()
        .testEvents();
  }

  @Test
  void wrongBitsAreFound() {
    Events tests = run(BrokenContract.class, "$Dense");

    assertThat(tests.failed().stream())
        .as("layers of more than one input")
        .hasSizeGreaterThan(20)
        .allSatisfy(
            event ->
                assertThat(message(event))
                    .contains(" expected ", ", found ", "-Delegans.test.seed="));
    assertThat(tests.succeeded().stream().map(event -> event.getTestDescriptor().getDisplayName()))
        .as("what a sum has nothing to do with")
        .anyMatch(name -> name.contains("float32"));
  }

  @Test
  void itsSoundTwinPassesTheSame() {
    run(BlockedContractTest.class, "$Dense")
        .assertStatistics(statistics -> statistics.failed(0).skipped(0))
        .succeeded()
        .assertThatEvents()
        .hasSizeGreaterThan(20);
  }

  private static String message(Event failed) {
    return failed
        .getRequiredPayload(TestExecutionResult.class)
        .getThrowable()
        .map(Throwable::getMessage)
        .orElse("");
  }
}
