package io.github.elegans.networks.wiring;

import io.github.elegans.checks.Require;
import io.github.elegans.networks.random.NumpyGenerator;
import io.github.elegans.networks.random.NumpyRandomState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * ncps's wirings before they are built: the arguments of their constructors. {@link #build} draws
 * what ncps draws, so that a seed gives the same network; unlike ncps's it is a function, and
 * building again changes nothing.
 */
public sealed interface WiringPlan {

  /** ncps's default seed of {@link FullyConnected} and {@link RandomlyConnected}. */
  long GENERATOR_SEED = 1111;

  /** ncps's default seed of {@link Ncp} and {@link AutoNcp}. */
  long NCP_SEED = 22222;

  /** The wiring for that many inputs. */
  Wiring build(int inputSize);

  /** Neurons. */
  int units();

  /** Motor neurons. */
  int outputSize();

  /**
   * All neurons connected with each other and with all inputs; two of three synapses excite.
   *
   * @param units neurons
   * @param outputSize {@code output_dim}, at most units
   * @param seed {@code erev_init_seed}
   * @param selfConnections whether neurons are connected with themselves
   */
  record FullyConnected(int units, int outputSize, long seed, boolean selfConnections)
      implements WiringPlan {
    /**
     * Checks its components.
     *
     * @throws IllegalArgumentException if units is not from 1 to 32,768, or outputSize from 1 to
     *     units
     */
    public FullyConnected {
      Require.between("units", 1, Wiring.MOST, units);
      Require.between("output_dim", 1, units, outputSize);
    }

    /** With ncps's default seed, and self-connections. */
    public FullyConnected(int units, int outputSize) {
      this(units, outputSize, GENERATOR_SEED, true);
    }

    @Override
    public Wiring build(int inputSize) {
      Wiring.Builder wiring = Wiring.builder(inputSize, units, outputSize);
      NumpyGenerator random = new NumpyGenerator(seed);
      for (int source = 0; source < units; source++) {
        for (int target = 0; target < units; target++) {
          if (source != target || selfConnections) {
            wiring.synapse(source, target, random.choice(-1, 1, 1));
          }
        }
      }
      for (int input = 0; input < inputSize; input++) {
        for (int target = 0; target < units; target++) {
          wiring.sensorySynapse(input, target, random.choice(-1, 1, 1));
        }
      }
      return wiring.build();
    }
  }

  /**
   * ncps's {@code Random}: a share of all possible synapses; two of three excite.
   *
   * @param units neurons
   * @param outputSize {@code output_dim}, at most units
   * @param sparsityLevel share of synapses that are left out, in [0, 1)
   * @param seed {@code random_seed}
   */
  record RandomlyConnected(int units, int outputSize, double sparsityLevel, long seed)
      implements WiringPlan {
    /**
     * Checks its components.
     *
     * @throws IllegalArgumentException if units is not from 1 to 32,768, outputSize from 1 to
     *     units, or sparsityLevel in [0, 1)
     */
    public RandomlyConnected {
      Require.between("units", 1, Wiring.MOST, units);
      Require.between("output_dim", 1, units, outputSize);
      if (!(sparsityLevel >= 0 && sparsityLevel < 1)) {
        throw new IllegalArgumentException(
            "sparsity_level must be at least 0 and below 1, but is " + sparsityLevel);
      }
    }

    /** With ncps's default seed. */
    public RandomlyConnected(int units, int outputSize, double sparsityLevel) {
      this(units, outputSize, sparsityLevel, GENERATOR_SEED);
    }

    @Override
    public Wiring build(int inputSize) {
      Wiring.Builder wiring = Wiring.builder(inputSize, units, outputSize);
      NumpyGenerator random = new NumpyGenerator(seed);
      for (int pair : random.choice(units * units, share(units))) {
        wiring.synapse(pair / units, pair % units, random.choice(-1, 1, 1));
      }
      for (int pair : random.choice(inputSize * units, share(inputSize))) {
        // ncps draws twice, and the second one counts.
        random.choice(-1, 1, 1);
        wiring.sensorySynapse(pair / units, pair % units, random.choice(-1, 1, 1));
      }
      return wiring.build();
    }

    private int share(int sources) {
      return (int) Math.rint((double) sources * units * (1 - sparsityLevel));
    }
  }

