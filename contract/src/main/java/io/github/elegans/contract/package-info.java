/**
 * What every backend is held to: the bits of the scalar backend, whatever the shape, the values,
 * the place in memory and the way in which the work is cut into calls; and a border that refuses
 * bad arguments before anything is written.
 *
 * <p>A backend's test extends {@link io.github.elegans.contract.BackendContract}, which has all
 * parts, or single parts of it, such as {@link io.github.elegans.contract.DenseContract}, each with
 * nothing but the kernels to test. {@code -Delegans.test.small=true} cuts the tables to what an
 * interpreter can do; {@code -Delegans.test.seed=…} repeats the random cases of a run that failed.
 */
@NullMarked
package io.github.elegans.contract;

import org.jspecify.annotations.NullMarked;
