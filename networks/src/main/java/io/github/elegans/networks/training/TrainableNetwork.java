package io.github.elegans.networks.training;

import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Dense;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.cfc.WiredCfcConfiguration;
import io.github.elegans.networks.files.StateDict;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.ltc.LtcConfiguration;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import io.github.elegans.networks.statedict.TensorNames;
import io.github.elegans.networks.training.TrainableCell.Dropout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A network taken apart for training: its layers, each of which reads the one before. */
final class TrainableNetwork implements TrainablePart {
  private final Network network;
  private final String prefix;
  private final Kernels kernels;
  private final Accuracy accuracy;
  private final ParameterLayout layout;
  private final List<TrainableLayer> body = new ArrayList<>();
  private final List<TrainableLayer> head = new ArrayList<>();
  private final boolean lastOnly;

  /** The number of the next dense layer, for dropout. */
  private int denseLayers;

  /**
   * Takes a network apart.
   *
   * @param prefix what stands before the names of its parameters
   * @param layout receives its parameters
   * @param firstDenseLayer the number of its first dense layer, for dropout
   * @param lastOnly whether only the output after the last step of a sequence counts
   */
  TrainableNetwork(
      Network network,
      String prefix,
      ParameterLayout layout,
      int firstDenseLayer,
      boolean lastOnly) {
    this.network = network;
    this.prefix = prefix;
    this.kernels = network.kernels();
    this.accuracy = network.accuracy();
    this.layout = layout;
    this.lastOnly = lastOnly;
    denseLayers = firstDenseLayer;
    add(network, network.stateDict(), prefix);
    if (lastOnly) {
      // What stands behind the last recurrent layer works on single rows.
      int split = body.size();
      while (split > 0 && !body.get(split - 1).isRecurrent()) {
        split--;
      }
      List<TrainableLayer> behind = body.subList(split, body.size());
      head.addAll(behind);
      behind.clear();
    }
  }

  private void add(Network part, StateDict dict, String prefix) {
    layout.setPrefix(prefix);
    requireFloat32(part);
    switch (part) {
      case Stack stack -> {
        for (int i = 0; i < stack.layers().size(); i++) {
          String name = i + ".";
          add(stack.layers().get(i), dict.within(name), prefix + name);
        }
      }
      case Sequential sequential -> {
        addDense("encoder", sequential.encoder(), dict);
        add(sequential.network(), dict.within("network."), prefix + "network.");
        layout.setPrefix(prefix);
        addDense("head", sequential.head(), dict);
      }
      case Cfc cfc -> add(cfc.configuration(), dict);
      case WiredCfc wired -> add(wired.configuration(), dict);
      case Ltc ltc -> {
        if (accuracy != Accuracy.ACCURATE) {
          throw new IllegalArgumentException(
              "an LTC is trained in the tier accurate, but the network's is "
                  + accuracy.name().toLowerCase(Locale.ROOT));
        }
        add(ltc.configuration(), dict);
      }
      case RecurrentNetwork recurrent -> add(recurrent, dict);
      default ->
          throw new IllegalArgumentException(
              "the network must be a CfC, an LTC, an LSTM, a GRU, dense layers around one, or a"
                  + " stack of them, but is "
                  + part);
    }
  }

  /** What is rounded to 16 bits after every update learns nothing. */
  private static void requireFloat32(Network part) {
    WeightStorage storage =
        switch (part) {
          case Cfc cfc -> cfc.storage();
          case WiredCfc wired -> wired.storage();
          case Ltc ltc -> ltc.storage();
          case RecurrentNetwork recurrent -> recurrent.storage();
          case Sequential sequential ->
              Stream.of(sequential.encoder(), sequential.head())
                  .flatMap(List::stream)
                  .map(layer -> layer.weights().storage())
                  .filter(own -> own != WeightStorage.FLOAT32)
                  .findAny()
                  .orElse(WeightStorage.FLOAT32);
          default -> WeightStorage.FLOAT32;
        };
    if (storage != WeightStorage.FLOAT32) {
      throw new IllegalArgumentException(
          "weights must be stored as float32 to be trained, but are %s: %s"
              .formatted(storage.name().toLowerCase(Locale.ROOT), part));
    }
  }

  private void add(CfcConfiguration configuration, StateDict dict) {
    List<String> backbone =
        TensorNames.backboneIndices(dict.names()).stream()
            .map(index -> TensorNames.BACKBONE + "." + index)
            .toList();
    CfcDialect dialect = configuration.dialect();
    int units = configuration.hiddenSize();
    TrainableCell cell =
        new TrainableCfc(
            kernels,
            accuracy,
            layout,
            dict,
            "",
            configuration.cellInputSize(),
            units,
            configuration.mode(),
            configuration.activation(),
            dialect,
            backbone,
            denseLayers);
    denseLayers += backbone.size();
    addCell(cell, configuration.mixedMemory(), dialect, dict, configuration.inputSize());
    addProjection(configuration.projectionSize(), dict);
  }

  private void add(WiredCfcConfiguration configuration, StateDict dict) {
    CfcDialect dialect = configuration.dialect();
    int inputs = configuration.firstLayerInputs();
    List<TrainableCell> layers = new ArrayList<>();
    for (int units : configuration.layerSizes()) {
      layers.add(
          new TrainableCfc(
              kernels,
              accuracy,
              layout,
              dict,
              "layer_" + layers.size() + ".",
              inputs,
              units,
              configuration.mode(),
              Activation.LECUN_TANH,
              dialect,
              List.of(),
              denseLayers));
      inputs = units;
    }
    addCell(
        new TrainableStack(layers),
        configuration.mixedMemory(),
        dialect,
        dict,
        configuration.inputSize());
    addProjection(configuration.projectionSize(), dict);
  }

