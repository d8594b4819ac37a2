/*
 * Elementwise functions on vectors. The definitions, with accuracy and sources, are in ScalarFloats.java and
 * ScalarDoubles.java; the names and
 * the order of operations are the same here.
 */
#ifndef ELEGANS_ELEMENTWISE_H
#define ELEGANS_ELEMENTWISE_H

#include "elegans.h"
#include "simd.h"

/* Float32: the exponential core. */

struct reduced {
    vf t; /* the low bits hold n = round(x / ln 2) */
    vf r; /* x - n ln 2 */
};

INLINE struct reduced reduce(vf x) {
    vf t = vf_fma(x, vf_set(0x1.715476p0f), vf_set(0x1.8p23f));
    vf n = vf_sub(t, vf_set(0x1.8p23f));
    vf r = vf_fnma(n, vf_set(0x1.62e400p-1f), x);
    return (struct reduced){t, vf_fnma(n, vf_set(0x1.7f7d1cp-20f), r)};
}

/* (e^r - 1 - r) / r^2 */
INLINE vf exp_tail(vf r) {
    vf q = vf_fma(vf_set(0x1.6ad5eep-10f), r, vf_set(0x1.123d64p-7f));
    q = vf_fma(q, r, vf_set(0x1.555858p-5f));
    q = vf_fma(q, r, vf_set(0x1.55548cp-3f));
    return vf_fma(q, r, vf_set(0x1.fffffcp-2f));
}

INLINE vf exp_polynomial(vf r) {
    vf p = vf_fma(exp_tail(r), r, vf_set(1));
    return vf_fma(p, r, vf_set(1));
}

/* p 2^n for a certainly normal result */
INLINE vf scale_normal(vf p, vf t) { return vi_float(vi_add(vf_bits(p), vi_shl(vf_bits(t), 23))); }

/* p 2^n in two factors, right for subnormal and infinite results too */
INLINE vf scale_any(vf p, vf t) {
    vi n = vi_sub(vf_bits(t), vi_set(0x4b400000));
    vi half = vi_sar(n, 1);
    vf first = vi_float(vi_shl(vi_add(half, vi_set(127)), 23));
    vf second = vi_float(vi_shl(vi_add(vi_sub(n, half), vi_set(127)), 23));
    return vf_mul(vf_mul(p, first), second);
}

/* (x < 0 ? n : 1) / (1 + n) for a power n + n_low of e; the quotient is corrected by its residual */
INLINE vf quotient(vf x, vf n, vf n_low) {
    vf d = vf_add(vf_set(1), n);
    vf d_low = vf_add(vf_add(vf_sub(vf_set(1), d), n), n_low);
    vf g = vf_div(vf_set(1), d);
    vfmask negative = vf_lt(x, vf_set(0));
    vf top = vf_select(negative, n, vf_set(1));
    vf top_low = vf_select(negative, n_low, vf_set(0));
    vf y = vf_mul(top, g);
    vf c = vf_fnma(y, d, top);
    c = vf_add(vf_fnma(y, d_low, c), top_low);
    return vf_fma(c, g, y);
}

/* 2^n for a certainly normal result */
INLINE vf power_of_two(vf t) { return vi_float(vi_shl(vi_add(vf_bits(t), vi_set(127)), 23)); }

INLINE vf clamp(vf x, float low, float high) {
    x = vf_select(vf_lt(x, vf_set(low)), vf_set(low), x);
    return vf_select(vf_gt(x, vf_set(high)), vf_set(high), x);
}

/* Float32: accurate. */

INLINE vf exp_accurate(vf x) {
    struct reduced z = reduce(clamp(x, -104, 89));
    return scale_any(exp_polynomial(z.r), z.t);
}

INLINE vf tanh_accurate(vf x) {
    vf a = vf_abs(x);
    vf u = vf_mul(a, a);
    vf s = vf_fma(vf_set(0x1.c89876p-10f), u, vf_set(-0x1.f66344p-8f));
    s = vf_fma(s, u, vf_set(0x1.5f9086p-6f));
    s = vf_fma(s, u, vf_set(-0x1.b98108p-5f));
    s = vf_fma(s, u, vf_set(0x1.110ddap-3f));
    s = vf_fma(s, u, vf_set(-0x1.55554ap-2f));
    s = vf_fma(s, vf_mul(a, u), a);
    vf b = vf_select(vf_gt(a, vf_set(9.1f)), vf_set(9.1f), a);
    struct reduced z = reduce(vf_add(b, b));
    vf e = scale_normal(exp_polynomial(z.r), z.t);
    vf w = vf_sub(vf_set(1), vf_div(vf_set(2), vf_add(e, vf_set(1))));
    vf y = vf_select(vf_ge(a, vf_set(0.75f)), w, s);
    return vf_with_sign(y, x);
}

INLINE vf sigmoid_accurate(vf x) {
    vf a = vf_neg_abs(x);
    struct reduced z = reduce(vf_select(vf_lt(a, vf_set(-87)), vf_set(-87), a));
    vf tail = vf_fma(exp_tail(z.r), vf_mul(z.r, z.r), z.r);
    vf high = vf_add(vf_set(1), tail);
    vf low = vf_sub(tail, vf_sub(high, vf_set(1)));
    vf scale = power_of_two(z.t);
    return quotient(x, vf_mul(high, scale), vf_mul(low, scale));
}

INLINE vf logistic(vf y) {
    struct reduced z = reduce(clamp(y, -87, 87));
    return vf_div(vf_set(1), vf_add(vf_set(1), scale_normal(exp_polynomial(z.r), z.t)));
}

INLINE vf lecun_tanh_accurate(vf x) {
    return vf_mul(vf_set(1.7159f), tanh_accurate(vf_mul(vf_set(0.666f), x)));
}

INLINE vf softplus_accurate(vf x) {
    vf z = vf_neg_abs(x);
    vf u = vf_mul(x, x);
    vf p = vf_set(-0x1.6b7732p-16f);
    p = vf_fma(p, u, vf_set(0x1.67fe16p-12f));
    p = vf_fma(p, u, vf_set(-0x1.553ef8p-8f));
    p = vf_fma(p, u, vf_set(0x1.ffffd8p-4f));
    vf c = vf_fma(p, u, vf_set(-0x1.05c610p-29f));
    vf near = vf_add(vf_fma(vf_set(0.5f), x, c), vf_set(0x1.62e430p-1f));
    vf clamped = vf_select(vf_lt(z, vf_set(-104)), vf_set(-104), z);
    vf t = vf_fma(clamped, vf_set(0x1.715476p0f), vf_set(0x1.8p23f));
    vf n = vf_sub(t, vf_set(0x1.8p23f));
    vf r = vf_fnma(n, vf_set(0x1.62e400p-1f), clamped);
    r = vf_fnma(n, vf_set(0x1.7f7d1cp-20f), r);
    vf tail = vf_fma(exp_tail(r), vf_mul(r, r), r);
    vf high = vf_add(vf_set(1), tail);
    vf low = vf_sub(tail, vf_sub(high, vf_set(1)));
    vi m = vi_sub(vf_bits(t), vi_set(0x4b400000));
    vi half = vi_sar(m, 1);
    vf first = vi_float(vi_shl(vi_add(half, vi_set(127)), 23));
    vf second = vi_float(vi_shl(vi_add(vi_sub(m, half), vi_set(127)), 23));
    vf power = vf_mul(vf_mul(high, first), second);
    vf power_low = vf_mul(vf_mul(low, first), second);
    vf q = vf_set(-0x1.b4f118p-5f);
    q = vf_fma(q, power, vf_set(0x1.0c65e0p-3f));
    q = vf_fma(q, power, vf_set(-0x1.89a84cp-3f));
    q = vf_fma(q, power, vf_set(0x1.fe277ep-3f));
    q = vf_fma(q, power, vf_set(-0x1.554876p-2f));
    q = vf_fma(q, power, vf_set(0x1.ffffc4p-2f));
    vf log = vf_add(power, vf_fnma(vf_mul(power, power), q, power_low));
    vf far = vf_add(vf_select(vf_gt(x, vf_set(0)), x, vf_set(0)), log);
    return vf_select(vf_gt(z, vf_set(-1)), near, far);
}

