package io.github.elegans.bench.workers;

import io.github.elegans.bench.report.BenchReport.Footprint;
import io.github.elegans.bench.report.BenchReport.Reading;
import io.github.elegans.cli.measuring.WarmUp;
import io.github.elegans.networks.Network;
import io.github.elegans.networks.Session;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What a network and its sessions take of native memory, and the JVM with them of the machine's.
 */
final class FootprintTask {
  /** What the JVM must be started with, so that it counts. */
  static final String FLAG = "-XX:NativeMemoryTracking=summary";

  /** What the foreign memory API allocates. */
  private static final Pattern OTHER = Pattern.compile("Other \\(reserved=(\\d+)");

  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final int LARGE = 64;
  private static final long WARM_UP_NANOS = 20_000_000_000L;

  private FootprintTask() {}

  static Footprint run(String target, String backend) {
    Reading bare = resident();
    // What a backend allocates once is nobody's; and it must not be collected meanwhile.
    Subject first = new Subject(Subject.network(Subject.kernels(backend)));
    first.step();
    Reading before = nativeBytes();
    Network network = Subject.network(Subject.kernels(backend));
    Session one = network.session(1);
    // A network may be packed by its first session: what another takes is the session's alone.
    Reading withNetwork = nativeBytes();
    Session another = network.session(1);
    Reading withSession = nativeBytes();
    Session many = network.session(LARGE);
    try {
      Reading withMany = nativeBytes();
      Reading session = difference(withSession, withNetwork);
      Subject subject = new Subject(network);
      WarmUp.untilCompiled(subject::step, WARM_UP_NANOS);
      return new Footprint(
          target,
          Subject.TITLE,
          difference(difference(withNetwork, before), session),
          session,
          difference(withMany, withSession),
          bare,
          resident());
    } finally {
      Reference.reachabilityFence(first);
      Reference.reachabilityFence(one);
      Reference.reachabilityFence(another);
      Reference.reachabilityFence(many);
    }
  }

  private static Reading difference(Reading after, Reading before) {
    return after.known() && before.known() ? Reading.of(after.value() - before.value()) : after;
  }

  private static Reading nativeBytes() {
    try {
      Object text =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "vmNativeMemory",
                  new Object[] {new String[] {"summary", "scale=1"}},
                  new String[] {String[].class.getName()});
      Matcher other = OTHER.matcher(text.toString());
      return other.find()
          ? Reading.of((double) Long.parseLong(other.group(1)))
          : Reading.unavailable("the JVM does not count native memory");
    } catch (JMException e) {
      return Reading.unavailable("the JVM does not count native memory");
    }
  }

  private static Reading resident() {
    try {
      Matcher resident = RESIDENT.matcher(Files.readString(Path.of("/proc/self/status")));
      return resident.find()
          ? Reading.of(1024.0 * Long.parseLong(resident.group(1)))
          : Reading.unavailable("/proc/self/status does not tell it");
    } catch (IOException e) {
      return Reading.unavailable("there is no /proc/self/status");
    }
  }
}