  private void add(LtcConfiguration configuration, StateDict dict) {
    TrainableLtc ltc = new TrainableLtc(kernels, layout, dict, configuration);
    if (configuration.mixedMemory()) {
      TrainableLstm lstm =
          TrainableLstm.mixedMemory(
              kernels, accuracy, layout, dict, configuration.inputSize(), configuration.units());
      body.add(
          new RecurrentLayer(
              new TrainableMixedMemory(kernels, lstm, new TrainableLtcCell(ltc), true)));
    } else {
      body.add(new LtcLayer(ltc));
    }
    if (dict.has(TensorNames.PROJECTION + ".weight")) {
      addProjection(1, dict);
    }
  }

  private void addCell(
      TrainableCell cell, boolean mixedMemory, CfcDialect dialect, StateDict dict, int inputSize) {
    TrainableCell all = cell;
    if (mixedMemory) {
      TrainableLstm lstm =
          TrainableLstm.mixedMemory(kernels, accuracy, layout, dict, inputSize, cell.stateSize());
      all = new TrainableMixedMemory(kernels, lstm, cell, !dialect.memoryReplacesInput());
    }
    body.add(new RecurrentLayer(all));
  }

  private void addProjection(int size, StateDict dict) {
    if (size > 0) {
      body.add(
          new DenseLayer(
              kernels,
              accuracy,
              TrainableDense.linear(layout, dict, TensorNames.PROJECTION),
              Activation.LINEAR));
    }
  }

  private void addDense(String name, List<Dense> layers, StateDict dict) {
    for (int i = 0; i < layers.size(); i++) {
      body.add(
          new DenseLayer(
              kernels,
              accuracy,
              TrainableDense.linear(layout, dict, name + "." + i),
              layers.get(i).activation()));
    }
  }

  private void add(RecurrentNetwork recurrent, StateDict dict) {
    int inputs = recurrent.inputSize();
    int units = recurrent.stateSize();
    TrainableCell cell =
        switch (recurrent.kind()) {
          case LSTM -> TrainableLstm.torch(kernels, accuracy, layout, dict, inputs, units);
          case GRU -> new TrainableGru(kernels, accuracy, layout, dict, inputs, units);
          default ->
              throw new IllegalArgumentException(
                  "a recurrent network must be an lstm or a gru to be trained, but is "
                      + recurrent.kind());
        };
    body.add(new RecurrentLayer(cell));
    addProjection(dict.has(TensorNames.PROJECTION + ".weight") ? recurrent.outputSize() : 0, dict);
  }

  @Override
  public Trainee.One with(Map<String, float[]> values) {
    return new Trainee.One(rebuilt(network, values, prefix));
  }

  private Network rebuilt(Network part, Map<String, float[]> values, String prefix) {
    if (part instanceof Stack stack) {
      List<Network> layers = new ArrayList<>();
      for (int i = 0; i < stack.layers().size(); i++) {
        layers.add(rebuilt(stack.layers().get(i), values, prefix + i + "."));
      }
      return Stack.of(layers);
    }
    if (part instanceof Sequential sequential) {
      return Sequential.of(
          rebuilt(sequential.encoder(), values, prefix + "encoder."),
          rebuilt(sequential.network(), values, prefix + "network."),
          rebuilt(sequential.head(), values, prefix + "head."));
    }
    Map<String, float[]> own = new LinkedHashMap<>(part.stateDict().values());
    own.replaceAll((name, old) -> values.getOrDefault(prefix + name, old));
    Network made =
        switch (part) {
          case Cfc cfc -> Cfc.of(cfc.configuration(), own);
          case WiredCfc wired -> WiredCfc.of(wired.configuration(), own);
          case Ltc ltc -> Ltc.of(ltc.configuration(), own);
          case RecurrentNetwork recurrent ->
              RecurrentNetwork.of(
                  recurrent.kind(), recurrent.inputSize(), recurrent.stateSize(), own);
          default -> throw new IllegalStateException("no way to make " + part);
        };
    return made.on(kernels).with(accuracy);
  }

  private static List<Dense> rebuilt(
      List<Dense> layers, Map<String, float[]> values, String prefix) {
    List<Dense> made = new ArrayList<>();
    for (Dense layer : layers) {
      String name = prefix + made.size();
      made.add(
          Dense.of(
              layer.inputs(),
              layer.outputs(),
              layer.activation(),
              values.get(name + ".weight"),
              values.get(name + ".bias")));
    }
    return made;
  }

  /** The number of the dense layer that comes after those of the network. */
  int nextDenseLayer() {
    return denseLayers;
  }

  /** The layers over whole sequences. */
  List<TrainableLayer> body() {
    return body;
  }

  /** Those behind, on the last output only. */
  List<TrainableLayer> head() {
    return head;
  }

  boolean isLastOnly() {
    return lastOnly;
  }

  @Override
  public Stream<TrainableLayer> layers() {
    return Stream.concat(body.stream(), head.stream());
  }

  @Override
  public int inputSize() {
    return body.getFirst().inputSize();
  }

  @Override
  public int outputSize() {
    return head.isEmpty() ? bodyOutputSize() : head.getLast().outputSize();
  }

  int bodyOutputSize() {
    return body.getLast().outputSize();
  }

  @Override
  public long rowBytes() {
    return Float.BYTES * body.stream().mapToLong(TrainableLayer::rowFloats).sum();
  }

  @Override
  public boolean holdsOutputs() {
    return true;
  }

  @Override
  public LeafRun run(TrainableModel model, @Nullable Dropout dropout) {
    return new NetworkRun(model, this, dropout);
  }
}
