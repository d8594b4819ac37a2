package io.github.elegans.nativekernels;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.nativekernels.bindings.Elegans;
import io.github.elegans.nativekernels.bindings.elegans_instruction;
import io.github.elegans.nativekernels.bindings.elegans_tape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Writes a program as a tape ({@code tape.h}). A value keeps its register until its last use; then
 * the next value takes it, while it is in the cache. A value that becomes a variable is put there
 * at once if nothing reads the old one any more.
 */
final class ProgramTape {
  /** The words of an instruction. */
  private static final int WORDS = 5;

  private static final int COPY = Op.VARIABLE.ordinal() << 3;
  private static final int CONSTANT_OPERAND = 1;

  private final Program program;
  private final int size;

  /** How many bytes, and how many numbers, a register holds. */
  private final int bytes;

  private final int block;

  /** The value that has a value's bits: itself, unless it is a cast. */
  private final int[] origins;

  /** The last operation that reads a value, or {@code size} if it is read after all of them. */
  private final int[] lastUses;

  /** The register of a value, or the number of a constant. */
  private final int[] places;

  private final long[] constants;
  private final Deque<Integer> free = new ArrayDeque<>();
  private int constantCount;
  private int registers;
  private int atLeast;
  private int[] code = new int[256];
  private int words;

  /** One for all segments: each keeps the others alive. */
  private final Arena arena = Arena.ofAuto();

  private final MemorySegment structure = elegans_tape.allocate(arena);
  private MemorySegment memory = MemorySegment.NULL;

  private ProgramTape(Program program, int bytes) {
    this.program = program;
    this.size = program.size();
    this.bytes = bytes;
    this.block = bytes / NativePrograms.bytesOf(program.precision());
    this.origins = new int[size];
    this.lastUses = new int[size];
    this.places = new int[size];
    this.constants = new long[size];
    this.registers = program.variables();
  }

  /**
   * A tape in memory that lives as long as its segments do.
   *
   * @param bytes of a register: {@link Elegans#ELEGANS_TAPE_BLOCK()}, or those of a vector
   * @param atLeast how many registers' memory there is, even if it needs fewer
   */
  static ProgramTape write(Program program, int bytes, int atLeast) {
    ProgramTape tape = new ProgramTape(program, bytes);
    tape.atLeast = atLeast;
    tape.write();
    return tape;
  }

  /** How many lanes it takes. */
  int width() {
    return block;
  }

  /** The C structure. */
  MemorySegment structure() {
    return structure;
  }

  /** The first registers: the variables. */
  MemorySegment variables() {
    return memory.asSlice(0, program.variables() * (long) bytes);
  }

  private void write() {
    trace();
    int[] homes = homes();
    for (int i = 0; i < size; i++) {
      Op op = program.op(i);
      switch (op) {
        case VARIABLE -> places[i] = Math.toIntExact(program.immediate(i));
        case CONSTANT ->
            places[i] =
                constant(program.precision().bits(Double.longBitsToDouble(program.immediate(i))));
        case BITS_CONSTANT -> places[i] = constant(program.immediate(i));
        case TO_BITS, FROM_BITS -> {}
        default -> write(i, op, homes[i]);
      }
    }
    int attention = program.attention() < 0 ? -1 : register(origins[program.attention()]);
    store();
    int length = words / WORDS;
    instruction(Elegans.ELEGANS_END() << 3, 0, 0, 0, 0);
    check(length);
    layOut(length, attention);
  }

  private void trace() {
    for (int i = 0; i < size; i++) {
      Op op = program.op(i);
      origins[i] = op == Op.TO_BITS || op == Op.FROM_BITS ? origins[program.operand(i, 0)] : i;
      for (int o = 0; o < op.arity(); o++) {
        lastUses[origins[program.operand(i, o)]] = i;
      }
    }
    for (int s = 0; s < program.stores(); s++) {
      lastUses[origins[program.storedValue(s)]] = size;
    }
    if (program.attention() >= 0) {
      lastUses[origins[program.attention()]] = size;
    }
  }

  /** The variable whose register a value takes at once, or -1. */
  private int[] homes() {
    int[] lastReads = new int[program.variables()];
    for (int i = 0; i < size; i++) {
      if (program.op(i) == Op.VARIABLE) {
        int variable = Math.toIntExact(program.immediate(i));
        lastReads[variable] = Math.max(lastReads[variable], lastUses[i]);
      }
    }
    int[] homes = new int[size];
    Arrays.fill(homes, -1);
    for (int s = 0; s < program.stores(); s++) {
      int value = origins[program.storedValue(s)];
      int variable = program.storedVariable(s);
      boolean computed = !isConstant(value) && program.op(value) != Op.VARIABLE;
      if (computed && homes[value] < 0 && lastReads[variable] <= value) {
        homes[value] = variable;
        // Another value that is stored there is copied, at the end.
        lastReads[variable] = size;
      }
    }
    return homes;
  }

