package io.github.elegans.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.bench.report.BenchReport.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlatTableTest {

  @Test
  void rows() {
    assertThat(FlatTable.of(Samples.report()).lines())
        .startsWith(
            "kind,name,parameters,target,figure,value,error,unit",
            "limit,clock,,native (x86-64-v3),best,3.1,,GHz",
            "limit,clock,,native (x86-64-v3),lowest,3.0,,GHz")
        .contains(
            "latency,CfC,steps/s=10000 steps=100000,native (x86-64-v3),response p99.9,9000.0,,ns",
            "latency,CfC,steps/s=10000 steps=100000,native (x86-64-v3),late steps,3.0,,1",
            "latency,CfC,steps/s=10000 steps=100000,native (x86-64-v3),worst safepoint,4.5,,ms",
            "latency,CfC,steps/s=10000 steps=100000 upTo=5000.0,native (x86-64-v3),service bin,9998.0,,1",
            "start,CfC,ms=900.0,native (x86-64-v3),curve,2400.0,,ns/op",
            "memory,CfC,,native (x86-64-v3),\"session, batch 1\",9000.0,,B",
            "noise,load before,,,load,0.3,,1",
            "noise,steal,,,share,0.012,,1",
            "noise,clock,,native (x86-64-v3),highest,3.04,,GHz")
        .anyMatch(
            line ->
                line.startsWith("failure,\"cfc step 16,64,64\",it <died>,")
                    && line.endsWith(",results,0.0,,1"))
        .anyMatch(
            line ->
                line.startsWith("benchmark,CfcStepBenchmark.step,")
                    && line.contains("\"Another <Runtime> & Co, with a name of \"\"many\"\" words")
                    && line.endsWith("mean,9000.0,90.0,ns/op"));
  }

  @Test
  void benchmarksTellHowTheyWereMeasured() {
    Result result = Samples.step(Samples.PEER, 64, 1, 1, 9000);
    assertThat(FlatTable.of(Samples.report(List.of(result), List.of())).lines())
        .filteredOn(line -> line.startsWith("benchmark,"))
        .extracting(line -> line.substring(line.lastIndexOf("\",") + 2))
        .contains(
            "lower quartile,8910.0,,ns/op",
            "upper quartile,9090.0,,ns/op",
            "JVMs,1.0,,1",
            "iterations,5.0,,1",
            "peer,1.0,,1",
            "working set,81920.0,,B");
  }
}
