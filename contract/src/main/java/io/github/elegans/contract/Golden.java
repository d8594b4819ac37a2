package io.github.elegans.contract;

import io.github.elegans.networks.Network;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.files.Safetensors.Tensor;
import io.github.elegans.networks.models.Models;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What ncps on PyTorch computed in double precision for given weights and inputs. */
public final class Golden {
  /** All there are. */
  public static final List<String> NAMES =
      List.of(
          "cfc-default-1x128",
          "cfc-default-lecun",
          "cfc-default-unit-time",
          "cfc-gelu",
          "cfc-mixed",
          "cfc-no-backbone",
          "cfc-nogate-silu",
          "cfc-pure-tanh",
          "cfc-relu-long",
          "ltc-autoncp28",
          "ltc-full-explicit",
          "ltc-full-softplus",
          "ltc-mixed-random",
          "wired-cfc-autoncp28",
          "wired-cfc-pure");

  private static final String PREFIX = "param.";

  private final Safetensors file;

  private Golden(Safetensors file) {
    this.file = file;
  }

  /** Reads one. */
  public static Golden of(String name) {
    return new Golden(file(name));
  }

  /** Reads a file of any kind, without {@code .safetensors}. */
  static Safetensors file(String name) {
    String resource = "/io/github/elegans/goldens/" + name + ".safetensors";
    try (InputStream in = Objects.requireNonNull(Golden.class.getResourceAsStream(resource))) {
      return Safetensors.read(name, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The network, on the default backend. */
  public Network model() {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith(PREFIX)) {
                parameters.put(name.substring(PREFIX.length()), tensor);
              }
            });
    Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
    if (!metadata.getOrDefault("solver", "semi_implicit").equals("semi_implicit")) {
      // Only the LTC repository's dialect has others.
      metadata.put("dialect", "ltc_tensorflow");
    }
    return Models.of(file.source(), metadata, parameters);
  }

  /** B. */
  public int batch() {
    return file.tensor("x").shape().get(0).intValue();
  }

  /** T. */
  public int steps() {
    return file.tensor("x").shape().get(1).intValue();
  }

  /** Which steps count: mask [B, T]. */
  boolean[] mask() {
    float[] present = floats("mask");
    boolean[] mask = new boolean[present.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = present[i] != 0;
    }
    return mask;
  }

  /** A dimension of a tensor. */
  int size(String tensor, int dimension) {
    return file.tensor(tensor).shape().get(dimension).intValue();
  }

  /** The sparsity mask of a synapse's parameter in an LTC, or null. */
  float @Nullable [] maskOf(String parameter) {
    String synapse = "rnn_cell\\.(sensory_)?(sigma|mu|w|erev)";
    if (!parameter.matches(synapse)) {
      return null;
    }
    String name = PREFIX + parameter.replaceFirst("(sigma|mu|w|erev)$", "sparsity_mask");
    return has(name) ? floats(name) : null;
  }

  /** A value of the metadata, or nothing. */
  String metadata(String key) {
    return file.metadata().getOrDefault(key, "");
  }

  /** Whether there is a tensor of that name. */
  boolean has(String tensor) {
    return file.tensors().containsKey(tensor);
  }

  /** The tensors whose names begin so, by the rest of their names. */
  List<String> names(String prefix) {
    return file.tensors().keySet().stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .toList();
  }

  /** Single precision: x [B, T, I], ts [B, T], h0 [B, H]. */
  public float[] floats(String tensor) {
    return file.tensor(tensor).toFloats();
  }

  /** Double precision: out [B, T, H], hT [B, H]. */
  double[] doubles(String tensor) {
    return file.tensor(tensor).toDoubles();
  }
}
