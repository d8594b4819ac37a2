/** CfC networks: loading, sessions, threads. */
@NullMarked
package io.github.elegans.networks.cfc;

import org.jspecify.annotations.NullMarked;
