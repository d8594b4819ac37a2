package io.github.elegans.cli;

import io.github.elegans.backends.InstructionSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option that caps the instruction set. */
final class InstructionSetOption {
  @Option(
      names = "--isa",
      paramLabel = "TIER",
      converter = Tier.class,
      description =
          "Cap of the instruction set: 128, v3 (or 256), v4 (or 512). By default what"
              + " -Delegans.isa says, otherwise none.")
  private @Nullable InstructionSet cap;

  /** Reads a tier by its label or width. */
  static final class Tier implements ITypeConverter<InstructionSet> {
    @Override
    public InstructionSet convert(String value) {
      try {
        return InstructionSet.of(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /**
   * Makes the option the process's choice. To be called before the backends are first asked for:
   * they read it but once.
   */
  void apply() {
    if (cap != null) {
      System.setProperty(InstructionSet.PROPERTY, cap.label());
    }
  }
}
