/* What inference and training share of the cells' gates: how states follow from heads, and derivatives of outputs. */
#ifndef ELEGANS_GATES_H
#define ELEGANS_GATES_H

#include "elementwise.h"

INLINE vf lecun_tanh_of(const int accuracy, vf x) {
    return accuracy == ELEGANS_FAST       ? lecun_tanh_fast(x)
           : accuracy == ELEGANS_ACCURATE ? lecun_tanh_accurate(x)
                                          : lecun_tanh_exact(x);
}

/* The activation of ff1 and ff2. */
INLINE vf head_of(const int activation, const int accuracy, vf x) {
    return activation == ELEGANS_TANH         ? tanh_of(accuracy, x)
           : activation == ELEGANS_LECUN_TANH ? lecun_tanh_of(accuracy, x)
                                              : x;
}

/* The next state of a CfC cell from its heads' activations and its gate. */
INLINE vf cfc_mix(const int mode, vf a, vf b, vf s) {
    return flush(mode == ELEGANS_CFC_DEFAULT ? vf_fma(s, vf_sub(b, a), a) : vf_fma(s, b, a));
}

/* exp(-dt (|w_tau| + |f|)) */
INLINE vf cfc_exponential(const int accuracy, vf minus_dt, vf rate, vf f) {
    return exp_of(accuracy, vf_mul(minus_dt, vf_add(rate, vf_abs(f))));
}

/* A - A e f */
INLINE vf cfc_decayed(vf level, vf e, vf f) { return flush(vf_fnma(vf_mul(level, e), f, level)); }

/* The next memory of an LSTM, and its next state from tanh of that. */
INLINE vf lstm_memory(vf fg, vf c, vf i, vf ig) { return flush(vf_fma(fg, c, vf_mul(i, ig))); }

INLINE vf lstm_output(vf activated, vf og) { return flush(vf_mul(activated, og)); }

/* Derivatives from outputs: ScalarActivationGradients.java. */

INLINE vf tanh_gradient(vf y) { return vf_fnma(y, y, vf_set(1)); }

INLINE vf lecun_tanh_gradient(vf y) {
    return vf_fnma(vf_mul(vf_set((float)(0.666 / 1.7159)), y), y, vf_set((float)(1.7159 * 0.666)));
}

INLINE vf sigmoid_gradient(vf y) { return vf_fnma(y, y, y); }

/* Zeros behind the units in a row, or in one gate of a row, where it is padded to a multiple of 16; units are those of its
 * last block. */
INLINE void clear_padding(float *last_block, int64_t units) {
    for (int64_t i = units; i < ELEGANS_BLOCK; i++) {
        last_block[i] = 0;
    }
}

#endif
