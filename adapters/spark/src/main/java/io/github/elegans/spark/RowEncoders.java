package io.github.elegans.spark;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.encoders.AgnosticEncoder;
import org.apache.spark.sql.catalyst.encoders.AgnosticEncoders.ArrayEncoder;
import org.apache.spark.sql.catalyst.encoders.AgnosticEncoders.EncoderField;
import org.apache.spark.sql.catalyst.encoders.AgnosticEncoders.PrimitiveFloatEncoder$;
import org.apache.spark.sql.catalyst.encoders.AgnosticEncoders.RowEncoder;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Rows as {@link Encoders#row} has them, but with {@code float[]} for arrays of floats that cannot
 * be null: Spark copies such an array at once, and boxes every number of another.
 */
final class RowEncoders {
  private RowEncoders() {}

  /** Runs a task over the partitions of a dataset. */
  static Dataset<Row> mapPartitions(
      Dataset<?> dataset, MapPartitionsFunction<Row, Row> task, StructType result) {
    // Who reads the results gets the rows that everybody else gives.
    return dataset.as(of(dataset.schema())).mapPartitions(task, of(result)).toDF();
  }

  private static Encoder<Row> of(StructType schema) {
    List<EncoderField> fields = new ArrayList<>();
    for (EncoderField field :
        CollectionConverters.asJava(((RowEncoder) Encoders.row(schema)).fields())) {
      AgnosticEncoder<?> own = floats(field.enc().dataType());
      fields.add(
          new EncoderField(
              field.name(),
              own == null ? field.enc() : own,
              field.nullable(),
              field.metadata(),
              field.readMethod(),
              field.writeMethod()));
    }
    return new RowEncoder(CollectionConverters.asScala(fields).toSeq());
  }

  /** The encoder of floats or arrays of them, none of which can be null; or null of the rest. */
  private static @Nullable AgnosticEncoder<?> floats(DataType type) {
    if (!(type instanceof ArrayType array) || array.containsNull()) {
      return null;
    }
    AgnosticEncoder<?> element =
        array.elementType().equals(DataTypes.FloatType)
            ? PrimitiveFloatEncoder$.MODULE$
            : floats(array.elementType());
    return element == null ? null : new ArrayEncoder<>(element, false);
  }
}
