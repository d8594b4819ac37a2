package io.github.elegans.cli.co2;

import io.github.elegans.networks.files.FileFormatException;
import io.github.elegans.networks.models.BundledModels;
import java.util.Map;

/**
 * The task of forecasting every next reading of a record, as the bundled model was trained for it
 * ({@link BundledModels#co2}): the metadata {@code task} of a model file describes it.
 *
 * <p>Row i stands for reading i + 1, the first that has a predecessor. Its inputs are the change
 * since the previous reading, in standard deviations of a change, and the sine and cosine of the
 * season; its timespan is the weeks until the next reading; the output is the change until then, in
 * the same standard deviations.
 */
public final class ChangeForecast {
  /** Inputs of a row. */
  public static final int INPUTS = 3;

  private static final double DAYS_OF_A_YEAR = 365.2425;

  private final Readings readings;
  private final double changeDeviation;
  private final int trainRows;

  private ChangeForecast(Readings readings, double changeDeviation, int trainRows) {
    this.readings = readings;
    this.changeDeviation = changeDeviation;
    this.trainRows = trainRows;
  }

  /** Whether a model with this metadata is for this task. */
  public static boolean isTaskOf(Map<String, String> metadata) {
    return metadata.containsKey("change_std") && metadata.containsKey("train_rows");
  }

  /**
   * The task that a model file describes, on a record.
   *
   * @param source what messages call the model
   * @throws FileFormatException if the metadata are wrong or the record is too short for them
   */
  public static ChangeForecast of(String source, Map<String, String> metadata, Readings readings) {
    double deviation = number(source, metadata, "change_std");
    double trainRows = number(source, metadata, "train_rows");
    int rows = readings.size() - 2;
    if (!(deviation > 0)) {
      throw new FileFormatException(source, "metadata change_std", "more than 0", "" + deviation);
    }
    if (trainRows != Math.rint(trainRows) || trainRows < 0) {
      throw new FileFormatException(
          source, "metadata train_rows", "a count", metadata.getOrDefault("train_rows", ""));
    }
    if (trainRows >= rows) {
      throw new FileFormatException(
          readings.source(),
          "readings",
          "more than the %.0f that the model was trained on".formatted(trainRows + 2),
          "" + readings.size());
    }
    return new ChangeForecast(readings, deviation, (int) trainRows);
  }

  private static double number(String source, Map<String, String> metadata, String key) {
    String text = metadata.getOrDefault(key, "");
    try {
      double number = Double.parseDouble(text);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // As a number that is not finite.
    }
    throw new FileFormatException(source, "metadata " + key, "a number", "\"" + text + "\"");
  }

  /** The record. */
  public Readings readings() {
    return readings;
  }

  /** The number of rows: one for every reading that has a predecessor and a successor. */
  public int rows() {
    return readings.size() - 2;
  }

  /** The first row that the model was not trained on. */
  public int firstTestRow() {
    return trainRows;
  }

  /** The reading that a row forecasts. */
  public int target(int row) {
    return row + 2;
  }

  /** The inputs of all rows: [rows, 3]. */
  public float[] inputs() {
    double[] values = readings.values();
    var inputs = new float[rows() * INPUTS];
    for (int row = 0, at = 0; row < rows(); row++) {
      int reading = row + 1;
      double season = 2 * Math.PI * readings.days(reading) / DAYS_OF_A_YEAR;
      inputs[at++] = (float) ((values[reading] - values[reading - 1]) / changeDeviation);
      inputs[at++] = (float) StrictMath.sin(season);
      inputs[at++] = (float) StrictMath.cos(season);
    }
    return inputs;
  }

  /** The timespans of all rows in weeks. */
  public float[] timespans() {
    var timespans = new float[rows()];
    for (int row = 0; row < rows(); row++) {
      timespans[row] = (readings.days(row + 2) - readings.days(row + 1)) / 7f;
    }
    return timespans;
  }

  /** The outputs that would forecast every reading as it came: [rows]. */
  public float[] targets() {
    double[] values = readings.values();
    var targets = new float[rows()];
    for (int row = 0; row < rows(); row++) {
      targets[row] = (float) ((values[row + 2] - values[row + 1]) / changeDeviation);
    }
    return targets;
  }

  /** The forecasts that a model's outputs mean, in the unit of the readings. */
  public double[] forecasts(float[] outputs) {
    double[] values = readings.values();
    var forecasts = new double[rows()];
    for (int row = 0; row < rows(); row++) {
      forecasts[row] = values[row + 1] + outputs[row] * changeDeviation;
    }
    return forecasts;
  }

  /** The forecasts of assuming that nothing changes. */
  public double[] persistence() {
    return forecasts(new float[rows()]);
  }

  /** The root mean square error of forecasts over the rows that the model was not trained on. */
  public double testError(double[] forecasts) {
    double sum = 0;
    for (int row = trainRows; row < rows(); row++) {
      double error = forecasts[row] - readings.values()[target(row)];
      sum += error * error;
    }
    return Math.sqrt(sum / (rows() - trainRows));
  }
}
