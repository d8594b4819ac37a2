package io.github.elegans.nativekernels;

import io.github.elegans.contract.ChildJvm;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A main class: the library in class loaders side by side and one after the other. */
public final class ClassLoaderProbe {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private ClassLoaderProbe() {}

  /** What runs in a class loader: all that keeps something for a thread or a library. */
  public static final class Work implements Runnable {
    /** Without arguments, for reflection. */
    public Work() {}

    @Override
    public void run() {
      NativeProbe.main(new String[0]);
    }
  }

  private static URLClassLoader loader() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : ChildJvm.classPath().split(Pattern.quote(File.pathSeparator), -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  private static void work(ClassLoader loader) throws Exception {
    Class<?> type = loader.loadClass(Work.class.getName());
    if (type == Work.class) {
      throw new IllegalStateException("the class is not the loader's own");
    }
    ((Runnable) type.getConstructor().newInstance()).run();
  }

  private static boolean isMapped() throws Exception {
    return Files.readString(Path.of("/proc/self/maps")).contains("libelegans.so");
  }

  /** Two at once, each of which can then go. */
  private static List<WeakReference<ClassLoader>> twoAtOnce() throws Exception {
    try (URLClassLoader one = loader();
        URLClassLoader other = loader()) {
      work(one);
      work(other);
      work(one);
      System.out.println("mapped = " + isMapped());
      return List.of(new WeakReference<>(one), new WeakReference<>(other));
    }
  }

  /** Prints what happened. */
  public static void main(String[] arguments) throws Exception {
    List<WeakReference<ClassLoader>> loaders = twoAtOnce();
    Instant end = Instant.now().plus(PATIENCE);
    while ((loaders.stream().anyMatch(l -> l.get() != null) || isMapped())
        && Instant.now().isBefore(end)) {
      System.gc();
      Thread.sleep(50);
    }
    System.out.println("loaders left = " + loaders.stream().filter(l -> l.get() != null).count());
    System.out.println("mapped afterwards = " + isMapped());
    try (URLClassLoader third = loader()) {
      work(third);
    }
  }
}
