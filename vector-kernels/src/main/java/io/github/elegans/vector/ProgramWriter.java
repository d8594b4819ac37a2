package io.github.elegans.vector;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Parts;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Writes a program as a class over the Vector API. Vectors live in local variables, constants in
 * static final fields, so that C2 keeps all of them in registers. Long programs are cut into
 * methods that the JVM still compiles; what one computes for another passes through scratch memory.
 */
final class ProgramWriter {
  /**
   * The most that one method does, by {@link #weight}. The JVM compiles no method of more than
   * 8,000 bytes; long before, its first compiler runs out of registers for what the Vector API
   * unfolds into, and methods that it cannot profile never reach the second one. 64 is what it
   * always stood (90 was too much for some); longer methods would be up to a third faster.
   */
  private static final int LONGEST_METHOD = 64;

  /** Programs up to this stay whole: mostly of multiply-adds, they unfold into less. */
  private static final int WHOLE = 150;

  private static final ClassDesc SELF = ClassDesc.of("io.github.elegans.vector.RenderedProgram");
  private static final ClassDesc RENDERED = desc(Rendered.class);
  private static final ClassDesc VECTOR = desc(Vector.class);
  private static final ClassDesc MASK = desc(VectorMask.class);
  private static final ClassDesc SPECIES = desc(VectorSpecies.class);
  private static final ClassDesc OPERATORS = desc(VectorOperators.class);
  private static final ClassDesc COMPARISON = desc(VectorOperators.Comparison.class);
  private static final ClassDesc BINARY = desc(VectorOperators.Binary.class);
  private static final ClassDesc VECTORS = desc(Vectors.class);
  private static final ClassDesc SEGMENT = desc(MemorySegment.class);
  private static final ClassDesc ORDER = desc(ByteOrder.class);
  private static final ClassDesc ASSOCIATIVE = desc(VectorOperators.Associative.class);

  private final Program program;
  private final int bytes;
  private final ClassDesc reals;
  private final ClassDesc words;
  private final String toWords;
  private final String toReals;
  private final Map<Long, Integer> constants = new HashMap<>();
  private final Map<Long, Integer> wordConstants = new HashMap<>();
  private final List<Object> data = new ArrayList<>();
  private final VectorSpecies<?> species;

  private final Parts parts;
  private final int[] scratchOf;
  private int scratchSize;

  private ProgramWriter(Program program) {
    this.program = program;
    boolean isDouble = program.precision() == Precision.DOUBLE;
    this.species = isDouble ? Vectors.DOUBLES : Vectors.FLOATS;
    this.bytes = species.vectorByteSize();
    this.reals = desc(isDouble ? DoubleVector.class : FloatVector.class);
    this.words = desc(isDouble ? LongVector.class : IntVector.class);
    this.toWords = isDouble ? "reinterpretAsLongs" : "reinterpretAsInts";
    this.toReals = isDouble ? "reinterpretAsDoubles" : "reinterpretAsFloats";
    this.parts = parts(program);
    this.scratchOf = new int[program.size()];
    Arrays.fill(scratchOf, -1);
    for (int i = 0; i < program.size(); i++) {
      if (parts.passes(i)) {
        scratchOf[i] = scratchSize;
        scratchSize += bytes;
      }
    }
  }

