package io.github.elegans.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FlatTableTest {

  @Test
  void rows() {
    assertThat(FlatTable.of(Samples.report()).lines())
        .startsWith(
            "kind,name,parameters,target,figure,value,error,unit",
            "limit,clock,,native (x86-64-v3),best,3.1,,GHz")
        .contains(
            "latency,CfC,steps/s=10000 steps=100000,native (x86-64-v3),response p99.9,9000.0,,ns",
            "memory,CfC,,native (x86-64-v3),\"session, batch 1\",9000.0,,B")
        .anyMatch(
            line ->
                line.startsWith("benchmark,CfcStepBenchmark.step,")
                    && line.contains("\"Another <Runtime> & Co, with a name of \"\"many\"\" words")
                    && line.endsWith("mean,9000.0,90.0,ns/op"));
  }
}
