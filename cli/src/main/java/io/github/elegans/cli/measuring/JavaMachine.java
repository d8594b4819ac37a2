package io.github.elegans.cli.measuring;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** What this Java virtual machine tells of itself. */
public final class JavaMachine {
  private static final List<String> FLAGS =
      List.of(
          "UseAVX",
          "UseSVE",
          "UseFMA",
          "MaxVectorSize",
          "EnableVectorSupport",
          "TieredStopAtLevel",
          "UseSerialGC",
          "UseG1GC");

  private JavaMachine() {}

  /** The flags of HotSpot that decide what compiled code may use, and the collector. */
  public static List<String> flags() {
    HotSpotDiagnosticMXBean machine =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    List<String> flags = new ArrayList<>();
    for (String flag : machine == null ? List.<String>of() : FLAGS) {
      try {
        flags.add(flag + "=" + machine.getVMOption(flag).getValue());
      } catch (IllegalArgumentException e) {
        // Not on this processor, or not in this version.
      }
    }
    return flags;
  }

  /** The JVM, by name and build. */
  public static String description() {
    return "%s %s (%s)"
        .formatted(
            System.getProperty("java.vm.name"),
            Runtime.version(),
            System.getProperty("java.vendor"));
  }
}
