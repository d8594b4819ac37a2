package io.github.elegans.backends;

import io.github.elegans.kernels.KernelFamily;
import io.github.elegans.kernels.cfc.CfcGradientKernels;
import io.github.elegans.kernels.cfc.CfcKernels;
import io.github.elegans.kernels.dense.DenseGradientKernels;
import io.github.elegans.kernels.dense.DenseKernels;
import io.github.elegans.kernels.gru.GruGradientKernels;
import io.github.elegans.kernels.loss.LossKernels;
import io.github.elegans.kernels.lstm.LstmGradientKernels;
import io.github.elegans.kernels.lstm.LstmKernels;
import io.github.elegans.kernels.ltc.LtcGradientKernels;
import io.github.elegans.kernels.ltc.LtcKernels;
import io.github.elegans.kernels.math.ActivationGradientKernels;
import io.github.elegans.kernels.math.MathKernels;
import io.github.elegans.kernels.optimiser.OptimiserKernels;
import io.github.elegans.kernels.programs.ProgramKernels;
import io.github.elegans.kernels.random.RandomKernels;
import io.github.elegans.kernels.roofline.RooflineKernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One backend's kernels, by family. Immutable and safe for use by many threads; operations only
 * touch the memory that they are given. A family that the backend has no kernels for is the scalar
 * backend's.
 *
 * <p>Every kernel checks its arguments before anything is read or written, and throws {@link
 * IllegalArgumentException} or {@link IndexOutOfBoundsException} naming the argument, what was
 * expected and what was found; {@link NullPointerException} for what is missing; {@link
 * IllegalStateException} for memory of a closed arena, and in a thread that rounds otherwise than
 * to nearest; {@link WrongThreadException} for memory of another thread. Memory of mapped files,
 * shared arenas and buffers, which others might take away during a call, is copied through the
 * library's own, so that it is best left to sessions: if it vanishes, the call throws what the JDK
 * throws ({@link InternalError}, {@link IllegalStateException}), and a workspace is as after some
 * of the steps.
 */
public final class Kernels {
  /** All families. */
  public static final List<KernelFamily<?>> FAMILIES =
      List.of(
          MathKernels.FAMILY,
          ActivationGradientKernels.FAMILY,
          DenseKernels.FAMILY,
          DenseGradientKernels.FAMILY,
          CfcKernels.FAMILY,
          CfcGradientKernels.FAMILY,
          LtcKernels.FAMILY,
          LtcGradientKernels.FAMILY,
          LstmKernels.FAMILY,
          LstmGradientKernels.FAMILY,
          GruGradientKernels.FAMILY,
          ProgramKernels.FAMILY,
          OptimiserKernels.FAMILY,
          LossKernels.FAMILY,
          RandomKernels.FAMILY,
          RooflineKernels.FAMILY);

  private final String backend;
  private final String tier;
  private final Optional<String> caveat;
  private final Map<KernelFamily<?>, Object> own;
  private final Map<KernelFamily<?>, Object> checked;

  // The same, because a call takes no longer than the way through a map.
  private final MathKernels math;
  private final ActivationGradientKernels activationGradients;
  private final DenseKernels dense;
  private final DenseGradientKernels denseGradients;
  private final CfcKernels cfc;
  private final CfcGradientKernels cfcGradients;
  private final LtcKernels ltc;
  private final LtcGradientKernels ltcGradients;
  private final LstmKernels lstm;
  private final LstmGradientKernels lstmGradients;
  private final GruGradientKernels gruGradients;
  private final ProgramKernels programs;
  private final OptimiserKernels optimisers;
  private final LossKernels losses;
  private final RandomKernels random;
  private final RooflineKernels roofline;

  private Kernels(Builder builder) {
    backend = builder.backend;
    tier = builder.tier;
    caveat = builder.caveat;
    own = Map.copyOf(builder.own);
    Map<KernelFamily<?>, Object> all = new LinkedHashMap<>();
    own.forEach((family, kernels) -> all.put(family, checked(family, kernels)));
    for (KernelFamily<?> family : FAMILIES) {
      all.putIfAbsent(family, checked(family, family.definition()));
    }
    checked = Map.copyOf(all);
    math = family(MathKernels.FAMILY);
    activationGradients = family(ActivationGradientKernels.FAMILY);
    dense = family(DenseKernels.FAMILY);
    denseGradients = family(DenseGradientKernels.FAMILY);
    cfc = family(CfcKernels.FAMILY);
    cfcGradients = family(CfcGradientKernels.FAMILY);
    ltc = family(LtcKernels.FAMILY);
    ltcGradients = family(LtcGradientKernels.FAMILY);
    lstm = family(LstmKernels.FAMILY);
    lstmGradients = family(LstmGradientKernels.FAMILY);
    gruGradients = family(GruGradientKernels.FAMILY);
    programs = family(ProgramKernels.FAMILY);
    optimisers = family(OptimiserKernels.FAMILY);
    losses = family(LossKernels.FAMILY);
    random = family(RandomKernels.FAMILY);
    roofline = family(RooflineKernels.FAMILY);
  }

