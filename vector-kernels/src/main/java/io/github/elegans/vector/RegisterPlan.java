package io.github.elegans.vector;

import io.github.elegans.expressions.Op;
import io.github.elegans.expressions.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the values of a program are, from operation to operation: in registers while there are
 * enough of them, otherwise in memory. The value leaves whose next use is the farthest (Belady
 * 1966, "A study of replacement algorithms for a virtual-storage computer"). The JVM's compiler
 * moves operations as early as it can, and fills its registers with what is needed much later;
 * between the loads and stores of a plan it cannot.
 *
 * <p>A plan also cuts the program into methods that the compiler takes. What one computes for
 * another passes through memory. All of it is for one vector of lanes; several that go through the
 * program side by side share the registers evenly, and do the same.
 */
final class RegisterPlan {
  /** Registers for what an operation needs besides. */
  private static final int SPARE = 3;

  private static final int BYTES_TO_STORE = 17;

  /** The compiler keeps masks where it likes; but of 255 local variables the first are short. */
  private static final int MOST_MASKS = 60;

  private final Program program;
  private final int groups;

  /** Where a value is read: by operations, and behind them by stores and as what asks. */
  private final int[][] uses;

  private final int[] seen;
  private final boolean[] isHere;
  private final int[] variableOf;
  private final int[][] storesAfter;

  private final int[][] leaving;
  private final int[] places;
  private final int[] spills;
  private final List<Integer> free = new ArrayList<>();
  private final List<Integer> begins = new ArrayList<>();
  private int placesTaken;
  private int bytes;
  private int weight;

  /**
   * Plans a program.
   *
   * @param groups how many vectors of lanes go through it side by side
   * @param registers how many there are
   * @param longest the most bytes of a method
   * @param heaviest the most work of a method, by {@link #weight}
   */
  RegisterPlan(Program program, int groups, int registers, int longest, int heaviest) {
    this.program = program;
    this.groups = groups;
    int size = program.size();
    int most = registers - SPARE;
    this.storesAfter = storesAfter();
    this.uses = uses();
    this.seen = new int[size];
    this.isHere = new boolean[size];
    this.variableOf = new int[size];
    Arrays.fill(variableOf, -1);
    this.leaving = new int[size][];
    this.places = new int[size];
    this.spills = new int[size];
    Arrays.fill(places, -1);
    Arrays.fill(spills, -1);
    begins.add(0);
    List<Integer> here = new ArrayList<>();
    List<Integer> left = new ArrayList<>();
    int before = -1;
    for (int i = 0; i < size; i++) {
      if (program.op(i).arity() == 0) {
        continue;
      }
      int cost = bytes(program.op(i)) + bytesToSpill(i) + bytesToLeave(here);
      for (int k = 0; k < program.op(i).arity(); k++) {
        cost += bytesToFetch(program.operand(i, k));
      }
      for (int s : storesAfter[i]) {
        cost += bytesToFetch(program.storedValue(s)) + BYTES_TO_STORE;
      }
      if (before >= 0
          && (groups * (bytes + cost) > longest
              || groups * (weight + weight(program.op(i))) > heaviest)) {
        for (int value : here) {
          leave(value, before, left);
        }
        here.clear();
        leaving[before] = concat(leaving[before], left);
        left.clear();
        begins.add(i);
        bytes = 0;
        weight = 0;
      }
      for (int k = 0; k < program.op(i).arity(); k++) {
        fetch(program.operand(i, k), here);
      }
      isHere[i] = true;
      here.add(i);
      bytes += bytes(program.op(i));
      weight += weight(program.op(i));
      for (int s : storesAfter[i]) {
        int value = program.storedValue(s);
        fetch(value, here);
        if (variableOf[value] < 0) {
          variableOf[value] = program.storedVariable(s);
        }
        bytes += BYTES_TO_STORE;
      }
      release(i, here);
      makeRoom(false, most, i, here, left);
      makeRoom(true, MOST_MASKS, i, here, left);
      leaving[i] = left.stream().mapToInt(v -> v).toArray();
      left.clear();
      before = i;
    }
  }

