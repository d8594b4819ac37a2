package io.github.elegans.networks.files;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a file is that is no safetensors file, by its first bytes, and what makes one of it. */
final class ForeignFormat {
  /** As many bytes as {@link #describe} looks at. */
  static final int BYTES = 128;

  private static final String IN_PYTHON =
      ": build the model in Python, load this into it, and let docs/ncps_to_safetensors.py save"
          + " it: save(model, \"model.safetensors\")";

  private static final String IN_KERAS =
      ": load the model in Python, then safetensors.numpy.save_file({w.path: w.numpy() for w in"
          + " model.weights}, \"model.safetensors\")";

  private ForeignFormat() {}

  /** Names the format that these first bytes of a file show, or null if they show none. */
  static @Nullable String describe(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    if (text.startsWith("PK\3\4")) {
      return zip(text);
    }
    if (text.startsWith("\u0089HDF\r\n")) {
      return "an HDF5 file, as Keras writes weights" + IN_KERAS;
    }
    // A pickle of protocol 2 to 5, which begins with a container.
    if (text.matches("(?s)\u0080[\2-\5][\\]}\u008a\u0095(cX].*")) {
      return "a Python pickle, as older versions of PyTorch write checkpoints" + IN_PYTHON;
    }
    if (text.startsWith("\u0093NUMPY")) {
      return "a NumPy array (.npy), which has no names";
    }
    if (text.startsWith("GGUF")) {
      return "a GGUF file";
    }
    return null;
  }

  private static String zip(String text) {
    // The name of the first entry follows its header of 30 bytes.
    int length = text.length() < 30 ? 0 : text.charAt(26) | text.charAt(27) << 8;
    String first =
        text.substring(Math.min(30, text.length()), Math.min(30 + length, text.length()));
    if (first.endsWith("data.pkl")) {
      return "a PyTorch checkpoint" + IN_PYTHON;
    }
    if (first.equals("metadata.json") || first.equals("config.json")) {
      return "a Keras model" + IN_KERAS;
    }
    if (first.endsWith(".npy")) {
      return "a NumPy archive (.npz)";
    }
    return "a zip archive that begins with '" + first + "'";
  }
}
