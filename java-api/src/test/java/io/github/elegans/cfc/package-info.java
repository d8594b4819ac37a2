/** CfC networks: loading, sessions, threads. */
@NullMarked
package io.github.elegans.cfc;

import org.jspecify.annotations.NullMarked;