INLINE vf silu_accurate(vf x) {
    vf y = vf_mul(x, sigmoid_accurate(x));
    return vf_select(vf_lt(x, vf_set(-87)), vf_set(-0.0f), y);
}

INLINE vf gelu_accurate(vf x) {
    vf a = vf_abs(x);
    vf b = vf_select(vf_gt(a, vf_set(13.25f)), vf_set(13.25f), a);
    vf s = vf_mul(b, b);
    vf s_low = vf_fma(b, b, vf_neg(s));
    vf c = vf_set(0x1.a95298p-14f);
    c = vf_fma(c, s, vf_set(-0x1.3526c0p-10f));
    c = vf_fma(c, s, vf_set(0x1.46bf0ep-7f));
    c = vf_fma(c, s, vf_set(-0x1.1057fcp-4f));
    c = vf_fma(c, s, vf_set(0x1.988452p-2f));
    vf near = vf_fma(c, s, vf_mul(vf_set(0.5f), x));
    vf p = vf_set(0x1.f4cd98p-8f);
    p = vf_fma(p, b, vf_set(0x1.386888p-4f));
    p = vf_fma(p, b, vf_set(0x1.62f15ap-2f));
    p = vf_fma(p, b, vf_set(0x1.ab389ap-1f));
    p = vf_fma(p, b, vf_set(0x1.eb4964p-1f));
    vf rest = vf_set(0x1.31e564p-6f);
    rest = vf_fma(rest, b, vf_set(0x1.8e9d7ap-3f));
    rest = vf_fma(rest, b, vf_set(0x1.95ffa8p-1f));
    rest = vf_fma(rest, b, vf_set(0x1.eabac4p+0f));
    vf line = vf_fma(b, vf_set(0x1.40d7fcp+1f), vf_set(0x1.29469ep-9f));
    vf d = vf_fma(p, line, rest);
    vf d_low = vf_add(vf_fma(p, line, vf_neg(d)), rest);
    vf line_low = vf_add(vf_fma(b, vf_set(0x1.40d7fcp+1f), vf_neg(line)), vf_set(0x1.29469ep-9f));
    d_low = vf_fma(p, line_low, d_low);
    vf inverse = vf_div(vf_set(1), d);
    vf e = vf_fnma(inverse, d, vf_set(1));
    e = vf_fnma(inverse, d_low, e);
    vf ratio = vf_mul(p, inverse);
    vf ratio_low = vf_fma(p, inverse, vf_neg(ratio));
    vf z = vf_mul(vf_set(-0.5f), s);
    vf t = vf_fma(z, vf_set(0x1.715476p0f), vf_set(0x1.8p23f));
    vf n = vf_sub(t, vf_set(0x1.8p23f));
    vf r = vf_fnma(n, vf_set(0x1.62e400p-1f), z);
    r = vf_fnma(n, vf_set(0x1.7f7d1cp-20f), r);
    r = vf_add(r, vf_fma(vf_set(-0.5f), s_low, e));
    vf tail = vf_fma(exp_tail(r), vf_mul(r, r), r);
    vf scaled = vf_mul(b, power_of_two(t));
    scaled = vf_select(vf_gt(a, vf_set(0x1.a4ae0ep+3f)), vf_set(0), scaled);
    vf k = vf_fma(ratio, tail, ratio_low);
    vf w = vf_fma(scaled, ratio, vf_mul(scaled, k));
    vf far = vf_sub(vf_select(vf_gt(x, vf_set(0)), x, vf_set(0)), w);
    vf y = vf_select(vf_lt(a, vf_set(0.625f)), near, far);
    return vf_with_sign(y, x);
}

INLINE vf gelu_tanh_accurate(vf x) {
    vf a = vf_abs(x);
    vf b = vf_select(vf_gt(a, vf_set(0x1.3f909p+3f)), vf_set(0x1.3f909p+3f), a);
    vf s = vf_mul(b, b);
    vf s_low = vf_fma(b, b, vf_neg(s));
    vf m = vf_mul(s, vf_set(0x1.2444f2p-4f));
    vf m_low = vf_fma(s, vf_set(0x1.2444f2p-4f), vf_neg(m));
    m_low = vf_fma(s_low, vf_set(0x1.2444f2p-4f), m_low);
    vf k = vf_add(m, vf_set(0x1.988454p+0f));
    vf part = vf_sub(k, vf_set(0x1.988454p+0f));
    vf k_low = vf_add(vf_sub(vf_set(0x1.988454p+0f), vf_sub(k, part)), vf_sub(m, part));
    k_low = vf_add(k_low, vf_add(m_low, vf_set(-0x1.857936p-25f)));
    k_low = vf_fma(s, vf_set(0x1.49b16ap-29f), k_low);
    vf z = vf_neg(vf_mul(b, k));
    vf z_low = vf_fnma(b, k, vf_neg(z));
    z_low = vf_fnma(b, k_low, z_low);
    vf t = vf_fma(z, vf_set(0x1.715476p0f), vf_set(0x1.8p23f));
    vf n = vf_sub(t, vf_set(0x1.8p23f));
    vf r = vf_fnma(n, vf_set(0x1.62e400p-1f), z);
    r = vf_fnma(n, vf_set(0x1.7f7d1cp-20f), r);
    r = vf_add(r, z_low);
    vf tail = vf_fma(exp_tail(r), vf_mul(r, r), r);
    vf high = vf_add(vf_set(1), tail);
    vf low = vf_sub(tail, vf_sub(high, vf_set(1)));
    vf scale = power_of_two(t);
    vf y = vf_mul(x, quotient(x, vf_mul(high, scale), vf_mul(low, scale)));
    return vf_select(vf_lt(x, vf_set(-0x1.3f909p+3f)), vf_set(-0.0f), y);
}

INLINE vf relu(vf x) { return vf_select(vf_lt(x, vf_set(0)), vf_set(0), x); }

/* Float32: fast. */

