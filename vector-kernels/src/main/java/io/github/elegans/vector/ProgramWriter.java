package io.github.elegans.vector;

import static java.lang.constant.ConstantDescs.CD_Class;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Precision;
import io.github.elegans.expressions.Program;
import io.github.elegans.kernels.PanelLayout;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
 * Writes a program as a class over the Vector API: vectors in local variables as its {@link
 * RegisterPlan} says, others in memory, variables and constants among them. Nothing is left to the
 * JVM's stack, whose addresses are multiples of 16 bytes: wide vectors on it cross cache lines, in
 * one run of the JVM and not in the next. Long programs are cut into methods that the JVM still
 * compiles.
 *
 * <p>No vector may become an object. The JVM follows a vector through a method where it knows its
 * exact class as it reads the method. Of most results it does; of the others, and of what a loop
 * carries, {@link Part#exact} tells it. Without that it guesses by how the Vector API's own methods
 * were used before, by anybody, and a wrong guess makes all that follows a hundred times as slow.
 */
final class ProgramWriter {
  /**
   * How programs are cut.
   *
   * @param longest the most bytes of a method
   * @param heaviest the most operations, about
   */
  private record Cutting(int longest, int heaviest) {
    /** What C2 takes: of methods of more than 8,000 bytes nothing. It needs 2 s for that. */
    static final Cutting BY_SECOND_COMPILER = new Cutting(7800, Integer.MAX_VALUE);

    /**
     * What C1 takes, too: it runs out of registers for what the Vector API unfolds into, and a
     * method that it cannot profile never reaches C2. It stood 40 of all programs that were tried,
     * and 64 of none.
     */
    static final Cutting BY_BOTH_COMPILERS = new Cutting(7800, 32);
  }

  /** Calls in a method: the JVM compiles no method of more than 8,000 bytes. */
  private static final int MOST_CALLS = 256;

  /** What the names of all classes begin with that are written here. */
  static final String CLASS_NAME =
      ProgramWriter.class.getPackageName().replace('.', '/') + "/RenderedProgram";

  private static final ClassDesc SELF = ClassDesc.ofInternalName(CLASS_NAME);
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
  private static final MethodTypeDesc PART =
      MethodTypeDesc.of(CD_boolean, CD_long, CD_long, CD_long);
  private static final ClassDesc ASSOCIATIVE = desc(VectorOperators.Associative.class);

  private final Program program;

  /** How many vectors of lanes go through it side by side. */
  private final int groups;

  private final int bytes;
  private final ClassDesc reals;
  private final ClassDesc words;
  private final String toWords;
  private final String toReals;
  private final boolean isDouble;
  private final VectorSpecies<?> species;

  /** What static final fields of the class hold, and what the fields are. */
  private final List<Object> data = new ArrayList<>();

  private final List<Field> fields = new ArrayList<>();

  /** The bits of constants, and where in scratch memory each is, in vectors. */
  private final Map<Long, Integer> constants = new LinkedHashMap<>();

  private final RegisterPlan plan;

  private ProgramWriter(Program program, int groups) {
    this.program = program;
    this.groups = groups;
    this.isDouble = program.precision() == Precision.DOUBLE;
    this.species = isDouble ? Vectors.DOUBLES : Vectors.FLOATS;
    this.bytes = species.vectorByteSize();
    this.reals = desc(isDouble ? DoubleVector.class : FloatVector.class);
    this.words = desc(isDouble ? LongVector.class : IntVector.class);
    this.toWords = isDouble ? "reinterpretAsLongs" : "reinterpretAsInts";
    this.toReals = isDouble ? "reinterpretAsDoubles" : "reinterpretAsFloats";
    this.plan = plan(program, groups);
  }

  private record Field(String name, ClassDesc type) {}

  /** The class of a program. */
  static byte[] bytes(Program program, int groups) {
    return new ProgramWriter(program, groups).write();
  }

  /** Renders a program. */
  static Rendering render(Program program, int groups) {
    ProgramWriter writer = new ProgramWriter(program, groups);
    byte[] bytes = writer.write();
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.lookup().defineHiddenClassWithClassData(bytes, writer.data, true);
      Rendered code =
          (Rendered)
              lookup
                  .findConstructor(lookup.lookupClass(), MethodType.methodType(void.class))
                  .invoke();
      long[] constants = writer.constants.keySet().stream().mapToLong(bits -> bits).toArray();
      return new Rendering(
          code,
          program.precision(),
          constants,
          writer.plan.places() * groups,
          writer.bytes,
          writer.plan.methods());
    } catch (Throwable e) {
      throw new IllegalStateException("the rendered program is no valid class", e);
    }
  }

  /** Where its values are kept, and how it is cut. */
  static RegisterPlan plan(Program program, int groups) {
    Cutting cutting =
        CompilerDirective.refusal().isEmpty()
            ? Cutting.BY_SECOND_COMPILER
            : Cutting.BY_BOTH_COMPILERS;
    return new RegisterPlan(
        program, groups, Vectors.MANY_REGISTERS ? 32 : 16, cutting.longest, cutting.heaviest);
  }

  private static ClassDesc desc(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }

  private byte[] write() {
    collectFields();
    int count = plan.methods();
    return ClassFile.of()
        .build(
            SELF,
            c -> {
              c.withInterfaceSymbols(RENDERED);
              for (Field field : fields) {
                c.withField(field.name, field.type, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
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
                  "run",
                  MethodTypeDesc.of(CD_int, CD_long, CD_long, CD_long, CD_int),
                  ClassFile.ACC_PUBLIC,
                  count == 1 ? this::rounds : this::roundsOfParts);
              for (int part = 0; count > 1 && part < count; part++) {
                int number = part;
                c.withMethodBody("part" + part, PART, ClassFile.ACC_STATIC, b -> part(b, number));
              }
              for (int first = 0; count > MOST_CALLS && first < count; first += MOST_CALLS) {
                int number = first;
                c.withMethodBody(
                    "parts" + first,
                    PART,
                    ClassFile.ACC_STATIC,
                    b -> {
                      call(b, 0, "part", number, Math.min(number + MOST_CALLS, count), 1);
                      b.ireturn();
                    });
              }
            });
  }

  private void collectFields() {
    field("SPECIES", SPECIES, species);
    field("REALS", CD_Class, zero(isDouble ? Vectors.DOUBLES : Vectors.FLOATS).getClass());
    field("WORDS", CD_Class, zero(isDouble ? Vectors.LONGS : Vectors.INTS).getClass());
    field("MASKS", CD_Class, species.maskAll(false).getClass());
    for (int i = 0; i < program.size(); i++) {
      if (plan.isConstant(i)) {
        constants.putIfAbsent(bits(i), constants.size());
      }
    }
  }

  /** The bits of a constant in a vector. */
  private long bits(int i) {
    long bits = program.immediate(i);
    return program.op(i) == Op.CONSTANT
        ? program.precision().bits(Double.longBitsToDouble(bits))
        : program.precision().truncate(bits);
  }

  private static Object zero(VectorSpecies<?> species) {
    return species.zero();
  }

  private Field field(String name, ClassDesc type, Object value) {
    Field field = new Field(name, type);
    fields.add(field);
    data.add(value);
    return field;
  }

  private void initialise(CodeBuilder b) {
    for (int i = 0; i < fields.size(); i++) {
      b.invokestatic(
              ConstantDescs.CD_MethodHandles,
              "lookup",
              MethodTypeDesc.of(ConstantDescs.CD_MethodHandles_Lookup))
          .loadConstant(ConstantDescs.DEFAULT_NAME)
          .loadConstant(fields.get(i).type)
          .loadConstant(i)
          .invokestatic(
              ConstantDescs.CD_MethodHandles,
              "classDataAt",
              MethodTypeDesc.of(
                  CD_Object,
                  ConstantDescs.CD_MethodHandles_Lookup,
                  ConstantDescs.CD_String,
                  CD_Class,
                  CD_int))
          .checkcast(fields.get(i).type)
          .putstatic(SELF, fields.get(i).name, fields.get(i).type);
    }
    b.return_();
  }

  /** The method {@code run(lanes, scratch, rounds)} of a whole program. */
  private void rounds(CodeBuilder b) {
    Label begin = b.newLabel();
    b.iload(7).ifgt(begin);
    b.loadConstant(0).ireturn();
    b.labelBinding(begin);
    b.loadConstant(0).istore(8);
    addresses(b, 1, 9);
    Label head = b.newLabel();
    b.labelBinding(head);
    new Part(b, 0, 1, 9).write();
    repeat(b, head);
    b.iload(8).ireturn();
  }

  /**
   * Masks the addresses of lanes and scratch memory, and makes others of them that the compiler
   * cannot know to be the same: what is loaded from those stays behind the stores before it.
   */
  private static void addresses(CodeBuilder b, int from, int to) {
    for (int address = 0; address <= 2; address += 2) {
      b.lload(from + address).loadConstant(Vectors.ADDRESS).land().lstore(from + address);
      b.lload(from + address).lload(from + 4).ladd();
      b.loadConstant(Vectors.ADDRESS).land().lstore(to + address);
    }
  }

  /** The same of one that is cut. */
  private void roundsOfParts(CodeBuilder b) {
    int count = plan.methods();
    Label head = b.newLabel();
    b.loadConstant(0).istore(8);
    b.labelBinding(head);
    if (count > MOST_CALLS) {
      call(b, 1, "parts", 0, count, MOST_CALLS);
    } else {
      call(b, 1, "part", 0, count, 1);
    }
    repeat(b, head);
    b.iload(8).ireturn();
  }

  /**
   * Counts a round, and goes to the head if no lane asks for attention, as is said on the stack,
   * and rounds are left. One branch for both: one that was not taken yet when the JVM compiled
   * would cost another compilation.
   */
  private static void repeat(CodeBuilder b, Label head) {
    b.iinc(8, 1);
    b.loadConstant(1).isub().iload(7).iload(8).isub().iand().ifgt(head);
  }

  /** Calls methods that take lanes and scratch memory; leaves what the last one returns. */
  private static void call(CodeBuilder b, int lanes, String name, int from, int to, int by) {
    for (int part = from; part < to; part += by) {
      b.lload(lanes).lload(lanes + 2).lload(lanes + 4).invokestatic(SELF, name + part, PART);
      if (part + by < to) {
        b.pop();
      }
    }
  }

  /** The method of a part: without lanes it does nothing. */
  private void part(CodeBuilder b, int number) {
    Label begin = b.newLabel();
    b.lload(0).loadConstant(0L).lcmp().ifne(begin);
    b.loadConstant(0).ireturn();
    b.labelBinding(begin);
    addresses(b, 0, 6);
    new Part(b, number, 0, 6).write();
    if (number < plan.methods() - 1) {
      b.loadConstant(0);
    }
    b.ireturn();
  }

  /** The operations of one method. */
  private final class Part {
    private final CodeBuilder b;
    private final int part;
    private final int lanes;
    private final int scratch;
    private final int lanesAgain;
    private final int scratchAgain;

    /** The local variable of an operation's value, the first group's first, or -1. */
    private final int[] slots = new int[program.size() * groups];

    private final List<Integer> free = new ArrayList<>();
    private int nextSlot;

    /**
     * Writes into a method.
     *
     * @param lanes where their address is kept, and behind it that of scratch memory
     * @param again where the other addresses are
     */
    Part(CodeBuilder b, int part, int lanes, int again) {
      this.b = b;
      this.part = part;
      this.lanes = lanes;
      this.scratch = lanes + 2;
      this.lanesAgain = again;
      this.scratchAgain = again + 2;
      this.nextSlot = again + 4;
      Arrays.fill(slots, -1);
    }

    /** Leaves on the stack, in the last part, whether a lane asks for attention. */
    void write() {
      int end = plan.begin(part + 1);
      for (int i = plan.begin(part); i < end; i++) {
        if (program.op(i).arity() == 0) {
          continue;
        }
        for (int g = 0; g < groups; g++) {
          operation(i, g);
        }
        store(i);
        for (int k = 0; k < program.op(i).arity(); k++) {
          release(program.operand(i, k), i);
        }
        for (int s : plan.storesAfter(i)) {
          release(program.storedValue(s), i);
        }
        for (int value : plan.leavingAfter(i)) {
          for (int g = 0; g < groups; g++) {
            if (plan.spillsAfter(value, i)) {
              spill(value, g);
            }
            forget(slot(value, g));
          }
        }
      }
      if (end == program.size()) {
        store(end);
        if (program.attention() >= 0) {
          load(program.attention() * groups);
          for (int g = 1; g < groups; g++) {
            load(program.attention() * groups + g);
            b.invokevirtual(MASK, "or", MethodTypeDesc.of(MASK, MASK));
            exact("MASKS", MASK);
          }
          b.invokevirtual(MASK, "anyTrue", MethodTypeDesc.of(CD_boolean));
        } else {
          b.loadConstant(1);
        }
      }
    }

    /** The stores after an operation: all values are read before a variable is written. */
    private void store(int i) {
      int[] stores = plan.storesAfter(i);
      for (int s : stores) {
        for (int g = 0; g < groups; g++) {
          load(program.storedValue(s) * groups + g);
        }
      }
      for (int s = stores.length - 1; s >= 0; s--) {
        for (int g = groups - 1; g >= 0; g--) {
          store(lanes, ((long) program.storedVariable(stores[s]) * groups + g) * bytes);
        }
      }
    }

    private void release(int value, int i) {
      for (int g = 0; g < groups && plan.lastUse(value) == i; g++) {
        forget(slot(value, g));
      }
    }

    private void forget(int slot) {
      if (slots[slot] >= 0) {
        free.add(slots[slot]);
        slots[slot] = -1;
      }
    }

    private void spill(int i, int group) {
      int slot = slots[i * groups + group];
      switch (program.op(i).type()) {
        case REAL -> b.aload(slot);
        case BITS -> {
          b.aload(slot).invokevirtual(words, toReals, MethodTypeDesc.of(reals));
          exact("REALS", reals);
        }
        case MASK -> {
          // As 1 or 0.
          b.getstatic(SELF, "SPECIES", SPECIES);
          number(0);
          b.getstatic(SELF, "SPECIES", SPECIES);
          number(1);
          b.aload(slot);
          b.invokevirtual(reals, "blend", MethodTypeDesc.of(reals, VECTOR, MASK));
        }
      }
      store(scratch, place(i, group));
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
          .loadConstant(offset)
          .ladd()
          .getstatic(VECTORS, "ORDER", ORDER);
    }

    /** A broadcast number; the species lies on the stack. */
    private void number(int value) {
      if (isDouble) {
        b.loadConstant((double) value);
      } else {
        b.loadConstant((float) value);
      }
      broadcast();
    }

    /** Broadcasts the number on the stack to the species below it. */
    private void broadcast() {
      b.invokestatic(
          reals, "broadcast", MethodTypeDesc.of(reals, SPECIES, isDouble ? CD_double : CD_float));
      exact("REALS", reals);
    }

    /** Tells the compiler the exact class of the vector or mask on the stack. */
    private void exact(String field, ClassDesc type) {
      b.getstatic(SELF, field, CD_Class)
          .swap()
          .invokevirtual(CD_Class, "cast", MethodTypeDesc.of(CD_Object, CD_Object))
          .checkcast(type);
    }

    /** Puts the value of a slot on the stack, from where it is kept. */
    private void load(int slot) {
      int i = slot / groups;
      int group = slot % groups;
      int kept = slots[slot(i, group)];
      if (kept >= 0) {
        b.aload(kept);
      } else {
        fetch(i, group);
        b.dup();
        b.astore(keep(slot(i, group)));
      }
    }

    /** Of a constant there is one for all groups. */
    private int slot(int i, int group) {
      return i * groups + (plan.isConstant(i) ? 0 : group);
    }

    private int keep(int slot) {
      slots[slot] = free.isEmpty() ? nextSlot++ : free.removeLast();
      return slots[slot];
    }

    /** Puts a value on the stack that is in memory. */
    private void fetch(int i, int group) {
      if (plan.isConstant(i)) {
        loadMemory(scratchAgain, (long) constants.get(bits(i)) * bytes);
        passed(program.op(i).type());
      } else if (program.op(i) == Op.VARIABLE) {
        loadMemory(lanesAgain, (program.immediate(i) * groups + group) * bytes);
      } else if (plan.place(i) >= 0) {
        loadMemory(scratchAgain, place(i, group));
        passed(program.op(i).type());
      } else {
        loadMemory(lanesAgain, ((long) plan.variable(i) * groups + group) * bytes);
      }
    }

    private long place(int i, int group) {
      return (constants.size() + (long) plan.place(i) * groups + group) * bytes;
    }

    /** Loads numbers. */
    private void loadMemory(int base, long offset) {
      b.getstatic(SELF, "SPECIES", SPECIES);
      address(base, offset);
      b.invokestatic(
          reals, "fromMemorySegment", MethodTypeDesc.of(reals, SPECIES, SEGMENT, CD_long, ORDER));
    }

    /** Makes what another part computed of the numbers that it passed. */
    private void passed(Op.Type type) {
      switch (type) {
        case REAL -> {}
        case BITS -> {
          b.invokevirtual(reals, toWords, MethodTypeDesc.of(words));
          exact("WORDS", words);
        }
        case MASK -> {
          b.getstatic(OPERATORS, "EQ", COMPARISON);
          b.getstatic(SELF, "SPECIES", SPECIES);
          number(1);
          b.invokevirtual(reals, "compare", MethodTypeDesc.of(MASK, COMPARISON, VECTOR));
          exact("MASKS", MASK);
        }
      }
    }

    private void operation(int i, int group) {
      Op op = program.op(i);
      int x = program.operand(i, 0) * groups + group;
      int y = program.operand(i, 1) * groups + group;
      int z = program.operand(i, 2) * groups + group;
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
      switch (op) {
        case FROM_BITS -> exact("REALS", reals);
        case TO_BITS -> exact("WORDS", words);
        case LESS, LESS_EQUAL, EQUAL, AND, OR, NOT -> exact("MASKS", MASK);
        default -> {}
      }
      b.astore(keep(i * groups + group));
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
      if (isDouble) {
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

  /**
   * A program as a class.
   *
   * @param constants their bits
   * @param places how many vectors it passes from operation to operation in memory
   * @param bytes of a vector
   * @param methods that it is cut into
   */
  record Rendering(
      Rendered code, Precision precision, long[] constants, int places, int bytes, int methods) {
    /** New scratch memory for it: one thread uses it at a time. */
    MemorySegment scratch() {
      MemorySegment scratch =
          Arena.ofAuto()
              .allocate((constants.length + (long) places) * bytes, PanelLayout.ALIGNMENT);
      int each = precision == Precision.DOUBLE ? Double.BYTES : Float.BYTES;
      for (int i = 0; i < constants.length * bytes / each; i++) {
        long bits = constants[i * each / bytes];
        if (precision == Precision.DOUBLE) {
          scratch.setAtIndex(ValueLayout.JAVA_LONG, i, bits);
        } else {
          scratch.setAtIndex(ValueLayout.JAVA_INT, i, (int) bits);
        }
      }
      return scratch;
    }

    /** Runs rounds on lanes. */
    int run(MemorySegment lanes, MemorySegment scratch, int rounds) {
      int done = code.run(lanes.address(), scratch.address(), 0, rounds);
      Reference.reachabilityFence(lanes);
      Reference.reachabilityFence(scratch);
      return done;
    }
  }

  /** A class written here. */
  interface Rendered {
    /**
     * Runs rounds.
     *
     * @param lanes their address, aligned
     * @param scratch that of scratch memory, aligned
     * @param zero 0, which the JVM's compiler does not know: added to an address, it makes another
     *     one of it
     * @param rounds how many at most
     */
    int run(long lanes, long scratch, long zero, int rounds);
  }
}
