package io.github.elegans.cli;

/**
 * A command of another jar, with picocli's annotations. Found by {@link java.util.ServiceLoader},
 * so that the command line can be built and used without what the command needs.
 */
public interface FurtherCommand {}
