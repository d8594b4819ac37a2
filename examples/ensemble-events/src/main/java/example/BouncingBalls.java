package example;

import io.github.elegans.ode.Ensemble;
import io.github.elegans.ode.Event;
import io.github.elegans.ode.Fold;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solution;
import io.github.elegans.ode.Solver;
import java.util.Locale;
import java.util.Map;

/**
 * A thousand bouncing balls, each with an elasticity of its own: an ensemble with an event and
 * folds.
 *
 * <p>Run it by {@code mvn -q compile exec:exec}. The event turns the velocity round where the
 * height falls through zero; the folds gather numbers along each trajectory, which itself is not
 * kept. A ball that bounces ever faster comes to rest at a time that a formula tells: there the
 * trajectory ends with the status MAXIMUM_EVENTS.
 */
public final class BouncingBalls {
  private BouncingBalls() {}

  public static void main(String[] args) {
    OdeSystem ball =
        OdeSystem.parse(
            """
            system Bouncing ball
            parameter g = 9.81
            parameter elasticity = 0.5
            state height = 1
            state velocity = 0
            height' = velocity
            velocity' = -g
            """);
    Solver solver =
        Solver.of(ball)
            .tolerance(1e-9, 1e-9)
            .event(
                Event.reset(
                    "bounce",
                    ball.expression("height"),
                    Event.Direction.FALLING,
                    Map.of("velocity", ball.expression("-elasticity*velocity"))))
            .fold(Fold.maximum("fastest", ball.expression("abs(velocity)")))
            .fold(Fold.mean("mean", ball.expression("height")))
            .build();

    int balls = 1000;
    Solution solution =
        solver.solve(Ensemble.of(balls).parameter("elasticity", i -> i / (double) balls).end(10));

    double fall = Math.sqrt(2 / 9.81); // seconds until the first bounce
    for (int i = 100; i < balls; i += 200) {
      double elasticity = i / (double) balls;
      System.out.printf(
          Locale.ROOT,
          "elasticity %.1f: at rest after %d bounces and %.6f s (by the formula %.6f s), "
              + "mean height %.4f m, fastest %.4f m/s, %s%n",
          elasticity,
          solution.crossings(i).size(),
          solution.time(i),
          fall * (1 + elasticity) / (1 - elasticity),
          solution.fold(i, "mean"),
          solution.fold(i, "fastest"),
          solution.status(i));
    }
  }
}
