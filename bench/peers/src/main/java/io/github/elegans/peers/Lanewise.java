package io.github.elegans.peers;

import io.github.elegans.bench.peers.Peer;
import io.github.elegans.bench.peers.PeerTask;
import io.github.elegans.kernels.math.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The Vector API's own elementary functions, from and to Java arrays. */
public final class Lanewise implements Peer {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  @Override
  public String name() {
    return "Vector API's own functions";
  }

  @Override
  public String version() {
    return "";
  }

  @Override
  public String reason() {
    return "";
  }

  @Override
  public boolean does(PeerTask task) {
    return task instanceof PeerTask.Elementwise elementwise
        && switch (elementwise.function()) {
          case TANH, EXP, SIGMOID -> true;
          default -> false;
        };
  }

  @Override
  public Operation prepare(PeerTask task) {
    PeerTask.Elementwise elementwise = (PeerTask.Elementwise) task;
    float[] x = elementwise.x();
    float[] y = new float[x.length];
    Activation function = elementwise.function();
    return new Operation() {
      @Override
      public void run() {
        switch (function) {
          case TANH -> tanh(x, y);
          case EXP -> exp(x, y);
          default -> sigmoid(x, y);
        }
      }

      @Override
      public double[] output() {
        return PeerTask.doubles(y);
      }
    };
  }

  private static void tanh(float[] x, float[] y) {
    int end = SPECIES.loopBound(x.length);
    for (int i = 0; i < end; i += SPECIES.length()) {
      FloatVector.fromArray(SPECIES, x, i).lanewise(VectorOperators.TANH).intoArray(y, i);
    }
    for (int i = end; i < x.length; i++) {
      y[i] = (float) Math.tanh(x[i]);
    }
  }

  private static void exp(float[] x, float[] y) {
    int end = SPECIES.loopBound(x.length);
    for (int i = 0; i < end; i += SPECIES.length()) {
      FloatVector.fromArray(SPECIES, x, i).lanewise(VectorOperators.EXP).intoArray(y, i);
    }
    for (int i = end; i < x.length; i++) {
      y[i] = (float) Math.exp(x[i]);
    }
  }

  private static void sigmoid(float[] x, float[] y) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    int end = SPECIES.loopBound(x.length);
    for (int i = 0; i < end; i += SPECIES.length()) {
      FloatVector e = FloatVector.fromArray(SPECIES, x, i).neg().lanewise(VectorOperators.EXP);
      one.div(e.add(one)).intoArray(y, i);
    }
    for (int i = end; i < x.length; i++) {
      y[i] = 1 / (1 + (float) Math.exp(-x[i]));
    }
  }
}
