/** Hipparchus solves our systems, and our solver serves Hipparchus: each is the other's oracle. */
@NullMarked
package io.github.elegans.integration.hipparchus;

import org.jspecify.annotations.NullMarked;