INLINE vf tanh_fast(vf x) {
    vf z = clamp(x, -7.9807181358f, 7.9807181358f);
    vf u = vf_mul(z, z);
    vf p = vf_fma(vf_set(1.4248920266e-8f), u, vf_set(2.1235626264e-5f));
    p = vf_fma(p, u, vf_set(3.5330520477e-3f));
    p = vf_fma(p, u, vf_set(1.3412411511e-1f));
    p = vf_mul(z, vf_fma(p, u, vf_set(1)));
    vf q = vf_fma(vf_set(8.1365948290e-7f), u, vf_set(3.3472978976e-4f));
    q = vf_fma(q, u, vf_set(2.6018999517e-2f));
    q = vf_fma(q, u, vf_set(4.6745735407e-1f));
    q = vf_fma(q, u, vf_set(1));
    return vf_div(p, q);
}

INLINE vf logistic_fast(vf y) {
    vf z = clamp(y, -2 * 7.9807181358f, 2 * 7.9807181358f);
    vf u = vf_mul(z, z);
    vf p = vf_fma(vf_set(-1.4248920266e-8f / 1024), u, vf_set(-2.1235626264e-5f / 256));
    p = vf_fma(p, u, vf_set(-3.5330520477e-3f / 64));
    p = vf_fma(p, u, vf_set(-1.3412411511e-1f / 16));
    p = vf_mul(z, vf_fma(p, u, vf_set(-0.25f)));
    vf q = vf_fma(vf_set(8.1365948290e-7f / 256), u, vf_set(3.3472978976e-4f / 64));
    q = vf_fma(q, u, vf_set(2.6018999517e-2f / 16));
    q = vf_fma(q, u, vf_set(4.6745735407e-1f / 4));
    q = vf_fma(q, u, vf_set(1));
    return vf_div(p, q);
}

INLINE vf sigmoid_fast(vf x) {
    vf half = vf_set(0.5f);
    return vf_fma(half, tanh_fast(vf_mul(half, x)), half);
}

INLINE vf lecun_tanh_fast(vf x) { return vf_mul(vf_set(1.7159f), tanh_fast(vf_mul(vf_set(0.666f), x))); }

INLINE vf gelu_tanh_argument(vf x) {
    return vf_mul(x, vf_fma(vf_mul(x, x), vf_set(0x1.2444f2p-4f), vf_set(0x1.988454p+0f)));
}

INLINE vf softplus_fast(vf x) {
    vf z = vf_neg_abs(x);
    z = vf_select(vf_lt(z, vf_set(-87)), vf_set(-87), z);
    vf t = vf_fma(z, vf_set(0x1.715476p0f), vf_set(0x1.8p23f));
    vf n = vf_sub(t, vf_set(0x1.8p23f));
    vf r = vf_fnma(n, vf_set(0x1.62e400p-1f), z);
    r = vf_fnma(n, vf_set(0x1.7f7d1cp-20f), r);
    vf p = vf_fma(exp_tail(r), r, vf_set(1));
    p = vf_fma(p, r, vf_set(1));
    vf u = scale_normal(p, t);
    vf q = vf_set(-0x1.17ce40p-7f);
    q = vf_fma(q, u, vf_set(0x1.692cbep-5f));
    q = vf_fma(q, u, vf_set(-0x1.b90ee2p-4f));
    q = vf_fma(q, u, vf_set(0x1.6b6b86p-3f));
    q = vf_fma(q, u, vf_set(-0x1.f5aa80p-3f));
    q = vf_fma(q, u, vf_set(0x1.54bda6p-2f));
    q = vf_fma(q, u, vf_set(-0x1.fff934p-2f));
    q = vf_fma(q, u, vf_set(0x1.fffffap-1f));
    u = vf_select(vf_lt(x, vf_set(-87)), vf_set(0), u);
    vf b = vf_select(vf_gt(x, vf_set(0)), x, vf_set(0));
    vf y = vf_fma(q, u, b);
    return vf_select(vf_ne(x, x), x, y);
}

INLINE vf silu_fast(vf x) {
    vf z = vf_neg_abs(x);
    z = vf_select(vf_lt(z, vf_set(-87)), vf_set(-87), z);
    vf t = vf_fma(z, vf_set(0x1.715476p0f), vf_set(0x1.8p23f));
    vf n = vf_sub(t, vf_set(0x1.8p23f));
    vf r = vf_fnma(n, vf_set(0x1.62e400p-1f), z);
    r = vf_fnma(n, vf_set(0x1.7f7d1cp-20f), r);
    vf p = vf_fma(exp_tail(r), r, vf_set(1));
    p = vf_fma(p, r, vf_set(1));
    vf e = scale_normal(p, t);
    vf top = vf_select(vf_lt(x, vf_set(0)), e, vf_set(1));
    vf y = vf_mul(x, vf_div(top, vf_add(vf_set(1), e)));
    return vf_select(vf_lt(x, vf_set(-87)), vf_set(-0.0f), y);
}

INLINE vf gelu_fast(vf x) {
    vf u = vf_mul(x, x);
    vf p = vf_set(0x1.c0edd6p-18f);
    p = vf_fma(p, u, vf_set(0x1.782a22p-12f));
    p = vf_fma(p, u, vf_set(0x1.7ac6d2p-8f));
    p = vf_fma(p, u, vf_set(0x1.b51ceep-5f));
    p = vf_fma(p, u, vf_set(0x1.9883e8p-2f));
    vf q = vf_set(0x1.31023cp-21f);
    q = vf_fma(q, u, vf_set(0x1.10efdcp-13f));
    q = vf_fma(q, u, vf_set(0x1.81e5e8p-9f));
    q = vf_fma(q, u, vf_set(0x1.443b40p-5f));
    q = vf_fma(q, u, vf_set(0x1.339be0p-2f));
    q = vf_fma(q, u, vf_set(1));
    vf w = vf_div(vf_mul(x, p), q);
    vf y = vf_fma(x, w, vf_mul(vf_set(0.5f), x));
    y = vf_select(vf_gt(x, vf_set(5.1f)), x, y);
    y = vf_select(vf_lt(x, vf_set(-5.1f)), vf_set(0), y);
    return vf_with_sign(y, x);
}

INLINE vf gelu_tanh_fast(vf x) {
    vf z = gelu_tanh_argument(x);
    vf y = vf_mul(x, sigmoid_fast(z));
    return vf_select(vf_lt(z, vf_set(-87)), vf_set(-0.0f), y);
}

/* Float64. */

struct reduced_double {
    vd t;
    vd r;
};

INLINE struct reduced_double reduce_double(vd x) {
    vd t = vd_fma(x, vd_set(0x1.71547652b82fep0), vd_set(0x1.8p52));
    vd n = vd_sub(t, vd_set(0x1.8p52));
    vd r = vd_fnma(n, vd_set(0x1.62e42fefa39efp-1), x);
    return (struct reduced_double){t, vd_fnma(n, vd_set(0x1.abc9e3b39803fp-56), r)};
}