  /**
   * A neural circuit policy (Lechner et al. 2020): sensory to inter to command to motor neurons,
   * with recurrent synapses among command neurons.
   *
   * @param interNeurons {@code inter_neurons}
   * @param commandNeurons {@code command_neurons}
   * @param motorNeurons {@code motor_neurons}: the outputs
   * @param sensoryFanout synapses from an input to inter neurons, at most as many as those
   * @param interFanout synapses from an inter neuron to command neurons, at most as many as those
   * @param recurrentCommandSynapses draws of synapses among command neurons, some the same
   * @param motorFanin synapses from command neurons to a motor neuron, at most as many as those
   * @param seed of the generator
   */
  record Ncp(
      int interNeurons,
      int commandNeurons,
      int motorNeurons,
      int sensoryFanout,
      int interFanout,
      int recurrentCommandSynapses,
      int motorFanin,
      long seed)
      implements WiringPlan {
    /**
     * Checks its components.
     *
     * @throws IllegalArgumentException if a kind has no neurons, all together are more than 32,768,
     *     or a number of synapses is out of range
     */
    public Ncp {
      Require.atLeast("inter_neurons", 1, interNeurons);
      Require.atLeast("command_neurons", 1, commandNeurons);
      Require.atLeast("motor_neurons", 1, motorNeurons);
      Require.between("sensory_fanout (to the inter neurons)", 1, interNeurons, sensoryFanout);
      Require.between("inter_fanout (to the command neurons)", 1, commandNeurons, interFanout);
      Require.between(
          "neurons of all kinds",
          3,
          Wiring.MOST,
          (long) interNeurons + commandNeurons + motorNeurons);
      Require.atLeast("recurrent_command_synapses", 0, recurrentCommandSynapses);
      Require.between("motor_fanin (from the command neurons)", 1, commandNeurons, motorFanin);
    }

    /** With ncps's default seed. */
    public Ncp(
        int interNeurons,
        int commandNeurons,
        int motorNeurons,
        int sensoryFanout,
        int interFanout,
        int recurrentCommandSynapses,
        int motorFanin) {
      this(
          interNeurons,
          commandNeurons,
          motorNeurons,
          sensoryFanout,
          interFanout,
          recurrentCommandSynapses,
          motorFanin,
          NCP_SEED);
    }

    @Override
    public int units() {
      return interNeurons + commandNeurons + motorNeurons;
    }

    @Override
    public int outputSize() {
      return motorNeurons;
    }

    @Override
    public Wiring build(int inputSize) {
      Require.between("inputs", 1, Wiring.MOST, inputSize);
      int[] sensory = IntStream.range(0, inputSize).toArray();
      int[] motor = IntStream.range(0, motorNeurons).toArray();
      int[] command = IntStream.range(motorNeurons, motorNeurons + commandNeurons).toArray();
      int[] inter = IntStream.range(motorNeurons + commandNeurons, units()).toArray();
      Wiring.Builder wiring =
          Wiring.builder(inputSize, units(), motorNeurons)
              .layers(List.of(list(inter), list(command), list(motor)));
      NumpyRandomState random = new NumpyRandomState(seed);
      connect(random, sensory, inter, sensoryFanout, sensory.length, wiring::sensorySynapse, false);
      // ncps bounds this by the command neurons, though it draws among the inter neurons.
      connect(random, inter, command, interFanout, command.length, wiring::synapse, false);
      for (int i = 0; i < recurrentCommandSynapses; i++) {
        int source = random.choice(command);
        int target = random.choice(command);
        wiring.synapse(source, target, random.choice(-1, 1));
      }
      connect(random, motor, command, motorFanin, motor.length, wiring::synapse, true);
      return wiring.build();
    }

    /** Adds a synapse to a wiring. */
    private interface Adder {
      Object add(int source, int target, int polarity);
    }

    /**
     * Connects every neuron with {@code fan} of the others, and then every one of the others that
     * was not reached with the mean number of neurons, at most {@code most}.
     *
     * @param inwards whether the synapses lead to the neurons, from the others
     */
    private static void connect(
        NumpyRandomState random,
        int[] neurons,
        int[] others,
        int fan,
        int most,
        Adder adder,
        boolean inwards) {
      List<Integer> unreached = new ArrayList<>(list(others));
      for (int neuron : neurons) {
        for (int other : random.choice(others, fan)) {
          unreached.remove(Integer.valueOf(other));
          add(adder, inwards, neuron, other, random.choice(-1, 1));
        }
      }
      int mean = (int) ((double) neurons.length * fan / others.length);
      int count = Math.min(Math.max(mean, 1), most);
      for (int other : unreached) {
        if (count > neurons.length) {
          throw new IllegalArgumentException(
              "neuron %d needs synapses with %d neurons, but there are only %d to choose from"
                  .formatted(other, count, neurons.length));
        }
        for (int neuron : random.choice(neurons, count)) {
          add(adder, inwards, neuron, other, random.choice(-1, 1));
        }
      }
    }

    private static void add(Adder adder, boolean inwards, int neuron, int other, int polarity) {
      if (inwards) {
        adder.add(other, neuron, polarity);
      } else {
        adder.add(neuron, other, polarity);
      }
    }

    private static List<Integer> list(int[] neurons) {
      return Arrays.stream(neurons).boxed().toList();
    }
  }

