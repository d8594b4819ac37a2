package io.github.elegans.vector;

import static java.util.Map.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes {@code VectorFloats.java}, {@code VectorDoubles.java} and {@code functions.h} from {@code
 * functions.txt}, which says what its words mean. {@link FunctionSourceTest} holds the committed
 * files to this; run {@link #main} in the module's folder after a change.
 */
final class FunctionSource {
  private static final Path DESCRIPTION = Path.of("src/generators/functions.txt");

  /** The numbers that need no constant of their own, and their names in Java. */
  private static final Map<String, String> NUMBERS =
      Map.ofEntries(
          entry("0", "ZERO"),
          entry("-0", "MINUS_ZERO"),
          entry("0.5", "HALF"),
          entry("-0.5", "MINUS_HALF"),
          entry("1", "ONE"),
          entry("-1", "MINUS_ONE"),
          entry("2", "TWO"));

  /** Operators, and what they are called in Java; in C they have mostly the same names. */
  private static final Map<String, String> METHODS =
      Map.of("+", "add", "-", "sub", "*", "mul", "/", "div", "|", "or");

  private static final Map<String, String> COMPARISONS =
      Map.of("<", "LT", ">", "GT", ">=", "GE", "!=", "NE");
  private static final Map<String, String> SHIFTS =
      Map.of("<<", "LSHL", ">>", "ASHR", ">>>", "LSHR");

  /** Binary operators, the loosest first. */
  private static final List<Set<String>> BINARY =
      List.of(
          COMPARISONS.keySet(), Set.of("|"), SHIFTS.keySet(), Set.of("+", "-"), Set.of("*", "/"));

  private enum Precision {
    FLOAT("Float", "Int", "vf", "vi"),
    DOUBLE("Double", "Long", "vd", "vl");

    /** The names of numbers and of integers as wide, in Java and in C. */
    final String real;

    final String whole;
    final String c;
    final String cWhole;

    Precision(String real, String whole, String c, String cWhole) {
      this.real = real;
      this.whole = whole;
      this.c = c;
      this.cWhole = cWhole;
    }

    /** What functions and helpers in it are for. */
    List<String> tiers() {
      return this == FLOAT
          ? List.of("float", "all", "accurate", "fast")
          : List.of("double", "all", "exact");
    }
  }

  private enum Type {
    REAL,
    INT,
    MASK
  }

  /** An expression: an operator or a function and its arguments, or a name or number without. */
  private record Node(String text, List<Node> arguments) {
    Node(String text, Node... arguments) {
      this(text, List.of(arguments));
    }

    boolean is(String operator) {
      return text.equals(operator) && !arguments.isEmpty();
    }

    Node get(int i) {
      return arguments.get(i);
    }
  }

  /** A line of a body; the last has no name. */
  private record Assignment(String name, Node value) {}

  private record Function(
      String kind,
      Set<String> tiers,
      String manner,
      Type result,
      String name,
      List<String> parameters,
      Set<String> integers,
      List<String> comment,
      List<Assignment> body) {
    boolean called() {
      return !kind.equals("function");
    }
  }

  private final Map<Precision, Map<String, String>> constants = new HashMap<>();
  private final Map<Precision, Map<String, List<String>>> polynomials = new HashMap<>();
  private final Set<String> integers = new HashSet<>();
  private final List<Function> functions = new ArrayList<>();

  private FunctionSource(List<String> lines) {
    for (Precision precision : Precision.values()) {
      constants.put(precision, new HashMap<>());
      polynomials.put(precision, new HashMap<>());
    }
    read(lines);
  }

  static void main(String[] args) throws IOException {
    for (Map.Entry<Path, String> file : files().entrySet()) {
      Files.writeString(file.getKey(), file.getValue());
    }
  }

  /** What is generated, by where it belongs. */
  static Map<Path, String> files() throws IOException {
    FunctionSource source = new FunctionSource(Files.readAllLines(DESCRIPTION));
    Path java = Path.of("src/main/java/io/github/elegans/vector");
    Map<Path, String> files = new LinkedHashMap<>();
    files.put(java.resolve("VectorFloats.java"), source.new Java(Precision.FLOAT).file());
    files.put(java.resolve("VectorDoubles.java"), source.new Java(Precision.DOUBLE).file());
    String c = source.new C(Precision.FLOAT).part() + source.new C(Precision.DOUBLE).part();
    files.put(Path.of("../native/src/main/c/kernels/functions.h"), C_HEAD + c + "\n#endif\n");
    return files;
  }

  private void read(List<String> lines) {
    String section = "";
    List<String> list = List.of();
    List<String> comment = new ArrayList<>();
    for (String line : lines) {
      String code = line.replaceAll("(^|\\s)#.*", "").stripTrailing();
      String[] words = code.strip().split("\\s+");
      if (line.startsWith("#")) {
        comment.add(line.substring(1).strip());
      } else if (words[0].isEmpty()) {
        comment.clear();
      } else if (words[0].equals("constants") || words[0].equals("polynomial")) {
        section = words[0].equals("constants") ? words[0] : words[1];
      } else if (!code.startsWith(" ") && code.endsWith(")")) {
        section = "function";
        functions.add(header(code, List.copyOf(comment)));
        comment.clear();
      } else if (section.equals("constants")) {
        int at = words[0].equals("int") ? 1 : 0;
        if (at == 1) {
          integers.add(words[1]);
        }
        constants.get(Precision.FLOAT).put(words[at], words[at + 1]);
        constants.get(Precision.DOUBLE).put(words[at], words[at + 2]);
      } else if (section.equals("function")) {
        String[] sides = code.strip().split(" = ", 2);
        Node value = new Parser(sides[sides.length - 1]).expression();
        functions.getLast().body.add(new Assignment(sides.length == 2 ? sides[0] : "", value));
      } else {
        int from = 0;
        if (words[0].equals("float") || words[0].equals("double")) {
          list = new ArrayList<>();
          polynomials.get(Precision.valueOf(words[0].toUpperCase(Locale.ROOT))).put(section, list);
          from = 1;
        }
        list.addAll(List.of(words).subList(from, words.length));
      }
    }
  }

  private static Function header(String line, List<String> comment) {
    MatchResult match =
        Pattern.compile("(method|helper|function) (.*?)(, .*?)?: (int )?(\\w+)\\((.*)\\)")
            .matcher(line)
            .results()
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(line));
    List<String> parameters = new ArrayList<>();
    Set<String> integers = new HashSet<>();
    for (String parameter : match.group(6).split(", ")) {
      parameters.add(parameter.replace("int ", ""));
      if (parameter.startsWith("int ")) {
        integers.add(parameters.getLast());
      }
    }
    return new Function(
        match.group(1),
        Set.of(match.group(2).split(" ")),
        String.valueOf(match.group(3)),
        match.group(4) != null ? Type.INT : Type.REAL,
        match.group(5),
        parameters,
        integers,
        comment,
        new ArrayList<>());
  }

  /** By recursive descent. */
  private static final class Parser {
    private final List<String> tokens;
    private int at;

    Parser(String text) {
      tokens =
          Pattern.compile("[\\w.]+|>>>|<<|>>|>=|!=|\\S")
              .matcher(text)
              .results()
              .map(MatchResult::group)
              .toList();
    }

    Node expression() {
      Node condition = binary(0);
      if (!accept("?")) {
        return condition;
      }
      Node yes = expression();
      accept(":");
      return new Node("?", condition, yes, expression());
    }

    private Node binary(int level) {
      if (level == BINARY.size()) {
        return unary();
      }
      Node left = binary(level + 1);
      while (at < tokens.size() && BINARY.get(level).contains(tokens.get(at))) {
        String operator = tokens.get(at++);
        left = new Node(operator, left, binary(level + 1));
      }
      return left;
    }

    private Node unary() {
      if (accept("-")) {
        Node operand = unary();
        return NUMBERS.containsKey(operand.text)
            ? new Node("-" + operand.text)
            : new Node("negate", operand);
      }
      if (accept("(")) {
        Node inner = expression();
        accept(")");
        return inner;
      }
      String name = tokens.get(at++);
      List<Node> arguments = new ArrayList<>();
      if (accept("(")) {
        do {
          arguments.add(expression());
        } while (accept(","));
        accept(")");
      }
      return new Node(name, arguments);
    }

    private boolean accept(String token) {
      boolean there = at < tokens.size() && tokens.get(at).equals(token);
      at += there ? 1 : 0;
      return there;
    }
  }

  /** What both languages have in common. */
  private abstract class Text {
    final StringBuilder out = new StringBuilder();
    final Precision precision;

    /** The names of variables where they are written, and their types. */
    Map<String, String> names = new HashMap<>();

    final Map<String, Type> types = new HashMap<>();
    String tier = "";

    Text(Precision precision) {
      this.precision = precision;
    }

    abstract String constant(String value, String name, Type type);

    abstract String polynomial(String x, String name);

    abstract String call(Function callee, List<Node> arguments);

    abstract String operation(String name, List<String> arguments, Type type);

    Function callee(String name) {
      String width = precision.real.toLowerCase(Locale.ROOT);
      return functions.stream()
          .filter(f -> f.name.equals(name) && f.tiers.contains(f.called() ? width : tier))
          .findFirst()
          .orElse(null);
    }

    String expression(Node node, Type expected) {
      List<Node> arguments = node.arguments;
      boolean negative = node.is("negate") && arguments.getFirst().text.matches("[A-Z].*");
      if (names.containsKey(node.text)) {
        return names.get(node.text);
      } else if (NUMBERS.containsKey(node.text)) {
        return constant(node.text, NUMBERS.get(node.text), expected);
      } else if (arguments.isEmpty()) {
        return constant(value(node.text), node.text, type(node));
      } else if (negative) {
        String name = arguments.getFirst().text;
        return constant(negated(value(name)), "MINUS_" + name, Type.REAL);
      } else if (node.is("poly")) {
        return polynomial(expression(arguments.get(0), Type.REAL), arguments.get(1).text);
      }
      Function callee = callee(node.text);
      if (callee != null) {
        return call(callee, arguments);
      }
      List<String> texts = new ArrayList<>();
      Type operand = node.is("?") ? expected : node.is("real") ? Type.INT : type(node);
      operand = operand == Type.MASK || node.is("bits") ? Type.REAL : operand;
      if (SHIFTS.containsKey(node.text)) {
        texts.add(expression(arguments.get(0), Type.INT));
        String by = arguments.get(1).text;
        texts.add(by.equals("FRACTION") ? value(by) : by);
      } else {
        for (Node argument : arguments) {
          texts.add(expression(argument, operand));
        }
      }
      return operation(node.text, texts, operand);
    }

    Type type(Node node) {
      if (node.arguments.isEmpty()) {
        Type other = integers.contains(node.text) ? Type.INT : Type.REAL;
        return NUMBERS.containsKey(node.text)
            ? null
            : types.getOrDefault(names.get(node.text), other);
      }
      Function callee = callee(node.text);
      if (callee != null) {
        return callee.result;
      } else if (node.is("bits") || SHIFTS.containsKey(node.text)) {
        return Type.INT;
      } else if (COMPARISONS.containsKey(node.text)) {
        return Type.MASK;
      } else if (!METHODS.containsKey(node.text) && !node.is("?")) {
        return Type.REAL;
      }
      Type type = type(node.arguments.get(node.is("?") ? 1 : 0));
      return type != null ? type : type(node.arguments.getLast());
    }

    String value(String name) {
      String value = constants.get(precision).getOrDefault(name, "-");
      if (value.equals("-")) {
        throw new IllegalArgumentException(name + " has no value in " + precision);
      }
      return value;
    }

    /** A number as both languages write it. */
    String literal(String value) {
      boolean fraction = value.matches(".*[.pe].*");
      return precision == Precision.FLOAT && fraction ? value.replaceFirst("(?=/|$)", "f") : value;
    }

    /** Breaks a line that is too long where the fewest parentheses are open. */
    void wrap(int indent, String text, int width, String breaks) {
      String line = " ".repeat(indent) + text;
      while (line.length() > width) {
        int best = -1;
        int least = Integer.MAX_VALUE;
        int depth = 0;
        Matcher matcher = Pattern.compile(breaks).matcher(line);
        for (int i = 0; i <= width; i++) {
          if (i > indent + 4 && depth <= least && matcher.find(i) && matcher.start() == i) {
            best = i;
            least = depth;
          }
          depth += line.charAt(i) == '(' ? 1 : line.charAt(i) == ')' ? -1 : 0;
        }
        out.append(line.substring(0, best).stripTrailing()).append('\n');
        line = " ".repeat(indent + 4) + line.substring(best);
      }
      out.append(line).append('\n');
    }
  }

  private static String negated(String value) {
    return value.startsWith("-") ? value.substring(1) : "-" + value;
  }

  private static String camel(String name) {
    Matcher matcher = Pattern.compile("_(\\w)").matcher(name);
    return matcher.replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
  }

  private final class Java extends Text {
    private final StringBuilder fields = new StringBuilder();
    private final Set<String> known = new HashSet<>();
    private final Set<String> taken = new HashSet<>();
    private final String vector = precision.real + "Vector";
    private boolean writtenOut;
    private int indent;

    Java(Precision precision) {
      super(precision);
    }

    String file() {
      StringBuilder body = new StringBuilder();
      for (Function function : functions) {
        for (String each : precision.tiers()) {
          if (function.tiers.contains(each)) {
            tier = each;
            method(function);
          }
        }
        body.append(fields).append(fields.isEmpty() ? "" : "\n").append(out);
        fields.setLength(0);
        out.setLength(0);
      }
      return head(body.toString()) + body.toString().stripTrailing() + "\n}\n";
    }

    private String head(String body) {
      String name = "Vector" + precision.real + "s";
      StringBuilder constants = new StringBuilder();
      for (String kind : List.of(precision.real, precision.whole)) {
        constants.append(
            """
              private static %1$sVector constant(%2$s value) {
                return %1$sVector.broadcast(%3$sS, value);
              }

            """
                .formatted(kind, kind.toLowerCase(Locale.ROOT), kind.toUpperCase(Locale.ROOT)));
      }
      String all = constants + body;
      String imports =
          IMPORTS
              .lines()
              .filter(line -> !line.startsWith("import") || used(line, all))
              .collect(Collectors.joining("\n"));
      boolean floats = precision == Precision.FLOAT;
      return imports
          + "\n\n"
          + (floats ? FLOATS_COMMENT : DOUBLES_COMMENT)
          + ("final class " + name + " {\n")
          + (floats ? "" : "  private static final int LANES = DOUBLES.length();\n\n")
          + ("  private " + name + "() {}\n\n")
          + constants;
    }

    private static boolean used(String line, String text) {
      String name = line.replaceAll(".*\\.|;", "");
      return Pattern.compile("\\b" + name + "\\b").matcher(text).find();
    }

    private boolean isMethod(Function function) {
      boolean kept = function.manner.equals(", kept in double");
      return function.kind.equals("method") && (kept ? precision == Precision.DOUBLE : !writtenOut);
    }

    private void method(Function function) {
      writtenOut = function.manner.equals(", written out");
      if (function.called() && !isMethod(function)) {
        return;
      }
      names = new HashMap<>();
      taken.clear();
      taken.addAll(List.of("f", "from", "to", "at", "i", "size", "result"));
      function.parameters.forEach(p -> names.put(p, camel(p)));
      function.parameters.forEach(p -> taken.add(camel(p)));
      function.body.forEach(line -> taken.add(camel(line.name)));
      function.comment.forEach(line -> wrap(2, "// " + line, 100, "(?<= )(?=\\S)"));
      String name = camel(function.name);
      if (function.called()) {
        String parameters = vector + " " + String.join(", " + vector + " ", names(function));
        out.append("  private static " + vector + " " + name + "(" + parameters + ") {\n");
        indent = 4;
        statement("return " + body(function) + ";");
        out.append("  }\n\n");
      } else {
        kernel(function, name);
      }
    }

    private void kernel(Function function, String name) {
      boolean exact = tier.equals("exact");
      if (precision == Precision.DOUBLE && !exact) {
        out.append(
            """
              static void %s(long from, long to, int size) {
                from &= ADDRESS;
                to &= ADDRESS;
                for (int i = 0; i < size; i += LANES) {
                  long at = 8L * (i & Integer.MAX_VALUE);
                  DoubleVector x = DoubleVector.fromMemorySegment(DOUBLES, ALL, from + at, ORDER);
            """
                .formatted(name));
        indent = 6;
        statement(body(function) + ".intoMemorySegment(ALL, to + at, ORDER);");
        out.append("    }\n  }\n\n");
        return;
      }
      String suffix = tier.equals("all") ? "" : camel("_" + tier);
      out.append(
          """
            static void %s(long from, long to, long stride, int rows, int width) {
              from &= ADDRESS;
              to &= ADDRESS;
              stride &= STRIDE;
              for (int column = 0; column < width; column += %s) {
                for (int row = 0; row < rows; row++) {
                  long at = (column & Integer.MAX_VALUE) + (row & ROWS) * stride;
          """
              .formatted(name + suffix, exact ? "HALF_BYTES" : "BYTES"));
      indent = 8;
      if (exact) {
        statement(
            "FloatVector f = FloatVector.fromMemorySegment(HALF_FLOATS, ALL, from + at, ORDER);");
        statement("DoubleVector x = (DoubleVector) f.convertShape(F2D, DOUBLES, 0);");
        String converted =
            "(FloatVector) " + body(function) + ".convertShape(D2F, HALF_FLOATS, 0);";
        statement("FloatVector result = " + converted);
        statement("result.intoMemorySegment(ALL, to + at, ORDER);");
      } else {
        statement("FloatVector x = FloatVector.fromMemorySegment(FLOATS, ALL, from + at, ORDER);");
        statement(body(function) + ".intoMemorySegment(ALL, to + at, ORDER);");
      }
      out.append("      }\n    }\n  }\n\n");
    }

    private List<String> names(Function function) {
      return function.parameters.stream().map(FunctionSource::camel).toList();
    }

    private void statement(String text) {
      wrap(indent, text, 100, "(?=\\.[a-z])|(?<=, )");
    }

    /** Writes all but the result, which it returns. */
    private String body(Function function) {
      for (Assignment line : function.body) {
        Type type = line.name.isEmpty() ? function.result : type(line.value);
        String value = expression(line.value, type);
        if (line.name.isEmpty()) {
          return value;
        }
        names.putIfAbsent(line.name, camel(line.name));
        declare(names.get(line.name), type, value);
      }
      throw new IllegalArgumentException(function.name + " has no result");
    }

    private void declare(String name, Type type, String value) {
      types.put(name, type);
      String mask = "VectorMask<" + precision.real + ">";
      String whole = precision.whole + "Vector";
      String declared = type == Type.MASK ? mask : type == Type.INT ? whole : vector;
      statement(declared + " " + name + " = " + value + ";");
    }

    @Override
    String call(Function callee, List<Node> arguments) {
      Map<String, String> inner = new HashMap<>();
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < arguments.size(); i++) {
        String parameter = callee.parameters.get(i);
        Type type = callee.integers.contains(parameter) ? Type.INT : Type.REAL;
        String text = expression(arguments.get(i), type);
        if (!isMethod(callee) && !text.matches("\\w+")) {
          String name = free(parameter);
          declare(name, type, text);
          text = name;
        }
        texts.add(text);
        inner.put(parameter, text);
      }
      if (isMethod(callee)) {
        return camel(callee.name) + "(" + String.join(", ", texts) + ")";
      }
      for (Assignment line : callee.body) {
        if (!line.name.isEmpty()) {
          inner.put(line.name, free(line.name));
        }
      }
      Map<String, String> outer = names;
      names = inner;
      String result = body(callee);
      names = outer;
      return result;
    }

    private String free(String name) {
      String free = camel(name);
      for (int i = 2; !taken.add(free); i++) {
        free = camel(name) + i;
      }
      return free;
    }

    @Override
    String polynomial(String x, String name) {
      List<String> coefficients = polynomials.get(precision).get(name);
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < coefficients.size(); i++) {
        String value = coefficients.get(i);
        String field = NUMBERS.getOrDefault(value, name + "_" + (coefficients.size() - 1 - i));
        String coefficient = constant(value, field, Type.REAL);
        text.append(i == 0 ? coefficient : ".fma(" + x + ", " + coefficient + ")");
      }
      return text.toString();
    }

    @Override
    String constant(String value, String name, Type type) {
      if (type == Type.INT) {
        String field = NUMBERS.containsKey(value) ? name + "_BIT" : name;
        return field(field, precision == Precision.FLOAT ? value : value + "L", precision.whole);
      }
      String fraction = precision == Precision.FLOAT ? "f" : ".0";
      return field(
          name, value.matches("-?\\d+") ? value + fraction : literal(value), precision.real);
    }

    private String field(String name, String value, String kind) {
      if (known.add(name)) {
        fields.append(
            "  static final " + kind + "Vector " + name + " = constant(" + value + ");\n");
      }
      return name;
    }

    @Override
    String operation(String name, List<String> texts, Type type) {
      String first = texts.getFirst();
      String rest = String.join(", ", texts.subList(1, texts.size()));
      String asInts = ".reinterpretAs" + precision.whole + "s()";
      String asReals = ".reinterpretAs" + precision.real + "s()";
      if (METHODS.containsKey(name)) {
        return first + "." + METHODS.get(name) + "(" + rest + ")";
      } else if (COMPARISONS.containsKey(name)) {
        return first + ".compare(" + COMPARISONS.get(name) + ", " + rest + ")";
      } else if (SHIFTS.containsKey(name)) {
        return first + ".lanewise(" + SHIFTS.get(name) + ", " + rest + ")";
      }
      String cast =
          type == Type.INT ? ".cast(" + precision.whole.toUpperCase(Locale.ROOT) + "S)" : "";
      return switch (name) {
        case "?" -> texts.get(2) + ".blend(" + texts.get(1) + ", " + first + cast + ")";
        case "fma" -> first + ".fma(" + rest + ")";
        case "negate" -> first + ".neg()";
        case "abs" -> first + ".abs()";
        case "bits" -> first + asInts;
        case "real" -> first + asReals;
        case "neg_abs" -> first + asInts + ".or(" + sign() + ")" + asReals;
        case "with_sign" ->
            first + asInts + ".or(" + rest + asInts + ".and(" + sign() + "))" + asReals;
        default -> throw new IllegalArgumentException(name);
      };
    }

    private String sign() {
      String box = precision == Precision.FLOAT ? "Integer" : "Long";
      return field("SIGN", box + ".MIN_VALUE", precision.whole);
    }
  }

  private final class C extends Text {
    C(Precision precision) {
      super(precision);
    }

    String part() {
      for (Function function : functions) {
        for (String each : precision.tiers()) {
          if (function.tiers.contains(each)) {
            tier = each;
            function(function);
          }
        }
      }
      return out.toString();
    }

    private void function(Function function) {
      names = new HashMap<>();
      out.append('\n');
      if (!function.comment.isEmpty()) {
        wrap(0, "/* " + String.join(" ", function.comment) + " */", 120, "(?<= )(?=\\S)");
      }
      List<String> parameters = new ArrayList<>();
      for (String parameter : function.parameters) {
        Type type = function.integers.contains(parameter) ? Type.INT : Type.REAL;
        parameters.add(declared(parameter, type));
      }
      String head = "INLINE " + vector(function.result) + " " + name(function);
      head += "(" + String.join(", ", parameters) + ") {";
      Node result = function.body.getLast().value;
      if (function.body.size() == 1 && !result.is("poly")) {
        String line = head + " return " + expression(result, function.result) + "; }";
        if (line.length() <= 120) {
          out.append(line).append('\n');
          return;
        }
      }
      out.append(head).append('\n');
      for (Assignment line : function.body) {
        boolean last = line.name.isEmpty();
        Type type = last ? function.result : type(line.value);
        String value = line.value.is("poly") ? horner(last ? "p" : line.name, line.value) : "";
        if (last) {
          statement("return " + (value.isEmpty() ? expression(line.value, type) : value) + ";");
        } else if (value.isEmpty()) {
          value = expression(line.value, type);
          statement(declared(line.name, type) + " = " + value + ";");
        }
      }
      out.append("}\n");
    }

    private void statement(String text) {
      wrap(4, text, 120, "(?<=, )");
    }

    /** A line for each coefficient. */
    private String horner(String name, Node polynomial) {
      String x = expression(polynomial.get(0), Type.REAL);
      List<String> coefficients = polynomials.get(precision).get(polynomial.get(1).text);
      String sum = constant(coefficients.getFirst(), "", Type.REAL);
      for (String coefficient : coefficients.subList(1, coefficients.size())) {
        String next = List.of(sum, x, constant(coefficient, "", Type.REAL)).toString();
        String fma = vector(Type.REAL) + "_fma(" + next.substring(1, next.length() - 1) + ");";
        statement((sum.equals(name) ? name : declared(name, Type.REAL)) + " = " + fma);
        sum = name;
      }
      return name;
    }

    @Override
    String polynomial(String x, String name) {
      throw new IllegalArgumentException(name + " is part of an expression");
    }

    private String name(Function function) {
      String suffix = tier.equals("exact") && !function.called() ? "for_float" : "double";
      if (precision == Precision.FLOAT) {
        suffix = function.called() || tier.equals("all") ? "" : tier;
      }
      return function.name + (suffix.isEmpty() ? "" : "_" + suffix);
    }

    private String declared(String name, Type type) {
      names.put(name, name);
      types.put(name, type);
      return vector(type) + (type == Type.MASK ? "mask " : " ") + name;
    }

    private String vector(Type type) {
      return type == Type.INT ? precision.cWhole : precision.c;
    }

    @Override
    String constant(String value, String name, Type type) {
      return vector(type) + "_set(" + literal(value.equals("-0") ? "-0.0" : value) + ")";
    }

    @Override
    String call(Function callee, List<Node> arguments) {
      List<String> texts = new ArrayList<>();
      for (Node argument : arguments) {
        texts.add(expression(argument, Type.REAL));
      }
      return name(callee) + "(" + String.join(", ", texts) + ")";
    }

    /** fma(-a, b, c) and fma(a, -B, c) are one operation. */
    @Override
    String expression(Node node, Type expected) {
      if (node.is("fma")) {
        for (int i = 0; i < 2; i++) {
          if (node.get(i).is("negate")) {
            List<Node> arguments = new ArrayList<>(node.arguments);
            arguments.set(i, node.get(i).get(0));
            return super.expression(new Node("fnma", arguments), expected);
          }
        }
      }
      return super.expression(node, expected);
    }

    @Override
    String operation(String name, List<String> texts, Type type) {
      String operator = METHODS.getOrDefault(name, name);
      if (COMPARISONS.containsKey(name)) {
        operator = COMPARISONS.get(name).toLowerCase(Locale.ROOT);
      } else if (WORDS.containsKey(name)) {
        operator = WORDS.get(name);
      } else if (name.equals("real")) {
        operator = precision.real.toLowerCase(Locale.ROOT);
      }
      return vector(type) + "_" + operator + "(" + String.join(", ", texts) + ")";
    }
  }

  private static final Map<String, String> WORDS =
      Map.of("?", "select", "negate", "neg", "<<", "shl", ">>", "sar", ">>>", "shr");

  private static final String IMPORTS =
      """
      package io.github.elegans.vector;

      import static io.github.elegans.vector.Vectors.ADDRESS;
      import static io.github.elegans.vector.Vectors.ALL;
      import static io.github.elegans.vector.Vectors.BYTES;
      import static io.github.elegans.vector.Vectors.DOUBLES;
      import static io.github.elegans.vector.Vectors.FLOATS;
      import static io.github.elegans.vector.Vectors.HALF_BYTES;
      import static io.github.elegans.vector.Vectors.HALF_FLOATS;
      import static io.github.elegans.vector.Vectors.INTS;
      import static io.github.elegans.vector.Vectors.LONGS;
      import static io.github.elegans.vector.Vectors.ORDER;
      import static io.github.elegans.vector.Vectors.ROWS;
      import static io.github.elegans.vector.Vectors.STRIDE;
      import static jdk.incubator.vector.VectorOperators.ASHR;
      import static jdk.incubator.vector.VectorOperators.D2F;
      import static jdk.incubator.vector.VectorOperators.F2D;
      import static jdk.incubator.vector.VectorOperators.GE;
      import static jdk.incubator.vector.VectorOperators.GT;
      import static jdk.incubator.vector.VectorOperators.LSHL;
      import static jdk.incubator.vector.VectorOperators.LSHR;
      import static jdk.incubator.vector.VectorOperators.LT;
      import static jdk.incubator.vector.VectorOperators.NE;

      import jdk.incubator.vector.DoubleVector;
      import jdk.incubator.vector.FloatVector;
      import jdk.incubator.vector.IntVector;
      import jdk.incubator.vector.LongVector;
      import jdk.incubator.vector.VectorMask;
      """;

  private static final String FLOATS_COMMENT =
      """
      /**
       * Elementwise functions in float32: the operations of {@link
       * io.github.elegans.kernels.math.ScalarFloats}, in the same order, each in a loop of its own over
       * rows of {@code width} bytes that lie {@code stride} bytes apart; the inner loop runs down a
       * column, where rows are many.
       *
       * <p>The functions are written out in their loops, constants are vectors in static fields, and
       * helpers are few and small: where the compiler declines to inline one of our methods, because a
       * loop has grown too large or the method has been compiled on its own before, it allocates a vector
       * for every call. Compare and select stand for min and max, which have rules for NaN and -0 that
       * x86 lacks and pay for them.
       *
       * <p>Generated by FunctionSource from functions.txt.
       */
      """;

  private static final String DOUBLES_COMMENT =
      """
      /**
       * Elementwise functions in float64, and the exact tier of float32 that stands on them: the
       * operations of {@link io.github.elegans.kernels.math.ScalarDoubles}, written as {@link
       * VectorFloats} is.
       *
       * <p>Generated by FunctionSource from functions.txt.
       */
      """;

  private static final String C_HEAD =
      """
      /* Elementwise functions on vectors: the operations of ScalarFloats.java and ScalarDoubles.java, in the same order.
       * Generated by FunctionSource.java (in vector-kernels) from functions.txt. */
      #ifndef ELEGANS_FUNCTIONS_H
      #define ELEGANS_FUNCTIONS_H

      #include "simd.h"
      """;
}
