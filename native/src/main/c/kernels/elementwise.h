/*
 * Elementwise functions as kernels use them: those of functions.h, the exact tier, and what cells need. The
 * definitions, with accuracy and sources, are in ScalarFloats.java and ScalarDoubles.java.
 */
#ifndef ELEGANS_ELEMENTWISE_H
#define ELEGANS_ELEMENTWISE_H

#include "elegans.h"
#include "functions.h"

/* The float32 function that rounds a float64 one once. */
#define EXACT(name)                                                                                                    \
    INLINE vf name##_exact(vf x) { return vd_join(name##_for_float(vf_low(x)), name##_for_float(vf_high(x))); }

EXACT(exp)
EXACT(tanh)
EXACT(sigmoid)
EXACT(lecun_tanh)
EXACT(silu)
EXACT(gelu)
EXACT(gelu_tanh)
EXACT(softplus)

/* For cells. */

/* States below this in magnitude become 0, which keeps subnormals out of the recurrence. */
#define FLUSH 0x1p-100f

INLINE vf flush(vf h) { return vf_select(vf_lt(vf_abs(h), vf_set(FLUSH)), vf_set(0), h); }

INLINE vf tanh_of(const int accuracy, vf x) {
    return accuracy == ELEGANS_FAST ? tanh_fast(x) : accuracy == ELEGANS_ACCURATE ? tanh_accurate(x) : tanh_exact(x);
}

INLINE vf sigmoid_of(const int accuracy, vf x) {
    return accuracy == ELEGANS_FAST       ? sigmoid_fast(x)
           : accuracy == ELEGANS_ACCURATE ? sigmoid_accurate(x)
                                          : sigmoid_exact(x);
}

INLINE vf exp_of(const int accuracy, vf x) { return accuracy == ELEGANS_EXACT ? exp_exact(x) : exp_accurate(x); }

#endif
