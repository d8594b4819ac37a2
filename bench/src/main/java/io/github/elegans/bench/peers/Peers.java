package io.github.elegans.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** All peers. */
public final class Peers {
  private Peers() {}

  /** Those that need nothing but the JDK and what is here anyway, and those on the class path. */
  public static List<Peer> all() {
    List<Peer> all = new ArrayList<>();
    ServiceLoader.load(Peer.class).forEach(all::add);
    all.add(new JavaLoops(JavaLoops.Functions.RATIONAL));
    all.add(new JavaLoops(JavaLoops.Functions.MATH));
    all.add(new Hipparchus());
    return all;
  }

  /** The peer of that name; throws {@link IllegalArgumentException} if there is none. */
  public static Peer named(String name) {
    return all().stream()
        .filter(peer -> peer.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown peer '%s': expected one of %s"
                        .formatted(
                            name,
                            all().stream().map(Peer::name).collect(Collectors.joining(", ")))));
  }
}