INLINE vd exp_tail_double(vd r) {
    vd q = vd_fma(vd_set(0x1.ad7f330d73d4ap-26), r, vd_set(0x1.28ad72df49402p-22));
    q = vd_fma(q, r, vd_set(0x1.71df257997528p-19));
    q = vd_fma(q, r, vd_set(0x1.a0199a0c67cbcp-16));
    q = vd_fma(q, r, vd_set(0x1.a01a012a45948p-13));
    q = vd_fma(q, r, vd_set(0x1.6c16c1842a073p-10));
    q = vd_fma(q, r, vd_set(0x1.1111111127c1bp-7));
    q = vd_fma(q, r, vd_set(0x1.555555555087dp-5));
    q = vd_fma(q, r, vd_set(0x1.55555555554fap-3));
    return vd_fma(q, r, vd_set(0x1.000000000000ap-1));
}

INLINE vd exp_polynomial_double(vd r) {
    vd p = vd_fma(exp_tail_double(r), r, vd_set(1));
    return vd_fma(p, r, vd_set(1));
}

INLINE vd scale_normal_double(vd p, vd t) { return vl_double(vl_add(vd_bits(p), vl_shl(vd_bits(t), 52))); }

INLINE vd clamp_double(vd x, double low, double high) {
    x = vd_select(vd_lt(x, vd_set(low)), vd_set(low), x);
    return vd_select(vd_gt(x, vd_set(high)), vd_set(high), x);
}

/* p 2^n; n + 2048 > 0, so that a logical shift serves (AVX2 has no arithmetic one) */
INLINE vd scale_any_double(vd p, vd t) {
    vl n = vl_sub(vd_bits(t), vl_set(0x4338000000000000 - 2048));
    vl half = vl_shr(n, 1);
    vd first = vl_double(vl_shl(vl_sub(half, vl_set(1)), 52));
    vd second = vl_double(vl_shl(vl_sub(vl_sub(n, half), vl_set(1)), 52));
    return vd_mul(vd_mul(p, first), second);
}

INLINE vd exp_double(vd x) {
    struct reduced_double z = reduce_double(clamp_double(x, -746, 710));
    return scale_any_double(exp_polynomial_double(z.r), z.t);
}

INLINE vd tanh_double(vd x) {
    vd a = vd_abs(x);
    vd u = vd_mul(a, a);
    vd s = vd_fma(vd_set(-0x1.0da714c7c67e3p-16), u, vd_set(0x1.4391186818105p-14));
    s = vd_fma(s, u, vd_set(-0x1.df55765c22318p-13));
    s = vd_fma(s, u, vd_set(0x1.3366129aa2dabp-11));
    s = vd_fma(s, u, vd_set(-0x1.7d68a32c4c2bfp-10));
    s = vd_fma(s, u, vd_set(0x1.d6cf280fa2200p-9));
    s = vd_fma(s, u, vd_set(-0x1.226e162c0cdbap-7));
    s = vd_fma(s, u, vd_set(0x1.664f477adc6f9p-6));
    s = vd_fma(s, u, vd_set(-0x1.ba1ba1b5065b2p-5));
    s = vd_fma(s, u, vd_set(0x1.111111110acd0p-3));
    s = vd_fma(s, u, vd_set(-0x1.55555555554ffp-2));
    s = vd_fma(s, vd_mul(a, u), a);
    vd b = vd_select(vd_gt(a, vd_set(19.1)), vd_set(19.1), a);
    struct reduced_double z = reduce_double(vd_add(b, b));
    vd e = scale_normal_double(exp_polynomial_double(z.r), z.t);
    vd w = vd_sub(vd_set(1), vd_div(vd_set(2), vd_add(e, vd_set(1))));
    vd y = vd_select(vd_ge(a, vd_set(0.625)), w, s);
    return vd_with_sign(y, x);
}

/* 2^n for a certainly normal result */
INLINE vd power_of_two_double(vd t) { return vl_double(vl_shl(vl_add(vd_bits(t), vl_set(1023)), 52)); }

/* (x < 0 ? e^(z + z_low) : 1) / (1 + e^(z + z_low)) for z + z_low = -|x| */
INLINE vd sigmoid_core(vd x, vd z, vd z_low) {
    struct reduced_double p = reduce_double(z);
    vd r = vd_add(p.r, z_low);
    vd tail = vd_fma(exp_tail_double(r), vd_mul(r, r), r);
    vd high = vd_add(vd_set(1), tail);
    vd low = vd_sub(tail, vd_sub(high, vd_set(1)));
    vd scale = power_of_two_double(p.t);
    vd n = vd_mul(high, scale);
    vd n_low = vd_mul(low, scale);
    vd d = vd_add(vd_set(1), n);
    vd d_low = vd_add(vd_add(vd_sub(vd_set(1), d), n), n_low);
    vd g = vd_div(vd_set(1), d);
    vdmask negative = vd_lt(x, vd_set(0));
    vd top = vd_select(negative, n, vd_set(1));
    vd top_low = vd_select(negative, n_low, vd_set(0));
    vd y = vd_mul(top, g);
    vd c = vd_fnma(y, d, top);
    c = vd_add(vd_fnma(y, d_low, c), top_low);
    return vd_fma(c, g, y);
}

INLINE vd sigmoid_double(vd x) {
    vd a = vd_neg_abs(x);
    return sigmoid_core(x, vd_select(vd_lt(a, vd_set(-708)), vd_set(-708), a), vd_set(0));
}

INLINE vd softplus_double(vd x) {
    vd z = vd_neg_abs(x);
    vd u = vd_mul(x, x);
    vd p = vd_set(-0x1.ea3dcf341d3c2p-38);
    p = vd_fma(p, u, vd_set(0x1.fb8ea3171552cp-34));
    p = vd_fma(p, u, vd_set(-0x1.7a38691f93d77p-30));
    p = vd_fma(p, u, vd_set(0x1.0cde9be197a17p-26));
    p = vd_fma(p, u, vd_set(-0x1.833aa5495771cp-23));
    p = vd_fma(p, u, vd_set(0x1.1ea5c35c0701cp-19));
    p = vd_fma(p, u, vd_set(-0x1.ba1ba14b03faep-16));
    p = vd_fma(p, u, vd_set(0x1.6c16c16b3a7bep-12));
    p = vd_fma(p, u, vd_set(-0x1.55555555547a7p-8));
    p = vd_fma(p, u, vd_set(0x1.ffffffffffffbp-4));
    vd c = vd_fma(p, u, vd_set(0x1.abc9e3b39803fp-56));
    vd near = vd_add(vd_fma(vd_set(0.5), x, c), vd_set(0x1.62e42fefa39efp-1));
    vd clamped = vd_select(vd_lt(z, vd_set(-746)), vd_set(-746), z);
    vd t = vd_fma(clamped, vd_set(0x1.71547652b82fep0), vd_set(0x1.8p52));
    vd n = vd_sub(t, vd_set(0x1.8p52));
    vd r = vd_fnma(n, vd_set(0x1.62e42fefa39efp-1), clamped);
    r = vd_fnma(n, vd_set(0x1.abc9e3b39803fp-56), r);
    vd tail = vd_fma(exp_tail_double(r), vd_mul(r, r), r);
    vd high = vd_add(vd_set(1), tail);
    vd low = vd_sub(tail, vd_sub(high, vd_set(1)));
    vl m = vl_sub(vd_bits(t), vl_sub(vl_set(0x4338000000000000), vl_set(2048)));
    vl half = vl_shr(m, 1);
    vd first = vl_double(vl_shl(vl_sub(half, vl_set(1)), 52));
    vd second = vl_double(vl_shl(vl_sub(vl_sub(m, half), vl_set(1)), 52));
    vd power = vd_mul(vd_mul(high, first), second);
    vd power_low = vd_mul(vd_mul(low, first), second);
    vd q = vd_set(-0x1.bd6b7549a8e0cp-8);
    q = vd_fma(q, power, vd_set(0x1.aa4eec8ad2ea0p-6));
    q = vd_fma(q, power, vd_set(-0x1.a3fefe1f14179p-5));
    q = vd_fma(q, power, vd_set(0x1.29bae5c21a568p-4));
    q = vd_fma(q, power, vd_set(-0x1.6710204ee3b9cp-4));
    q = vd_fma(q, power, vd_set(0x1.969d2ab9fa0d2p-4));
    q = vd_fma(q, power, vd_set(-0x1.c69e9b4e1887ap-4));
    q = vd_fma(q, power, vd_set(0x1.fff0fac1566bbp-4));
    q = vd_fma(q, power, vd_set(-0x1.2491a62a62a5cp-3));
    q = vd_fma(q, power, vd_set(0x1.55554bd9cefe5p-3));
    q = vd_fma(q, power, vd_set(-0x1.9999993dc3b4ep-3));
    q = vd_fma(q, power, vd_set(0x1.fffffffdeed0cp-3));
    q = vd_fma(q, power, vd_set(-0x1.555555555250ap-2));
    q = vd_fma(q, power, vd_set(0x1.fffffffffffcfp-2));
    vd log = vd_add(power, vd_fnma(vd_mul(power, power), q, power_low));
    vd far = vd_add(vd_select(vd_gt(x, vd_set(0)), x, vd_set(0)), log);
    return vd_select(vd_gt(z, vd_set(-1)), near, far);
}

