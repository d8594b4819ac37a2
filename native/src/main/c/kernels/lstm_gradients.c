/* Gates of long short-term memory and their derivatives: ScalarLstmGradients.java, in the same order. */
#include "gates.h"
#include "kernels.h"

#define B ELEGANS_BLOCK

/* gates[r][block][i | ig | fg | og][16] */
INLINE void step(const int accuracy, float *gates, int64_t gates_stride, const float *c, float *next,
                 float *activated, float *h, int64_t stride, int64_t units, int64_t rows) {
    for (int64_t r = 0; r < rows; r++) {
        float *gate = gates + r * gates_stride;
        for (int64_t unit = 0; unit < units; unit += B, gate += 4 * B) {
            for (int64_t i = 0; i < B; i += LANES) {
                int64_t at = r * stride + unit + i;
                vf x = tanh_of(accuracy, vf_load(gate + i));
                vf ig = sigmoid_of(accuracy, vf_load(gate + B + i));
                vf fg = sigmoid_of(accuracy, vf_load(gate + 2 * B + i));
                vf og = sigmoid_of(accuracy, vf_load(gate + 3 * B + i));
                vf memory = lstm_memory(fg, vf_load(c + at), x, ig);
                vf u = tanh_of(accuracy, memory);
                vf_store(gate + i, x);
                vf_store(gate + B + i, ig);
                vf_store(gate + 2 * B + i, fg);
                vf_store(gate + 3 * B + i, og);
                vf_store(next + at, memory);
                vf_store(activated + at, u);
                vf_store(h + at, lstm_output(u, og));
            }
        }
    }
}

#define STEP(accuracy) step(accuracy, gates, gates_stride, c, next, activated, h, stride, units, rows)

int32_t TIERED(lstm_gates)(int32_t accuracy, float *gates, int64_t gates_stride, const float *c, float *next,
                           float *activated, float *h, int64_t stride, int64_t units, int64_t rows) {
    REQUIRE(valid_function(ELEGANS_SIGMOID, accuracy) && units > 0 && rows >= 0)
    switch (accuracy) {
    case ELEGANS_FAST: STEP(ELEGANS_FAST); break;
    case ELEGANS_ACCURATE: STEP(ELEGANS_ACCURATE); break;
    default: STEP(ELEGANS_EXACT); break;
    }
    return ELEGANS_OK;
}

int32_t TIERED(lstm_gates_backward)(float *gates, int64_t gates_stride, const float *c, const float *activated,
                                    const float *upstream, float *memory_gradients, int64_t stride, int64_t units,
                                    int64_t rows) {
    REQUIRE(units > 0 && rows >= 0)
    int64_t whole = units / B * B;
    for (int64_t r = 0; r < rows; r++) {
        float *gate = gates + r * gates_stride;
        for (int64_t unit = 0; unit < units; unit += B, gate += 4 * B) {
            for (int64_t i = 0; i < B; i += LANES) {
                int64_t at = r * stride + unit + i;
                vf x = vf_load(gate + i);
                vf ig = vf_load(gate + B + i);
                vf fg = vf_load(gate + 2 * B + i);
                vf og = vf_load(gate + 3 * B + i);
                vf u = vf_load(activated + at);
                vf l = vf_load(upstream + at);
                vf dc = vf_fma(vf_mul(l, og), tanh_gradient(u), vf_load(memory_gradients + at));
                vf_store(gate + i, flush(vf_mul(vf_mul(dc, ig), tanh_gradient(x))));
                vf_store(gate + B + i, flush(vf_mul(vf_mul(dc, x), sigmoid_gradient(ig))));
                vf_store(gate + 2 * B + i, flush(vf_mul(vf_mul(dc, vf_load(c + at)), sigmoid_gradient(fg))));
                vf_store(gate + 3 * B + i, flush(vf_mul(vf_mul(l, u), sigmoid_gradient(og))));
                vf_store(memory_gradients + at, flush(vf_mul(dc, fg)));
            }
        }
        if (whole < units) {
            for (int64_t i = 1; i <= 4; i++) {
                clear_padding(gate - i * B, units - whole);
            }
            clear_padding(memory_gradients + r * stride + whole, units - whole);
        }
    }
    return ELEGANS_OK;
}
