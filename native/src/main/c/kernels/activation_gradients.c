/* Derivatives of the elementwise functions over arrays: ScalarActivationGradients.java, in the same order. */
#include "gates.h"
#include "kernels.h"

INLINE vf linear_gradient(vf y) {
    (void)y;
    return vf_set(1);
}

INLINE vf exp_gradient(vf y) { return y; }

INLINE vf relu_gradient(vf y) { return vf_select(vf_gt(y, vf_set(0)), vf_set(1), vf_set(0)); }

INLINE vf silu_gradient(vf z) {
    vf x = clamp(z, vf_set(-104), vf_set(104));
    vf t = sigmoid_accurate(vf_neg_abs(x));
    vf rest = vf_sub(vf_set(1), t);
    return vf_fma(x, vf_mul(t, rest), vf_select(vf_lt(x, vf_set(0)), t, rest));
}

INLINE vf gelu_gradient(vf z) {
    vf x = clamp(z, vf_set(-13), vf_set(13));
    vf quotient = vf_div(gelu_accurate(x), x);
    vf distribution = vf_select(vf_lt(vf_abs(x), vf_set(0x1p-24f)), vf_set(0.5f), quotient);
    vf h = vf_mul(vf_set(-0.5f), vf_mul(x, x));
    vf t = shifted(h);
    vf density = vf_mul(scale_normal(exp_polynomial(reduced(h, t)), t), vf_set(0.3989422804f));
    return vf_fma(x, density, distribution);
}

INLINE vf gelu_tanh_gradient(vf z) {
    vf x = clamp(z, vf_set(-13), vf_set(13));
    vf square = vf_mul(x, x);
    vf u = vf_mul(x, vf_fma(square, vf_set(0.0713548163f), vf_set(1.595769122f)));
    vf t = sigmoid_accurate(vf_neg_abs(u));
    vf rest = vf_sub(vf_set(1), t);
    vf slope = vf_fma(square, vf_set(0.2140644489f), vf_set(1.595769122f));
    return vf_fma(vf_mul(x, slope), vf_mul(t, rest), vf_select(vf_lt(x, vf_set(0)), t, rest));
}

INLINE vf softplus_gradient(vf z) {
    return vf_select(vf_gt(z, vf_set(20)), vf_set(1), sigmoid_accurate(z));
}

#define LOOP(activation, function)                                                                                     \
    case activation:                                                                                                   \
        for (int64_t i = 0; i < n; i += LANES) {                                                                       \
            vf_store(d + i, function(vf_load(z + i)));                                                                 \
        }                                                                                                              \
        break;

/* n is a multiple of LANES. */
static void gradients(int32_t activation, const float *z, float *d, int64_t n) {
    switch (activation) {
        LOOP(ELEGANS_LINEAR, linear_gradient)
        LOOP(ELEGANS_EXP, exp_gradient)
        LOOP(ELEGANS_TANH, tanh_gradient)
        LOOP(ELEGANS_LECUN_TANH, lecun_tanh_gradient)
        LOOP(ELEGANS_SIGMOID, sigmoid_gradient)
        LOOP(ELEGANS_RELU, relu_gradient)
        LOOP(ELEGANS_SILU, silu_gradient)
        LOOP(ELEGANS_GELU, gelu_gradient)
        LOOP(ELEGANS_GELU_TANH, gelu_tanh_gradient)
        LOOP(ELEGANS_SOFTPLUS, softplus_gradient)
    }
}

/* Elements whose derivatives stand on the stack meanwhile. */
#define PART 1024

/* n is at most PART, and a multiple of LANES. */
static void multiply_by_gradients(int32_t activation, const float *z, float *dy, int64_t n) {
    float d[PART];
    gradients(activation, z, d, n);
    for (int64_t i = 0; i < n; i += LANES) {
        vf_store(dy + i, flush(vf_mul(vf_load(dy + i), vf_load(d + i))));
    }
}

int32_t TIERED(activation_backward_f32)(int32_t activation, const float *z, float *dy, int64_t n) {
    REQUIRE(valid_function(activation, ELEGANS_ACCURATE) && n >= 0)
    int64_t whole = n / LANES * LANES;
    for (int64_t i = 0; i < whole; i += PART) {
        multiply_by_gradients(activation, z + i, dy + i, whole - i < PART ? whole - i : PART);
    }
    if (whole < n) {
        float z_rest[LANES] = {0};
        float dy_rest[LANES] = {0};
        size_t bytes = (size_t)(n - whole) * sizeof(float);
        memcpy(z_rest, z + whole, bytes);
        memcpy(dy_rest, dy + whole, bytes);
        multiply_by_gradients(activation, z_rest, dy_rest, LANES);
        memcpy(dy + whole, dy_rest, bytes);
    }
    return ELEGANS_OK;
}

int32_t TIERED(activation_gradient_f32)(int32_t activation, const float *z, float *d, int64_t n) {
    REQUIRE(valid_function(activation, ELEGANS_ACCURATE) && n >= 0)
    int64_t whole = n / LANES * LANES;
    gradients(activation, z, d, whole);
    if (whole < n) {
        float rest[LANES] = {0};
        memcpy(rest, z + whole, (size_t)(n - whole) * sizeof(float));
        gradients(activation, rest, rest, LANES);
        memcpy(d + whole, rest, (size_t)(n - whole) * sizeof(float));
    }
    return ELEGANS_OK;
}
