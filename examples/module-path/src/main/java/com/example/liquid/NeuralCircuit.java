package com.example.liquid;

import io.github.elegans.backends.Backends;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan;

/**
 * A neural circuit policy on the module path, run on a whole sequence.
 *
 * <p>Run it by {@code mvn -q compile exec:exec}. {@code module-info.java} requires the library
 * only: the backends are on the module path, too, and are found as services. The one flag in the
 * POM lets both use native memory; the Vector API needs none here, because their module requires
 * it.
 */
public final class NeuralCircuit {
  private NeuralCircuit() {}

  public static void main(String[] args) {
    System.out.println(NeuralCircuit.class.getModule() + ", " + Ltc.class.getModule());
    System.out.println(Backends.report());

    Wiring wiring = new WiringPlan.AutoNcp(16, 2).build(1); // 16 neurons, 2 of them motor; 1 input
    Ltc network = Ltc.initialised(wiring, 42);
    System.out.println(network);

    int steps = 25;
    float[] x = new float[steps]; // [batch, steps, inputs]
    float[] timespans = new float[steps];
    for (int i = 0; i < steps; i++) {
      x[i] = i % 10 < 5 ? 1 : -1;
      timespans[i] = i % 2 == 0 ? 0.5f : 1;
    }
    float[] out = new float[steps * network.outputSize()]; // [batch, steps, outputs]
    try (Session session = network.session(1)) {
      session.run(x, steps, Timespans.perStep(timespans), out);
    }
    for (int i = 4; i < steps; i += 5) {
      System.out.println("step " + i + ": " + out[2 * i] + ", " + out[2 * i + 1]);
    }
  }
}
