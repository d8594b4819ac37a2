package io.github.elegans.kernels.ltc;

import io.github.elegans.checks.Require;
import io.github.elegans.kernels.PanelLayout;
import io.github.elegans.kernels.WeightStorage;
import io.github.elegans.kernels.ltc.LtcWeights.Affine;
import io.github.elegans.kernels.ltc.LtcWeights.Synapse;
import io.github.elegans.memory.Packed;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The synapses of an LTC cell that exist, each as the four numbers that a kernel needs: a = -σ and
 * b = σ μ (with the source's map folded in), so that the argument is one fused multiply-add, w and
 * w E. They stand here twice:
 *
 * <ul>
 *   <li>in slots, for lanes over targets: a block of 16 targets has as many slots as the most
 *       connected of them has synapses, each laid out {@code [a | b | w | w E][16]}, and 16
 *       sources. Lanes without a synapse read the source {@link #absent}, whose state is 0, and add
 *       -0, which changes nothing, whatever it is added to.
 *   <li>by target, then by source, for lanes over the rows of a batch.
 * </ul>
 *
 * <p>In {@link WeightStorage#BFLOAT16} a and b share a 32-bit word (a in its low half), as do w and
 * w E.
 */
public final class SynapseTable {
  private static final int BLOCK = PanelLayout.BLOCK;
  private static final int FIELDS = LtcWeights.FIELDS;

  private final int absent;
  private final boolean uniform;
  private final int mostSlots;
  private final int[] firstSlots;
  private final int[] firstSynapses;
  private final float[] fields;
  private final WeightStorage storage;
  private final MemorySegment slotStarts;
  private final MemorySegment slotSources;
  private final MemorySegment slots;
  private final MemorySegment synapseStarts;
  private final MemorySegment sources;
  private final MemorySegment synapses;

  private SynapseTable(
      int targets,
      int absent,
      int[] firstSynapses,
      int[] sources,
      float[] fields,
      WeightStorage storage) {
    this.absent = absent;
    this.storage = storage;
    this.firstSynapses = firstSynapses;
    this.fields = fields;
    int blocks = PanelLayout.roundUp(targets) / BLOCK;
    firstSlots = new int[blocks + 1];
    int most = 0;
    for (int block = 0; block < blocks; block++) {
      int count = 0;
      for (int j = block * BLOCK; j < Math.min(targets, (block + 1) * BLOCK); j++) {
        count = Math.max(count, firstSynapses[j + 1] - firstSynapses[j]);
      }
      firstSlots[block + 1] = Require.sum("synapse slots", firstSlots[block], count);
      most = Math.max(most, count);
    }
    mostSlots = most;
    uniform = uniform(targets, firstSynapses, sources);
    int slotCount = firstSlots[blocks];
    int[] slotSources = new int[Require.elements("synapse slots", slotCount, BLOCK)];
    float[] slotFields =
        new float[Require.elements("fields of the synapses", slotCount, FIELDS * BLOCK)];
    for (int slot = 0, block = 0; slot < slotCount; slot++) {
      while (slot >= firstSlots[block + 1]) {
        block++;
      }
      for (int lane = 0; lane < BLOCK; lane++) {
        int target = block * BLOCK + lane;
        int n = slot - firstSlots[block];
        boolean present = target < targets && n < firstSynapses[target + 1] - firstSynapses[target];
        int synapse = present ? firstSynapses[target] + n : -1;
        slotSources[slot * BLOCK + lane] =
            present ? sources[synapse] : uniform ? sources[n] : absent;
        int at = slot * FIELDS * BLOCK + lane;
        for (int field = 0; field < FIELDS; field++) {
          slotFields[at + field * BLOCK] =
              present ? fields[synapse * FIELDS + field] : ABSENT[field];
        }
      }
    }
    this.slotStarts = Packed.ints(firstSlots);
    this.slotSources = Packed.ints(slotSources);
    this.synapseStarts = Packed.ints(firstSynapses);
    this.sources = Packed.ints(sources);
    if (storage == WeightStorage.BFLOAT16) {
      this.slots = Packed.ints(Packed.pairs(slotFields, BLOCK));
      this.synapses = Packed.ints(Packed.pairs(fields, 1));
    } else {
      this.slots = Packed.floats(slotFields);
      this.synapses = Packed.floats(fields);
    }
  }

  /** No current: with these the activation is positive in every tier, so that -0 is added. */
  private static final float[] ABSENT = {0f, -1f, -0f, -0f};

  /**
   * Packs synapses.
   *
   * @param what a synapse is called in messages
   * @param maps of the sources
   * @param absent an index behind the sources where a 0 stands
   */
  static SynapseTable of(
      String what,
      List<Affine> maps,
      int absent,
      int targets,
      List<Synapse> synapses,
      WeightStorage storage) {
    List<Synapse> sorted =
        synapses.stream()
            .sorted(Comparator.comparingInt(Synapse::target).thenComparingInt(Synapse::source))
            .toList();
    int[] first = new int[targets + 1];
    int[] sources = new int[sorted.size()];
    float[] fields = new float[Require.elements("fields of the synapses", sorted.size(), FIELDS)];
    Synapse previous = null;
    for (int i = 0; i < sources.length; i++) {
      Synapse s = sorted.get(i);
      String name = "%s %d → %d".formatted(what, s.source(), s.target());
      if (s.source() < 0 || s.source() >= maps.size() || s.target() < 0 || s.target() >= targets) {
        throw new IllegalArgumentException(
            "%s: expected a source below %d and a target below %d"
                .formatted(name, maps.size(), targets));
      }
      if (previous != null && previous.source() == s.source() && previous.target() == s.target()) {
        throw new IllegalArgumentException(name + " is there twice");
      }
      Affine map = maps.get(s.source());
      sources[i] = s.source();
      first[s.target() + 1]++;
      fields[i * FIELDS] = Packed.stored(name, "σ", -s.sigma() * map.w(), storage);
      fields[i * FIELDS + 1] = Packed.stored(name, "σ μ", s.sigma() * (s.mu() - map.b()), storage);
      fields[i * FIELDS + 2] = Packed.stored(name, "w", s.w(), storage);
      fields[i * FIELDS + 3] = Packed.stored(name, "w E", s.w() * s.erev(), storage);
      previous = s;
    }
    Arrays.parallelPrefix(first, Integer::sum);
    return new SynapseTable(targets, absent, first, sources, fields, storage);
  }

  private static boolean uniform(int targets, int[] first, int[] sources) {
    int count = first[1];
    for (int j = 0; j < targets; j++) {
      if (!Arrays.equals(sources, 0, count, sources, first[j], first[j + 1])) {
        return false;
      }
    }
    return count > 0;
  }

  /** Half the sum of a target's w. */
  double halfW(int target) {
    return half(target, 2);
  }

  /** Half the sum of a target's w E. */
  double halfWE(int target) {
    return half(target, 3);
  }

  private double half(int target, int field) {
    double sum = 0;
    for (int i = firstSynapses[target]; i < firstSynapses[target + 1]; i++) {
      sum += fields[i * FIELDS + field];
    }
    return sum / 2;
  }

  /** Number of synapses. */
  public int count() {
    return firstSynapses[firstSynapses.length - 1];
  }

  /** Number of slots of all blocks together. */
  public int slotCount() {
    return firstSlots[firstSlots.length - 1];
  }

  /** Slots of the block that has most. */
  public int mostSlots() {
    return mostSlots;
  }

  /** First slot of a block; of the number of blocks, the number of slots. */
  public int firstSlot(int block) {
    return firstSlots[block];
  }

  /** First synapse of a target; of the number of targets, the number of synapses. */
  public int firstSynapse(int target) {
    return firstSynapses[target];
  }

  /** The source of a synapse. */
  public int source(int synapse) {
    return sources.getAtIndex(ValueLayout.JAVA_INT, synapse);
  }

  /** One of a synapse's numbers a, b, w and w E, as a kernel widens it from its storage. */
  public float field(int synapse, int field) {
    return fields[synapse * FIELDS + field];
  }

  /** Whether all targets have the same sources: then a slot has one source, of all blocks. */
  public boolean uniform() {
    return uniform;
  }

  /** The source that lanes without a synapse read: its state is 0. */
  public int absent() {
    return absent;
  }

  /** How {@link #slots} and {@link #synapses} are stored. */
  public WeightStorage storage() {
    return storage;
  }

  /** int32 [blocks + 1]: what {@link #firstSlot} tells. */
  public MemorySegment slotStarts() {
    return slotStarts;
  }

  /** int32 [slots][16]. */
  public MemorySegment slotSources() {
    return slotSources;
  }

  /** [slots][a | b | w | w E][16] float32, or [slots][ab | wE][16] pairs of bfloat16. */
  public MemorySegment slots() {
    return slots;
  }

  /** int32 [targets + 1]: what {@link #firstSynapse} tells. */
  public MemorySegment synapseStarts() {
    return synapseStarts;
  }

  /** int32 [synapses]. */
  public MemorySegment sources() {
    return sources;
  }

  /** [synapses][a, b, w, w E] float32, or [synapses][ab, wE] pairs of bfloat16. */
  public MemorySegment synapses() {
    return synapses;
  }
}
