/* Gates of closed-form continuous-time cells and their derivatives: ScalarCfcGradients.java, in the same order. */
#include "gates.h"
#include "kernels.h"

#define B ELEGANS_BLOCK

static int64_t padded(int64_t units) { return (units + B - 1) / B * B; }

/* heads[r][block][ff1 | ff2 | time_a | time_b][16] */
INLINE void gate(const int mode, const int activation, const int accuracy, float *heads, int64_t heads_stride,
                 const float *timespans, float *h, int64_t h_stride, int64_t units, int64_t rows) {
    for (int64_t r = 0; r < rows; r++) {
        vf dt = vf_set(timespans[r]);
        float *head = heads + r * heads_stride;
        for (int64_t unit = 0; unit < units; unit += B, head += ELEGANS_PANEL) {
            for (int i = 0; i < B; i += LANES) {
                vf a = head_of(activation, accuracy, vf_load(head + i));
                vf b = head_of(activation, accuracy, vf_load(head + B + i));
                vf s = sigmoid_of(accuracy, vf_fma(vf_load(head + 2 * B + i), dt, vf_load(head + 3 * B + i)));
                vf_store(head + i, a);
                vf_store(head + B + i, b);
                vf_store(head + 3 * B + i, s);
                vf_store(h + r * h_stride + unit + i, cfc_mix(mode, a, b, s));
            }
        }
    }
}

INLINE vf times_gradient(const int activation, vf upstream, vf y) {
    return activation == ELEGANS_TANH         ? vf_mul(upstream, tanh_gradient(y))
           : activation == ELEGANS_LECUN_TANH ? vf_mul(upstream, lecun_tanh_gradient(y))
                                              : upstream;
}

/* Sixteen sums, and what their sum is: the upper half is added to the lower, until one is left. */
INLINE float folded(const vf *chains) {
    float sums[B];
    for (int i = 0; i < B; i += LANES) {
        vf_store(sums + i, chains[i / LANES]);
    }
    for (int half = B / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
            sums[i] += sums[half + i];
        }
    }
    return sums[0];
}

/* Of the first so many of sixteen sums those behind, of the others those before. */
INLINE void keep(vf *chains, const vf *before, int64_t units) {
    float sums[B];
    float others[B];
    for (int i = 0; i < B; i += LANES) {
        vf_store(sums + i, chains[i / LANES]);
        vf_store(others + i, before[i / LANES]);
    }
    for (int64_t i = units; i < B; i++) {
        sums[i] = others[i];
    }
    for (int i = 0; i < B; i += LANES) {
        chains[i / LANES] = vf_load(sums + i);
    }
}

/* A block of units of a row. */
INLINE void block_back(const int mode, const int activation, float *head, const float *upstream, vf dt, vf *chains) {
    for (int i = 0; i < B; i += LANES) {
        vf a = vf_load(head + i);
        vf b = vf_load(head + B + i);
        vf s = vf_load(head + 3 * B + i);
        vf l = vf_load(upstream + i);
        vf lb = vf_mul(l, s);
        vf la = mode == ELEGANS_CFC_DEFAULT ? vf_sub(l, lb) : l;
        vf ds = vf_mul(l, mode == ELEGANS_CFC_DEFAULT ? vf_sub(b, a) : b);
        vf dp = flush(vf_mul(ds, sigmoid_gradient(s)));
        chains[i / LANES] = vf_fma(vf_load(head + 2 * B + i), dp, chains[i / LANES]);
        vf_store(head + i, flush(times_gradient(activation, la, a)));
        vf_store(head + B + i, flush(times_gradient(activation, lb, b)));
        vf_store(head + 2 * B + i, flush(vf_mul(dp, dt)));
        vf_store(head + 3 * B + i, dp);
    }
}

