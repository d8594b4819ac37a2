package io.github.elegans.integration;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameStartingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.Set;
import java.util.stream.Stream;

/** Over the class files of all modules, without their tests. */
@AnalyzeClasses(packages = "io.github.elegans", importOptions = ArchitectureTest.WithoutTests.class)
class ArchitectureTest {
  private static final String VECTOR = "io.github.elegans.vector..";
  private static final String NATIVE = "io.github.elegans.nativekernels..";
  private static final String GENERATED = "io.github.elegans.nativekernels.bindings..";
  private static final String KERNELS = "io.github.elegans.kernels..";
  private static final String NETWORKS = "io.github.elegans.networks..";
  private static final String ODE = "io.github.elegans.ode..";
  private static final String CLI = "io.github.elegans.cli..";
  private static final String BENCH = "io.github.elegans.bench..";

  /** Those that the build has without a profile. */
  private static final String[] ADAPTERS = {
    "io.github.elegans.djl..", "io.github.elegans.hipparchus..", "io.github.elegans.orekit.."
  };

  /** The packages of the module java-api. */
  private static final String[] API = {
    KERNELS,
    "io.github.elegans.backends..",
    "io.github.elegans.checks..",
    "io.github.elegans.expressions..",
    "io.github.elegans.files..",
    "io.github.elegans.memory..",
    "io.github.elegans.threads.."
  };

  /** Libraries: what users have on their class path. */
  private static final String[] LIBRARIES =
      Stream.of(API, new String[] {NETWORKS, ODE, VECTOR, NATIVE}, ADAPTERS)
          .flatMap(Stream::of)
          .toArray(String[]::new);

  private static String[] apiAnd(String... packages) {
    return Stream.concat(Stream.of(API), Stream.of(packages)).toArray(String[]::new);
  }

