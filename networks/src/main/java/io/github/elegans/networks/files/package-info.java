/** Files: model weights in the safetensors format, and graphs in that of ONNX. */
@NullMarked
package io.github.elegans.networks.files;

import org.jspecify.annotations.NullMarked;
