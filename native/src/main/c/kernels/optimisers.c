/* Steps of optimisers: ScalarOptimisers.java, in the same order. */
#include "elementwise.h"
#include "kernels.h"

int32_t TIERED(optimiser_add)(const float *x, float *sum, int64_t n) {
    REQUIRE(n >= 0)
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        vf_store(sum + i, vf_add(vf_load(sum + i), vf_load(x + i)));
    }
    for (; i < n; i++) {
        sum[i] = sum[i] + x[i];
    }
    return ELEGANS_OK;
}

int32_t TIERED(optimiser_sums_of_squares)(const float *x, int64_t stride, int64_t rows, double *sums) {
    REQUIRE(rows >= 0 && stride >= ELEGANS_BLOCK)
    enum { HALF = LANES / 2, VECTORS = ELEGANS_BLOCK / HALF };
    vd chains[VECTORS];
    for (int i = 0; i < VECTORS; i++) {
        chains[i] = vd_load(sums + i * HALF);
    }
    for (int64_t row = 0; row < rows; row++) {
        for (int i = 0; i < VECTORS; i += 2) {
            vf value = vf_load(x + row * stride + i * HALF);
            vd low = vf_low(value);
            vd high = vf_high(value);
            chains[i] = vd_fma(low, low, chains[i]);
            chains[i + 1] = vd_fma(high, high, chains[i + 1]);
        }
    }
    for (int i = 0; i < VECTORS; i++) {
        vd_store(sums + i * HALF, chains[i]);
    }
    return ELEGANS_OK;
}

/* The constants, in registers. */
struct constants {
    vf scale;
    vf least;
    vf most;
    vf shrink;
    vf decay;
    vf rate;
    vf first_keep;
    vf first_take;
    vf second_keep;
    vf second_take;
    vf momentum;
    vf root;
    vf epsilon;
    vf inner_epsilon;
};

INLINE vf stored(float *state, vf value) {
    value = flush(value);
    vf_store(state, value);
    return value;
}

INLINE vf descent(const struct constants *s, float *state, vf g) {
    return stored(state, vf_fma(s->first_keep, vf_load(state), vf_mul(s->first_take, g)));
}

INLINE vf average(const struct constants *s, float *state, vf g) {
    vf m = vf_load(state);
    return stored(state, vf_fma(vf_sub(g, m), s->first_take, m));
}

INLINE vf square(const struct constants *s, float *state, vf g) {
    return stored(state, vf_fma(vf_mul(s->second_take, g), g, vf_mul(s->second_keep, vf_load(state))));
}

INLINE vf maximum(float *state, vf v) {
    vf most = vf_load(state);
    return stored(state, vf_select(vf_gt(v, most), v, most));
}

INLINE vf variance(vf v, vf a) {
    vf difference = vf_fnma(a, a, v);
    return vf_select(vf_lt(difference, vf_set(0)), vf_set(0), difference);
}

INLINE vf denominator(const struct constants *s, vf v) {
    return vf_fma(vf_sqrt(vf_add(v, s->inner_epsilon)), s->root, s->epsilon);
}

INLINE vf buffer(const struct constants *s, float *state, vf u) {
    return stored(state, vf_fma(s->momentum, vf_load(state), u));
}

INLINE vf lion(const struct constants *s, float *state, vf g) {
    vf m = vf_load(state);
    vf u = vf_fma(s->first_keep, m, vf_mul(s->first_take, g));
    stored(state, vf_fma(s->second_keep, m, vf_mul(s->second_take, g)));
    vf sign = vf_select(vf_lt(u, vf_set(0)), vf_set(-1), u);
    return vf_select(vf_gt(u, vf_set(0)), vf_set(1), sign);
}

