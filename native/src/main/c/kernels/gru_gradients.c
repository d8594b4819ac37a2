/* Gates of gated recurrent units and their derivatives: ScalarGruGradients.java, in the same order. */
#include "gates.h"
#include "kernels.h"

#define B ELEGANS_BLOCK

/* gates[r][block][r | z][16] */
INLINE void step(const int accuracy, float *gates, int64_t gates_stride, float *input, const float *recurrent,
                 const float *h, float *next, int64_t stride, int64_t units, int64_t rows) {
    for (int64_t row = 0; row < rows; row++) {
        float *gate = gates + row * gates_stride;
        for (int64_t unit = 0; unit < units; unit += B, gate += 2 * B) {
            for (int64_t i = 0; i < B; i += LANES) {
                int64_t at = row * stride + unit + i;
                vf r = sigmoid_of(accuracy, vf_load(gate + i));
                vf z = sigmoid_of(accuracy, vf_load(gate + B + i));
                vf n = tanh_of(accuracy, vf_fma(r, vf_load(recurrent + at), vf_load(input + at)));
                vf_store(gate + i, r);
                vf_store(gate + B + i, z);
                vf_store(input + at, n);
                vf_store(next + at, vf_fma(z, vf_sub(vf_load(h + at), n), n));
            }
        }
    }
}

#define STEP(accuracy) step(accuracy, gates, gates_stride, input, recurrent, h, next, stride, units, rows)

int32_t TIERED(gru_gates)(int32_t accuracy, float *gates, int64_t gates_stride, float *input, const float *recurrent,
                          const float *h, float *next, int64_t stride, int64_t units, int64_t rows) {
    REQUIRE(valid_function(ELEGANS_SIGMOID, accuracy) && units > 0 && rows >= 0)
    switch (accuracy) {
    case ELEGANS_FAST: STEP(ELEGANS_FAST); break;
    case ELEGANS_ACCURATE: STEP(ELEGANS_ACCURATE); break;
    default: STEP(ELEGANS_EXACT); break;
    }
    return ELEGANS_OK;
}

int32_t TIERED(gru_gates_backward)(float *gates, int64_t gates_stride, float *input, float *recurrent, const float *h,
                                   float *upstream, int64_t stride, int64_t units, int64_t rows) {
    REQUIRE(units > 0 && rows >= 0)
    int64_t whole = units / B * B;
    for (int64_t row = 0; row < rows; row++) {
        float *gate = gates + row * gates_stride;
        for (int64_t unit = 0; unit < units; unit += B, gate += 2 * B) {
            for (int64_t i = 0; i < B; i += LANES) {
                int64_t at = row * stride + unit + i;
                vf r = vf_load(gate + i);
                vf z = vf_load(gate + B + i);
                vf n = vf_load(input + at);
                vf l = vf_load(upstream + at);
                vf direct = flush(vf_mul(l, z));
                vf dn = flush(vf_mul(vf_sub(l, direct), tanh_gradient(n)));
                vf_store(gate + i, flush(vf_mul(vf_mul(dn, vf_load(recurrent + at)), sigmoid_gradient(r))));
                vf_store(gate + B + i, flush(vf_mul(vf_mul(l, vf_sub(vf_load(h + at), n)), sigmoid_gradient(z))));
                vf_store(input + at, dn);
                vf_store(recurrent + at, flush(vf_mul(dn, r)));
                vf_store(upstream + at, direct);
            }
        }
        if (whole < units) {
            int64_t last = row * stride + whole;
            clear_padding(gate - B, units - whole);
            clear_padding(gate - 2 * B, units - whole);
            clear_padding(input + last, units - whole);
            clear_padding(recurrent + last, units - whole);
            clear_padding(upstream + last, units - whole);
        }
    }
    return ELEGANS_OK;
}
