package example;

import io.github.elegans.backends.Backends;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import java.util.Arrays;

/**
 * A liquid network on the class path, stepped by samples that come when they come.
 *
 * <p>Run it by {@code mvn -q compile exec:exec}. It has fresh weights; {@code Models.load(path)}
 * opens trained ones. The two flags in the POM let the fast backends run; the report says which do,
 * and why others do not. {@code -Delegans.backend=scalar} chooses one; the numbers stay the same.
 */
public final class LiquidNetwork {
  private LiquidNetwork() {}

  public static void main(String[] args) {
    System.out.println(Backends.report());
    Cfc network = Cfc.initialised(CfcConfiguration.of(3, 8), 42); // 3 inputs, 8 units, a seed
    System.out.println(network);

    float[] x = {0.5f, -1, 0.25f}; // [batch, inputs]
    float[] out = new float[network.outputSize()]; // [batch, outputs]
    try (Session session = network.session(1)) { // a batch of 1; it holds the state
      for (float timespan : new float[] {1, 0.5f, 2}) {
        session.step(x, timespan, out);
        System.out.println("after " + timespan + ": " + Arrays.toString(out));
      }
    }
  }
}
