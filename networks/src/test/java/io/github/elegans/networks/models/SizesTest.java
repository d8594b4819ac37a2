package io.github.elegans.networks.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.dense.DenseWeights;
import io.github.elegans.kernels.dense.Linear;
import io.github.elegans.kernels.lstm.LstmWeights;
import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.WiredCfcConfiguration;
import io.github.elegans.networks.data.BitStreamXor;
import io.github.elegans.networks.wiring.WiringPlan;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Sizes at which products and sums overflow, and depths at which recursion would. */
class SizesTest {
  private static final int MOST = Integer.MAX_VALUE;

  @TestFactory
  Stream<DynamicTest> whatIsTooLargeIsNamedWithItsLimit() {
    Cfc small = Cfc.initialised(CfcConfiguration.of(1, 1), 1);
    Session session = small.session(1 << 16);
    float[] one = new float[1];
    Linear none = new Linear(one, one);
    Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
    calls.put("AutoNcp", () -> new WiringPlan.AutoNcp(MOST, 4).build(4));
    calls.put("Ncp", () -> new WiringPlan.Ncp(MOST, MOST, MOST, 1, 1, 1, 1).build(4));
    calls.put("Ncp, inputs", () -> new WiringPlan.AutoNcp(12, 4).build(MOST));
    calls.put("full", () -> new WiringPlan.FullyConnected(MOST, 1).build(4));
    calls.put("random", () -> new WiringPlan.RandomlyConnected(MOST, 1, 0.5).build(4));
    calls.put("words", () -> WiringPlan.parse("[\"auto\", 99999999999, 4]"));
    calls.put("CfC", () -> Cfc.initialised(CfcConfiguration.of(MOST, MOST), 1));
    calls.put("CfC, units", () -> Cfc.initialised(CfcConfiguration.of(1, MOST), 1));
    calls.put(
        "CfC, backbone", () -> Cfc.initialised(CfcConfiguration.of(1, 1).withBackbone(MOST, 2), 1));
    calls.put("wired CfC", () -> WiredCfcConfiguration.of(1, CfcMode.DEFAULT, MOST, MOST).units());
    calls.put("LSTM", () -> LstmWeights.pack(MOST, MOST, none, none, none, none));
    calls.put("dense", () -> DenseWeights.pack(MOST, MOST, one, one));
    calls.put("rounded up", () -> PanelLayout.roundUp(MOST));
    calls.put("data", () -> BitStreamXor.draw(MOST, 1 << 20, BitStreamXor.Encoding.DENSE, 1));
    calls.put("run", () -> session.run(one, MOST, one));
    calls.put("run to last", () -> session.runToLast(one, MOST, one));
    calls.put(
        "both ways",
        () ->
            new Bidirectional(small, small, Bidirectional.Merge.SUM)
                .session(1 << 16)
                .run(one, MOST, one));
    return calls.entrySet().stream()
        .map(
            call ->
                DynamicTest.dynamicTest(
                    call.getKey(),
                    () ->
                        assertThatThrownBy(call.getValue())
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageMatching("(?s).*(must|of \"wiring).*\\d.*")));
  }

  @Test
  void stacksMayBeNestedAtAnyDepth() {
    Cfc layer = Cfc.initialised(CfcConfiguration.of(3, 3), 1);
    Stack nested = Stack.of(layer);
    for (int i = 0; i < 100_000; i++) {
      nested = Stack.of(nested);
    }
    for (int i = 0; i < 30; i++) {
      nested = Stack.of(nested, layer);
    }
    float[] x = {0.1f, 0.2f, 0.3f};
    float[] expected = new float[3];
    float[] out = new float[3];
    Stack.of(Collections.nCopies(31, layer)).session(1).step(x, expected);
    nested.session(1).step(x, out);
    assertThat(out).isEqualTo(expected);
    assertThat(nested.layers()).hasSize(31);
    assertThat(nested.parameterCount()).isEqualTo(31 * layer.parameterCount());
    assertThat(nested.toString()).startsWith("stack of [");
    assertThat(nested.on(layer.kernels()).cell().stateSize()).isEqualTo(93);
  }

  @Test
  void aLayerThatIsNullIsNamed() {
    Cfc layer = Cfc.initialised(CfcConfiguration.of(3, 3), 1);
    assertThatThrownBy(() -> Stack.of(layer, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("layers: element 1 is null");
  }
}
