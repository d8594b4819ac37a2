/** A backend as somebody else would write it. */
@NullMarked
package io.github.elegans.example;

import org.jspecify.annotations.NullMarked;