  private static int[] concat(int[] some, List<Integer> more) {
    int[] all = Arrays.copyOf(some, some.length + more.size());
    for (int i = 0; i < more.size(); i++) {
      all[some.length + i] = more.get(i);
    }
    return all;
  }

  /**
   * The stores that are due after each operation: when the value is known, and nobody reads the old
   * one of the variable any more.
   */
  private int[][] storesAfter() {
    int size = program.size();
    int[] read = new int[program.variables()];
    int first = 0;
    for (int i = size - 1; i >= 0; i--) {
      first = program.op(i).arity() > 0 ? i : first;
      for (int k = 0; k < program.op(i).arity(); k++) {
        int value = program.operand(i, k);
        if (program.op(value) == Op.VARIABLE) {
          int variable = (int) program.immediate(value);
          read[variable] = Math.max(read[variable], i);
        }
      }
    }
    int[] due = new int[program.stores()];
    for (int s = 0; s < due.length; s++) {
      int value = program.storedValue(s);
      int known =
          switch (program.op(value)) {
            case VARIABLE -> read[(int) program.immediate(value)];
            case CONSTANT -> first;
            default -> value;
          };
      due[s] = Math.max(Math.max(first, known), read[program.storedVariable(s)]);
    }
    // A variable that becomes another is read then, too.
    boolean isLater = true;
    while (isLater) {
      isLater = false;
      for (int s = 0; s < due.length; s++) {
        if (program.op(program.storedValue(s)) == Op.VARIABLE) {
          int variable = (int) program.immediate(program.storedValue(s));
          read[variable] = Math.max(read[variable], due[s]);
        }
      }
      for (int s = 0; s < due.length; s++) {
        int last = read[program.storedVariable(s)];
        isLater |= last > due[s];
        due[s] = Math.max(due[s], last);
      }
    }
    boolean computes = size > 0 && program.op(first).arity() > 0;
    List<List<Integer>> after = new ArrayList<>();
    for (int i = 0; i <= size; i++) {
      after.add(new ArrayList<>());
    }
    for (int s = 0; s < due.length; s++) {
      after.get(computes ? due[s] : size).add(s);
    }
    return after.stream()
        .map(list -> list.stream().mapToInt(s -> s).toArray())
        .toArray(int[][]::new);
  }

