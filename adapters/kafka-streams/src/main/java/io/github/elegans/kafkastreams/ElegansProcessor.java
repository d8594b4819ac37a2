package io.github.elegans.kafkastreams;

import io.github.elegans.networks.KeyedSession;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.NullUnmarked;

/** Of one task. The store alone says what a key holds; the session holds it during a record. */
@NullUnmarked // A processor lives between init and close.
final class ElegansProcessor<K, V, W> implements FixedKeyProcessor<K, V, W> {
  private final String storeName;
  private final KeyedSession<K> session;
  private final Function<V, float[]> input;
  private final BiFunction<V, float[], W> output;
  private FixedKeyProcessorContext<K, W> context;
  private KeyValueStore<K, byte[]> store;

  ElegansProcessor(
      String storeName,
      KeyedSession<K> session,
      Function<V, float[]> input,
      BiFunction<V, float[], W> output) {
    this.storeName = storeName;
    this.session = session;
    this.input = input;
    this.output = output;
  }

  @Override
  public void init(FixedKeyProcessorContext<K, W> newContext) {
    context = newContext;
    store = newContext.getStateStore(storeName);
  }

  @Override
  public void process(FixedKeyRecord<K, V> record) {
    K key = record.key();
    V value = record.value();
    if (key == null) {
      throw new NullPointerException("a record must have a key, but one has none: " + value);
    }
    if (value == null) {
      store.delete(key);
      return;
    }
    float[] out = new float[session.network().outputSize()];
    byte[] kept =
        session.step(key, store.get(key), (double) record.timestamp(), input.apply(value), out);
    W result = output.apply(value, out);
    store.put(key, kept);
    context.forward(record.withValue(result));
  }

  @Override
  public void close() {
    session.close();
  }
}