INLINE void gate_back(const int mode, const int activation, float *heads, int64_t heads_stride, const float *timespans,
                      const float *upstream, int64_t upstream_stride, int64_t units, int64_t rows,
                      float *timespan_gradients) {
    int64_t whole = units / B * B;
    for (int64_t r = 0; r < rows; r++) {
        vf dt = vf_set(timespans[r]);
        float *head = heads + r * heads_stride;
        const float *l = upstream + r * upstream_stride;
        vf chains[B / LANES];
        for (int i = 0; i < B / LANES; i++) {
            chains[i] = vf_set(0);
        }
        for (int64_t unit = 0; unit < whole; unit += B, head += ELEGANS_PANEL) {
            block_back(mode, activation, head, l + unit, dt, chains);
        }
        if (whole < units) {
            vf before[B / LANES];
            for (int i = 0; i < B / LANES; i++) {
                before[i] = chains[i];
            }
            block_back(mode, activation, head, l + whole, dt, chains);
            keep(chains, before, units - whole);
            for (int i = 0; i < ELEGANS_PANEL; i += B) {
                clear_padding(head + i, units - whole);
            }
        }
        if (timespan_gradients) {
            timespan_gradients[r] = folded(chains);
        }
    }
}

#define CASE(mode, activation, accuracy) ((mode * (ELEGANS_LECUN_TANH + 1) + activation) * 3 + accuracy)
#define GATE(mode, activation, accuracy)                                                                               \
    case CASE(mode, activation, accuracy):                                                                             \
        gate(mode, activation, accuracy, heads, heads_stride, timespans, h, h_stride, units, rows);                    \
        break;
#define ACCURACIES(mode, activation)                                                                                   \
    GATE(mode, activation, ELEGANS_FAST)                                                                               \
    GATE(mode, activation, ELEGANS_ACCURATE)                                                                           \
    GATE(mode, activation, ELEGANS_EXACT)
#define GATE_BACK(mode, activation)                                                                                    \
    case CASE(mode, activation, 0):                                                                                    \
        gate_back(mode, activation, heads, heads_stride, timespans, upstream, upstream_stride, units, rows,            \
                  timespan_gradients);                                                                                 \
        break;
#define HEADS(KIND, mode)                                                                                              \
    KIND(mode, ELEGANS_LINEAR)                                                                                         \
    KIND(mode, ELEGANS_TANH)                                                                                           \
    KIND(mode, ELEGANS_LECUN_TANH)

static int is_valid_gate(int32_t mode, int32_t activation) {
    return (mode == ELEGANS_CFC_DEFAULT || mode == ELEGANS_CFC_NO_GATE) &&
           (activation == ELEGANS_LINEAR || activation == ELEGANS_TANH || activation == ELEGANS_LECUN_TANH);
}

int32_t TIERED(cfc_gate)(int32_t mode, int32_t activation, int32_t accuracy, float *heads, int64_t heads_stride,
                         const float *timespans, float *h, int64_t h_stride, int64_t units, int64_t rows) {
    REQUIRE(is_valid_gate(mode, activation) && valid_function(activation, accuracy) && units > 0 && rows >= 0)
    switch (CASE(mode, activation, accuracy)) {
        HEADS(ACCURACIES, ELEGANS_CFC_DEFAULT)
        HEADS(ACCURACIES, ELEGANS_CFC_NO_GATE)
    }
    return ELEGANS_OK;
}

int32_t TIERED(cfc_gate_backward)(int32_t mode, int32_t activation, float *heads, int64_t heads_stride,
                                  const float *timespans, const float *upstream, int64_t upstream_stride,
                                  int64_t units, int64_t rows, float *timespan_gradients) {
    REQUIRE(is_valid_gate(mode, activation) && units > 0 && rows >= 0)
    switch (CASE(mode, activation, 0)) {
        HEADS(GATE_BACK, ELEGANS_CFC_DEFAULT)
        HEADS(GATE_BACK, ELEGANS_CFC_NO_GATE)
    }
    return ELEGANS_OK;
}