  /**
   * An NCP of a number of neurons, sized by ncps's rules.
   *
   * @param units neurons, at least outputSize + 3
   * @param outputSize motor neurons
   * @param sparsityLevel from 0.1 (dense) to 1
   * @param seed of the generator
   */
  record AutoNcp(int units, int outputSize, double sparsityLevel, long seed) implements WiringPlan {
    /**
     * Checks its components.
     *
     * @throws IllegalArgumentException if outputSize is below 1, units is not from outputSize + 3
     *     to 32,768, or sparsityLevel not from 0.1 to 1
     */
    public AutoNcp {
      Require.atLeast("output_size", 1, outputSize);
      Require.between("units (more than output_size + 2)", outputSize + 3L, Wiring.MOST, units);
      if (!(sparsityLevel >= 0.1 && sparsityLevel <= 1)) {
        throw new IllegalArgumentException(
            "sparsity_level must lie between 0.1 and 1, but is " + sparsityLevel);
      }
    }

    /** With ncps's default sparsity and seed. */
    public AutoNcp(int units, int outputSize) {
      this(units, outputSize, 0.5, NCP_SEED);
    }

    /** The NCP that this is. */
    public Ncp ncp() {
      double density = 1.0 - sparsityLevel;
      int rest = units - outputSize;
      int command = Math.max((int) (0.4 * rest), 1);
      int inter = rest - command;
      return new Ncp(
          inter,
          command,
          outputSize,
          Math.max((int) (inter * density), 1),
          Math.max((int) (command * density), 1),
          Math.max((int) (command * density * 2), 1),
          Math.max((int) (command * density), 1),
          seed);
    }

    @Override
    public Wiring build(int inputSize) {
      return ncp().build(inputSize);
    }
  }

