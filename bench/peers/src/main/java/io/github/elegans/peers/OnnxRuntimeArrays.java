package io.github.elegans.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.elegans.bench.peers.Peer;
import io.github.elegans.bench.peers.PeerTask;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.onnx.OnnxModel;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;

/**
 * ONNX Runtime as its Java interface suggests, and as this library's sessions are called: every
 * step takes its inputs from Java arrays and gives its output to one, and the states are the
 * tensors that the step before returned.
 */
public final class OnnxRuntimeArrays implements Peer {
  private final OnnxRuntime runtime = new OnnxRuntime();

  @Override
  public String name() {
    return "ONNX Runtime, arrays";
  }

  @Override
  public String version() {
    return runtime.version();
  }

  @Override
  public String reason() {
    return runtime.reason();
  }

  @Override
  public boolean does(PeerTask task) {
    return task instanceof PeerTask.Step;
  }

  @Override
  public Operation prepare(PeerTask task) throws OrtException {
    return new Steps((PeerTask.Step) task);
  }

  private static final class Steps implements Operation {
    private static final String NEXT = "next_";

    private final OrtEnvironment environment = OnnxRuntime.environment();
    private final OrtSession session;
    private final PeerTask.Step step;
    private final boolean timed;
    private final float[] timespans;
    private final long[] timespansShape;
    private final long[] shape;
    private final float[] out;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();

    /** Frees the states. */
    private Runnable last;

    Steps(PeerTask.Step step) throws OrtException {
      this.step = step;
      Cell cell = step.network().cell();
      int rows = step.batch();
      session = OnnxRuntime.session(OnnxModel.ofStep(step.network()).toBytes());
      timed = session.getInputNames().contains("timespans");
      timespans = OnnxRuntime.repeated(step.timespan(), rows);
      timespansShape = new long[] {rows, 1};
      shape = new long[] {rows, cell.inputSize()};
      out = new float[rows * cell.outputSize()];
      for (String name : session.getOutputNames()) {
        if (name.startsWith(NEXT)) {
          int width = name.equals(NEXT + "cx") ? cell.memorySize() : cell.stateSize();
          inputs.put(
              name.substring(NEXT.length()),
              tensor(new float[rows * width], new long[] {rows, width}));
        }
      }
      List<OnnxTensor> states = List.copyOf(inputs.values());
      last = () -> states.forEach(OnnxTensor::close);
    }

    private OnnxTensor tensor(float[] values, long[] size) throws OrtException {
      return OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), size);
    }

    @Override
    public void run() throws Exception {
      try (OnnxTensor x = tensor(step.x(), shape);
          OnnxTensor elapsed = timed ? tensor(timespans, timespansShape) : null) {
        inputs.put("x", x);
        if (elapsed != null) {
          inputs.put("timespans", elapsed);
        }
        OrtSession.Result result = session.run(inputs);
        for (Entry<String, OnnxValue> value : result) {
          OnnxTensor tensor = (OnnxTensor) value.getValue();
          if (value.getKey().startsWith(NEXT)) {
            inputs.put(value.getKey().substring(NEXT.length()), tensor);
          } else {
            tensor.getFloatBuffer().get(out);
          }
        }
        last.run();
        last = result::close;
      }
    }

    @Override
    public double[] output() {
      return PeerTask.doubles(out);
    }

    @Override
    public void close() {
      last.run();
      OnnxRuntime.close(session);
    }
  }
}