INLINE vd silu_double(vd x) {
    vd y = vd_mul(x, sigmoid_double(x));
    return vd_select(vd_lt(x, vd_set(-708)), vd_set(-0.0), y);
}

INLINE vd gelu_double(vd x) {
    vd a = vd_abs(x);
    vd b = vd_select(vd_gt(a, vd_set(37.7)), vd_set(37.7), a);
    vd s = vd_mul(b, b);
    vd s_low = vd_fma(b, b, vd_neg(s));
    vd c = vd_set(-0x1.b21da0e3d5186p-34);
    c = vd_fma(c, s, vd_set(0x1.35ff303ecb2b7p-29));
    c = vd_fma(c, s, vd_set(-0x1.62061d9d1850cp-25));
    c = vd_fma(c, s, vd_set(0x1.6589597c623abp-21));
    c = vd_fma(c, s, vd_set(-0x1.3ce8f73f6d2abp-17));
    c = vd_fma(c, s, vd_set(0x1.e42b0d3e389c6p-14));
    c = vd_fma(c, s, vd_set(-0x1.37403f6b7efb7p-10));
    c = vd_fma(c, s, vd_set(0x1.46d0429768dcbp-7));
    c = vd_fma(c, s, vd_set(-0x1.1058377e2ceddp-4));
    c = vd_fma(c, s, vd_set(0x1.9884533d43651p-2));
    vd near = vd_fma(c, s, vd_mul(vd_set(0.5), x));
    vd p = vd_set(0x1.041294748c905p-21);
    p = vd_fma(p, b, vd_set(0x1.e84e749842207p-17));
    p = vd_fma(p, b, vd_set(0x1.c492a2e2011d0p-13));
    p = vd_fma(p, b, vd_set(0x1.0ccc1d413436dp-9));
    p = vd_fma(p, b, vd_set(0x1.c18b8415e3fe8p-7));
    p = vd_fma(p, b, vd_set(0x1.1347288bcfd52p-4));
    p = vd_fma(p, b, vd_set(0x1.f32b563275f1cp-3));
    p = vd_fma(p, b, vd_set(0x1.4b22a98c058f9p-1));
    p = vd_fma(p, b, vd_set(0x1.34dfe37205148p+0));
    p = vd_fma(p, b, vd_set(0x1.70f906cba1e3ap+0));
    p = vd_fma(p, b, vd_set(0x1.b40aac0000000p-1));
    vd rest = vd_set(0x1.45f3e01c0833fp-20);
    rest = vd_fma(rest, b, vd_set(0x1.32002dd189d9cp-15));
    rest = vd_fma(rest, b, vd_set(0x1.1a55ae35b7593p-11));
    rest = vd_fma(rest, b, vd_set(0x1.4c1b31bfa2d9bp-8));
    rest = vd_fma(rest, b, vd_set(0x1.10f27e692ca65p-5));
    rest = vd_fma(rest, b, vd_set(0x1.44b3974cd4cc0p-3));
    rest = vd_fma(rest, b, vd_set(0x1.1851247f04768p-1));
    rest = vd_fma(rest, b, vd_set(0x1.553d23e5a84d1p+0));
    rest = vd_fma(rest, b, vd_set(0x1.0dadfb8b570ddp+1));
    rest = vd_fma(rest, b, vd_set(0x1.b40aac0000000p+0));
    vd line = vd_mul(b, vd_set(0x1.40d931ff62706p+1));
    vd line_low = vd_fma(b, vd_set(0x1.40d931ff62706p+1), vd_neg(line));
    vd d = vd_fma(p, line, rest);
    vd d_low = vd_add(vd_fma(p, line, vd_neg(d)), rest);
    d_low = vd_fma(p, line_low, d_low);
    vd inverse = vd_div(vd_set(1), d);
    vd e = vd_fnma(inverse, d, vd_set(1));
    e = vd_fnma(inverse, d_low, e);
    vd ratio = vd_mul(p, inverse);
    vd ratio_low = vd_fma(p, inverse, vd_neg(ratio));
    vd z = vd_mul(vd_set(-0.5), s);
    vd t = vd_fma(z, vd_set(0x1.71547652b82fep0), vd_set(0x1.8p52));
    vd n = vd_sub(t, vd_set(0x1.8p52));
    vd r = vd_fnma(n, vd_set(0x1.62e42fefa39efp-1), z);
    r = vd_fnma(n, vd_set(0x1.abc9e3b39803fp-56), r);
    r = vd_add(r, vd_fma(vd_set(-0.5), s_low, e));
    vd tail = vd_fma(exp_tail_double(r), vd_mul(r, r), r);
    vd k = vd_fma(ratio, tail, ratio_low);
    vd scaled = vd_mul(b, power_of_two_double(t));
    scaled = vd_select(vd_gt(a, vd_set(0x1.2ced4c5dd8ab5p+5)), vd_set(0), scaled);
    vd w = vd_fma(scaled, ratio, vd_mul(scaled, k));
    vd far = vd_sub(vd_select(vd_gt(x, vd_set(0)), x, vd_set(0)), w);
    vd y = vd_select(vd_lt(a, vd_set(0.625)), near, far);
    return vd_with_sign(y, x);
}

