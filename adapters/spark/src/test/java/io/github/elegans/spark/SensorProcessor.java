package io.github.elegans.spark;

import io.github.elegans.networks.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.TTLConfig;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.TimerValues;
import org.apache.spark.sql.streaming.ValueState;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * An example of Structured Streaming: a network that goes on, sensor by sensor, from where the last
 * micro-batch has left it. Spark keeps the state of every sensor and the time of its last reading;
 * timespans are the seconds between readings.
 */
final class SensorProcessor
    extends StatefulProcessor<String, SensorProcessor.Reading, SensorProcessor.Prediction> {
  private static final long serialVersionUID = 1L;

  private final Broadcast<byte[]> weights;
  private transient ValueState<Kept> kept;
  private transient Session session;
  private transient float[] state;

  SensorProcessor(Broadcast<byte[]> weights) {
    this.weights = weights;
  }

  @Override
  public void init(OutputMode outputMode, TimeMode timeMode) {
    kept = getHandle().getValueState("kept", Encoders.bean(Kept.class), TTLConfig.NONE());
    session = ElegansModel.shared(weights.value()).session(1);
    state = new float[session.network().stateSize() + session.network().memorySize()];
  }

  @Override
  public Iterator<Prediction> handleInputRows(
      String sensor, Iterator<Reading> readings, TimerValues timers) {
    session.reset();
    double last = Double.NaN;
    if (kept.exists()) {
      Kept before = kept.get();
      session.writeRows(new int[] {0}, before.getState());
      last = before.getTime();
    }
    List<Reading> inOrder = new ArrayList<>(CollectionConverters.asJava(readings.toSeq()));
    inOrder.sort(Comparator.comparingDouble(Reading::getTime));
    List<Prediction> predictions = new ArrayList<>();
    float[] out = new float[session.network().outputSize()];
    for (Reading reading : inOrder) {
      double time = reading.getTime();
      session.step(reading.getValues(), Double.isNaN(last) ? 1 : (float) (time - last), out);
      last = time;
      predictions.add(new Prediction(sensor, time, out.clone()));
    }
    session.readRows(new int[] {0}, state);
    kept.update(new Kept(state, last));
    return CollectionConverters.asScala(predictions.iterator());
  }

  @Override
  public void close() {
    session.close();
  }

  /** What Spark keeps of a sensor. */
  public static final class Kept implements java.io.Serializable {
    private float[] state = {};
    private double time;

    public Kept() {}

    Kept(float[] state, double time) {
      this.state = state;
      this.time = time;
    }

    public float[] getState() {
      return state;
    }

    public void setState(float[] state) {
      this.state = state;
    }

    public double getTime() {
      return time;
    }

    public void setTime(double time) {
      this.time = time;
    }
  }

  /** What a sensor has measured. */
  public static final class Reading implements java.io.Serializable {
    private String sensor = "";
    private double time;
    private float[] values = {};

    public Reading() {}

    Reading(String sensor, double time, float[] values) {
      this.sensor = sensor;
      this.time = time;
      this.values = values;
    }

    public String getSensor() {
      return sensor;
    }

    public void setSensor(String sensor) {
      this.sensor = sensor;
    }

    public double getTime() {
      return time;
    }

    public void setTime(double time) {
      this.time = time;
    }

    public float[] getValues() {
      return values;
    }

    public void setValues(float[] values) {
      this.values = values;
    }
  }

  /** What the network makes of it. */
  public static final class Prediction implements java.io.Serializable {
    private String sensor = "";
    private double time;
    private float[] output = {};

    public Prediction() {}

    Prediction(String sensor, double time, float[] output) {
      this.sensor = sensor;
      this.time = time;
      this.output = output;
    }

    public String getSensor() {
      return sensor;
    }

    public void setSensor(String sensor) {
      this.sensor = sensor;
    }

    public double getTime() {
      return time;
    }

    public void setTime(double time) {
      this.time = time;
    }

    public float[] getOutput() {
      return output;
    }

    public void setOutput(float[] output) {
      this.output = output;
    }
  }
}
