package io.github.elegans.spark;

import io.github.elegans.spark.SequenceColumns.Sequence;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * The columns that samples stand in.
 *
 * @param inputs I
 * @param lastOnly whether targets are for the last output only
 */
record SampleColumns(SequenceColumns sequences, Column target, int inputs, boolean lastOnly)
    implements Serializable {
  /**
   * The samples of a partition.
   *
   * @param targetSize numbers of a target
   */
  Iterator<Sample> read(Iterator<Row> rows, int targetSize) {
    return new Iterator<>() {
      private long number;

      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Sample next() {
        Row row = rows.next();
        Sequence sequence = sequences.read(row, number, inputs);
        if (sequence.steps() == 0) {
          throw sequences.input().wrong(number, "at least a step is expected, found none");
        }
        float[] targets = target.read(row, number);
        int expected = (lastOnly ? 1 : sequence.steps()) * targetSize;
        if (targets.length != expected) {
          throw target.wrong(
              number,
              "%d numbers are expected, %d for %s, found %d"
                  .formatted(
                      expected,
                      targetSize,
                      lastOnly ? "the last output" : "each of %d steps".formatted(sequence.steps()),
                      targets.length));
        }
        Sample sample = new Sample(sequence, targets);
        try {
          Sample.sequences(List.of(sample), lastOnly, targetSize);
        } catch (IllegalArgumentException e) {
          throw sequences.input().wrong(number, e.getMessage());
        }
        number++;
        return sample;
      }
    };
  }
}