INLINE void decay(const int accuracy, const float *f, int64_t f_stride, const float *parameters,
                  const float *timespans, float *e, int64_t e_stride, float *h, int64_t h_stride, int64_t width,
                  int64_t rows) {
    for (int64_t r = 0; r < rows; r++) {
        vf minus_dt = vf_set(-timespans[r]);
        for (int64_t i = 0; i < width; i += LANES) {
            vf x = vf_load(f + r * f_stride + i);
            vf exponential = cfc_exponential(accuracy, minus_dt, vf_abs(vf_load(parameters + i)), x);
            vf_store(e + r * e_stride + i, exponential);
            vf_store(h + r * h_stride + i, cfc_decayed(vf_load(parameters + width + i), exponential, x));
        }
    }
}

int32_t TIERED(cfc_decay)(int32_t accuracy, const float *f, int64_t f_stride, const float *parameters,
                          const float *timespans, float *e, int64_t e_stride, float *h, int64_t h_stride,
                          int64_t units, int64_t rows) {
    REQUIRE(valid_function(ELEGANS_EXP, accuracy) && units > 0 && rows >= 0)
    int64_t width = padded(units);
    if (accuracy == ELEGANS_EXACT) {
        decay(ELEGANS_EXACT, f, f_stride, parameters, timespans, e, e_stride, h, h_stride, width, rows);
    } else {
        decay(ELEGANS_ACCURATE, f, f_stride, parameters, timespans, e, e_stride, h, h_stride, width, rows);
    }
    return ELEGANS_OK;
}

/* Of a row from unit i on: rate[i] is w_tau, level[i] is A, and so with their gradients. */
INLINE void decay_back(float *f, const float *e, const float *upstream, const float *rate, const float *level, vf dt,
                       float *d_rate, float *d_level, vf *chain) {
    vf x = vf_load(f);
    vf w = vf_load(rate);
    vf l = vf_load(upstream);
    vf exponential = vf_load(e);
    vf q = flush(vf_mul(vf_mul(l, vf_load(level)), exponential));
    vf u = vf_mul(q, x);
    vf zero = vf_set(0);
    vf minus_dt = vf_neg(dt);
    vf with_sign = vf_select(vf_gt(w, zero), dt, vf_select(vf_lt(w, zero), minus_dt, zero));
    *chain = vf_fma(u, vf_add(vf_abs(w), vf_abs(x)), *chain);
    vf_store(d_rate, vf_fma(u, with_sign, vf_load(d_rate)));
    vf_store(d_level, vf_fma(l, vf_fnma(exponential, x, vf_set(1)), vf_load(d_level)));
    vf_store(f, flush(vf_mul(q, vf_fma(dt, vf_abs(x), vf_set(-1)))));
}

int32_t TIERED(cfc_decay_backward)(float *f, int64_t f_stride, const float *parameters, const float *timespans,
                                   const float *e, int64_t e_stride, const float *upstream, int64_t upstream_stride,
                                   int64_t units, int64_t rows, float *parameter_gradients,
                                   float *timespan_gradients) {
    REQUIRE(units > 0 && rows >= 0)
    int64_t width = padded(units);
    int64_t whole = units / B * B;
    for (int64_t r = 0; r < rows; r++) {
        vf dt = vf_set(timespans[r]);
        vf chains[B / LANES];
        vf before[B / LANES];
        for (int i = 0; i < B / LANES; i++) {
            chains[i] = vf_set(0);
            before[i] = chains[i];
        }
        for (int64_t unit = 0; unit < width; unit += B) {
            for (int i = 0; i < B; i += LANES) {
                int64_t at = unit + i;
                before[i / LANES] = chains[i / LANES];
                decay_back(f + r * f_stride + at, e + r * e_stride + at, upstream + r * upstream_stride + at,
                           parameters + at, parameters + width + at, dt, parameter_gradients + at,
                           parameter_gradients + width + at, &chains[i / LANES]);
            }
        }
        if (whole < units) {
            keep(chains, before, units - whole);
            clear_padding(f + r * f_stride + whole, units - whole);
        }
        if (timespan_gradients) {
            timespan_gradients[r] = folded(chains);
        }
    }
    if (whole < units) {
        clear_padding(parameter_gradients + whole, units - whole);
        clear_padding(parameter_gradients + width + whole, units - whole);
    }
    return ELEGANS_OK;
}