  private static <K> Object checked(KernelFamily<K> family, Object kernels) {
    return family.checked(family.type().cast(kernels));
  }

  /**
   * Kernels of a backend, to be told its families.
   *
   * @param backend the backend's name: {@code scalar}, {@code vector}, {@code native}, …
   * @param tier what it really runs on, for people: {@code "x86-64-v4"}, {@code "512-bit species"},
   *     …
   */
  public static Builder of(String backend, String tier) {
    return new Builder(backend, tier);
  }

  /** What makes {@link Kernels}. */
  public static final class Builder {
    private final String backend;
    private final String tier;
    private final Map<KernelFamily<?>, Object> own = new LinkedHashMap<>();
    private Optional<String> caveat = Optional.empty();

    private Builder(String backend, String tier) {
      this.backend = Objects.requireNonNull(backend, "backend");
      this.tier = Objects.requireNonNull(tier, "tier");
    }

    /**
     * Adds a family. Its kernels need no checks of their own.
     *
     * @throws IllegalArgumentException if it was added before
     */
    public <K> Builder with(KernelFamily<K> family, K kernels) {
      if (own.putIfAbsent(family, Objects.requireNonNull(kernels, "kernels")) != null) {
        throw new IllegalArgumentException("the family " + family + " has been added before");
      }
      return this;
    }

    /**
     * Why automatic choice should pass this backend over although it works (it would be very slow,
     * say).
     */
    public Builder caveat(Optional<String> reason) {
      caveat = Objects.requireNonNull(reason, "reason");
      return this;
    }

    /** The kernels. */
    public Kernels build() {
      return new Kernels(this);
    }
  }

  /** These kernels, but for a family. */
  public <K> Kernels with(KernelFamily<K> family, K kernels) {
    Builder builder = of(backend, tier).caveat(caveat);
    builder.own.putAll(own);
    builder.own.put(family, Objects.requireNonNull(kernels, "kernels"));
    return builder.build();
  }

  /** The backend's name. */
  public String backend() {
    return backend;
  }

  /** What it really runs on, for people. */
  public String tier() {
    return tier;
  }

  /** Why automatic choice should pass this backend over, if it should. */
  public Optional<String> caveat() {
    return caveat;
  }

  /** The families that are the scalar backend's because the backend has no kernels for them. */
  public List<KernelFamily<?>> lacking() {
    return FAMILIES.stream().filter(family -> !own.containsKey(family)).toList();
  }

  /** The kernels of a family. */
  public <K> K family(KernelFamily<K> family) {
    Object kernels = checked.get(family);
    return kernels == null ? family.checked(family.definition()) : family.type().cast(kernels);
  }

  /** Elementwise functions. */
  public MathKernels math() {
    return math;
  }

  /** Derivatives of the elementwise functions. */
  public ActivationGradientKernels activationGradients() {
    return activationGradients;
  }

  /** Fully connected layers. */
  public DenseKernels dense() {
    return dense;
  }

  /** What training needs of fully connected layers. */
  public DenseGradientKernels denseGradients() {
    return denseGradients;
  }

  /** Closed-form continuous-time cells. */
  public CfcKernels cfc() {
    return cfc;
  }

  /** Gates of closed-form continuous-time cells, and their derivatives. */
  public CfcGradientKernels cfcGradients() {
    return cfcGradients;
  }

  /** Liquid time-constant cells. */
  public LtcKernels ltc() {
    return ltc;
  }

  /** Liquid time-constant cells in training. */
  public LtcGradientKernels ltcGradients() {
    return ltcGradients;
  }

  /** Long short-term memory. */
  public LstmKernels lstm() {
    return lstm;
  }

  /** Gates of long short-term memory, and their derivatives. */
  public LstmGradientKernels lstmGradients() {
    return lstmGradients;
  }

  /** Gates of gated recurrent units, and their derivatives. */
  public GruGradientKernels gruGradients() {
    return gruGradients;
  }

  /** Compiled programs, of which solvers are made. */
  public ProgramKernels programs() {
    return programs;
  }

  /** Steps of optimisers. */
  public OptimiserKernels optimisers() {
    return optimisers;
  }

  /** Losses and their gradients. */
  public LossKernels losses() {
    return losses;
  }

  /** Random numbers, and dropout. */
  public RandomKernels random() {
    return random;
  }

  /** What the machine can do at most. */
  public RooflineKernels roofline() {
    return roofline;
  }

  @Override
  public String toString() {
    return backend + " (" + tier + ")";
  }
}
