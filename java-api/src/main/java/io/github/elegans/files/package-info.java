/** Files: model weights in the safetensors format. */
@NullMarked
package io.github.elegans.files;

import org.jspecify.annotations.NullMarked;
