package io.github.elegans.peers;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import io.github.elegans.bench.peers.Peer;
import io.github.elegans.bench.peers.PeerTask;
import io.github.elegans.networks.onnx.OnnxModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * ONNX Runtime on the CPU, on the graphs that {@link OnnxModel} writes: one thread, all
 * optimisations, arguments and results bound once to direct buffers. The state goes from one of two
 * tensors to the other and back, without a copy.
 */
public final class OnnxRuntime implements Peer {
  @Override
  public String name() {
    return "ONNX Runtime";
  }

  @Override
  public String version() {
    return environment().getVersion();
  }

  @Override
  public String reason() {
    try {
      environment();
      return "";
    } catch (LinkageError | RuntimeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, "elegans");
  }

  @Override
  public boolean does(PeerTask task) {
    return !(task instanceof PeerTask.Gradients || task instanceof PeerTask.Lorenz);
  }

  @Override
  public Bound prepare(PeerTask task) throws OrtException {
    return switch (task) {
      case PeerTask.Step step ->
          new Bound(
              OnnxModel.ofStep(step.network()).toBytes(),
              Map.of("N", step.batch()),
              Map.of("x", step.x(), "timespans", repeated(step.timespan(), step.batch())));
      case PeerTask.Sequence sequence ->
          new Bound(
              OnnxModel.ofSequence(sequence.network()).toBytes(),
              Map.of("N", sequence.batch(), "T", sequence.steps()),
              Map.of(
                  "x",
                  sequence.x(),
                  "timespans",
                  repeated(sequence.timespan(), sequence.batch() * sequence.steps())));
      case PeerTask.Elementwise elementwise ->
          new Bound(
              OnnxModel.of(elementwise.function()).toBytes(),
              Map.of("N", elementwise.x().length),
              Map.of("x", elementwise.x()));
      case PeerTask.Gradients gradients -> throw new IllegalArgumentException(gradients.toString());
      case PeerTask.Lorenz lorenz -> throw new IllegalArgumentException(lorenz.toString());
    };
  }

  static OrtSession session(byte[] model) throws OrtException {
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setExecutionMode(ExecutionMode.SEQUENTIAL);
      options.setOptimizationLevel(OptLevel.ALL_OPT);
      return environment().createSession(model, options);
    }
  }

  static float[] repeated(float value, int n) {
    float[] values = new float[n];
    Arrays.fill(values, value);
    return values;
  }

  /** Closes a session for an operation, which has no checked exception to throw. */
  static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A session with its tensors. */
  static final class Bound implements Operation {
    private final OrtSession session;
    private final Map<String, FloatBuffer> buffers = new LinkedHashMap<>();

    // What one call reads and writes; the next call reads the states that it wrote.
    private Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    private Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    private Map<String, OnnxTensor> nextInputs = new LinkedHashMap<>();
    private Map<String, OnnxTensor> nextOutputs = new LinkedHashMap<>();

    /**
     * Binds a model.
     *
     * @param sizes of the axes that the model leaves open
     * @param values of inputs; those without one begin with zeros
     */
    Bound(byte[] model, Map<String, Integer> sizes, Map<String, float[]> values)
        throws OrtException {
      session = session(model);
      for (NodeInfo input : session.getInputInfo().values()) {
        OnnxTensor tensor = tensor(input, sizes);
        set(input.getName(), values.getOrDefault(input.getName(), new float[0]));
        inputs.put(input.getName(), tensor);
        nextInputs.put(input.getName(), tensor);
      }
      for (NodeInfo output : session.getOutputInfo().values()) {
        String name = output.getName();
        OnnxTensor tensor = tensor(output, sizes);
        outputs.put(name, tensor);
        nextOutputs.put(name, tensor);
        String state = name.replace("next_", "");
        if (inputs.containsKey(state)) {
          nextOutputs.put(name, inputs.get(state));
          nextInputs.put(state, tensor);
        }
      }
    }

    private OnnxTensor tensor(NodeInfo info, Map<String, Integer> sizes) throws OrtException {
      TensorInfo type = (TensorInfo) info.getInfo();
      long[] shape = type.getShape();
      String[] names = type.getDimensionNames();
      int elements = 1;
      for (int i = 0; i < shape.length; i++) {
        shape[i] = shape[i] < 0 ? sizes.get(names[i]) : shape[i];
        elements = Math.toIntExact(elements * shape[i]);
      }
      FloatBuffer buffer =
          ByteBuffer.allocateDirect(elements * Float.BYTES)
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
      buffers.put(info.getName(), buffer);
      return OnnxTensor.createTensor(environment(), buffer, shape);
    }

    @Override
    public void run() throws OrtException {
      session.run(inputs, outputs).close();
      Map<String, OnnxTensor> lastInputs = inputs;
      Map<String, OnnxTensor> lastOutputs = outputs;
      inputs = nextInputs;
      outputs = nextOutputs;
      nextInputs = lastInputs;
      nextOutputs = lastOutputs;
    }

    @Override
    public double[] output() {
      return PeerTask.doubles(values("out"));
    }

    /** Whether there is such an input or output. */
    boolean has(String name) {
      return buffers.containsKey(name);
    }

    /** Sets the numbers of an input. */
    void set(String name, float[] values) {
      buffers.get(name).put(0, values);
    }

    /** The numbers of an input or an output. */
    float[] values(String name) {
      FloatBuffer buffer = buffers.get(name).duplicate();
      float[] values = new float[buffer.capacity()];
      buffer.get(0, values);
      return values;
    }

    @Override
    public void close() {
      OnnxRuntime.close(session);
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
    }
  }
}