INLINE vd gelu_tanh_double(vd x) {
    vd a = vd_abs(x);
    vd b = vd_select(vd_gt(a, vd_set(0x1.52437f50e919fp+4)), vd_set(0x1.52437f50e919fp+4), a);
    vd s = vd_mul(b, b);
    vd s_low = vd_fma(b, b, vd_neg(s));
    vd m = vd_mul(s, vd_set(0x1.2444f2a4d8b4bp-4));
    vd m_low = vd_fma(s, vd_set(0x1.2444f2a4d8b4bp-4), vd_neg(m));
    m_low = vd_fma(s_low, vd_set(0x1.2444f2a4d8b4bp-4), m_low);
    m_low = vd_fma(s, vd_set(-0x1.6c843a29d1c70p-61), m_low);
    vd k = vd_add(vd_set(0x1.9884533d43651p+0), m);
    vd part = vd_sub(k, vd_set(0x1.9884533d43651p+0));
    vd k_low = vd_add(vd_sub(vd_set(0x1.9884533d43651p+0), vd_sub(k, part)), vd_sub(m, part));
    k_low = vd_add(k_low, vd_add(m_low, vd_set(-0x1.cbc0d30ebfd15p-54)));
    vd z = vd_neg(vd_mul(b, k));
    vd z_low = vd_fnma(b, k, vd_neg(z));
    z_low = vd_fnma(b, k_low, z_low);
    vd y = vd_mul(x, sigmoid_core(x, z, z_low));
    return vd_select(vd_lt(x, vd_set(-0x1.52437f50e919fp+4)), vd_set(-0.0), y);
}

INLINE vd lecun_tanh_double(vd x) {
    vd a = vd_abs(x);
    vd u = vd_mul(a, a);
    vd s = vd_set(-0x1.4a05ab52efed0p-29);
    s = vd_fma(s, u, vd_set(0x1.be6e04dbbfd5dp-26));
    s = vd_fma(s, u, vd_set(-0x1.74c398cd6c3b2p-23));
    s = vd_fma(s, u, vd_set(0x1.0d7a95479cfacp-20));
    s = vd_fma(s, u, vd_set(-0x1.78e88fda493f8p-18));
    s = vd_fma(s, u, vd_set(0x1.063accf1d914dp-15));
    s = vd_fma(s, u, vd_set(-0x1.6cb1f507def84p-13));
    s = vd_fma(s, u, vd_set(0x1.fb3001892db12p-11));
    s = vd_fma(s, u, vd_set(-0x1.60b846c5434c3p-8));
    s = vd_fma(s, u, vd_set(0x1.eb289d365b6a7p-6));
    s = vd_fma(s, u, vd_set(-0x1.5a09a3b5a43cep-3));
    vd p = vd_mul(a, vd_set(0x1.248dd89b37289p+0));
    vd p_low = vd_fma(a, vd_set(0x1.248dd89b37289p+0), vd_neg(p));
    p_low = vd_fma(a, vd_set(-0x1.3187cce87b7f0p-56), p_low);
    vd near = vd_add(vd_fma(s, vd_mul(a, u), p_low), p);
    vd b = vd_select(vd_gt(a, vd_set(28.7)), vd_set(28.7), a);
    vd z = vd_mul(b, vd_set(0x1.54fdf3b645a1dp+0));
    vd z_low = vd_fma(b, vd_set(0x1.54fdf3b645a1dp+0), vd_neg(z));
    vd t = vd_fma(z, vd_set(0x1.71547652b82fep0), vd_set(0x1.8p52));
    vd n = vd_sub(t, vd_set(0x1.8p52));
    vd r = vd_fnma(n, vd_set(0x1.62e42fefa39efp-1), z);
    r = vd_fnma(n, vd_set(0x1.abc9e3b39803fp-56), r);
    r = vd_add(r, z_low);
    vd e = vd_fma(exp_tail_double(r), r, vd_set(1));
    e = vd_fma(e, r, vd_set(1));
    e = scale_normal_double(e, t);
    vd far = vd_sub(vd_set(0x1.b74538ef34d6ap+0), vd_div(vd_set(0x1.b74538ef34d6ap+1), vd_add(e, vd_set(1))));
    vd y = vd_select(vd_ge(a, vd_set(0.9375)), far, near);
    return vd_with_sign(y, x);
}

INLINE vd relu_double(vd x) { return vd_select(vd_lt(x, vd_set(0)), vd_set(0), x); }

/* Float32: exact (correctly rounded), float64 inside. */

INLINE vd tanh_for_float(vd x) {
    vd z = clamp_double(x, -9.1, 9.1);
    vd u = vd_mul(z, z);
    vd u2 = vd_mul(u, u);
    vd u4 = vd_mul(u2, u2);
    vd n01 = vd_fma(u, vd_set(0x1.30877b8b72d33p-3), vd_set(1));
    vd n23 = vd_fma(u, vd_set(0x1.4101377abb729p-14), vd_set(0x1.694aa09ae9e5ep-8));
    vd n45 = vd_fma(u, vd_set(0x1.2533756e546f7p-30), vd_set(0x1.e0392b1db0018p-22));
    vd n67 = vd_fma(u, vd_set(0x1.b06be534182dep-54), vd_set(0x1.d62e5abe6ae8ap-41));
    vd n = vd_fma(u4, vd_fma(u2, n67, n45), vd_fma(u2, n23, n01));
    vd d01 = vd_fma(u, vd_set(0x1.ed99131b0ebeap-2), vd_set(1));
    vd d23 = vd_fma(u, vd_set(0x1.7cbdaca0e9fccp-11), vd_set(0x1.0d27ed6c95a69p-5));
    vd d45 = vd_fma(u, vd_set(0x1.a6f707c5c71abp-26), vd_set(0x1.b4e60b892578ep-18));
    vd d67 = vd_fma(u, vd_set(0x1.ca8230677aa01p-47), vd_set(0x1.35a8b6e2cd94cp-35));
    vd d = vd_fma(u4, vd_fma(u2, d67, d45), vd_fma(u2, d23, d01));
    return vd_div(vd_mul(z, n), d);
}

INLINE vd exp_degree_12(vd x) {
    struct reduced_double z = reduce_double(x);
    vd p = vd_fma(vd_set(2.119890244143296032e-9), z.r, vd_set(2.521079371356939368e-8));
    p = vd_fma(p, z.r, vd_set(2.755585399809175769e-7));
    p = vd_fma(p, z.r, vd_set(2.755675838881680360e-6));
    p = vd_fma(p, z.r, vd_set(2.480158976814372031e-5));
    p = vd_fma(p, z.r, vd_set(1.984127071808468106e-4));
    p = vd_fma(p, z.r, vd_set(1.388888888680978647e-3));
    p = vd_fma(p, z.r, vd_set(8.333333332743943569e-3));
    p = vd_fma(p, z.r, vd_set(4.166666666668113195e-2));
    p = vd_fma(p, z.r, vd_set(1.666666666666796748e-1));
    p = vd_fma(p, z.r, vd_set(0.5));
    p = vd_fma(p, z.r, vd_set(1));
    p = vd_fma(p, z.r, vd_set(1));
    return scale_normal_double(p, z.t);
}

