/** Messages of protocol buffers. Only for this module. */
@NullMarked
package io.github.elegans.networks.protobuf;

import org.jspecify.annotations.NullMarked;
