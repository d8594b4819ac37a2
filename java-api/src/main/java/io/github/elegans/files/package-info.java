/** Files that are written as a whole or not at all. Only for our own modules. */
@NullMarked
package io.github.elegans.files;

import org.jspecify.annotations.NullMarked;