INLINE vd exp_for_float(vd x) { return exp_degree_12(clamp_double(x, -104, 89)); }

INLINE vd sigmoid_for_float(vd x) {
    vd a = vd_neg_abs(x);
    vd e = exp_degree_12(vd_select(vd_lt(a, vd_set(-104)), vd_set(-104), a));
    return vd_div(vd_select(vd_lt(x, vd_set(0)), e, vd_set(1)), vd_add(vd_set(1), e));
}

INLINE vd softplus_for_float(vd x) {
    vd z = vd_neg_abs(x);
    vd u = vd_mul(x, x);
    vd p = vd_set(-0x1.ea3dcf341d3c2p-38);
    p = vd_fma(p, u, vd_set(0x1.fb8ea3171552cp-34));
    p = vd_fma(p, u, vd_set(-0x1.7a38691f93d77p-30));
    p = vd_fma(p, u, vd_set(0x1.0cde9be197a17p-26));
    p = vd_fma(p, u, vd_set(-0x1.833aa5495771cp-23));
    p = vd_fma(p, u, vd_set(0x1.1ea5c35c0701cp-19));
    p = vd_fma(p, u, vd_set(-0x1.ba1ba14b03faep-16));
    p = vd_fma(p, u, vd_set(0x1.6c16c16b3a7bep-12));
    p = vd_fma(p, u, vd_set(-0x1.55555555547a7p-8));
    p = vd_fma(p, u, vd_set(0x1.ffffffffffffbp-4));
    vd c = vd_fma(p, u, vd_set(0x1.7p-54));
    vd near = vd_add(vd_fma(vd_set(0.5), x, c), vd_set(0x1.62e42fefa39efp-1));
    vd clamped = vd_select(vd_lt(z, vd_set(-104)), vd_set(-104), z);
    vd t = vd_fma(clamped, vd_set(0x1.71547652b82fep0), vd_set(0x1.8p52));
    vd n = vd_sub(t, vd_set(0x1.8p52));
    vd r = vd_fnma(n, vd_set(0x1.62e42fefa39efp-1), clamped);
    r = vd_fnma(n, vd_set(0x1.abc9e3b39803fp-56), r);
    vd tail = vd_fma(exp_tail_double(r), vd_mul(r, r), r);
    vd high = vd_add(vd_set(1), tail);
    vd low = vd_sub(tail, vd_sub(high, vd_set(1)));
    vd scale = power_of_two_double(t);
    vd power = vd_mul(high, scale);
    vd power_low = vd_mul(low, scale);
    vd q = vd_set(-0x1.bd6b7549a8e0cp-8);
    q = vd_fma(q, power, vd_set(0x1.aa4eec8ad2ea0p-6));
    q = vd_fma(q, power, vd_set(-0x1.a3fefe1f14179p-5));
    q = vd_fma(q, power, vd_set(0x1.29bae5c21a568p-4));
    q = vd_fma(q, power, vd_set(-0x1.6710204ee3b9cp-4));
    q = vd_fma(q, power, vd_set(0x1.969d2ab9fa0d2p-4));
    q = vd_fma(q, power, vd_set(-0x1.c69e9b4e1887ap-4));
    q = vd_fma(q, power, vd_set(0x1.fff0fac1566bbp-4));
    q = vd_fma(q, power, vd_set(-0x1.2491a62a62a5cp-3));
    q = vd_fma(q, power, vd_set(0x1.55554bd9cefe5p-3));
    q = vd_fma(q, power, vd_set(-0x1.9999993dc3b4ep-3));
    q = vd_fma(q, power, vd_set(0x1.fffffffdeed0cp-3));
    q = vd_fma(q, power, vd_set(-0x1.555555555250ap-2));
    q = vd_fma(q, power, vd_set(0x1.fffffffffffcfp-2));
    vd log = vd_add(power, vd_fnma(vd_mul(power, power), q, power_low));
    vd far = vd_add(vd_select(vd_gt(x, vd_set(0)), x, vd_set(0)), log);
    return vd_select(vd_gt(z, vd_set(-1)), near, far);
}

INLINE vd silu_for_float(vd x) {
    vd clamped = vd_select(vd_lt(x, vd_set(-120)), vd_set(-120), x);
    vd z = vd_neg_abs(clamped);
    z = vd_select(vd_lt(z, vd_set(-120)), vd_set(-120), z);
    z = vd_select(vd_gt(z, vd_set(-0x1p-40)), vd_set(-0x1p-40), z);
    return vd_mul(clamped, sigmoid_core(x, z, vd_set(0)));
}

INLINE vd gelu_for_float(vd x) {
    vd a = vd_abs(x);
    vd b = vd_select(vd_gt(a, vd_set(14.75)), vd_set(14.75), a);
    vd s = vd_mul(b, b);
    vd s_low = vd_fma(b, b, vd_neg(s));
    vd c = vd_set(-0x1.b21da0e3d5186p-34);
    c = vd_fma(c, s, vd_set(0x1.35ff303ecb2b7p-29));
    c = vd_fma(c, s, vd_set(-0x1.62061d9d1850cp-25));
    c = vd_fma(c, s, vd_set(0x1.6589597c623abp-21));
    c = vd_fma(c, s, vd_set(-0x1.3ce8f73f6d2abp-17));
    c = vd_fma(c, s, vd_set(0x1.e42b0d3e389c6p-14));
    c = vd_fma(c, s, vd_set(-0x1.37403f6b7efb7p-10));
    c = vd_fma(c, s, vd_set(0x1.46d0429768dcbp-7));
    c = vd_fma(c, s, vd_set(-0x1.1058377e2ceddp-4));
    c = vd_fma(c, s, vd_set(0x1.9884533d43651p-2));
    vd product = vd_select(vd_lt(a, vd_set(0x1p-40)), vd_set(0x1p-42), vd_mul(c, b));
    vd near = vd_fma(product, b, vd_mul(vd_set(0.5), x));
    vd p = vd_set(0x1.041294748c905p-21);
    p = vd_fma(p, b, vd_set(0x1.e84e749842207p-17));
    p = vd_fma(p, b, vd_set(0x1.c492a2e2011d0p-13));
    p = vd_fma(p, b, vd_set(0x1.0ccc1d413436dp-9));
    p = vd_fma(p, b, vd_set(0x1.c18b8415e3fe8p-7));
    p = vd_fma(p, b, vd_set(0x1.1347288bcfd52p-4));
    p = vd_fma(p, b, vd_set(0x1.f32b563275f1cp-3));
    p = vd_fma(p, b, vd_set(0x1.4b22a98c058f9p-1));
    p = vd_fma(p, b, vd_set(0x1.34dfe37205148p+0));
    p = vd_fma(p, b, vd_set(0x1.70f906cba1e3ap+0));
    p = vd_fma(p, b, vd_set(0x1.b40aac0000000p-1));
    vd rest = vd_set(0x1.45f3e01c0833fp-20);
    rest = vd_fma(rest, b, vd_set(0x1.32002dd189d9cp-15));
    rest = vd_fma(rest, b, vd_set(0x1.1a55ae35b7593p-11));
    rest = vd_fma(rest, b, vd_set(0x1.4c1b31bfa2d9bp-8));
    rest = vd_fma(rest, b, vd_set(0x1.10f27e692ca65p-5));
    rest = vd_fma(rest, b, vd_set(0x1.44b3974cd4cc0p-3));
    rest = vd_fma(rest, b, vd_set(0x1.1851247f04768p-1));
    rest = vd_fma(rest, b, vd_set(0x1.553d23e5a84d1p+0));
    rest = vd_fma(rest, b, vd_set(0x1.0dadfb8b570ddp+1));
    rest = vd_fma(rest, b, vd_set(0x1.b40aac0000000p+0));
    vd line = vd_mul(b, vd_set(0x1.40d931ff62706p+1));
    vd line_low = vd_fma(b, vd_set(0x1.40d931ff62706p+1), vd_neg(line));
    vd d = vd_fma(p, line, rest);
    vd d_low = vd_add(vd_fma(p, line, vd_neg(d)), rest);
    d_low = vd_fma(p, line_low, d_low);
    vd inverse = vd_div(vd_set(1), d);
    vd e = vd_fnma(inverse, d, vd_set(1));
    e = vd_fnma(inverse, d_low, e);
    vd ratio = vd_mul(p, inverse);
    vd ratio_low = vd_fma(p, inverse, vd_neg(ratio));
    vd z = vd_mul(vd_set(-0.5), s);
    vd t = vd_fma(z, vd_set(0x1.71547652b82fep0), vd_set(0x1.8p52));
    vd n = vd_sub(t, vd_set(0x1.8p52));
    vd r = vd_fnma(n, vd_set(0x1.62e42fefa39efp-1), z);
    r = vd_fnma(n, vd_set(0x1.abc9e3b39803fp-56), r);
    r = vd_add(r, vd_fma(vd_set(-0.5), s_low, e));
    vd tail = vd_fma(exp_tail_double(r), vd_mul(r, r), r);
    vd k = vd_fma(ratio, tail, ratio_low);
    vd scaled = vd_mul(b, power_of_two_double(t));
    vd w = vd_fma(scaled, ratio, vd_mul(scaled, k));
    vd far = vd_sub(vd_select(vd_gt(x, vd_set(0)), x, vd_set(0)), w);
    vd y = vd_select(vd_lt(a, vd_set(0.625)), near, far);
    return vd_select(vd_gt(a, vd_set(0)), y, x);
}

