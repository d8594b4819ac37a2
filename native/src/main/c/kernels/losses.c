/* Losses and their gradients: ScalarLosses.java, in the same order. */
#include "elementwise.h"
#include "kernels.h"

/* Outputs of a row whose powers of e are kept for its gradient. */
#define POWERS 1024

struct element {
    vf value;
    vf slope;
};

INLINE struct element squared(vf parameter, vf o, vf y) {
    (void)parameter;
    vf d = vf_sub(o, y);
    return (struct element){vf_mul(d, d), vf_add(d, d)};
}

INLINE struct element absolute(vf parameter, vf o, vf y) {
    (void)parameter;
    vf d = vf_sub(o, y);
    vf negative = vf_select(vf_lt(d, vf_set(0)), vf_set(-1), d);
    return (struct element){vf_abs(d), vf_select(vf_gt(d, vf_set(0)), vf_set(1), negative)};
}

INLINE struct element huber(vf delta, vf o, vf y) {
    vf d = vf_sub(o, y);
    vf a = vf_abs(d);
    vf line = vf_mul(delta, vf_sub(a, vf_mul(vf_set(0.5f), delta)));
    vf edge = vf_select(vf_lt(d, vf_set(0)), vf_neg(delta), delta);
    vfmask outside = vf_gt(a, delta);
    return (struct element){vf_select(outside, line, vf_mul(vf_set(0.5f), vf_mul(d, d))), vf_select(outside, edge, d)};
}

INLINE struct element binary(vf positive, vf o, vf y) {
    vf negated = vf_neg_abs(o);
    vf log = softplus_accurate(negated);
    vf small = sigmoid_accurate(negated);
    vf rest = vf_sub(vf_set(1), small);
    vfmask negative = vf_lt(o, vf_set(0));
    vf above = vf_add(vf_select(vf_gt(o, vf_set(0)), o, vf_set(0)), log);
    vf below = vf_add(vf_select(negative, vf_neg(o), vf_set(0)), log);
    vf yes = vf_mul(positive, y);
    vf no = vf_sub(vf_set(1), y);
    vf up = vf_select(negative, small, rest);
    vf down = vf_select(negative, rest, small);
    return (struct element){vf_fma(no, above, vf_mul(yes, below)), vf_fma(no, up, vf_neg(vf_mul(yes, down)))};
}

/* At most LANES floats, and zeros behind them. */
INLINE vf load(const float *p, int64_t n) {
    if (n >= LANES) {
        return vf_load(p);
    }
    float lanes[LANES] = {0};
    memcpy(lanes, p, (size_t)n * sizeof(float));
    return vf_load(lanes);
}

INLINE void store(float *p, vf a, int64_t n) {
    if (n >= LANES) {
        vf_store(p, a);
        return;
    }
    float lanes[LANES];
    vf_store(lanes, a);
    memcpy(p, lanes, (size_t)n * sizeof(float));
}

INLINE double elements(struct element (*element)(vf, vf, vf), vf parameter, const float *out, const float *targets,
                       const float *weights, int64_t width, vf scale, float *gradient) {
    double sum = 0;
    for (int64_t j = 0; j < width; j += LANES) {
        int64_t n = width - j < LANES ? width - j : LANES;
        struct element e = element(parameter, load(out + j, n), load(targets + j, n));
        vf weight = weights ? load(weights + j, n) : vf_set(1);
        float values[LANES];
        vf_store(values, vf_mul(weight, e.value));
        store(gradient + j, vf_mul(vf_mul(weight, e.slope), scale), n);
        for (int64_t i = 0; i < n; i++) {
            sum += (double)values[i];
        }
    }
    return sum;
}

static double logarithm(double x) {
    if (!(x <= 0x1.fffffffffffffp1023)) {
        return x;
    }
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    double k = (double)((bits >> 52) - 1023);
    bits = (bits & 0xfffffffffffff) | (int64_t)1023 << 52;
    double f;
    memcpy(&f, &bits, sizeof f);
    if (f > 0x1.6a09e667f3bcdp0) {
        f *= 0.5;
        k += 1;
    }
    double z = (f - 1) / (f + 1);
    double s = z * z;
    double p = __builtin_fma(s, 2.0 / 21, 2.0 / 19);
    p = __builtin_fma(s, p, 2.0 / 17);
    p = __builtin_fma(s, p, 2.0 / 15);
    p = __builtin_fma(s, p, 2.0 / 13);
    p = __builtin_fma(s, p, 2.0 / 11);
    p = __builtin_fma(s, p, 2.0 / 9);
    p = __builtin_fma(s, p, 2.0 / 7);
    p = __builtin_fma(s, p, 2.0 / 5);
    p = __builtin_fma(s, p, 2.0 / 3);
    return __builtin_fma(k, 0x1.62e42fefa39efp-1, __builtin_fma(z * s, p, z + z));
}

