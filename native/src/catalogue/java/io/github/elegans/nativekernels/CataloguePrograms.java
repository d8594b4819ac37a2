package io.github.elegans.nativekernels;

import io.github.elegans.expressions.Program;
import io.github.elegans.ode.Method;
import io.github.elegans.ode.OdeSystem;
import io.github.elegans.ode.Solver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes the C of solvers of the systems that come with the library: the build compiles it into the
 * C library, so that these solvers need no compiler and no wait.
 */
final class CataloguePrograms {
  /** Longer ones take the build too long, and are compiled where they are used. */
  private static final int MOST_OPERATIONS = 10_000;

  private CataloguePrograms() {}

  /**
   * Writes a file for each system.
   *
   * @param arguments the folder
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    Set<String> written = new HashSet<>();
    for (String name : OdeSystem.CATALOGUE) {
      // Systems that differ in numbers of parameters only have the same programs.
      List<ProgramText> texts =
          programs(OdeSystem.named(name)).stream()
              .flatMap(CataloguePrograms::texts)
              .filter(text -> written.add(text.name()))
              .toList();
      String text = texts.isEmpty() ? "typedef int empty;\n" : ProgramText.together(texts);
      Path file = folder.resolve(name + ".c");
      // What has not changed is not compiled again.
      if (!Files.exists(file) || !Files.readString(file).equals(text)) {
        Files.writeString(file, text);
      }
    }
  }

  /** For as many lanes as is fastest; what runs for long, for one vector, too. */
  private static Stream<ProgramText> texts(Program program) {
    Stream<ProgramText> many = Stream.of(ProgramText.of(program));
    return program.attention() < 0
        ? many
        : Stream.concat(many, Stream.of(ProgramText.of(program, 1)));
  }

  /** What the library has of a system. */
  static List<Program> programs(OdeSystem system) {
    return solvers(system).stream()
        .flatMap(solver -> solver.programs().stream())
        .filter(program -> program.size() <= MOST_OPERATIONS)
        .toList();
  }

  /** Solvers of a system: the one to try first, the one for stiff systems, and that of cells. */
  private static List<Solver> solvers(OdeSystem system) {
    List<Solver> solvers = new ArrayList<>();
    solvers.add(Solver.of(system).method(Method.TSIT5).build());
    solvers.add(Solver.of(system).method(Method.RODAS5P).build());
    if (system.states().stream().anyMatch(OdeSystem.State::gate)) {
      solvers.add(Solver.of(system).method(Method.RUSH_LARSEN).fixedStep(0.01).build());
    }
    return solvers;
  }
}
