/*
 * Elementwise functions on vectors. The definitions, with accuracy and sources, are in ScalarMath.java; the names and
 * the order of operations are the same here.
 */
#ifndef ELEGANS_ELEMENTWISE_H
#define ELEGANS_ELEMENTWISE_H

#include "simd.h"

/* ---- float32: the exponential core ---------------------------------------------------------------------------- */

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

INLINE vf clamp(vf x, float low, float high) {
    x = vf_select(vf_lt(x, vf_set(low)), vf_set(low), x);
    return vf_select(vf_gt(x, vf_set(high)), vf_set(high), x);
}

/* ---- float32: accurate ---------------------------------------------------------------------------------------- */

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
    vf scale = vi_float(vi_shl(vi_add(vf_bits(z.t), vi_set(127)), 23));
    vf n = vf_mul(high, scale);
    vf n_low = vf_mul(low, scale);
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

/* ---- float32: fast -------------------------------------------------------------------------------------------- */

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

INLINE vf sigmoid_fast(vf x) {
    vf half = vf_set(0.5f);
    return vf_fma(half, tanh_fast(vf_mul(half, x)), half);
}

/* ---- float64 -------------------------------------------------------------------------------------------------- */

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

INLINE vd sigmoid_double(vd x) {
    vd a = vd_neg_abs(x);
    struct reduced_double z = reduce_double(vd_select(vd_lt(a, vd_set(-708)), vd_set(-708), a));
    vd tail = vd_fma(exp_tail_double(z.r), vd_mul(z.r, z.r), z.r);
    vd high = vd_add(vd_set(1), tail);
    vd low = vd_sub(tail, vd_sub(high, vd_set(1)));
    vd scale = vl_double(vl_shl(vl_add(vd_bits(z.t), vl_set(1023)), 52));
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

/* ---- float32: exact (correctly rounded), float64 inside --------------------------------------------------------- */

INLINE vd tanh_rational(vd x) {
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

/* The float32 function that rounds a float64 one once. */
#define EXACT(name, function)                                                                                          \
    INLINE vf name(vf x) { return vd_join(function(vf_low(x)), function(vf_high(x))); }

EXACT(tanh_exact, tanh_rational)
EXACT(exp_exact, exp_for_float)
EXACT(sigmoid_exact, sigmoid_for_float)

/* ---- what stands on them --------------------------------------------------------------------------------------- */

INLINE vf relu(vf x) { return vf_select(vf_lt(x, vf_set(0)), vf_set(0), x); }
INLINE vd relu_double(vd x) { return vd_select(vd_lt(x, vd_set(0)), vd_set(0), x); }

#define LECUN(name, tanh)                                                                                              \
    INLINE vf name(vf x) { return vf_mul(vf_set(1.7159f), tanh(vf_mul(vf_set(0.666f), x))); }

LECUN(lecun_tanh_fast, tanh_fast)
LECUN(lecun_tanh_accurate, tanh_accurate)
INLINE vd lecun_tanh_double(vd x) { return vd_mul(vd_set(1.7159), tanh_double(vd_mul(vd_set(0.666), x))); }

#endif
