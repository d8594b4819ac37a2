/** Files: model weights in the safetensors format, and wirings. */
@NullMarked
package io.github.elegans.networks.files;

import org.jspecify.annotations.NullMarked;
