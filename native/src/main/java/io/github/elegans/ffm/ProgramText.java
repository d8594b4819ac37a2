package io.github.elegans.ffm;

import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * A program as C, one function: {@code int32_t f(numbers *lanes, int32_t rounds)} runs rounds and
 * returns how many there were, negated if a lane asks for attention. The text depends on the
 * program only, and the function is named after the text's digest, so that the same program has the
 * same name wherever it is compiled.
 *
 * @param precision of the numbers
 * @param function in the vocabulary, for a tier named by the macro {@code ELEGANS_TIER}
 * @param name of the function, without the tier
 * @param groups how many vectors of lanes go through it side by side
 */
record ProgramText(Precision precision, String function, String name, int groups) {
  private static final String VOCABULARY = vocabulary();

  /** Digits of the digest in a name. */
  private static final int DIGITS = 32;

  /**
   * Two groups run side by side where one waits for its own results: unless there are more
   * operations than the first cache holds twice, or more values in use at once than two groups have
   * registers for, which costs up to three times the time.
   */
  private static final int MOST_PAIRED = 1200;

  private static final int MOST_PAIRED_ALIVE = 32;

  /** Renders a program. */
  static ProgramText of(Program program) {
    boolean pays = program.size() <= MOST_PAIRED && mostAlive(program) <= MOST_PAIRED_ALIVE;
    return of(program, pays ? 2 : 1);
  }

  /** How many values, other than constants, are in use at once: masks and variables, too. */
  private static int mostAlive(Program program) {
    int size = program.size();
    int[] lastUses = program.lastUses();
    int[] changes = new int[size + 2];
    for (int i = 0; i < size; i++) {
      switch (program.op(i)) {
        case CONSTANT, BITS_CONSTANT -> {}
        default -> {
          // Variables stay from round to round.
          changes[program.op(i) == Op.VARIABLE ? 0 : i]++;
          changes[lastUses[i] + 1]--;
        }
      }
    }
    int alive = 0;
    int most = 0;
    for (int change : changes) {
      alive += change;
      most = Math.max(most, alive);
    }
    return most;
  }

  static ProgramText of(Program program, int groups) {
    String function = new Writer(program, groups).write();
    String all = header(program.precision()) + function;
    String digest = PrivateFolder.digest(all.getBytes(StandardCharsets.UTF_8));
    String name = "elegans_program_" + digest.substring(0, DIGITS);
    return new ProgramText(program.precision(), function, name, groups);
  }

  private static String header(Precision precision) {
    return "#define FLOATS " + (precision == Precision.FLOAT ? 1 : 0) + "\n" + VOCABULARY;
  }

  /** What to compile. */
  String text() {
    return together(List.of(this));
  }

  /** A file of several programs of one precision. */
  static String together(List<ProgramText> programs) {
    StringBuilder text = new StringBuilder(header(programs.getFirst().precision));
    for (ProgramText program : programs) {
      text.append("#define PROGRAM ").append(program.name).append('\n');
      text.append(program.function).append("#undef PROGRAM\n");
    }
    return text.toString();
  }

  /** The name of the function for a tier. */
  String symbol(String tier) {
    return name + "_" + tier;
  }