INLINE vd gelu_tanh_for_float(vd x) {
    vd a = vd_abs(x);
    vd b = vd_select(vd_gt(a, vd_set(11.5)), vd_set(11.5), a);
    b = vd_select(vd_lt(b, vd_set(0x1p-40)), vd_set(0x1p-40), b);
    vd s = vd_mul(b, b);
    vd s_low = vd_fma(b, b, vd_neg(s));
    vd m = vd_mul(s, vd_set(0x1.2444f2a4d8b4bp-4));
    vd m_low = vd_fma(s, vd_set(0x1.2444f2a4d8b4bp-4), vd_neg(m));
    m_low = vd_fma(s_low, vd_set(0x1.2444f2a4d8b4bp-4), m_low);
    m_low = vd_fma(s, vd_set(-0x1.6c843a29d1c70p-61), m_low);
    vd k = vd_add(vd_set(0x1.9884533d43651p+0), m);
    vd part = vd_sub(k, vd_set(0x1.9884533d43651p+0));
    vd k_low = vd_add(vd_sub(vd_set(0x1.9884533d43651p+0), vd_sub(k, part)), vd_sub(m, part));
    k_low = vd_add(k_low, vd_add(m_low, vd_set(-0x1.cbc0d30ebfd15p-54)));
    vd z = vd_neg(vd_mul(b, k));
    vd z_low = vd_fnma(b, k, vd_neg(z));
    z_low = vd_fnma(b, k_low, z_low);
    vd clamped = vd_select(vd_lt(x, vd_set(-11.5)), vd_set(-11.5), x);
    return vd_mul(clamped, sigmoid_core(x, z, z_low));
}

INLINE vd lecun_tanh_for_float(vd x) {
    vd a = vd_abs(x);
    vd u = vd_mul(a, a);
    vd s = vd_set(-0x1.4a05ab52efed0p-29);
    s = vd_fma(s, u, vd_set(0x1.be6e04dbbfd5dp-26));
    s = vd_fma(s, u, vd_set(-0x1.74c398cd6c3b2p-23));
    s = vd_fma(s, u, vd_set(0x1.0d7a95479cfacp-20));
    s = vd_fma(s, u, vd_set(-0x1.78e88fda493f8p-18));
    s = vd_fma(s, u, vd_set(0x1.063accf1d914dp-15));
    s = vd_fma(s, u, vd_set(-0x1.6cb1f507def84p-13));
    s = vd_fma(s, u, vd_set(0x1.fb3001892db12p-11));
    s = vd_fma(s, u, vd_set(-0x1.60b846c5434c3p-8));
    s = vd_fma(s, u, vd_set(0x1.eb289d365b6a7p-6));
    s = vd_fma(s, u, vd_set(-0x1.5a09a3b5a43cep-3));
    vd p = vd_mul(a, vd_set(0x1.248dd89b37289p+0));
    vd p_low = vd_fma(a, vd_set(0x1.248dd89b37289p+0), vd_neg(p));
    p_low = vd_fma(a, vd_set(-0x1.3187cce87b7f0p-56), p_low);
    vd inner = vd_fma(s, vd_mul(a, u), p_low);
    vd rounded = vd_add(inner, p);
    vd rest = vd_sub(inner, vd_sub(rounded, p));
    vl odd = vd_bits(rounded);
    odd = vl_select(vd_lt(rest, vd_set(0)), vl_sub(odd, vl_set(1)), odd);
    odd = vl_select(vd_ne(rest, vd_set(0)), vl_or(odd, vl_set(1)), odd);
    vd near = vl_double(odd);
    vd b = vd_select(vd_gt(a, vd_set(28.7)), vd_set(28.7), a);
    vd z = vd_mul(b, vd_set(0x1.54fdf3b645a1dp+0));
    vd z_low = vd_fma(b, vd_set(0x1.54fdf3b645a1dp+0), vd_neg(z));
    vd t = vd_fma(z, vd_set(0x1.71547652b82fep0), vd_set(0x1.8p52));
    vd n = vd_sub(t, vd_set(0x1.8p52));
    vd r = vd_fnma(n, vd_set(0x1.62e42fefa39efp-1), z);
    r = vd_fnma(n, vd_set(0x1.abc9e3b39803fp-56), r);
    r = vd_add(r, z_low);
    vd e = vd_fma(exp_tail_double(r), r, vd_set(1));
    e = vd_fma(e, r, vd_set(1));
    e = scale_normal_double(e, t);
    vd far = vd_sub(vd_set(0x1.b74538ef34d6ap+0), vd_div(vd_set(0x1.b74538ef34d6ap+1), vd_add(e, vd_set(1))));
    vd y = vd_select(vd_ge(a, vd_set(0.9375)), far, near);
    return vd_with_sign(y, x);
}

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
