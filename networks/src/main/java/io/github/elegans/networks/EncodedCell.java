package io.github.elegans.networks;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.Series;
import io.github.elegans.kernels.cell.Workspace;
import io.github.elegans.kernels.dense.DenseKernels;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.memory.FloatSegments;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cell whose input comes through dense layers; state, memory and output are those of the cell.
 *
 * @param layers at least one; each reads the outputs of the one before, the cell those of the last
 */
record EncodedCell(List<Dense> layers, Cell cell, DenseKernels dense, Accuracy accuracy)
    implements Cell {

  EncodedCell {
    layers = List.copyOf(layers);
    Require.length(
        "inputs of the network behind dense layers", layers.getLast().outputs(), cell.inputSize());
  }

  @Override
  public int inputSize() {
    return layers.getFirst().inputs();
  }

  @Override
  public int outputSize() {
    return cell.outputSize();
  }

  @Override
  public int stateSize() {
    return cell.stateSize();
  }

  @Override
  public int memorySize() {
    return cell.memorySize();
  }

  @Override
  public Batch batch(int rows) {
    return batch(rows, 1);
  }

  @Override
  public Batch batch(int rows, int steps) {
    long perRow = (long) steps * cell.inputSize();
    Series inputs = new Series(Floats.allocate(rows * perRow), perRow, cell.inputSize());
    int chunk = (int) Math.min(Workspace.CHUNK, (long) rows * steps);
    return new EncodedBatch(this, cell.batch(rows, steps), rows, inputs, chunk);
  }

  @Override
  public CellDescription description() {
    return new CellDescription.Encoded(layers, cell);
  }

  private static final class EncodedBatch extends OuterBatch {
    private final EncodedCell encoded;
    private final Dense[] layers;
    private final int allRows;

    /** What the cell reads; threads share it, each with rows or items of its own. */
    private final Series inputs;

    private final int chunk;

    /** Items of a chunk before and after a layer. */
    private final MemorySegment before;

    private final MemorySegment after;

    EncodedBatch(EncodedCell encoded, Batch batch, int allRows, Series inputs, int chunk) {
      super(batch);
      this.encoded = encoded;
      this.allRows = allRows;
      this.inputs = inputs;
      this.chunk = chunk;
      layers = encoded.layers.toArray(Dense[]::new);
      int widest = layers[0].inputs();
      for (Dense layer : layers) {
        widest = Math.max(widest, layer.outputs());
      }
      long floats = (long) chunk * PanelLayout.roundUp(widest);
      before = Floats.allocate(floats);
      after = Floats.allocate(floats);
    }

    @Override
    public Batch forOtherRows() {
      return new EncodedBatch(encoded, batch.forOtherRows(), allRows, inputs, chunk);
    }

    @Override
    public void run(
        int firstRow, int rows, int steps, Series x, Series timespans, @Nullable Series out) {
      encode(firstRow, rows, x, 0, Require.elements("items to encode", rows, steps));
      batch.run(firstRow, rows, steps, inputs, timespans, out);
    }

    /** Encodes items of so many rows, which are counted step after step. */
    private void encode(int firstRow, int rows, Series x, int firstItem, int endItem) {
      for (int first = firstItem; first < endItem; first += chunk) {
        encodeChunk(firstRow, rows, x, first, Math.min(chunk, endItem - first));
      }
    }

    private void encodeChunk(int firstRow, int rows, Series x, int first, int items) {
      int width = layers[0].inputs();
      long at = 0;
      int row = first % rows;
      int step = first / rows;
      for (int i = 0; i < items; i++) {
        FloatSegments.copy(x.data(), x.offset(firstRow + row, step), before, at, width);
        at += width;
        if (++row == rows) {
          row = 0;
          step++;
        }
      }
      MemorySegment from = before;
      MemorySegment to = after;
      long stride = width;
      for (Dense layer : layers) {
        int outputs = PanelLayout.roundUp(layer.outputs());
        encoded.dense.forward(
            layer.weights(),
            layer.activation(),
            encoded.accuracy,
            from,
            stride,
            to,
            outputs,
            items);
        stride = outputs;
        MemorySegment other = from;
        from = to;
        to = other;
      }
      int size = encoded.cell.inputSize();
      at = 0;
      row = first % rows;
      step = first / rows;
      for (int i = 0; i < items; i++) {
        FloatSegments.copy(from, at, inputs.data(), inputs.offset(firstRow + row, step), size);
        at += stride;
        if (++row == rows) {
          row = 0;
          step++;
        }
      }
    }

    @Override
    public void emit(int firstRow, int rows, Series out, int step) {
      batch.emit(firstRow, rows, out, step);
    }

    @Override
    public Batch forOtherPart() {
      return new EncodedBatch(encoded, batch.forOtherPart(), allRows, inputs, chunk);
    }

    @Override
    public void runPart(
        int member,
        int members,
        Runnable barrier,
        int steps,
        Series x,
        Series timespans,
        @Nullable Series out) {
      long items = Require.elements("items to encode", allRows, steps);
      int first = (int) (items * member / members);
      int end = (int) (items * (member + 1) / members);
      encode(0, allRows, x, first, end);
      barrier.run();
      batch.runPart(member, members, barrier, steps, inputs, timespans, out);
    }
  }
}
