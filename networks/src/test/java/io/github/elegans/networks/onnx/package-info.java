/** What is written as ONNX, read back. */
@NullMarked
package io.github.elegans.networks.onnx;

import org.jspecify.annotations.NullMarked;