  /** What depends on such packages, the annotations for null, and the base module only. */
  private static ArchRule onlyKnows(String[] packages, String[] known) {
    return classes()
        .that()
        .resideInAnyPackage(packages)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(known)
                .or(resideInAnyPackage("org.jspecify.annotations"))
                .or(describe("are in java.base", ArchitectureTest::isInBaseModule)));
  }

  /** Everything whose results other libraries or versions of the JDK might change. */
  private static final Set<String> INEXACT =
      Set.of(
          "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "exp",
          "expm1", "log", "log10", "log1p", "pow", "cbrt", "hypot");

  /** Operations of the Vector API whose results depend on the species or on the compiler. */
  private static final Set<String> INEXACT_LANEWISE =
      Set.of(
          "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "ATAN2", "SINH", "COSH", "TANH", "EXP",
          "EXPM1", "LOG", "LOG10", "LOG1P", "POW", "CBRT", "HYPOT");

  /** Leaves out classes of tests, compiled or packed, and the contract. */
  static final class WithoutTests implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/")
          && !location.contains("-tests.jar")
          && !location.contains("/io/github/elegans/contract/");
    }
  }

  @ArchTest
  static void allModulesAreLookedAt(JavaClasses all) {
    for (String name :
        new String[] {
          "backends.Kernels",
          "kernels.math.ScalarMath",
          "expressions.Program",
          "threads.ThreadTeam",
          "networks.Session",
          "networks.cfc.Cfc",
          "ode.Solver",
          "vector.VectorProvider",
          "nativekernels.NativeProvider",
          "djl.ElegansEngine",
          "hipparchus.ElegansIntegrator",
          "orekit.SatelliteEnsemble",
          "cli.Main",
          "bench.BenchCommand"
        }) {
      assertThat(all.contain("io.github.elegans." + name)).as(name).isTrue();
    }
    assertThat(all.stream().map(JavaClass::getPackageName))
        .doesNotContain("io.github.elegans.contract");
  }

  @ArchTest
  static final ArchRule ONLY_VECTOR_TOUCHES_THE_VECTOR_API =
      noClasses()
          .that()
          .resideOutsideOfPackage(VECTOR)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jdk.incubator..");

  @ArchTest
  static final ArchRule ONLY_NATIVE_TOUCHES_THE_LINKER =
      noClasses()
          .that()
          .resideOutsideOfPackage(NATIVE)
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              Linker.class, Linker.Option.class, SymbolLookup.class, FunctionDescriptor.class);

  @ArchTest static final ArchRule API_KNOWS_NOTHING_BUT_THE_BASE_MODULE = onlyKnows(API, API);

  @ArchTest
  static final ArchRule NETWORKS_KNOW_THE_API_ONLY =
      onlyKnows(new String[] {NETWORKS}, apiAnd(NETWORKS));

  @ArchTest
  static final ArchRule EQUATIONS_KNOW_THE_API_ONLY = onlyKnows(new String[] {ODE}, apiAnd(ODE));

  @ArchTest
  static final ArchRule BACKENDS_KNOW_THE_API_ONLY =
      noClasses()
          .that()
          .resideInAnyPackage(VECTOR, NATIVE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(NETWORKS, ODE);

  /** The definition may serve it, for what remains of an array. */
  @ArchTest
  static final ArchRule VECTOR_DOES_NOT_KNOW_NATIVE =
      noClasses()
          .that()
          .resideInAPackage(VECTOR)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(NATIVE);

  @ArchTest
  static final ArchRule NATIVE_DOES_NOT_KNOW_VECTOR =
      noClasses()
          .that()
          .resideInAPackage(NATIVE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(VECTOR);

  @ArchTest
  static final ArchRule NOBODY_KNOWS_THE_ADAPTERS =
      noClasses()
          .that()
          .resideOutsideOfPackages(ADAPTERS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ADAPTERS);

  @ArchTest
  static final ArchRule ADAPTERS_KNOW_NO_BACKEND =
      noClasses()
          .that()
          .resideInAnyPackage(ADAPTERS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(VECTOR, NATIVE);

  @ArchTest
  static final ArchRule NOBODY_KNOWS_THE_BENCHMARKS =
      noClasses()
          .that()
          .resideOutsideOfPackage(BENCH)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(BENCH);

  @ArchTest
  static final ArchRule NO_LIBRARY_KNOWS_THE_COMMAND_LINE =
      noClasses()
          .that()
          .resideInAnyPackage(LIBRARIES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CLI);

  @ArchTest
  static final ArchRule MODELS_KNOW_NO_BACKEND =
      noClasses()
          .that()
          .resideInAnyPackage(NETWORKS, ODE)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(VECTOR, NATIVE)
                  .or(resideInAnyPackage(KERNELS).and(simpleNameStartingWith("Scalar"))));

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("io.github.elegans.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule NO_RESULT_COMES_FROM_THE_MATH_LIBRARY =
      noClasses()
          .that()
          .resideOutsideOfPackages(CLI, BENCH)
          .should()
          .accessTargetWhere(
              describe("is an elementary function of Math", access -> isInexact(access, "Math")));

  /** Models may take it for parameters: its results are defined to the bit. */
  @ArchTest
  static final ArchRule NO_KERNEL_USES_STRICT_MATH =
      noClasses()
          .that()
          .resideInAnyPackage(KERNELS, VECTOR, NATIVE)
          // They derive what kernels are given, once, in double precision.
          .and()
          .doNotHaveSimpleName("LtcParameterLayout")
          .and()
          .doNotHaveSimpleName("OptimiserStep")
          .should()
          .accessTargetWhere(
              describe(
                  "is an elementary function of StrictMath",
                  access -> isInexact(access, "StrictMath")));

  @ArchTest
  static final ArchRule NO_RESULT_COMES_FROM_LANEWISE_FUNCTIONS =
      noClasses()
          .that()
          .resideInAPackage(VECTOR)
          .should()
          .accessTargetWhere(
              describe(
                  "is an elementary function of the Vector API",
                  access ->
                      isOf(access, Set.of("jdk.incubator.vector.VectorOperators"))
                          && INEXACT_LANEWISE.contains(access.getTarget().getName())));

  /** But for the yardstick, which has no result. */
  @ArchTest
  static final ArchRule NOBODY_REDUCES_ACROSS_LANES =
      noClasses()
          .that()
          .resideInAPackage(VECTOR)
          .and()
          .doNotHaveSimpleName("VectorRoofline")
          .should()
          .accessTargetWhere(
              describe(
                  "reduces lanes",
                  access ->
                      access.getTargetOwner().getPackageName().equals("jdk.incubator.vector")
                          && access.getTarget().getName().startsWith("reduceLanes")));

  @ArchTest
  static final ArchRule NO_CALL_STOPS_THE_COLLECTOR =
      noClasses()
          .should()
          .accessTargetWhere(
              describe(
                  "is Linker.Option.critical or isTrivial",
                  access ->
                      isOf(access, Set.of("java.lang.foreign.Linker$Option"))
                          && access.getTarget().getName().matches("critical|isTrivial")));

  @ArchTest
  static final ArchRule NO_CALL_COMES_BACK_FROM_NATIVE_CODE =
      noClasses()
          .should()
          .accessTargetWhere(
              describe(
                  "makes an upcall stub",
                  access ->
                      isOf(access, Set.of("java.lang.foreign.Linker"))
                          && access.getTarget().getName().equals("upcallStub")));

  @ArchTest
  static final ArchRule NOBODY_SETS_SYSTEM_PROPERTIES =
      noClasses()
          .that()
          .resideOutsideOfPackages(CLI, BENCH)
          .should()
          .accessTargetWhere(
              describe(
                  "is System.setProperty",
                  access ->
                      isOf(access, Set.of("java.lang.System"))
                          && access.getTarget().getName().startsWith("setPropert")));

  @ArchTest
  static final ArchRule LIBRARIES_DO_NOT_PRINT =
      noClasses()
          .that()
          .resideOutsideOfPackages(CLI, BENCH, GENERATED)
          .should()
          .accessTargetWhere(
              describe(
                  "is a stream of System",
                  access ->
                      isOf(access, Set.of("java.lang.System"))
                          && access.getTarget().getName().matches("out|err")));

  private static boolean isInexact(JavaAccess<?> access, String owner) {
    return isOf(access, Set.of("java.lang." + owner))
        && INEXACT.contains(access.getTarget().getName());
  }

  private static boolean isOf(JavaAccess<?> access, Set<String> owners) {
    return owners.contains(access.getTargetOwner().getName());
  }

  private static boolean isInBaseModule(JavaClass type) {
    JavaClass element = type.getBaseComponentType();
    return element.isPrimitive()
        || Object.class.getModule().getPackages().contains(element.getPackageName());
  }
}
