package io.github.elegans.peers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript file: a zip archive of a module's code, as text, and of its tensors, which here are
 * constants of the code, as those of a frozen module are. Modules and tensors are described as
 * Python pickles.
 */
final class TorchArchive {
  private static final String ROOT = "elegans/";

  private final List<float[]> data = new ArrayList<>();
  private final List<int[]> shapes = new ArrayList<>();

  /** Adds a tensor; its name in the code. */
  String constant(float[] values, int... shape) {
    data.add(values);
    shapes.add(shape);
    return "CONSTANTS.c" + (data.size() - 1);
  }

  /**
   * The file.
   *
   * @param forward the text of the method
   */
  byte[] toBytes(String forward) throws IOException {
    String code =
        """
        class Cell(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
        """
            + forward.indent(2);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "data.pkl", module());
      store(zip, "code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
      for (int i = 0; i < data.size(); i++) {
        ByteBuffer floats =
            ByteBuffer.allocate(data.get(i).length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        floats.asFloatBuffer().put(data.get(i));
        store(zip, "constants/" + i, floats.array());
      }
      store(zip, "constants.pkl", constants());
      store(zip, "version", "3\n".getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(content);
    ZipEntry entry = new ZipEntry(ROOT + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /** A module without attributes but "training". */
  private static byte[] module() {
    return new Pickle()
        .global("__torch__", "Cell")
        .code(")\u0081}(")
        .text("training")
        .code("\u0089ub")
        .toBytes();
  }

  private byte[] constants() {
    Pickle pickle = new Pickle().code("(");
    for (int i = 0; i < data.size(); i++) {
      pickle
          .global("torch._utils", "_rebuild_tensor_v2")
          .code("((")
          .text("storage")
          .global("torch", "FloatStorage")
          .text(Integer.toString(i))
          .text("cpu")
          .integer(data.get(i).length)
          .code("tQ")
          .integer(0);
      int[] shape = shapes.get(i);
      pickle.code("(");
      for (int size : shape) {
        pickle.integer(size);
      }
      pickle.code("t(");
      int stride = data.get(i).length;
      for (int size : shape) {
        stride /= size;
        pickle.integer(stride);
      }
      pickle.code("t\u0089").global("collections", "OrderedDict").code(")RtR");
    }
    return pickle.code("t").toBytes();
  }

  /**
   * Python's pickle, protocol 2, of which this needs a mark {@code (} and a tuple of all since
   * {@code t}, an empty tuple {@code )} and dictionary <code>}</code>, an object {@code \x81},
   * false {@code \x89}, a call {@code R}, a stored tensor {@code Q}, entries {@code u} and
   * attributes {@code b}.
   */
  private static final class Pickle {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Pickle() {
      code("\u0080\u0002");
    }

    Pickle code(String opcodes) {
      bytes.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
      return this;
    }

    Pickle global(String module, String name) {
      return code("c" + module + "\n" + name + "\n");
    }

    Pickle text(String text) {
      return code("X").littleEndian(text.length()).code(text);
    }

    Pickle integer(int value) {
      return code("J").littleEndian(value);
    }

    private Pickle littleEndian(int value) {
      bytes.writeBytes(
          ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
      return this;
    }

    byte[] toBytes() {
      return code(".").bytes.toByteArray();
    }
  }
}