  /**
   * Reads a plan as JSON: its kind and the arguments of ncps's constructor in their order, {@code
   * ["auto", 28, 4]}, {@code ["full", 12, 3]}, {@code ["random", 18, 4, 0.5, 3]}, {@code ["ncp",
   * 10, 8, 4, 6, 6, 4, 6]}; those with a default may be left out.
   *
   * @throws IllegalArgumentException if it is not such a text
   */
  static WiringPlan parse(String json) {
    Objects.requireNonNull(json, "json");
    Matcher matcher =
        Pattern.compile("\\s*\\[\\s*\"(\\w+)\"((?:\\s*,\\s*[-+.\\w]+)*)\\s*]\\s*").matcher(json);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("a wiring must be like [\"auto\", 28, 4], but is " + json);
    }
    String kind = matcher.group(1);
    List<String> words =
        Arrays.stream(matcher.group(2).split(",")).map(String::strip).skip(1).toList();
    return of(kind, words);
  }

  /**
   * Makes a plan of its kind, {@code full}, {@code random}, {@code ncp} or {@code auto}, and the
   * arguments of ncps's constructor in their order.
   */
  static WiringPlan of(String kind, List<String> arguments) {
    Require.noNull("arguments", arguments);
    Arguments a = new Arguments(kind, arguments);
    return switch (kind.toLowerCase(Locale.ROOT)) {
      case "full" -> {
        a.between(1, 4);
        yield new FullyConnected(
            a.integer(0, 0),
            a.integer(1, a.integer(0, 0)),
            a.seed(2, GENERATOR_SEED),
            a.flag(3, true));
      }
      case "random" -> {
        a.between(1, 4);
        yield new RandomlyConnected(
            a.integer(0, 0),
            a.integer(1, a.integer(0, 0)),
            a.number(2, 0),
            a.seed(3, GENERATOR_SEED));
      }
      case "ncp" -> {
        a.between(7, 8);
        yield new Ncp(
            a.integer(0, 0),
            a.integer(1, 0),
            a.integer(2, 0),
            a.integer(3, 0),
            a.integer(4, 0),
            a.integer(5, 0),
            a.integer(6, 0),
            a.seed(7, NCP_SEED));
      }
      case "auto" -> {
        a.between(2, 4);
        yield new AutoNcp(a.integer(0, 0), a.integer(1, 0), a.number(2, 0.5), a.seed(3, NCP_SEED));
      }
      default ->
          throw new IllegalArgumentException(
              "a kind of wiring must be full, random, ncp or auto, but is '" + kind + "'");
    };
  }

  /** Writes a plan as {@link #parse} reads it, with all arguments. */
  default String toJson() {
    return switch (this) {
      case FullyConnected p ->
          "[\"full\", %s, %s, %s, %s]".formatted(p.units, p.outputSize, p.seed, p.selfConnections);
      case RandomlyConnected p ->
          "[\"random\", %s, %s, %s, %s]".formatted(p.units, p.outputSize, p.sparsityLevel, p.seed);
      case Ncp p ->
          "[\"ncp\", %s, %s, %s, %s, %s, %s, %s, %s]"
              .formatted(
                  p.interNeurons,
                  p.commandNeurons,
                  p.motorNeurons,
                  p.sensoryFanout,
                  p.interFanout,
                  p.recurrentCommandSynapses,
                  p.motorFanin,
                  p.seed);
      case AutoNcp p ->
          "[\"auto\", %s, %s, %s, %s]".formatted(p.units, p.outputSize, p.sparsityLevel, p.seed);
    };
  }

  /** Words in place of a constructor's arguments. */
  record Arguments(String kind, List<String> words) {
    /** Checks that nothing is null. */
    public Arguments {
      Objects.requireNonNull(kind, "kind");
      Require.noNull("words", words);
    }

    private void between(int least, int most) {
      Require.between("arguments of the wiring " + kind, least, most, words.size());
    }

    private int integer(int index, int otherwise) {
      long found = seed(index, otherwise);
      Require.between("an argument of the wiring " + kind, 0, Integer.MAX_VALUE, found);
      return (int) found;
    }

    private long seed(int index, long otherwise) {
      if (index >= words.size()) {
        return otherwise;
      }
      try {
        return Long.parseLong(words.get(index));
      } catch (NumberFormatException e) {
        throw wrong(index, "an integer");
      }
    }

    private double number(int index, double otherwise) {
      if (index >= words.size()) {
        return otherwise;
      }
      try {
        return Double.parseDouble(words.get(index));
      } catch (NumberFormatException e) {
        throw wrong(index, "a number");
      }
    }

    private boolean flag(int index, boolean otherwise) {
      if (index >= words.size()) {
        return otherwise;
      }
      return switch (words.get(index).toLowerCase(Locale.ROOT)) {
        case "true" -> true;
        case "false" -> false;
        default -> throw wrong(index, "true or false");
      };
    }

    private IllegalArgumentException wrong(int index, String expected) {
      return new IllegalArgumentException(
          "argument %d of the wiring %s must be %s, but is '%s'"
              .formatted(index + 1, kind, expected, words.get(index)));
    }
  }
}
