/**
 * The kernels: whole-layer operations on native memory, the backends that offer them, and the
 * choice among them.
 *
 * <p>Every backend gives the same bits for every kernel; {@link io.github.elegans.scalar} is the
 * definition. All memory is native and holds numbers in the byte order of the machine (a segment
 * made from a buffer does not know that of the buffer), all sizes and strides count elements (not
 * bytes), all matrices are row-major.
 */
@NullMarked
package io.github.elegans.kernels;

import org.jspecify.annotations.NullMarked;
