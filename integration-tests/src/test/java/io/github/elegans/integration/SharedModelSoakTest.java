package io.github.elegans.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.networks.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many threads, each with sessions of its own, on the same models of every kind and on every
 * backend, while another thread fills the heap and collects it: the bits are those of one thread
 * that has the models for itself. {@code -Delegans.test.seconds} says for how long.
 */
@Tag("nightly")
class SharedModelSoakTest {
  private static final int THREADS = 8;
  private static final long SECONDS = Long.getLong("elegans.test.seconds", 60);

  /** How much memory of the process may grow once everything has run for a while. */
  private static final long GROWTH = 128L << 20;

  /** The share of the heap that is kept busy. */
  private static final double PRESSURE = 0.4;

  private static final int GARBAGE = 256 << 10;
  private static final int ROUNDS_PER_COLLECTION = 200;

  /** A network on a backend, and what one thread got from it. */
  private record Model(String name, Network network, int[] expected) {}

  private static List<Model> models() {
    Map<String, Network> networks = EveryNetwork.all();
    List<Model> models = new ArrayList<>();
    for (Kernels backend : Backends.available()) {
      networks.forEach(
          (name, network) -> {
            Network shared = network.on(backend);
            models.add(
                new Model(name + " on " + backend.backend(), shared, EveryNetwork.run(shared, 1)));
          });
    }
    return models;
  }

  @Test
  void sharedModelsGiveTheBitsOfOneThread() throws Exception {
    List<Model> models = models();
    long begin = System.nanoTime();
    long end = begin + TimeUnit.SECONDS.toNanos(SECONDS);
    List<Callable<Long>> tasks = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int first = thread * models.size() / THREADS;
      tasks.add(() -> runUntil(end, models, first));
    }
    long runs = 0;
    long early;
    long late;
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1)) {
      Future<?> pressure = threads.submit(() -> press(end));
      List<Future<Long>> results = tasks.stream().map(threads::submit).toList();
      TimeUnit.NANOSECONDS.sleep((end - begin) / 4);
      early = residentBytes();
      for (Future<Long> result : results) {
        runs += result.get();
      }
      pressure.get();
      late = residentBytes();
    }
    System.out.printf(
        "SharedModelSoakTest: %d models, %d runs in %d s, resident %d MiB early, %d MiB late%n",
        models.size(), runs, SECONDS, early >> 20, late >> 20);
    assertThat(late).as("resident bytes").isLessThan(early + GROWTH);
  }

  /** Takes one model after the other, each at least once. */
  private static long runUntil(long end, List<Model> models, int first) {
    long runs = 0;
    while (runs < models.size() || System.nanoTime() < end) {
      Model model = models.get((int) ((first + runs) % models.size()));
      // Now and then a session has threads of its own, too.
      int[] found = EveryNetwork.run(model.network, runs % 7 == 0 ? 3 : 1);
      assertThat(found).as("%s, run %d", model.name, runs).isEqualTo(model.expected);
      runs++;
    }
    return runs;
  }

  /** Keeps much of the heap in use, always by other arrays, and collects. */
  private static void press(long end) {
    int size = (int) Math.max(1, PRESSURE * Runtime.getRuntime().maxMemory() / GARBAGE);
    // On a large machine, the collector shall be busy rather than the memory.
    byte[][] ring = new byte[Math.min(size, 4096)][];
    for (long round = 0; System.nanoTime() < end; round++) {
      ring[(int) (round % ring.length)] = new byte[GARBAGE];
      if (round % ROUNDS_PER_COLLECTION == 0) {
        System.gc();
      }
    }
  }

  /** Of this process, after a collection; native memory of what was dropped is given back then. */
  private static long residentBytes() throws IOException, InterruptedException {
    System.gc();
    TimeUnit.MILLISECONDS.sleep(500);
    return ProcessMemory.anonymousBytes();
  }
}
