/* Elementwise functions over arrays. */
#include "elementwise.h"
#include "kernels.h"

/* Loops of one function over rows: stride apart, columns a multiple of LANES; y may be x. Four loads before the first
 * store: a load that follows a store to an address with the same low 12 bits has to wait for it. */
#define LOOP(function)                                                                                                 \
    for (int64_t r = 0; r < rows; r++, x += stride, y += stride) {                                                     \
        int64_t i = 0;                                                                                                 \
        for (; i <= columns - 4 * LANES; i += 4 * LANES) {                                                             \
            vf a = vf_load(x + i), b = vf_load(x + i + LANES);                                                         \
            vf c = vf_load(x + i + 2 * LANES), d = vf_load(x + i + 3 * LANES);                                         \
            vf_store(y + i, function(a));                                                                              \
            vf_store(y + i + LANES, function(b));                                                                      \
            vf_store(y + i + 2 * LANES, function(c));                                                                  \
            vf_store(y + i + 3 * LANES, function(d));                                                                  \
        }                                                                                                              \
        for (; i < columns; i += LANES) {                                                                              \
            vf_store(y + i, function(vf_load(x + i)));                                                                 \
        }                                                                                                              \
    }                                                                                                                  \
    break;
#define TIERS(activation, fast, accurate, exact)                                                                       \
    case activation * 3 + ELEGANS_FAST: LOOP(fast)                                                                     \
    case activation * 3 + ELEGANS_ACCURATE: LOOP(accurate)                                                             \
    case activation * 3 + ELEGANS_EXACT: LOOP(exact)

static void map(int32_t activation, int32_t accuracy, const float *x, float *y, int64_t stride, int64_t rows,
                int64_t columns) {
    switch (activation * 3 + accuracy) {
        TIERS(ELEGANS_LINEAR, linear, linear, linear)
        TIERS(ELEGANS_EXP, exp_accurate, exp_accurate, exp_exact)
        TIERS(ELEGANS_TANH, tanh_fast, tanh_accurate, tanh_exact)
        TIERS(ELEGANS_SIGMOID, sigmoid_fast, sigmoid_accurate, sigmoid_exact)
        TIERS(ELEGANS_LECUN_TANH, lecun_tanh_fast, lecun_tanh_accurate, lecun_tanh_exact)
        TIERS(ELEGANS_RELU, relu, relu, relu)
        TIERS(ELEGANS_SILU, silu_fast, silu_accurate, silu_exact)
        TIERS(ELEGANS_GELU, gelu_fast, gelu_accurate, gelu_exact)
        TIERS(ELEGANS_GELU_TANH, gelu_tanh_fast, gelu_tanh_accurate, gelu_tanh_exact)
        TIERS(ELEGANS_SOFTPLUS, softplus_fast, softplus_accurate, softplus_exact)
    }
}

void TIERED(activate)(int32_t activation, int32_t accuracy, float *y, int64_t stride, int64_t rows, int64_t columns) {
    if (activation != ELEGANS_LINEAR) {
        map(activation, accuracy, y, y, stride, rows, columns);
    }
}

int32_t TIERED(map_f32)(int32_t activation, int32_t accuracy, const float *x, float *y, int64_t n) {
    REQUIRE(valid_function(activation, accuracy) && n >= 0)
    int64_t whole = n / LANES * LANES;
    map(activation, accuracy, x, y, 0, 1, whole);
    if (whole < n) {
        float rest[LANES] = {0};
        memcpy(rest, x + whole, (size_t)(n - whole) * sizeof(float));
        map(activation, accuracy, rest, rest, 0, 1, LANES);
        memcpy(y + whole, rest, (size_t)(n - whole) * sizeof(float));
    }
    return ELEGANS_OK;
}

#define LOOP_DOUBLE(activation, function)                                                                              \
    case activation:                                                                                                   \
        for (int64_t i = 0; i < n; i += LANES / 2) {                                                                   \
            vd_store(y + i, function(vd_load(x + i)));                                                                 \
        }                                                                                                              \
        break;

static void map_double(int32_t activation, const double *x, double *y, int64_t n) {
    switch (activation) {
        LOOP_DOUBLE(ELEGANS_LINEAR, linear_double)
        LOOP_DOUBLE(ELEGANS_EXP, exp_double)
        LOOP_DOUBLE(ELEGANS_TANH, tanh_double)
        LOOP_DOUBLE(ELEGANS_LECUN_TANH, lecun_tanh_double)
        LOOP_DOUBLE(ELEGANS_SIGMOID, sigmoid_double)
        LOOP_DOUBLE(ELEGANS_RELU, relu_double)
        LOOP_DOUBLE(ELEGANS_SILU, silu_double)
        LOOP_DOUBLE(ELEGANS_GELU, gelu_double)
        LOOP_DOUBLE(ELEGANS_GELU_TANH, gelu_tanh_double)
        LOOP_DOUBLE(ELEGANS_SOFTPLUS, softplus_double)
    }
}

int32_t TIERED(map_f64)(int32_t activation, const double *x, double *y, int64_t n) {
    REQUIRE(valid_function(activation, ELEGANS_ACCURATE) && n >= 0)
    int64_t whole = n / (LANES / 2) * (LANES / 2);
    map_double(activation, x, y, whole);
    if (whole < n) {
        double rest[LANES / 2] = {0};
        memcpy(rest, x + whole, (size_t)(n - whole) * sizeof(double));
        map_double(activation, rest, rest, LANES / 2);
        memcpy(y + whole, rest, (size_t)(n - whole) * sizeof(double));
    }
    return ELEGANS_OK;
}
