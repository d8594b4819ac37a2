package io.github.elegans.networks.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.elegans.backends.Backends;
import io.github.elegans.backends.Kernels;
import io.github.elegans.kernels.cfc.CfcMode;
import io.github.elegans.kernels.math.Accuracy;
import io.github.elegans.kernels.math.Activation;
import io.github.elegans.networks.Bidirectional;
import io.github.elegans.networks.Cell;
import io.github.elegans.networks.Floats;
import io.github.elegans.networks.KeyedSession;
import io.github.elegans.networks.MaskedCfc;
import io.github.elegans.networks.MixedMemory;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.ProjectedCell;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Stack;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.cfc.CfcConfiguration;
import io.github.elegans.networks.cfc.CfcDialect;
import io.github.elegans.networks.cfc.WiredCfc;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.ltc.Ltc;
import io.github.elegans.networks.ltc.LtcConfiguration;
import io.github.elegans.networks.recurrent.RecurrentNetwork;
import io.github.elegans.networks.recurrent.RecurrentNetworkTest;
import io.github.elegans.networks.training.DataParallelTraining;
import io.github.elegans.networks.training.GradientSession;
import io.github.elegans.networks.training.Optimiser;
import io.github.elegans.networks.training.Sequences;
import io.github.elegans.networks.training.Training;
import io.github.elegans.networks.training.TrainingListener;
import io.github.elegans.networks.wiring.Wiring;
import io.github.elegans.networks.wiring.WiringPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every public method is called with null for one parameter after the other, and with something for
 * the others: it throws, and names the parameter. Where something else is wrong first, that counts.
 */
class NullArgumentsTest {
  private static final List<String> PACKAGES =
      List.of(
          "networks",
          "networks.cfc",
          "networks.ltc",
          "networks.models",
          "networks.onnx",
          "networks.recurrent",
          "networks.training",
          "networks.wiring");

  private static final Set<String> BY_COMPILER = Set.of("equals", "valueOf");

  /** Parts of cells, whose arguments a session has checked, and what training calls. */
  private static final Set<Class<?>> UNMADE =
      Set.of(Cell.Batch.class, MixedMemory.class, ProjectedCell.class, TrainingListener.class);

  private static final Map<Class<?>, Supplier<Object>> SAMPLES = new HashMap<>();

  private static <T> void sample(Class<T> type, Supplier<? extends T> supplier) {
    SAMPLES.put(type, supplier::get);
  }

