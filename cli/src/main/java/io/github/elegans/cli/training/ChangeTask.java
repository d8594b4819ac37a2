package io.github.elegans.cli.training;

import io.github.elegans.cli.co2.ChangeForecast;
import io.github.elegans.cli.co2.Readings;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.models.BundledModels;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** The bundled record of CO2, as the bundled network was trained on it: {@link ChangeForecast}. */
public final class ChangeTask implements TrainingTask {
  private static final int STEPS = 64;
  private static final int STRIDE = 16;

  /** The last rows before those for testing. */
  private static final int VALIDATION_ROWS = 320;

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final ChangeForecast forecast;
  private final Windows train;
  private final Windows validation;

  /** The task. */
  public ChangeTask() {
    Map<String, String> bundled = BundledModels.co2().metadata();
    for (String key : new String[] {"task", "change_std", "train_rows"}) {
      metadata.put(key, bundled.getOrDefault(key, ""));
    }
    forecast = ChangeForecast.of("the task", metadata, Readings.bundled());
    int end = forecast.firstTestRow();
    int learnt = end - VALIDATION_ROWS;
    train = windows(0, learnt, STRIDE);
    validation = windows(learnt, end, STEPS);
  }

  private Windows windows(int begin, int end, int stride) {
    int n = (end - begin - STEPS) / stride + 1;
    int inputs = ChangeForecast.INPUTS;
    float[] x = new float[n * STEPS * inputs];
    float[] timespans = new float[n * STEPS];
    float[] y = new float[n * STEPS];
    for (int i = 0; i < n; i++) {
      int from = begin + i * stride;
      int to = i * STEPS;
      System.arraycopy(forecast.inputs(), from * inputs, x, to * inputs, STEPS * inputs);
      System.arraycopy(forecast.timespans(), from, timespans, to, STEPS);
      System.arraycopy(forecast.targets(), from, y, to, STEPS);
    }
    return Windows.perStep(n, STEPS, x, y, timespans);
  }

  /** The recipe. */
  public static Recipe recipe() {
    Recipe recipe = new Recipe();
    recipe.units = 24;
    recipe.backboneUnits = 48;
    recipe.learningRate = 0.002;
    recipe.decay = 0.97;
    recipe.clip = 1;
    recipe.batch = 16;
    recipe.epochs = 60;
    recipe.restoresBest = true;
    return recipe;
  }

  @Override
  public String name() {
    return "co2";
  }

  @Override
  public String title() {
    Readings readings = forecast.readings();
    return "forecast of the next reading, %s: %d readings from %s to %s, the last %d for testing"
        .formatted(
            readings.source(),
            readings.size(),
            readings.dates().getFirst(),
            readings.dates().getLast(),
            forecast.rows() - forecast.firstTestRow());
  }

  @Override
  public Windows train() {
    return train;
  }

  @Override
  public Windows validation() {
    return validation;
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The root mean squared error in ppm of forecasts of the years that training did not see. */
  public double testError(Network network) {
    float[] outputs = new float[forecast.rows()];
    try (Session session = network.session(1)) {
      session.run(
          forecast.inputs(), forecast.rows(), Timespans.perStep(forecast.timespans()), outputs);
    }
    return forecast.testError(forecast.forecasts(outputs));
  }

  @Override
  public void report(Network network, PrintWriter out) {
    out.printf(
        "Test        RMSE %.4f ppm; persistence, the last reading, %.4f ppm%n",
        testError(network), forecast.testError(forecast.persistence()));
  }
}
