/**
 * Expressions as graphs, and the straight-line programs that backends run over lanes.
 *
 * <p>{@link io.github.elegans.expressions.Expr} is what users write; {@link
 * io.github.elegans.expressions.Graph} shares, simplifies, folds and differentiates it; {@link
 * io.github.elegans.expressions.Program} is its flat form of IEEE 754 operations, of which every
 * backend is a rendering with the same bits.
 */
@NullMarked
package io.github.elegans.expressions;

import org.jspecify.annotations.NullMarked;