  static {
    Kernels kernels = Backends.get();
    Wiring wiring = new WiringPlan.AutoNcp(12, 4).build(4);
    Cfc cfc = Cfc.initialised(CfcConfiguration.of(4, 4), 1);
    sample(String.class, () -> "name");
    sample(Object.class, Object::new);
    sample(Path.class, () -> Path.of("nowhere"));
    sample(Duration.class, () -> Duration.ofMillis(1));
    sample(List.class, ArrayList::new);
    sample(Map.class, HashMap::new);
    sample(Runnable.class, () -> () -> {});
    sample(MemorySegment.class, () -> Arena.ofAuto().allocate(64, 64));
    sample(Kernels.class, () -> kernels);
    sample(
        Safetensors.class,
        () -> Safetensors.read("empty", new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '}'}));
    sample(CfcConfiguration.class, () -> CfcConfiguration.of(4, 4));
    sample(LtcConfiguration.class, () -> LtcConfiguration.of(4, 12, 4));
    sample(Wiring.class, () -> wiring);
    sample(Wiring.Builder.class, () -> Wiring.builder(1, 2, 1));
    sample(Cfc.class, () -> cfc);
    sample(Network.class, () -> cfc);
    sample(
        DataParallelTraining.class,
        () -> Training.of(cfc).dataParallel(Sequences.perStep(1, 1, new float[4], new float[4])));
    sample(KeyedSession.class, () -> KeyedSession.builder(cfc, 2).build());
    sample(Ltc.class, () -> Ltc.initialised(wiring, 1));
    sample(
        WiredCfc.class,
        () -> WiredCfc.initialised(4, wiring, CfcMode.DEFAULT, false, CfcDialect.NCPS_TORCH, 1));
    sample(Stack.class, () -> Stack.of(cfc, cfc));
    sample(Bidirectional.class, () -> new Bidirectional(cfc, cfc, Bidirectional.Merge.SUM));
    sample(MaskedCfc.class, () -> new MaskedCfc(cfc, 2));
    sample(Session.class, () -> cfc.session(2));
    sample(Floats.class, () -> Floats.of(new float[8]));
    sample(
        RecurrentNetwork.class, () -> RecurrentNetworkTest.network(RecurrentNetwork.Kind.CT_RNN));
    sample(PrintWriter.class, () -> new PrintWriter(Writer.nullWriter()));
    sample(GradientSession.class, () -> GradientSession.of(cfc));
    sample(GradientSession.Builder.class, () -> GradientSession.builder(cfc));
    sample(Sequences.class, () -> Sequences.perStep(1, 1, new float[4], new float[4]));
    sample(Optimiser.class, Optimiser::adam);
    sample(Activation.class, () -> Activation.TANH);
    sample(Accuracy.class, () -> Accuracy.ACCURATE);
  }

  private static @Nullable Object sample(Class<?> type) {
    if (SAMPLES.containsKey(type)) {
      return SAMPLES.get(type).get();
    } else if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), 0);
    } else if (type.isPrimitive()) {
      return Array.get(Array.newInstance(type, 1), 0);
    } else if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    // Whatever makes one of samples.
    return Stream.concat(
            Arrays.stream(type.getConstructors()),
            Stream.concat(
                Arrays.stream(type.getMethods())
                    .filter(m -> Modifier.isStatic(m.getModifiers()) && m.getReturnType() == type),
                SAMPLES.keySet().stream()
                    .flatMap(owner -> Arrays.stream(owner.getMethods()))
                    .filter(
                        m -> m.getReturnType() == type && !Modifier.isStatic(m.getModifiers()))))
        .map(NullArgumentsTest::made)
        .filter(made -> made != null)
        .findFirst()
        .orElse(null);
  }

  private static @Nullable Object made(Executable maker) {
    try {
      Object[] arguments =
          Arrays.stream(maker.getParameterTypes())
              .map(
                  type ->
                      type == int.class
                          ? (Object) 4
                          : SAMPLES.containsKey(type)
                                  || type.isEnum()
                                  || type.isPrimitive()
                                  || type.isArray()
                              ? sample(type)
                              : null)
              .toArray();
      return maker instanceof Constructor<?> constructor
          ? constructor.newInstance(arguments)
          : ((Method) maker)
              .invoke(
                  Modifier.isStatic(maker.getModifiers())
                      ? null
                      : sample(maker.getDeclaringClass()),
                  arguments);
    } catch (ReflectiveOperationException | IllegalArgumentException | NullPointerException e) {
      return null;
    }
  }

  private static List<Class<?>> classes(String name) throws IOException, URISyntaxException {
    URI classes = Network.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    try (Stream<Path> files =
        Files.list(Path.of(classes).resolve("io/github/elegans/" + name.replace('.', '/')))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".class") && !file.equals("package-info.class"))
          .sorted()
          .<Class<?>>map(
              file -> named("io.github.elegans." + name + "." + file.replace(".class", "")))
          .filter(NullArgumentsTest::isPublic)
          .toList();
    }
  }

  private static Class<?> named(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isPublic(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return Modifier.isPublic(type.getModifiers())
        && !type.isAnonymousClass()
        && (outer == null || isPublic(outer));
  }

  @TestFactory
  Stream<DynamicTest> everyPublicMethodNamesTheParameterThatIsNull() {
    return PACKAGES.stream()
        .map(
            name ->
                dynamicTest(
                    name,
                    () -> {
                      List<String> wrong = new ArrayList<>();
                      int calls = 0;
                      for (Class<?> type : classes(name)) {
                        for (Constructor<?> constructor : type.getConstructors()) {
                          calls += check(constructor, wrong);
                        }
                        for (Method method : type.getDeclaredMethods()) {
                          if (Modifier.isPublic(method.getModifiers())
                              && !method.isSynthetic()
                              && !BY_COMPILER.contains(method.getName())
                              && !Modifier.isAbstract(method.getModifiers())) {
                            calls += check(method, wrong);
                          }
                        }
                      }
                      assertThat(calls).isPositive();
                      assertThat(wrong).isEmpty();
                    }));
  }

  private static int check(Executable call, List<String> wrong) {
    Parameter[] parameters = call.getParameters();
    int calls = 0;
    for (int i = 0; i < parameters.length; i++) {
      if (parameters[i].getType().isPrimitive() || mayBeNull(call, i)) {
        continue;
      }
      Object receiver = null;
      if (call instanceof Method && !Modifier.isStatic(call.getModifiers())) {
        receiver = sample(call.getDeclaringClass());
        if (receiver == null) {
          if (!UNMADE.contains(call.getDeclaringClass())) {
            wrong.add("nothing to call " + call);
          }
          return calls;
        }
      }
      Object[] arguments =
          Arrays.stream(call.getParameterTypes()).map(NullArgumentsTest::sample).toArray();
      for (Object without : withoutElement(parameters[i].getType())) {
        arguments[i] = without;
        calls++;
        String fault = fault(call, receiver, arguments, parameters[i]);
        if (fault != null) {
          wrong.add("%s of %s, %s: %s".formatted(parameters[i].getName(), call, without, fault));
        }
      }
    }
    return calls;
  }

  /** A compact constructor's parameters have lost what their components are annotated with. */
  private static boolean mayBeNull(Executable call, int parameter) {
    Class<?> type = call.getDeclaringClass();
    AnnotatedType annotated = call.getAnnotatedParameterTypes()[parameter];
    RecordComponent[] components = type.getRecordComponents();
    if (call instanceof Constructor<?>
        && components != null
        && components.length == call.getParameterCount()) {
      annotated = components[parameter].getAnnotatedType();
    }
    return annotated.isAnnotationPresent(Nullable.class);
  }

  /** Null, and what has null in it. */
  private static List<@Nullable Object> withoutElement(Class<?> type) {
    List<@Nullable Object> all = new ArrayList<>();
    all.add(null);
    if (type.isArray() && !type.getComponentType().isPrimitive()) {
      all.add(Array.newInstance(type.getComponentType(), 2));
    } else if (type == List.class) {
      all.add(Arrays.asList(null, null));
    }
    return all;
  }

  /** Whether a message says which parameter it is: by its name, or by what it is for. */
  private static boolean names(String message, Parameter parameter) {
    String name = parameter.getName().replaceFirst("^new(?=[A-Z])", "");
    String type = parameter.getType().getSimpleName();
    String said = message.toLowerCase(Locale.ROOT);
    return parameter.getDeclaringExecutable().getDeclaringClass() == Cell.class
        || Stream.of(name, type)
            .map(word -> word.toLowerCase(Locale.ROOT))
            .anyMatch(word -> said.contains(word) || word.contains(said));
  }

  private static @Nullable String fault(
      Executable call, @Nullable Object receiver, Object[] arguments, Parameter parameter) {
    try {
      if (call instanceof Constructor<?> constructor) {
        constructor.newInstance(arguments);
      } else {
        ((Method) call).invoke(receiver, arguments);
      }
      return "accepted";
    } catch (InvocationTargetException e) {
      Throwable thrown = e.getTargetException();
      String message = thrown.getMessage();
      boolean other =
          thrown instanceof IllegalArgumentException
              || thrown instanceof IOException
              || thrown instanceof UncheckedIOException;
      // There may be no sample of another parameter, which is null, too.
      boolean named =
          message != null
              && IntStream.range(0, arguments.length)
                  .filter(i -> arguments[i] == null || call.getParameters()[i].equals(parameter))
                  .anyMatch(i -> names(message, call.getParameters()[i]));
      return other || named ? null : thrown.toString();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(call.toString(), e);
    }
  }
}