  private boolean isConstant(int value) {
    return program.op(value) == Op.CONSTANT || program.op(value) == Op.BITS_CONSTANT;
  }

  private int constant(long bits) {
    constants[constantCount] = bits;
    return constantCount++;
  }

  private void write(int i, Op op, int home) {
    int[] operands = new int[3];
    int kinds = 0;
    for (int o = 0; o < op.arity(); o++) {
      int value = origins[program.operand(i, o)];
      if (isConstant(value)) {
        operands[o] = places[value];
        kinds |= CONSTANT_OPERAND << o;
      } else {
        operands[o] = register(value);
        // The result may be written over an operand: each vector is read first.
        if (lastUses[value] == i && places[value] >= program.variables()) {
          lastUses[value] = -1;
          free.push(places[value]);
        }
      }
    }
    if (op == Op.SHIFT_LEFT || op == Op.SHIFT_RIGHT) {
      operands[1] = (int) program.immediate(i) & 63;
    }
    places[i] = home >= 0 ? home : free.isEmpty() ? registers++ : free.pop();
    instruction(op.ordinal() << 3 | kinds, register(i), operands[0], operands[1], operands[2]);
  }

  /** Where a value's register begins. */
  private int register(int value) {
    return Math.multiplyExact(places[value], block);
  }

  /** Copies what is stored and not there yet. */
  private void store() {
    int[] sources = new int[program.stores()];
    for (int s = 0; s < sources.length; s++) {
      int value = origins[program.storedValue(s)];
      sources[s] = isConstant(value) ? places[value] : register(value);
      // A variable that becomes another is read before it is written.
      if (program.op(value) == Op.VARIABLE && places[value] != program.storedVariable(s)) {
        int copy = Math.multiplyExact(registers++, block);
        instruction(COPY, copy, sources[s], 0, 0);
        sources[s] = copy;
      }
    }
    for (int s = 0; s < sources.length; s++) {
      int to = program.storedVariable(s) * block;
      if (isConstant(origins[program.storedValue(s)])) {
        instruction(COPY | CONSTANT_OPERAND, to, sources[s], 0, 0);
      } else if (sources[s] != to) {
        instruction(COPY, to, sources[s], 0, 0);
      }
    }
  }

  private void instruction(int operation, int to, int a, int b, int c) {
    if (words + WORDS > code.length) {
      code = Arrays.copyOf(code, 2 * code.length);
    }
    code[words++] = operation;
    code[words++] = to;
    code[words++] = a;
    code[words++] = b;
    code[words++] = c;
  }

  /** C trusts a tape: here is checked that all of it is known there, and within its memory. */
  private void check(int length) {
    int last = Math.multiplyExact(registers, block) - block;
    for (int at = 0; at < length * WORDS; at += WORDS) {
      Op op = Op.values()[code[at] >> 3];
      int constantOperands =
          switch (op) {
            case VARIABLE, NEG, ABS, SQRT -> 0b001;
            case SELECT -> 0b110;
            case FMA -> 0b111;
            case SHIFT_LEFT, SHIFT_RIGHT, AND, OR, NOT -> 0;
            default -> 0b011;
          };
      boolean good = (code[at] & 7 & ~constantOperands) == 0 && op.isPrimitive();
      good &= code[at + 1] >= 0 && code[at + 1] <= last;
      for (int o = 0; o < Math.max(1, op.arity()); o++) {
        int operand = code[at + 2 + o];
        boolean constant = (code[at] >> o & 1) != 0;
        good &= operand >= 0 && operand <= (constant ? constantCount - 1 : last);
      }
      if (!good) {
        throw new IllegalArgumentException(
            "a tape cannot have %s %s"
                .formatted(op, Arrays.toString(Arrays.copyOfRange(code, at, at + WORDS))));
      }
    }
  }

  private void layOut(int length, int attention) {
    MemorySegment instructions =
        arena.allocate((length + 1) * elegans_instruction.sizeof(), Integer.BYTES);
    MemorySegment.copy(code, 0, instructions, JAVA_INT, 0, words);
    MemorySegment numbers = arena.allocate(JAVA_LONG, Math.max(1, constantCount));
    for (int i = 0; i < constantCount; i++) {
      if (program.precision() == Precision.DOUBLE) {
        numbers.setAtIndex(JAVA_LONG, i, constants[i]);
      } else {
        numbers.setAtIndex(JAVA_INT, i, (int) constants[i]);
      }
    }
    memory = arena.allocate(Math.max(1L, Math.max(registers, atLeast)) * bytes, 64);
    elegans_tape.instructions(structure, instructions);
    elegans_tape.constants(structure, numbers);
    elegans_tape.registers(structure, memory);
    elegans_tape.length(structure, length);
    elegans_tape.attention(structure, attention);
    elegans_tape.block(structure, bytes);
  }
}
