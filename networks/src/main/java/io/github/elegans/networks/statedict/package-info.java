/** Parameters by name, as frameworks save them. Only for this module. */
@NullMarked
package io.github.elegans.networks.statedict;

import org.jspecify.annotations.NullMarked;
