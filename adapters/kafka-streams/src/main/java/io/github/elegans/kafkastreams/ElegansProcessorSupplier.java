package io.github.elegans.kafkastreams;

import io.github.elegans.networks.KeyedSession;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Runs a network on every key of a stream: {@code stream.processValues(new
 * ElegansProcessorSupplier<>(…))}.
 *
 * <p>What a key holds, its state and the timestamp of its last record, stands in a persistent
 * key-value store with a changelog, as the snapshot of a {@link KeyedSession}: a task that fails or
 * moves goes on elsewhere with the same bits (each record once, by {@code
 * processing.guarantee=exactly_once_v2}). Timespans are computed from the records' timestamps, in
 * milliseconds.
 *
 * <p>A record without a value ends its key's stream: what the key holds is forgotten, and nothing
 * is forwarded. A record without a key, one whose timestamp is before that of its key's last one,
 * one with a wrong number of inputs, and a snapshot of another network in the store throw; the
 * store stays as it was, and {@code processing.exception.handler} decides what comes next.
 *
 * @param <K> the keys
 * @param <V> the values that come in
 * @param <W> the values that are forwarded
 */
public final class ElegansProcessorSupplier<K, V, W> implements FixedKeyProcessorSupplier<K, V, W> {
  private final String store;
  private final Serde<K> keys;
  private final Supplier<KeyedSession<K>> sessions;
  private final Function<V, float[]> input;
  private final BiFunction<V, float[], W> output;

  /**
   * Of processors that have a store together.
   *
   * @param store its name, which is that of no other store of the topology
   * @param keys how the store writes keys
   * @param sessions makes a session for a task, {@code () -> KeyedSession.builder(network,
   *     1).timeUnit(1000).build()} where the network knows seconds: it holds one key at a time
   * @param input the inputs of a record [I]
   * @param output what is forwarded, from a record and its outputs [O], which are a new array
   */
  public ElegansProcessorSupplier(
      String store,
      Serde<K> keys,
      Supplier<KeyedSession<K>> sessions,
      Function<V, float[]> input,
      BiFunction<V, float[], W> output) {
    this.store = Objects.requireNonNull(store, "store");
    this.keys = Objects.requireNonNull(keys, "keys");
    this.sessions = Objects.requireNonNull(sessions, "sessions");
    this.input = Objects.requireNonNull(input, "input");
    this.output = Objects.requireNonNull(output, "output");
  }

  /** The store, which the topology adds and connects by itself. */
  @Override
  public Set<StoreBuilder<?>> stores() {
    StoreBuilder<KeyValueStore<K, byte[]>> builder =
        Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(store), keys, Serdes.ByteArray());
    return Set.of(builder);
  }

  @Override
  public FixedKeyProcessor<K, V, W> get() {
    return new ElegansProcessor<>(store, sessions.get(), input, output);
  }
}