  private static String vocabulary() {
    try (InputStream stream = ProgramText.class.getResourceAsStream("program.h")) {
      if (stream == null) {
        throw new IllegalStateException("program.h is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes the body. Operation i is {@code a7}, {@code b7}, … in the groups, variable 3 {@code
   * xa3}, {@code xb3}; constants {@code k5} are the same in all groups.
   */
  private static final class Writer {
    private final Program program;
    private final int groups;
    private final boolean floats;
    private final StringBuilder text = new StringBuilder(4096);

    Writer(Program program, int groups) {
      this.program = program;
      this.groups = groups;
      this.floats = program.precision() == Precision.FLOAT;
    }

    String write() {
      text.append("#if defined(__GNUC__)\n__attribute__((visibility(\"default\")))\n#endif\n");
      String parameters = (floats ? "float" : "double") + " *lanes, int32_t rounds)";
      text.append("int32_t JOIN(PROGRAM, ELEGANS_TIER)(").append(parameters).append(";\n");
      text.append("int32_t JOIN(PROGRAM, ELEGANS_TIER)(").append(parameters).append(" {\n");
      line("if (!lanes || rounds < 1) {\nreturn 0;\n}");
      boolean[] read = new boolean[program.variables()];
      boolean[] written = new boolean[program.variables()];
      for (int i = 0; i < program.size(); i++) {
        if (program.op(i) == Op.VARIABLE) {
          read[(int) program.immediate(i)] = true;
        }
      }
      for (int s = 0; s < program.stores(); s++) {
        written[program.storedVariable(s)] = true;
      }
      // In registers through all rounds, if there are enough.
      for (int v = 0; v < read.length; v++) {
        for (int g = 0; g < groups && (read[v] || written[v]); g++) {
          line("real %s = LOAD(%s);".formatted(variable(v, g), address(v, g)));
        }
      }
      for (int i = 0; i < program.size(); i++) {
        constant(i);
      }
      if (program.attention() < 0) {
        round();
        line("int32_t done = 1;");
      } else {
        line("int32_t done = 0;");
        line("int attention;");
        line("do {");
        round();
        line("attention = %s;".formatted(attention()));
        line("done++;");
        line("} while (!attention && done < rounds);");
      }
      for (int v = 0; v < written.length; v++) {
        for (int g = 0; g < groups && written[v]; g++) {
          line("STORE(%s, %s);".formatted(address(v, g), variable(v, g)));
        }
      }
      line(program.attention() < 0 ? "return done;" : "return attention ? -done : done;");
      line("}");
      return text.toString();
    }

    private void round() {
      for (int i = 0; i < program.size(); i++) {
        Op op = program.op(i);
        if (op == Op.VARIABLE || op == Op.CONSTANT || op == Op.BITS_CONSTANT) {
          continue;
        }
        String type = op.type().name().toLowerCase(Locale.ROOT);
        for (int g = 0; g < groups; g++) {
          text.append("const ").append(type).append(' ').append(value(i, g)).append(" = ");
          text.append(op).append('(');
          for (int o = 0; o < op.arity(); o++) {
            text.append(o == 0 ? "" : ", ").append(value(program.operand(i, o), g));
          }
          if (op == Op.SHIFT_LEFT || op == Op.SHIFT_RIGHT) {
            text.append(", ").append(program.immediate(i) & 63);
          }
          text.append(");\n");
        }
      }
      // A variable that becomes another is read before that is written.
      for (int s = 0; s < program.stores(); s++) {
        for (int g = 0; g < groups && moves(s); g++) {
          line("const real m%s%d = %s;".formatted(group(g), s, value(program.storedValue(s), g)));
        }
      }
      for (int s = 0; s < program.stores(); s++) {
        for (int g = 0; g < groups; g++) {
          String from = moves(s) ? "m" + group(g) + s : value(program.storedValue(s), g);
          line("%s = %s;".formatted(variable(program.storedVariable(s), g), from));
        }
      }
    }

    private boolean moves(int store) {
      return program.op(program.storedValue(store)) == Op.VARIABLE;
    }

    private String attention() {
      String any = value(program.attention(), 0);
      for (int g = 1; g < groups; g++) {
        any = "OR(" + any + ", " + value(program.attention(), g) + ")";
      }
      return "ANY(" + any + ")";
    }

    private void constant(int i) {
      long bits = program.immediate(i);
      if (program.op(i) == Op.BITS_CONSTANT) {
        line("const bits k%d = BITS(0x%xu);".formatted(i, bits));
      } else if (program.op(i) == Op.CONSTANT) {
        double value = Double.longBitsToDouble(bits);
        if (Double.isFinite(value)) {
          String digits =
              floats ? Float.toHexString((float) value) + "f" : Double.toHexString(value);
          line("const real k%d = SET(%s);".formatted(i, digits));
        } else {
          line(
              "const real k%d = FROM_BITS(BITS(0x%xu));"
                  .formatted(i, program.precision().bits(value)));
        }
      }
    }

    private String value(int i, int group) {
      return switch (program.op(i)) {
        case VARIABLE -> variable((int) program.immediate(i), group);
        case CONSTANT, BITS_CONSTANT -> "k" + i;
        default -> group(group) + i;
      };
    }

    private static String group(int group) {
      return String.valueOf((char) ('a' + group));
    }

    private static String variable(int variable, int group) {
      return "x" + group(group) + variable;
    }

    private String address(int variable, int group) {
      return "lanes + (int64_t)%d * LANES".formatted((long) variable * groups + group);
    }

    private void line(String line) {
      text.append(line).append('\n');
    }
  }
}
