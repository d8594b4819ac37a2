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
 * Writes a program as a class over the Vector API: vectors in local variables, constants in static
 * final fields, what is written from round to round in local variables too, until the rounds end.
 * Long programs are cut into methods that the JVM still compiles; what one computes for another
 * passes through scratch memory, and all variables through memory in every round.
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
   * @param whole a program of so much work, by {@link #weight}, stays whole
   * @param longest the work of a method of others
   */
  private record Cutting(int whole, int longest) {
    /**
     * What C2 takes: of methods of more than 8,000 bytes nothing. It needs 2 s for 400 operations,
     * and less than half a second for 180, which run about as fast.
     */
    static final Cutting BY_SECOND_COMPILER = new Cutting(500, 180);

    /**
     * What C1 takes, too: it runs out of registers for what the Vector API unfolds into, and a
     * method that it cannot profile never reaches C2. 64 is what it always stood (90 was too much
     * for some); mostly of multiply-adds, whole programs unfold into less.
     */
    static final Cutting BY_BOTH_COMPILERS = new Cutting(150, 64);
  }

  /** Of so many different numbers, each is a field; of more, they lie in an array. */
  private static final int MOST_FIELDS = 500;

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
  private static final MethodTypeDesc PART = MethodTypeDesc.of(CD_boolean, CD_long, CD_long);
  private static final ClassDesc ASSOCIATIVE = desc(VectorOperators.Associative.class);

  private final Program program;
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
  private final Map<Long, Field> constants = new HashMap<>();
  private final Map<Long, Field> wordConstants = new HashMap<>();

  /** The constants that are no fields: their places in the array. */
  private final Map<Long, Integer> places = new HashMap<>();

  private final Parts parts;
  private final int[] scratchOf;
  private final int[] storedIn;
  private int scratchSize;

  private ProgramWriter(Program program) {
    this.program = program;
    this.isDouble = program.precision() == Precision.DOUBLE;
    this.species = isDouble ? Vectors.DOUBLES : Vectors.FLOATS;
    this.bytes = species.vectorByteSize();
    this.reals = desc(isDouble ? DoubleVector.class : FloatVector.class);
    this.words = desc(isDouble ? LongVector.class : IntVector.class);
    this.toWords = isDouble ? "reinterpretAsLongs" : "reinterpretAsInts";
    this.toReals = isDouble ? "reinterpretAsDoubles" : "reinterpretAsFloats";
    this.parts = parts(program);
    this.scratchOf = new int[program.size()];
    Arrays.fill(scratchOf, -1);
    this.storedIn = storedIn();
    for (int i = 0; i < program.size(); i++) {
      for (int k = 0; k < program.op(i).arity(); k++) {
        use(program.operand(i, k), parts.of(i));
      }
    }
    for (int s = 0; s < program.stores(); s++) {
      use(program.storedValue(s), storedIn[s]);
    }
    if (program.attention() >= 0) {
      use(program.attention(), parts.count() - 1);
    }
  }

  /** Gives what another part uses a place in scratch memory. */
  private void use(int value, int part) {
    if (parts.of(value) >= 0 && parts.of(value) != part && scratchOf[value] < 0) {
      scratchOf[value] = scratchSize;
      scratchSize += bytes;
    }
  }

  /**
   * The part at whose end each variable is written: the first one that knows its value, and after
   * which nobody reads the old one; the last if it becomes another variable or a constant. All in
   * the last one would be too much for it.
   */
  private int[] storedIn() {
    int last = parts.count() - 1;
    int[] read = new int[program.variables()];
    for (int i = 0; i < program.size(); i++) {
      for (int k = 0; k < program.op(i).arity(); k++) {
        int value = program.operand(i, k);
        if (program.op(value) == Op.VARIABLE) {
          int variable = (int) program.immediate(value);
          read[variable] = Math.max(read[variable], parts.of(i));
        }
      }
    }
    for (int s = 0; s < program.stores(); s++) {
      int value = program.storedValue(s);
      if (program.op(value) == Op.VARIABLE) {
        read[(int) program.immediate(value)] = last;
      }
    }
    int[] stored = new int[program.stores()];
    for (int s = 0; s < stored.length; s++) {
      int part = parts.of(program.storedValue(s));
      stored[s] = part < 0 ? last : Math.max(part, read[program.storedVariable(s)]);
    }
    return stored;
  }

  private record Field(String name, ClassDesc type) {}

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
    Cutting cutting =
        CompilerDirective.refusal().isEmpty()
            ? Cutting.BY_SECOND_COMPILER
            : Cutting.BY_BOTH_COMPILERS;
    return new Parts(program, ProgramWriter::weight, cutting.whole, cutting.longest);
  }

  private static ClassDesc desc(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }

  private byte[] write() {
    collectFields();
    int count = parts.count();
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
                  "scratch",
                  MethodTypeDesc.of(CD_int),
                  ClassFile.ACC_PUBLIC,
                  b -> b.loadConstant(scratchSize).ireturn());
              c.withMethodBody(
                  "run",
                  MethodTypeDesc.of(CD_int, CD_long, CD_long, CD_int),
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
      long bits = program.immediate(i);
      if (program.op(i) == Op.BITS_CONSTANT) {
        wordConstants.computeIfAbsent(
            bits,
            k ->
                field(
                    "W" + k,
                    words,
                    isDouble
                        ? LongVector.broadcast(Vectors.LONGS, k)
                        : IntVector.broadcast(Vectors.INTS, (int) (long) k)));
      } else if (program.op(i) == Op.CONSTANT && constants.size() < MOST_FIELDS) {
        constants.computeIfAbsent(
            bits,
            k ->
                field(
                    "C" + k,
                    reals,
                    isDouble
                        ? DoubleVector.broadcast(Vectors.DOUBLES, Double.longBitsToDouble(k))
                        : FloatVector.broadcast(
                            Vectors.FLOATS, (float) Double.longBitsToDouble(k))));
      } else if (program.op(i) == Op.CONSTANT && !constants.containsKey(bits)) {
        places.putIfAbsent(bits, places.size());
      }
    }
    if (!places.isEmpty()) {
      double[] numbers = new double[places.size()];
      places.forEach((bits, place) -> numbers[place] = Double.longBitsToDouble(bits));
      field("NUMBERS", CD_double.arrayType(), numbers);
    }
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

  /** About how much of the compiler's patience an operation takes. */
  private static int weight(Op op) {
    return switch (op) {
      case LESS, LESS_EQUAL, EQUAL, SELECT -> 2;
      case MIN, MAX -> 4;
      default -> 1;
    };
  }

  /** The method {@code run(lanes, scratch, rounds)} of a whole program. */
  private void rounds(CodeBuilder b) {
    Label begin = b.newLabel();
    b.iload(5).ifgt(begin);
    b.loadConstant(0).ireturn();
    b.labelBinding(begin);
    mask(b, 1);
    mask(b, 3);
    b.loadConstant(0).istore(6);
    Part part = new Part(b, 0, 1, 3, 7);
    part.loadWritten();
    Label head = b.newLabel();
    b.labelBinding(head);
    part.write();
    repeat(b, head);
    part.storeWritten();
    b.iload(6).ireturn();
  }

  /** The same of one that is cut. */
  private void roundsOfParts(CodeBuilder b) {
    int count = parts.count();
    Label head = b.newLabel();
    b.loadConstant(0).istore(6);
    b.labelBinding(head);
    if (count > MOST_CALLS) {
      call(b, 1, "parts", 0, count, MOST_CALLS);
    } else {
      call(b, 1, "part", 0, count, 1);
    }
    repeat(b, head);
    b.iload(6).ireturn();
  }

  /**
   * Counts a round, and goes to the head if no lane asks for attention, as is said on the stack,
   * and rounds are left. One branch for both: one that was not taken yet when the JVM compiled
   * would cost another compilation.
   */
  private static void repeat(CodeBuilder b, Label head) {
    b.iinc(6, 1);
    b.loadConstant(1).isub().iload(5).iload(6).isub().iand().ifgt(head);
  }

  /** Calls methods that take lanes and scratch memory; leaves what the last one returns. */
  private static void call(CodeBuilder b, int lanes, String name, int from, int to, int by) {
    for (int part = from; part < to; part += by) {
      b.lload(lanes).lload(lanes + 2).invokestatic(SELF, name + part, PART);
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
    mask(b, 0);
    mask(b, 2);
    new Part(b, number, 0, 2, 4).write();
    if (number < parts.count() - 1) {
      b.loadConstant(0);
    }
    b.ireturn();
  }

  /** Shows the compiler that an address lies within {@link Vectors#ALL}. */
  private static void mask(CodeBuilder b, int address) {
    b.lload(address).loadConstant(Vectors.ADDRESS).land().lstore(address);
  }

  /** The operations of one part. */
  private final class Part {
    private final CodeBuilder b;
    private final int part;
    private final int lanes;
    private final int scratch;
    private final int[] slots = new int[program.size()];

    /** Where variables live over all rounds, or -1. */
    private final int[] homes = new int[program.variables()];

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
      Arrays.fill(homes, -1);
    }

    /** Before the rounds: what is written gets a local variable. */
    void loadWritten() {
      for (int s = 0; s < program.stores(); s++) {
        int variable = program.storedVariable(s);
        homes[variable] = nextSlot++;
        load(lanes, (long) variable * bytes);
        b.astore(homes[variable]);
      }
    }

    /** After the rounds. */
    void storeWritten() {
      for (int s = 0; s < program.stores(); s++) {
        int variable = program.storedVariable(s);
        b.aload(homes[variable]);
        store(lanes, (long) variable * bytes);
      }
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
      for (int home : homes) {
        if (home >= 0) {
          b.aload(home);
          exact("REALS", reals);
          b.astore(home);
        }
      }
      boolean isEnd = part == parts.count() - 1;
      for (int s = 0; s < program.stores(); s++) {
        if (storedIn[s] == part) {
          lastUses[program.storedValue(s)] = Integer.MAX_VALUE;
        }
      }
      if (isEnd && program.attention() >= 0) {
        lastUses[program.attention()] = Integer.MAX_VALUE;
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
      for (int s = 0; s < program.stores(); s++) {
        if (storedIn[s] == part) {
          load(program.storedValue(s));
        }
      }
      for (int s = program.stores() - 1; s >= 0; s--) {
        int variable = program.storedVariable(s);
        if (storedIn[s] == part && homes[variable] >= 0) {
          b.astore(homes[variable]);
        } else if (storedIn[s] == part) {
          store(lanes, (long) variable * bytes);
        }
      }
      if (isEnd) {
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
        case BITS -> {
          b.aload(slots[i]).invokevirtual(words, toReals, MethodTypeDesc.of(reals));
          exact("REALS", reals);
        }
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

    /** Puts a value on the stack, from where it is kept. */
    private void load(int i) {
      switch (program.op(i)) {
        case CONSTANT -> constant(program.immediate(i));
        case BITS_CONSTANT ->
            b.getstatic(SELF, wordConstants.get(program.immediate(i)).name, words);
        case VARIABLE -> {
          int home = homes[(int) program.immediate(i)];
          if (home >= 0) {
            b.aload(home);
          } else if (slots[i] >= 0) {
            b.aload(slots[i]);
          } else {
            load(lanes, program.immediate(i) * bytes);
            keep(i);
          }
        }
        default -> {
          if (slots[i] >= 0) {
            b.aload(slots[i]);
          } else {
            load(scratch, scratchOf[i]);
            passed(program.op(i).type());
            keep(i);
          }
        }
      }
    }

    private void constant(long bits) {
      Field field = constants.get(bits);
      if (field != null) {
        b.getstatic(SELF, field.name, reals);
        return;
      }
      b.getstatic(SELF, "SPECIES", SPECIES);
      b.getstatic(SELF, "NUMBERS", CD_double.arrayType());
      b.loadConstant(places.get(bits)).daload();
      if (!isDouble) {
        b.d2f();
      }
      broadcast();
    }

    /** Loads numbers. */
    private void load(int base, long offset) {
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

    /** Keeps the value on the stack, and leaves it there. */
    private void keep(int i) {
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
      switch (op) {
        case FROM_BITS -> exact("REALS", reals);
        case TO_BITS -> exact("WORDS", words);
        case LESS, LESS_EQUAL, EQUAL, AND, OR, NOT -> exact("MASKS", MASK);
        default -> {}
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

  /** A class written here. */
  interface Rendered {
    /** How many bytes of scratch memory a run needs. */
    int scratch();

    /** Runs rounds on the lanes at an address, with scratch memory at another, both aligned. */
    int run(long lanes, long scratch, int rounds);
  }
}
