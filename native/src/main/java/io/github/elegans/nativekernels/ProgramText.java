package io.github.elegans.nativekernels;

import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A program as C, one function: {@code int32_t f(numbers *lanes, int32_t rounds)} runs rounds and
 * returns how many there were, negated if a lane asks for attention. The text depends on the
 * program only, and the function is named after the text's digest, so that the same program has the
 * same name wherever it is compiled.
 *
 * @param precision of the numbers
 * @param functions in the vocabulary, for a tier named by the macro {@code ELEGANS_TIER}: the
 *     function, or, of a program that is cut into parts, those of the parts before it
 * @param declarations of the parts
 * @param name of the function, without the tier
 * @param groups how many vectors of lanes go through it side by side
 * @param scratch how many vectors it needs behind the variables, for what passes between parts
 */
record ProgramText(
    Precision precision,
    List<String> functions,
    String declarations,
    String name,
    int groups,
    int scratch) {
  private static final String VOCABULARY = vocabulary();

  /** Digits of the digest in a name. */
  private static final int DIGITS = 32;

  /**
   * Two groups gain where one alone leaves gaps, and that is so even where it waits little for its
   * own results: 10 to 25 % (measured at 256 and 512 bits; that values of two groups no longer fit
   * in the registers costs less). They lose where their values no longer fit in the first cache
   * beside their code.
   */
  private static final int MOST_OF_TWO = 5000;

  private static final int MOST_ALIVE_OF_TWO = 128;

  /** Three groups gain as long as the chain is longer than the work of two. */
  private static final int MOST_OF_THREE = 2000;

  private static final int MOST_ALIVE_OF_THREE = 64;

  /**
   * Longer programs are cut into functions of about so many operations: compilers take more than
   * twice as long for a function of twice the length, up to a minute for one of 20,000 operations.
   */
  private static final int WHOLE = 4000;

  private static final int LONGEST_FUNCTION = 2000;

  /**
   * So many functions are compiled together: a compiler keeps a whole file in memory, gigabytes for
   * one of 80 functions, and several files can be compiled side by side.
   */
  private static final int FUNCTIONS_OF_A_FILE = 4;

  /** Renders a program for as many lanes as it runs fastest with. */
  static ProgramText of(Program program) {
    return of(program, groups(program));
  }

  /** How many groups side by side make the least time for each. */
  static int groups(Program program) {
    int operations = program.operations();
    int alive = program.alive();
    if (program.waiting() > 2 && 3 * operations <= MOST_OF_THREE && alive <= MOST_ALIVE_OF_THREE) {
      return 3;
    }
    return 2 * operations <= MOST_OF_TWO && alive <= MOST_ALIVE_OF_TWO ? 2 : 1;
  }

  static ProgramText of(Program program, int groups) {
    Writer writer = new Writer(program, groups);
    List<String> functions = writer.write();
    String all = header(program.precision()) + String.join("", functions);
    String digest = PrivateFolder.digest(all.getBytes(StandardCharsets.UTF_8));
    String name = "elegans_program_" + digest.substring(0, DIGITS);
    return new ProgramText(
        program.precision(), functions, writer.declarations(), name, groups, writer.scratch());
  }

  private static String header(Precision precision) {
    return "#define FLOATS " + (precision == Precision.FLOAT ? 1 : 0) + "\n" + VOCABULARY;
  }

  /** How many functions the program is cut into. */
  int parts() {
    return Math.max(1, functions.size() - 1);
  }

  /** What to compile, as one file. */
  String text() {
    return together(List.of(this));
  }

  /** What to compile, as files to be linked: several of a long program. */
  List<String> files() {
    List<String> files = new ArrayList<>();
    int count = Math.ceilDiv(parts(), FUNCTIONS_OF_A_FILE);
    for (int file = 0; file < count; file++) {
      int from = functions.size() * file / count;
      int to = functions.size() * (file + 1) / count;
      files.add(header(precision) + definitions(functions.subList(from, to)));
    }
    return files;
  }

  /** A file of several programs of one precision. */
  static String together(List<ProgramText> programs) {
    StringBuilder text = new StringBuilder(header(programs.getFirst().precision));
    for (ProgramText program : programs) {
      text.append(program.definitions(program.functions));
    }
    return text.toString();
  }

  private String definitions(List<String> some) {
    return "#define PROGRAM %s\n%s%s#undef PROGRAM\n"
        .formatted(name, declarations, String.join("", some));
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
   * xa3}, {@code xb3}; constants {@code k5} are the same in all groups. Of a program in parts, each
   * is a function; what passes from one to another lies in memory by its type.
   */
  private static final class Writer {
    private final Program program;
    private final int groups;
    private final boolean floats;
    private final Parts parts;
    private final int[] slots;
    private final int[] passed = new int[Op.Type.values().length];
    private StringBuilder text = new StringBuilder(4096);

    Writer(Program program, int groups) {
      this.program = program;
      this.groups = groups;
      this.floats = program.precision() == Precision.FLOAT;
      this.parts = new Parts(program, op -> 1, WHOLE, LONGEST_FUNCTION);
      this.slots = new int[program.size()];
      for (int i = 0; i < program.size(); i++) {
        if (parts.passes(i)) {
          slots[i] = passed[program.op(i).type().ordinal()]++;
        }
      }
    }

    List<String> write() {
      List<String> functions = new ArrayList<>();
      boolean whole = parts.count() == 1;
      for (int part = 0; !whole && part < parts.count(); part++) {
        part(part);
        functions.add(taken());
      }
      text.append("EXPORT\n");
      String parameters = (floats ? "float" : "double") + " *lanes, int32_t rounds)";
      text.append("int32_t JOIN(PROGRAM, ELEGANS_TIER)(").append(parameters).append(";\n");
      text.append("int32_t JOIN(PROGRAM, ELEGANS_TIER)(").append(parameters).append(" {\n");
      line("if (!lanes || rounds < 1) {\nreturn 0;\n}");
      if (whole) {
        whole();
      } else {
        inParts();
      }
      line("}");
      functions.add(taken());
      return functions;
    }

    private String taken() {
      String taken = text.toString();
      text = new StringBuilder(4096);
      return taken;
    }

    /** Masks are no longer than vectors, and come last. */
    int scratch() {
      return Arrays.stream(passed).sum() * groups;
    }

    String declarations() {
      for (int part = 0; parts.count() > 1 && part < parts.count(); part++) {
        declaration(part);
        text.append(";\n");
      }
      return taken();
    }

    /** Not static: parts may be in several files. */
    private void declaration(int part) {
      text.append("int JOIN(JOIN(PROGRAM, part")
          .append(part)
          .append("), ELEGANS_TIER)(")
          .append(floats ? "float" : "double")
          .append(" *lanes, real *passed_real, bits *passed_bits, mask *passed_mask)");
    }

    /** Variables are in registers through all rounds, if there are enough. */
    private void whole() {
      boolean[] used = new boolean[program.variables()];
      boolean[] written = new boolean[program.variables()];
      for (int i = 0; i < program.size(); i++) {
        if (program.op(i) == Op.VARIABLE) {
          used[(int) program.immediate(i)] = true;
        }
      }
      for (int s = 0; s < program.stores(); s++) {
        written[program.storedVariable(s)] = true;
        used[program.storedVariable(s)] = true;
      }
      for (int v = 0; v < used.length; v++) {
        for (int g = 0; g < groups && used[v]; g++) {
          line("real %s = LOAD(%s);".formatted(variable(v, g), address(v, g)));
        }
      }
      for (int i = 0; i < program.size(); i++) {
        constant(i);
      }
      rounds(
          () -> {
            operations(0);
            stores((s, g) -> "%s = %%s;".formatted(variable(program.storedVariable(s), g)));
          });
      for (int v = 0; v < written.length; v++) {
        for (int g = 0; g < groups && written[v]; g++) {
          line("STORE(%s, %s);".formatted(address(v, g), variable(v, g)));
        }
      }
      end();
    }

    private void inParts() {
      // Not on the stack: that of a thread may be too small.
      String next = address(program.variables(), 0);
      for (Op.Type type : Op.Type.values()) {
        line("%s *passed_%1$s = (%1$s *)(void *)(%s);".formatted(name(type), next));
        next = "passed_%s + %s".formatted(name(type), passed[type.ordinal()] * groups);
      }
      rounds(
          () -> {
            for (int part = 0; part < parts.count(); part++) {
              line(
                  "%sJOIN(JOIN(PROGRAM, part%s), ELEGANS_TIER)(lanes, passed_real, passed_bits, passed_mask);"
                      .formatted(
                          isLast(part) && program.attention() >= 0 ? "attention = " : "", part));
            }
          });
      end();
    }

    private void rounds(Runnable round) {
      if (program.attention() < 0) {
        round.run();
        line("int32_t done = 1;");
        return;
      }
      line("int32_t done = 0;");
      line("int attention;");
      line("do {");
      round.run();
      if (parts.count() == 1) {
        line("attention = %s;".formatted(attention()));
      }
      line("done++;");
      line("} while (!attention && done < rounds);");
    }

    private void end() {
      line(program.attention() < 0 ? "return done;" : "return attention ? -done : done;");
    }

    private boolean isLast(int part) {
      return part == parts.count() - 1;
    }

    /** Reads variables and what earlier parts passed, where they are used first. */
    private void part(int part) {
      text.append("#if defined(__GNUC__)\n__attribute__((noinline))\n#endif\n");
      declaration(part);
      text.append(" {\n");
      boolean[] read = new boolean[program.size()];
      for (int i = 0; i < program.size(); i++) {
        if (parts.of(i) == part) {
          for (int k = 0; k < program.op(i).arity(); k++) {
            read[program.operand(i, k)] = true;
          }
        }
      }
      if (isLast(part)) {
        for (int s = 0; s < program.stores(); s++) {
          read[program.storedValue(s)] = true;
        }
        if (program.attention() >= 0) {
          read[program.attention()] = true;
        }
      }
      for (int i = 0; i < program.size(); i++) {
        if (read[i]) {
          constant(i);
        }
        for (int g = 0; g < groups && read[i] && parts.of(i) != part; g++) {
          if (program.op(i) == Op.VARIABLE) {
            text.append("const real ").append(value(i, g)).append(" = LOAD(");
            text.append(address((int) program.immediate(i), g)).append(");\n");
          } else if (parts.passes(i)) {
            text.append("const ").append(type(i)).append(' ').append(value(i, g)).append(" = ");
            text.append(slot(i, g)).append(";\n");
          }
        }
      }
      operations(part);
      for (int i = 0; i < program.size(); i++) {
        for (int g = 0; g < groups && parts.of(i) == part && parts.passes(i); g++) {
          text.append(slot(i, g)).append(" = ").append(value(i, g)).append(";\n");
        }
      }
      if (isLast(part)) {
        stores((s, g) -> "STORE(%s, %%s);".formatted(address(program.storedVariable(s), g)));
      }
      line(
          isLast(part) && program.attention() >= 0
              ? "return %s;".formatted(attention())
              : "return 0;");
      line("}");
    }

    private void operations(int part) {
      for (int i = 0; i < program.size(); i++) {
        if (parts.of(i) != part) {
          continue;
        }
        Op op = program.op(i);
        for (int g = 0; g < groups; g++) {
          text.append("const ").append(type(i)).append(' ').append(value(i, g)).append(" = ");
          String name = op == Op.FMA ? fused(i) : op.toString();
          text.append(name).append('(');
          for (int o = 0; o < op.arity(); o++) {
            int operand = program.operand(i, o);
            boolean negated = op == Op.FMA && isNegated(i, o);
            text.append(o == 0 ? "" : ", ");
            text.append(value(negated ? program.operand(operand, 0) : operand, g));
          }
          if (op == Op.SHIFT_LEFT || op == Op.SHIFT_RIGHT) {
            text.append(", ").append(program.immediate(i) & 63);
          }
          text.append(");\n");
        }
      }
    }

    /** An fma of negated operands is one instruction, and has no other bits. */
    private String fused(int i) {
      boolean product = isNegated(i, 0) || isNegated(i, 1);
      boolean sum = isNegated(i, 2);
      return product ? sum ? "FNMS" : "FNMA" : sum ? "FMS" : "FMA";
    }

    /** Whether an operand of an fma is that of a negation: one of the product's, at most. */
    private boolean isNegated(int i, int which) {
      return parts.count() == 1
          && program.op(program.operand(i, which)) == Op.NEG
          && (which != 1 || program.op(program.operand(i, 0)) != Op.NEG);
    }

    /** A statement that stores a value, for a store and a group: a pattern with one place. */
    private interface Statement {
      String of(int store, int group);
    }

    private void stores(Statement statement) {
      // A variable that becomes another is read before that is written.
      for (int s = 0; s < program.stores(); s++) {
        for (int g = 0; g < groups && moves(s); g++) {
          line("const real m%s%s = %s;".formatted(group(g), s, value(program.storedValue(s), g)));
        }
      }
      for (int s = 0; s < program.stores(); s++) {
        for (int g = 0; g < groups; g++) {
          String from = moves(s) ? "m" + group(g) + s : value(program.storedValue(s), g);
          line(statement.of(s, g).formatted(from));
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
        text.append("const bits k").append(i).append(" = BITS(0x");
        text.append(Long.toHexString(bits)).append("u);\n");
      } else if (program.op(i) == Op.CONSTANT) {
        double value = Double.longBitsToDouble(bits);
        if (Double.isFinite(value)) {
          String digits =
              floats ? Float.toHexString((float) value) + "f" : Double.toHexString(value);
          text.append("const real k").append(i).append(" = SET(").append(digits).append(");\n");
        } else {
          line(
              "const real k%s = FROM_BITS(BITS(0x%xu));"
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

    private String type(int i) {
      return name(program.op(i).type());
    }

    private static String name(Op.Type type) {
      return type.name().toLowerCase(Locale.ROOT);
    }

    private String slot(int i, int group) {
      return "passed_" + type(i) + "[" + (slots[i] * groups + group) + "]";
    }

    private static String group(int group) {
      return String.valueOf((char) ('a' + group));
    }

    private static String variable(int variable, int group) {
      return "x" + group(group) + variable;
    }

    private String address(int variable, int group) {
      return "lanes + (int64_t)" + ((long) variable * groups + group) + " * LANES";
    }

    private void line(String line) {
      text.append(line).append('\n');
    }
  }
}
