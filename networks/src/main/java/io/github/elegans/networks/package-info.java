/**
 * Recurrent networks of any kind at work on batches: sessions, and what they are put together from.
 */
@NullMarked
package io.github.elegans.networks;

import org.jspecify.annotations.NullMarked;