INLINE vf update(const int32_t rule, const struct constants *s, vf g, float *first, float *second, float *third) {
    vf v;
    switch (rule) {
        case ELEGANS_SGD_MOMENTUM:
            return descent(s, first, g);
        case ELEGANS_SGD_NESTEROV:
            return vf_fma(s->momentum, descent(s, first, g), g);
        case ELEGANS_ADAM:
            v = square(s, second, g);
            return vf_div(average(s, first, g), denominator(s, v));
        case ELEGANS_ADAM_AMSGRAD:
            v = maximum(third, square(s, second, g));
            return vf_div(average(s, first, g), denominator(s, v));
        case ELEGANS_RMSPROP:
            return vf_div(g, denominator(s, square(s, first, g)));
        case ELEGANS_RMSPROP_MOMENTUM:
            return buffer(s, second, vf_div(g, denominator(s, square(s, first, g))));
        case ELEGANS_RMSPROP_CENTERED:
            v = variance(square(s, first, g), average(s, second, g));
            return vf_div(g, denominator(s, v));
        case ELEGANS_RMSPROP_CENTERED_MOMENTUM:
            v = variance(square(s, first, g), average(s, third, g));
            return buffer(s, second, vf_div(g, denominator(s, v)));
        case ELEGANS_LION:
            return lion(s, first, g);
        default:
            return g;
    }
}

INLINE void update_row(const int32_t rule, const struct constants *s, float *p, const float *g, float *first,
                       float *second, float *third, int64_t n) {
    for (int64_t i = 0; i < n; i += LANES) {
        vf gradient = vf_mul(vf_load(g + i), s->scale);
        gradient = vf_select(vf_lt(gradient, s->least), s->least, gradient);
        gradient = vf_select(vf_gt(gradient, s->most), s->most, gradient);
        vf parameter = vf_mul(vf_load(p + i), s->shrink);
        gradient = vf_fma(s->decay, parameter, gradient);
        vf u = update(rule, s, gradient, first + i, second + i, third + i);
        vf_store(p + i, flush(vf_fnma(s->rate, u, parameter)));
    }
}

#define RULE(name)                                                                                                     \
    case name:                                                                                                         \
        for (int64_t row = 0; row < rows; row++) {                                                                     \
            int64_t at = row * stride;                                                                                 \
            update_row(name, &s, p + at, g + at, first + at, second + at, third + at, width);                          \
        }                                                                                                              \
        break;

int32_t TIERED(optimiser_step)(const struct elegans_update *step, float *p, const float *g, float *first,
                               float *second, float *third, int64_t stride, int64_t width, int64_t rows) {
    REQUIRE(step->rule >= ELEGANS_SGD && step->rule <= ELEGANS_LION)
    REQUIRE(width >= 0 && width % ELEGANS_BLOCK == 0 && stride >= width && rows >= 0)
    const struct constants s = {
        vf_set(step->scale),       vf_set(-step->clip),       vf_set(step->clip),        vf_set(step->shrink),
        vf_set(step->decay),       vf_set(step->rate),        vf_set(step->first_keep),  vf_set(step->first_take),
        vf_set(step->second_keep), vf_set(step->second_take), vf_set(step->momentum),    vf_set(step->root),
        vf_set(step->epsilon),     vf_set(step->inner_epsilon),
    };
    /* Addresses of what is never touched are computed, too. */
    first = first ? first : p;
    second = second ? second : p;
    third = third ? third : p;
    switch (step->rule) {
        RULE(ELEGANS_SGD)
        RULE(ELEGANS_SGD_MOMENTUM)
        RULE(ELEGANS_SGD_NESTEROV)
        RULE(ELEGANS_ADAM)
        RULE(ELEGANS_ADAM_AMSGRAD)
        RULE(ELEGANS_RMSPROP)
        RULE(ELEGANS_RMSPROP_MOMENTUM)
        RULE(ELEGANS_RMSPROP_CENTERED)
        RULE(ELEGANS_RMSPROP_CENTERED_MOMENTUM)
        RULE(ELEGANS_LION)
    }
    return ELEGANS_OK;
}
