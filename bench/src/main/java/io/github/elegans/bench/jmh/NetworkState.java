package io.github.elegans.bench.jmh;

import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.networks.Network;
import org.openjdk.jmh.annotations.Param;

/** A network other than the plain CfC, with fresh weights. */
public abstract class NetworkState extends BackendState {
  @Param({"LTC_NCP", "LTC_FULL", "WIRED_CFC", "MIXED_CFC", "LSTM", "GRU", "CFC_BFLOAT16"})
  public NetworkKind network = NetworkKind.LTC_NCP;

  @Param({"1", "24", "64"})
  public int batch;

  @Param("ACCURATE")
  public Accuracy accuracy = Accuracy.ACCURATE;

  final Network model() {
    return network.network().on(open()).with(accuracy);
  }
}