  private int[][] uses() {
    int size = program.size();
    List<List<Integer>> all = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      all.add(new ArrayList<>());
    }
    for (int i = 0; i <= size; i++) {
      if (i < size) {
        for (int k = 0; k < program.op(i).arity(); k++) {
          all.get(program.operand(i, k)).add(i);
        }
      }
      for (int s : storesAfter[i]) {
        all.get(program.storedValue(s)).add(i);
      }
    }
    if (program.attention() >= 0) {
      all.get(program.attention()).add(size);
    }
    return all.stream().map(list -> list.stream().mapToInt(i -> i).toArray()).toArray(int[][]::new);
  }

  /** Loads what is not in a register. */
  private void fetch(int value, List<Integer> here) {
    bytes += bytesToFetch(value);
    if (!isHere[value]) {
      isHere[value] = true;
      here.add(value);
    }
  }

  private int bytesToFetch(int value) {
    if (isHere[value]) {
      return 0;
    }
    return switch (program.op(value)) {
      case CONSTANT -> 21 / groups;
      case BITS_CONSTANT -> 35 / groups;
      default -> isMask(value) ? 60 : 21;
    };
  }

  /** Whether a value is a constant: one for all groups. */
  boolean isConstant(int value) {
    return program.op(value) == Op.CONSTANT || program.op(value) == Op.BITS_CONSTANT;
  }

  /** Forgets what nobody reads after an operation. */
  private void release(int i, List<Integer> here) {
    here.removeIf(
        value -> {
          boolean isRead = nextUse(value, i) > i;
          isHere[value] = isRead;
          if (!isRead && places[value] >= 0) {
            free.add(places[value]);
          }
          return !isRead;
        });
  }

  /** The next use after an operation, or -1. */
  private int nextUse(int value, int i) {
    int[] all = uses[value];
    while (seen[value] < all.length && all[seen[value]] <= i) {
      seen[value]++;
    }
    return seen[value] < all.length ? all[seen[value]] : -1;
  }

  /** Lets values leave until the others have registers. Masks have registers of their own. */
  private void makeRoom(boolean masks, int most, int i, List<Integer> here, List<Integer> left) {
    while (true) {
      int taken = 0;
      int farthest = -1;
      for (int value : here) {
        if (isMask(value) == masks) {
          taken += isConstant(value) ? 1 : groups;
          farthest = farthest < 0 || next(value) > next(farthest) ? value : farthest;
        }
      }
      if (taken <= most) {
        return;
      }
      here.remove(Integer.valueOf(farthest));
      leave(farthest, i, left);
    }
  }

  private int next(int value) {
    return uses[value][seen[value]];
  }

  private boolean isMask(int value) {
    return program.op(value).type() == Op.Type.MASK;
  }

  /** How many bytes it takes to write all values to memory that are not there. */
  private int bytesToLeave(List<Integer> here) {
    int sum = 0;
    for (int value : here) {
      sum += isInMemory(value) ? 0 : bytesToSpill(value);
    }
    return sum;
  }

  private boolean isInMemory(int value) {
    return program.op(value).arity() == 0 || variableOf[value] >= 0 || places[value] >= 0;
  }

  private int bytesToSpill(int value) {
    return switch (program.op(value).type()) {
      case REAL -> 18;
      case BITS -> 32;
      case MASK -> 56;
    };
  }

  private void leave(int value, int after, List<Integer> left) {
    isHere[value] = false;
    left.add(value);
    if (!isInMemory(value)) {
      places[value] = free.isEmpty() ? placesTaken++ : free.removeLast();
      spills[value] = after;
      bytes += bytesToSpill(value);
    }
  }

  /** About how many bytes an operation takes, its operands in local variables. */
  private static int bytes(Op op) {
    return switch (op) {
      case VARIABLE, CONSTANT, BITS_CONSTANT -> 0;
      case NEG, ABS, SQRT -> 7;
      case ADD, SUB, MUL, DIV, BITS_ADD, BITS_SUB, BITS_AND, BITS_OR -> 9;
      case FMA, SELECT -> 11;
      case BITS_XOR, SHIFT_LEFT, SHIFT_RIGHT -> 13;
      case FROM_BITS, TO_BITS, NOT -> 17;
      case MIN, MAX, AND, OR -> 20;
      case LESS, LESS_EQUAL, EQUAL -> 22;
      default -> throw new IllegalArgumentException(op + " is no operation");
    };
  }

  /** About how much of the compiler's patience an operation takes. */
  private static int weight(Op op) {
    return switch (op) {
      case LESS, LESS_EQUAL, EQUAL, SELECT -> 2;
      case MIN, MAX -> 4;
      default -> 1;
    };
  }

  /** The number of methods, at least 1. */
  int methods() {
    return begins.size();
  }

  /** The first operation of a method; of the one behind the last, the number of operations. */
  int begin(int method) {
    return method < begins.size() ? begins.get(method) : program.size();
  }

  /** The stores that are due after an operation, or, behind the last, at the end. */
  int[] storesAfter(int i) {
    return storesAfter[i];
  }

  /** The values that leave their registers after an operation. */
  int[] leavingAfter(int i) {
    return leaving[i];
  }

  /** Whether a value is written into its place in memory after an operation. */
  boolean spillsAfter(int value, int i) {
    return spills[value] == i;
  }

  /** The last operation that reads a value; behind all of them, if the end does. */
  int lastUse(int value) {
    return uses[value].length == 0 ? -1 : uses[value][uses[value].length - 1];
  }

  /** The place of a value in memory, counted in vectors of all groups, or -1. */
  int place(int value) {
    return places[value];
  }

  /** The first variable that a value is stored in, or -1. */
  int variable(int value) {
    return variableOf[value];
  }

  /** How many places there are. */
  int places() {
    return placesTaken;
  }
}
