package io.github.elegans.flink;

import io.github.elegans.networks.KeyedSession;
import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Runs a network on every key of a stream: {@code stream.keyBy(…).process(new MyFunction())}.
 *
 * <p>What a key holds, its state and the timestamp of its last record, stands in Flink's keyed
 * state, as the snapshot of a {@link KeyedSession}: after a failure, from a savepoint or with
 * another parallelism the stream goes on with the same bits. Timespans are computed from the
 * records' timestamps, in milliseconds.
 *
 * <p>A record without a timestamp, one whose timestamp is before that of its key's last one, one
 * with a wrong number of inputs, and a snapshot of another network in the state throw, and the job
 * fails with that message; Flink's state stays as it was. Streams whose records come late go
 * through Flink's sorting by event time first.
 *
 * @param <K> the keys
 * @param <T> the records that come in
 * @param <R> the records that go out
 */
public abstract class ElegansFunction<K, T, R> extends KeyedProcessFunction<K, T, R> {
  private static final long serialVersionUID = 1;

  // Of a task, between open and close.
  private transient @Nullable KeyedSession<K> session;
  private transient @Nullable ValueState<byte[]> snapshots;

  /** For subclasses, which Flink sends to the tasks: what they hold must be serializable. */
  protected ElegansFunction() {}

  /**
   * Makes the session of a task, which holds one key at a time: {@code
   * KeyedSession.builder(Models.load(path), 1).timeUnit(1000).build()} where the network knows
   * seconds.
   *
   * @throws Exception if the network cannot be loaded, and the job fails
   */
  protected abstract KeyedSession<K> session() throws Exception;

  /** The inputs of a record [I]. */
  protected abstract float[] input(T record);

  /**
   * The record that goes out.
   *
   * @param output the network's output [O], a new array
   */
  protected abstract R output(K key, T record, float[] output);

  @Override
  public void open(OpenContext context) throws Exception {
    super.open(context);
    snapshots =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>(
                    "elegans", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
    session = session();
  }

  @Override
  public void processElement(T record, Context context, Collector<R> collector) throws Exception {
    KeyedSession<K> ours = opened(session);
    ValueState<byte[]> state = opened(snapshots);
    K key = context.getCurrentKey();
    Long timestamp = context.timestamp();
    // Sources without timestamps say so by a number.
    if (timestamp == null || timestamp == TimestampAssigner.NO_TIMESTAMP) {
      throw new IllegalArgumentException(
          "a record must have a timestamp (assignTimestampsAndWatermarks), but one of key %s has none"
              .formatted(key));
    }
    float[] out = new float[ours.network().outputSize()];
    byte[] kept = ours.step(key, state.value(), timestamp, input(record), out);
    R result = output(key, record, out);
    state.update(kept);
    collector.collect(result);
  }

  private static <V> V opened(@Nullable V value) {
    if (value == null) {
      throw new IllegalStateException("open() must come before the first record, but has not");
    }
    return value;
  }

  @Override
  public void close() throws Exception {
    if (session != null) {
      session.close();
    }
    super.close();
  }
}
