package io.github.elegans.networks;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.ltc.LtcSolver;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.ltc.LtcConfiguration;
import io.github.elegans.networks.ltc.LtcDialect;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan.FullyConnected;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A calibration that a file keeps is found again by the name of what was measured. */
class NetworkStepsTest {
  private static final CfcConfiguration CFC = CfcConfiguration.of(3, 4).withBackbone(5, 1);
  private static final Wiring WIRING = new FullyConnected(4, 2).build(3);

  private static Ltc ltc(LtcDialect dialect, LtcSolver solver) {
    LtcConfiguration configuration =
        LtcConfiguration.of(dialect, WIRING.inputSize(), WIRING.units(), WIRING.outputSize());
    return Ltc.initialised(configuration.withSolver(solver, 6), WIRING, 1);
  }

  private static WiredCfc wired(CfcDialect dialect) {
    return WiredCfc.initialised(3, WIRING, CfcMode.DEFAULT, false, dialect, 1);
  }

  @Test
  void whatTakesAnotherTimeHasAnotherName() {
    Cfc cfc = Cfc.initialised(CFC, 1);
    WiredCfc wired = wired(CfcDialect.NCPS_TORCH);
    Ltc ltc = ltc(LtcDialect.LTC_TENSORFLOW, LtcSolver.SEMI_IMPLICIT);
    List<Network> networks =
        List.of(
            cfc,
            cfc.with(WeightStorage.BFLOAT16),
            cfc.with(Accuracy.FAST),
            Cfc.initialised(CFC.withDialect(CfcDialect.NCPS_KERAS), 1),
            wired,
            wired.with(WeightStorage.BFLOAT16),
            wired(CfcDialect.CFC_TENSORFLOW),
            ltc,
            ltc.with(WeightStorage.BFLOAT16),
            ltc(LtcDialect.LTC_TENSORFLOW, LtcSolver.EXPLICIT),
            ltc(LtcDialect.LTC_TENSORFLOW, LtcSolver.RUNGE_KUTTA),
            ltc(LtcDialect.CFC_TORCH, LtcSolver.SEMI_IMPLICIT),
            ltc(LtcDialect.NCPS, LtcSolver.SEMI_IMPLICIT),
            Stack.of(cfc),
            Stack.of(cfc.with(WeightStorage.BFLOAT16)));

    assertThat(networks)
        .extracting(network -> NetworkSteps.name(network, 2))
        .doesNotHaveDuplicates();
    assertThat(NetworkSteps.name(cfc, 2)).isNotEqualTo(NetworkSteps.name(cfc, 3));
  }

  @Test
  void whatGoesWithoutSayingIsNotSaid() {
    Cfc cfc = Cfc.initialised(CFC, 1);
    assertThat(cfc.toString()).endsWith(" parameters");
    assertThat(cfc.with(WeightStorage.BFLOAT16)).hasToString(cfc + ", bfloat16");
    WiredCfc wired = wired(CfcDialect.CFC_TENSORFLOW);
    assertThat(wired.toString()).endsWith(" parameters, cfc_tensorflow");
    assertThat(wired.with(WeightStorage.BFLOAT16)).hasToString(wired + ", bfloat16");
    assertThat(ltc(LtcDialect.NCPS, LtcSolver.SEMI_IMPLICIT).toString()).endsWith(" parameters");
    Ltc ltc = ltc(LtcDialect.LTC_TENSORFLOW, LtcSolver.RUNGE_KUTTA);
    assertThat(ltc.with(WeightStorage.BFLOAT16).toString())
        .endsWith(" parameters, ltc_tensorflow, runge_kutta, bfloat16");
  }
}
