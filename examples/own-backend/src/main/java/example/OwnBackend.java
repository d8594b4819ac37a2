package example;

import io.github.elegans.backends.Backends;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.ode.NeuralOde;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A backend of one's own, with dense kernels only; it computes a neural ODE here.
 *
 * <p>Run it by {@code mvn -q compile exec:exec}, and hold it to the contract by {@code mvn test}
 * ({@code -Dtest=ColumnDenseTest}: to the part about dense layers). {@link ColumnDense} is the
 * kernel, {@link ColumnProvider} offers it, a file in META-INF/services makes it known. All that
 * the backend lacks is the scalar backend's.
 */
public final class OwnBackend {
  private OwnBackend() {}

  public static void main(String[] args) {
    System.out.println(Backends.report());
    float[] own = solve("columns");
    System.out.println("y(1) = " + Arrays.toString(own));
    System.out.println("the scalar backend's bits: " + Arrays.equals(own, solve("scalar")));
  }

  /** y' = W2 tanh(W1 y + b1) + b2 from y = (1, 0), by a backend. */
  private static float[] solve(String backend) {
    SplittableRandom random = new SplittableRandom(42);
    NeuralOde ode =
        NeuralOde.builder(2)
            .layer(weights(random, 20 * 2), weights(random, 20), Activation.TANH)
            .layer(weights(random, 2 * 20), weights(random, 2), Activation.LINEAR)
            .tolerance(1e-4, 1e-6)
            .kernels(Backends.named(backend))
            .build();
    return ode.solve(new float[] {1, 0}, 0, 1).states();
  }

  private static float[] weights(SplittableRandom random, int count) {
    float[] weights = new float[count];
    for (int i = 0; i < count; i++) {
      weights[i] = (float) random.nextDouble(-0.5, 0.5);
    }
    return weights;
  }
}
