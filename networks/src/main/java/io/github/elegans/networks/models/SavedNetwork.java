package io.github.elegans.networks.models;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.Sequential;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.files.StateDict;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.ltc.LtcDialect;
import io.github.elegans.networks.statedict.TensorNames;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The tensors of a network by their names in ncps, with the metadata that tell the rest. */
final class SavedNetwork {
  /** Before the names of a cell's own tensors in ncps. */
  private static final String CELL = "rnn_cell.";

  /** What {@link Models#load} reads, and a network need not tell. */
  private static final Set<String> READ =
      Set.of("activation", "backbone_units", "sparsity_mask", "wiring", "solver", "ode_method");

  private final Map<String, StateDict.Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata;

  private SavedNetwork(Network network) {
    metadata = new LinkedHashMap<>(network.metadata());
    add(network, "");
  }

  /** Of a network, with more metadata. */
  static Safetensors.Writer of(Network network, Map<String, String> provenance) {
    SavedNetwork saved = new SavedNetwork(network);
    Set<String> clashes = new TreeSet<>(provenance.keySet());
    clashes.removeIf(key -> !saved.metadata.containsKey(key) && !READ.contains(key));
    if (!clashes.isEmpty()) {
      throw new IllegalArgumentException(
          "the provenance must not have keys that say something about a network, but has "
              + clashes);
    }
    Safetensors.Writer writer = Safetensors.writer();
    saved.metadata.forEach(writer::metadata);
    provenance.forEach(writer::metadata);
    saved.tensors.forEach(
        (name, tensor) ->
            writer.tensor(
                name,
                tensor.values(),
                tensor.shape().stream().mapToLong(Integer::longValue).toArray()));
    return writer;
  }

  private void add(Network network, String prefix) {
    switch (network) {
      case Stack stack -> {
        for (int i = 0; i < stack.layers().size(); i++) {
          add(stack.layers().get(i), prefix + i + ".");
        }
      }
      case Sequential sequential -> {
        StateDict all = sequential.stateDict();
        put(prefix + "encoder.", all.within("encoder."));
        add(sequential.network(), prefix + "network.");
        put(prefix + "head.", all.within("head."));
      }
      case Cfc cfc -> addCell(cfc.stateDict(), prefix);
      case WiredCfc wired -> {
        addCell(wired.stateDict(), prefix);
        for (int i = 0; i < wired.configuration().layerSizes().size(); i++) {
          String layer = prefix + CELL + "layer_" + i + ".";
          String mask = layer + TensorNames.SPARSITY_MASK;
          addMask(mask, layer + TensorNames.FF1 + ".weight");
          // ncps multiplies with what it loads: on PyTorch a mask has no signs.
          tensors.computeIfPresent(
              mask,
              (name, of) ->
                  new StateDict.Tensor(
                      of.shape(), wired.configuration().dialect().mask(of.values())));
        }
        metadata.remove(prefix + TensorNames.SPARSITY_MASK);
      }
      case Ltc ltc -> {
        addCell(ltc.stateDict(), prefix);
        if (ltc.configuration().dialect() == LtcDialect.NCPS) {
          for (String kind : List.of("", TensorNames.SENSORY)) {
            String name = prefix + CELL + kind;
            addMask(name + TensorNames.SPARSITY_MASK, name + TensorNames.SIGMA);
          }
          metadata.remove(prefix + TensorNames.SPARSITY_MASK);
        }
      }
      default -> put(prefix, network.stateDict());
    }
  }

  private void put(String prefix, StateDict stateDict) {
    stateDict.names().forEach(name -> tensors.put(prefix + name, stateDict.get(name)));
  }

  /** Of a cell of ncps, beside which the LSTM and the projection stand. */
  private void addCell(StateDict stateDict, String prefix) {
    for (String name : stateDict.names()) {
      boolean beside = name.startsWith("lstm.") || name.startsWith(TensorNames.PROJECTION + ".");
      tensors.put(prefix + (beside ? "" : CELL) + name, stateDict.get(name));
    }
  }

  /** The mask that ncps has where all synapses exist. */
  private void addMask(String name, String like) {
    StateDict.Tensor of = tensors.get(like);
    if (of != null && !tensors.containsKey(name)) {
      float[] ones = new float[of.values().length];
      Arrays.fill(ones, 1);
      tensors.put(name, new StateDict.Tensor(of.shape(), ones));
    }
  }
}
