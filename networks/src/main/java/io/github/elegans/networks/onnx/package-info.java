/** Networks as ONNX models, for other runtimes. */
@NullMarked
package io.github.elegans.networks.onnx;

import org.jspecify.annotations.NullMarked;