  /** Renders a program. */
  static Rendered render(Program program) {
    ProgramWriter writer = new ProgramWriter(program);
    byte[] bytes = writer.write();
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.lookup().defineHiddenClassWithClassData(bytes, writer.data, true);
      return (Rendered)
          lookup.findConstructor(lookup.lookupClass(), MethodType.methodType(void.class)).invoke();
    } catch (Throwable e) {
      throw new IllegalStateException("the rendered program is no valid class", e);
    }
  }

  /** The methods that a program is cut into. */
  static Parts parts(Program program) {
    return new Parts(program, ProgramWriter::weight, WHOLE, LONGEST_METHOD);
  }

  private static ClassDesc desc(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }

  private byte[] write() {
    collectConstants();
    int count = parts.count();
    return ClassFile.of()
        .build(
            SELF,
            c -> {
              c.withInterfaceSymbols(RENDERED);
              c.withField("SPECIES", SPECIES, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
              for (int k : constants.values()) {
                c.withField("C" + k, reals, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
              }
              for (int k : wordConstants.values()) {
                c.withField("C" + k, words, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
              }
              c.withMethodBody(
                  ConstantDescs.CLASS_INIT_NAME,
                  ConstantDescs.MTD_void,
                  ClassFile.ACC_STATIC,
                  this::initialise);
              c.withMethodBody(
                  ConstantDescs.INIT_NAME,
                  ConstantDescs.MTD_void,
                  ClassFile.ACC_PUBLIC,
                  b ->
                      b.aload(0)
                          .invokespecial(CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                          .return_());
              c.withMethodBody(
                  "scratch",
                  MethodTypeDesc.of(CD_int),
                  ClassFile.ACC_PUBLIC,
                  b -> b.loadConstant(scratchSize).ireturn());
              c.withMethodBody(
                  "run",
                  MethodTypeDesc.of(CD_int, CD_long, CD_long, CD_int),
                  ClassFile.ACC_PUBLIC,
                  this::loop);
              for (int part = 0; count > 1 && part < count; part++) {
                int number = part;
                boolean isLast = part == count - 1;
                c.withMethodBody(
                    "part" + part,
                    MethodTypeDesc.of(isLast ? CD_boolean : CD_void, CD_long, CD_long),
                    ClassFile.ACC_STATIC,
                    b -> {
                      new Part(b, number, 0, 2, 4).write();
                      if (isLast) {
                        b.ireturn();
                      } else {
                        b.return_();
                      }
                    });
              }
            });
  }

  private void collectConstants() {
    data.add(species);
    for (int i = 0; i < program.size(); i++) {
      if (program.op(i) == Op.CONSTANT) {
        double value = Double.longBitsToDouble(program.immediate(i));
        constants.computeIfAbsent(
            program.immediate(i),
            bits -> {
              data.add(
                  program.precision() == Precision.DOUBLE
                      ? DoubleVector.broadcast(Vectors.DOUBLES, value)
                      : FloatVector.broadcast(Vectors.FLOATS, (float) value));
              return data.size() - 1;
            });
      } else if (program.op(i) == Op.BITS_CONSTANT) {
        wordConstants.computeIfAbsent(
            program.immediate(i),
            bits -> {
              data.add(
                  program.precision() == Precision.DOUBLE
                      ? LongVector.broadcast(Vectors.LONGS, bits)
                      : IntVector.broadcast(Vectors.INTS, (int) (long) bits));
              return data.size() - 1;
            });
      }
    }
  }

  private void initialise(CodeBuilder b) {
    put(b, 0, "SPECIES", SPECIES);
    constants.values().forEach(k -> put(b, k, "C" + k, reals));
    wordConstants.values().forEach(k -> put(b, k, "C" + k, words));
    b.return_();
  }

  private static void put(CodeBuilder b, int index, String field, ClassDesc type) {
    b.invokestatic(
            ConstantDescs.CD_MethodHandles,
            "lookup",
            MethodTypeDesc.of(ConstantDescs.CD_MethodHandles_Lookup))
        .loadConstant(ConstantDescs.DEFAULT_NAME)
        .loadConstant(type)
        .loadConstant(index)
        .invokestatic(
            ConstantDescs.CD_MethodHandles,
            "classDataAt",
            MethodTypeDesc.of(
                CD_Object,
                ConstantDescs.CD_MethodHandles_Lookup,
                ConstantDescs.CD_String,
                ConstantDescs.CD_Class,
                CD_int))
        .checkcast(type)
        .putstatic(SELF, field, type);
  }

  /** About how much of the compiler's patience an operation takes. */
  private static int weight(Op op) {
    return switch (op) {
      case LESS, LESS_EQUAL, EQUAL, SELECT -> 2;
      case MIN, MAX -> 4;
      default -> 1;
    };
  }

  /** The method {@code run(lanes, scratch, rounds)}. */
  private void loop(CodeBuilder b) {
    int count = parts.count();
    Label head = b.newLabel();
    Label end = b.newLabel();
    int rounds = 5;
    int done = 6;
    b.loadConstant(0).istore(done);
    b.labelBinding(head);
    if (count == 1) {
      new Part(b, 0, 1, 3, 7).write();
    } else {
      for (int part = 0; part < count; part++) {
        boolean isLast = part == count - 1;
        b.lload(1)
            .lload(3)
            .invokestatic(
                SELF,
                "part" + part,
                MethodTypeDesc.of(isLast ? CD_boolean : CD_void, CD_long, CD_long));
      }
    }
    b.iinc(done, 1);
    b.ifne(end);
    b.iload(done).iload(rounds).if_icmplt(head);
    b.labelBinding(end);
    b.iload(done).ireturn();
  }

  /** The operations of one part. */
  private final class Part {
    private final CodeBuilder b;
    private final int part;
    private final int lanes;
    private final int scratch;
    private final int[] slots = new int[program.size()];
    private final int[] lastUses = new int[program.size()];
    private final List<Integer> free = new ArrayList<>();
    private int nextSlot;

    Part(CodeBuilder b, int part, int lanes, int scratch, int firstSlot) {
      this.b = b;
      this.part = part;
      this.lanes = lanes;
      this.scratch = scratch;
      this.nextSlot = firstSlot;
      Arrays.fill(slots, -1);
    }

    /** Leaves on the stack, in the last part, whether a lane asks for attention. */
    void write() {
      for (int i = 0; i < program.size(); i++) {
        if (parts.of(i) == part) {
          for (int k = 0; k < program.op(i).arity(); k++) {
            lastUses[program.operand(i, k)] = i;
          }
        }
      }
      boolean isEnd = part == parts.count() - 1;
      if (isEnd) {
        for (int s = 0; s < program.stores(); s++) {
          lastUses[program.storedValue(s)] = Integer.MAX_VALUE;
        }
        if (program.attention() >= 0) {
          lastUses[program.attention()] = Integer.MAX_VALUE;
        }
      }
      for (int i = 0; i < program.size(); i++) {
        if (parts.of(i) == part) {
          operation(i);
          release(i);
          if (scratchOf[i] >= 0) {
            spill(i);
          }
          if (lastUses[i] == 0) {
            free.add(slots[i]);
          }
        }
      }
      if (isEnd) {
        for (int s = 0; s < program.stores(); s++) {
          load(program.storedValue(s));
        }
        for (int s = program.stores() - 1; s >= 0; s--) {
          store(lanes, (long) program.storedVariable(s) * bytes);
        }
        if (program.attention() >= 0) {
          load(program.attention());
          b.invokevirtual(MASK, "anyTrue", MethodTypeDesc.of(CD_boolean));
        } else {
          b.loadConstant(1);
        }
      }
    }

    private void release(int i) {
      for (int k = 0; k < program.op(i).arity(); k++) {
        int value = program.operand(i, k);
        if (lastUses[value] == i && slots[value] >= 0) {
          free.add(slots[value]);
          slots[value] = -1;
        }
      }
    }

    private void spill(int i) {
      switch (program.op(i).type()) {
        case REAL -> b.aload(slots[i]);
        case BITS -> b.aload(slots[i]).invokevirtual(words, toReals, MethodTypeDesc.of(reals));
        case MASK -> {
          // As 1 or 0.
          b.getstatic(SELF, "SPECIES", SPECIES);
          number(0);
          b.getstatic(SELF, "SPECIES", SPECIES);
          number(1);
          b.aload(slots[i]);
          b.invokevirtual(reals, "blend", MethodTypeDesc.of(reals, VECTOR, MASK));
        }
      }
      store(scratch, scratchOf[i]);
    }

    /** Stores the vector on the stack. */
    private void store(int base, long offset) {
      address(base, offset);
      b.invokevirtual(
          reals, "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
    }

    /** Where a vector lies, as the methods that load and store take it. */
    private void address(int base, long offset) {
      b.getstatic(VECTORS, "ALL", SEGMENT)
          .lload(base)
          .loadConstant(Vectors.ADDRESS)
          .land()
          .loadConstant(offset)
          .ladd()
          .getstatic(VECTORS, "ORDER", ORDER);
    }

    /** A broadcast number; the species lies on the stack. */
    private void number(int value) {
      if (program.precision() == Precision.DOUBLE) {
        b.loadConstant((double) value);
        b.invokestatic(
            reals, "broadcast", MethodTypeDesc.of(reals, SPECIES, ConstantDescs.CD_double));
      } else {
        b.loadConstant((float) value);
        b.invokestatic(
            reals, "broadcast", MethodTypeDesc.of(reals, SPECIES, ConstantDescs.CD_float));
      }
    }

    /** Puts a value on the stack, from where it is kept. */
    private void load(int i) {
      switch (program.op(i)) {
        case CONSTANT -> {
          b.getstatic(SELF, "C" + constants.get(program.immediate(i)), reals);
          return;
        }
        case BITS_CONSTANT -> {
          b.getstatic(SELF, "C" + wordConstants.get(program.immediate(i)), words);
          return;
        }
        default -> {}
      }
      if (slots[i] >= 0) {
        b.aload(slots[i]);
        return;
      }
      b.getstatic(SELF, "SPECIES", SPECIES);
      if (program.op(i) == Op.VARIABLE) {
        address(lanes, program.immediate(i) * bytes);
      } else {
        address(scratch, scratchOf[i]);
      }
      b.invokestatic(
          reals, "fromMemorySegment", MethodTypeDesc.of(reals, SPECIES, SEGMENT, CD_long, ORDER));
      switch (program.op(i).type()) {
        case REAL -> {}
        case BITS -> b.invokevirtual(reals, toWords, MethodTypeDesc.of(words));
        case MASK -> {
          b.getstatic(OPERATORS, "EQ", COMPARISON);
          b.getstatic(SELF, "SPECIES", SPECIES);
          number(1);
          b.invokevirtual(reals, "compare", MethodTypeDesc.of(MASK, COMPARISON, VECTOR));
        }
      }
      b.dup();
      slots[i] = take();
      b.astore(slots[i]);
    }

    private int take() {
      if (free.isEmpty()) {
        return nextSlot++;
      }
      return free.removeLast();
    }

    private void operation(int i) {
      Op op = program.op(i);
      int x = program.operand(i, 0);
      int y = program.operand(i, 1);
      int z = program.operand(i, 2);
      MethodTypeDesc realByVector = MethodTypeDesc.of(reals, VECTOR);
      MethodTypeDesc wordByVector = MethodTypeDesc.of(words, VECTOR);
      switch (op) {
        case ADD -> virtual(reals, "add", realByVector, x, y);
        case SUB -> virtual(reals, "sub", realByVector, x, y);
        case MUL -> virtual(reals, "mul", realByVector, x, y);
        case DIV -> virtual(reals, "div", realByVector, x, y);
        case FMA -> virtual(reals, "fma", MethodTypeDesc.of(reals, VECTOR, VECTOR), x, y, z);
        case NEG -> virtual(reals, "neg", MethodTypeDesc.of(reals), x);
        case ABS -> virtual(reals, "abs", MethodTypeDesc.of(reals), x);
        case SQRT -> virtual(reals, "sqrt", MethodTypeDesc.of(reals), x);
        case MIN -> {
          load(y);
          load(x);
          compare("LT", x, y);
          b.invokevirtual(reals, "blend", MethodTypeDesc.of(reals, VECTOR, MASK));
        }
        case MAX -> {
          load(y);
          load(x);
          compare("GT", x, y);
          b.invokevirtual(reals, "blend", MethodTypeDesc.of(reals, VECTOR, MASK));
        }
        case SELECT -> virtual(reals, "blend", MethodTypeDesc.of(reals, VECTOR, MASK), z, y, x);
        case FROM_BITS -> virtual(words, toReals, MethodTypeDesc.of(reals), x);
        case TO_BITS -> virtual(reals, toWords, MethodTypeDesc.of(words), x);
        case BITS_ADD -> virtual(words, "add", wordByVector, x, y);
        case BITS_SUB -> virtual(words, "sub", wordByVector, x, y);
        case BITS_AND -> virtual(words, "and", wordByVector, x, y);
        case BITS_OR -> virtual(words, "or", wordByVector, x, y);
        case BITS_XOR -> {
          load(x);
          b.getstatic(OPERATORS, "XOR", ASSOCIATIVE);
          load(y);
          b.invokevirtual(words, "lanewise", MethodTypeDesc.of(words, BINARY, VECTOR));
        }
        case SHIFT_LEFT -> shift("LSHL", x, i);
        case SHIFT_RIGHT -> shift("LSHR", x, i);
        case LESS -> compare("LT", x, y);
        case LESS_EQUAL -> compare("LE", x, y);
        case EQUAL -> compare("EQ", x, y);
        case AND -> virtual(MASK, "and", MethodTypeDesc.of(MASK, MASK), x, y);
        case OR -> virtual(MASK, "or", MethodTypeDesc.of(MASK, MASK), x, y);
        case NOT -> virtual(MASK, "not", MethodTypeDesc.of(MASK), x);
        default -> throw new IllegalStateException(op + " is no operation");
      }
      slots[i] = take();
      b.astore(slots[i]);
    }

    private void virtual(ClassDesc owner, String name, MethodTypeDesc type, int... values) {
      for (int value : values) {
        load(value);
      }
      b.invokevirtual(owner, name, type);
    }

    private void shift(String operator, int x, int i) {
      load(x);
      b.getstatic(OPERATORS, operator, BINARY);
      if (program.precision() == Precision.DOUBLE) {
        b.loadConstant(program.immediate(i));
        b.invokevirtual(words, "lanewise", MethodTypeDesc.of(words, BINARY, CD_long));
      } else {
        b.loadConstant((int) program.immediate(i));
        b.invokevirtual(words, "lanewise", MethodTypeDesc.of(words, BINARY, CD_int));
      }
    }

    private void compare(String operator, int x, int y) {
      load(x);
      b.getstatic(OPERATORS, operator, COMPARISON);
      load(y);
      b.invokevirtual(reals, "compare", MethodTypeDesc.of(MASK, COMPARISON, VECTOR));
    }
  }

  /** A class written here. */
  interface Rendered {
    /** How many bytes of scratch memory a run needs. */
    int scratch();

    /** Runs rounds on the lanes at an address, with scratch memory at another, both aligned. */
    int run(long lanes, long scratch, int rounds);
  }
}