static inline float share(float spread, float own, const float *weights, int64_t label, int64_t j) {
    float each = spread * (weights ? weights[j] : 1);
    return j == label ? each + own : each;
}

/* e^(out - most) of at most POWERS outputs; there is room for whole vectors. */
static void powers_of(const float *out, int64_t n, float most, float *powers) {
    for (int64_t j = 0; j < n; j += LANES) {
        vf_store(powers + j, exp_accurate(vf_sub(load(out + j, n - j), vf_set(most))));
    }
}

static double cross_entropy(float spread, float whole, const float *out, float target, const float *weights,
                            int64_t width, float scale, float *gradient) {
    int64_t label = target >= 0 && target < (float)width ? (int64_t)target : -1;
    if (label < 0) {
        for (int64_t j = 0; j < width; j++) {
            gradient[j] = 0;
        }
        return 0;
    }
    float own = whole * (weights ? weights[label] : 1);
    float most = out[0];
    for (int64_t j = 1; j < width; j++) {
        most = out[j] > most ? out[j] : most;
    }
    float powers[POWERS];
    double sum = 0;
    double shares = 0;
    for (int64_t from = 0; from < width; from += POWERS) {
        int64_t n = width - from < POWERS ? width - from : POWERS;
        powers_of(out + from, n, most, powers);
        for (int64_t j = 0; j < n; j++) {
            sum += (double)powers[j];
            shares += (double)share(spread, own, weights, label, from + j);
        }
    }
    float inverse = (float)(1 / sum);
    float total = (float)shares;
    double log = logarithm(sum);
    double loss = 0;
    for (int64_t from = 0; from < width; from += POWERS) {
        int64_t n = width - from < POWERS ? width - from : POWERS;
        if (width > POWERS) {
            powers_of(out + from, n, most, powers);
        }
        for (int64_t j = 0; j < n; j++) {
            float o = out[from + j];
            float part = share(spread, own, weights, label, from + j);
            if (part != 0) {
                loss += (double)part * (log + ((double)most - (double)o));
            }
            gradient[from + j] = __builtin_fmaf(total, powers[j] * inverse, -part) * scale;
        }
    }
    return loss;
}

#define ELEMENTS(loss, function)                                                                                       \
    case loss:                                                                                                         \
        for (int64_t row = 0; row < rows; row++) {                                                                     \
            losses[row] = elements(function, vf_set((float)parameter), out + row * out_stride,                         \
                                   targets + row * target_stride, weights ? weights + row * target_stride : weights,   \
                                   width, vf_set(scale), gradient + row * out_stride);                                 \
        }                                                                                                              \
        break;

int32_t TIERED(loss_f32)(int32_t loss, double parameter, const float *out, int64_t out_stride, const float *targets,
                         int64_t target_stride, const float *weights, int64_t width, int64_t rows, float scale,
                         float *gradient, double *losses) {
    REQUIRE(loss >= ELEGANS_MEAN_SQUARED_ERROR && loss <= ELEGANS_CROSS_ENTROPY && width > 0 && rows >= 0)
    switch (loss) {
        ELEMENTS(ELEGANS_MEAN_SQUARED_ERROR, squared)
        ELEMENTS(ELEGANS_MEAN_ABSOLUTE_ERROR, absolute)
        ELEMENTS(ELEGANS_HUBER, huber)
        ELEMENTS(ELEGANS_BINARY_CROSS_ENTROPY, binary)
        case ELEGANS_CROSS_ENTROPY: {
            float spread = (float)(parameter / (double)width);
            float whole = (float)(1 - parameter);
            for (int64_t row = 0; row < rows; row++) {
                losses[row] = cross_entropy(spread, whole, out + row * out_stride, targets[row * target_stride], weights,
                                            width, scale, gradient + row * out_stride);
            }
            break;
        }
    }
    return ELEGANS_OK;
}
