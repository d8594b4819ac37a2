/**
 * Closed-form continuous-time networks (CfC), with the semantics of ncps on PyTorch.
 *
 * <p>{@link io.github.elegans.networks.cfc.Cfc} is a model, a {@link
 * io.github.elegans.networks.Session} runs it.
 */
@NullMarked
package io.github.elegans.networks.cfc;

import org.jspecify.annotations.NullMarked;
