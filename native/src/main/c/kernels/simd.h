/*
 * A thin vocabulary over intrinsics, so that a kernel reads like its mathematics and exists once for all tiers:
 * vf (float), vd (double), vi and vl (integers of the same widths), with LANES floats or LANES / 2 doubles.
 * Only operations whose result IEEE 754 fixes: no estimates, no min/max, no cross-lane reductions.
 */
#ifndef ELEGANS_SIMD_H
#define ELEGANS_SIMD_H

#include <stdint.h>
#include <string.h>
#if defined(__ARM_FEATURE_SVE)
#include <arm_sve.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#else
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

#if defined(__AVX512F__)

#define LANES 16
#define VECTOR_REGISTERS 32
typedef __m512 vf;
typedef __m512d vd;
typedef __m512i vi;
typedef __m512i vl;
typedef __mmask16 vfmask;
typedef __mmask8 vdmask;

INLINE vf vf_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE vi vi_load(const float *p) { return _mm512_loadu_si512(p); }
INLINE void vf_store(float *p, vf a) { _mm512_storeu_ps(p, a); }
INLINE vf vf_set(float a) { return _mm512_set1_ps(a); }
INLINE vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
INLINE vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
INLINE vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
INLINE vf vf_div(vf a, vf b) { return _mm512_div_ps(a, b); }
INLINE vf vf_sqrt(vf a) { return _mm512_sqrt_ps(a); }
INLINE vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
INLINE vf vf_fnma(vf a, vf b, vf c) { return _mm512_fnmadd_ps(a, b, c); } /* c - a b */
INLINE vfmask vf_lt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
INLINE vfmask vf_gt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
INLINE vfmask vf_ge(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ); }
INLINE vfmask vf_ne(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ); }
INLINE vf vf_select(vfmask m, vf a, vf b) { return _mm512_mask_blend_ps(m, b, a); } /* m ? a : b */
INLINE vi vf_bits(vf a) { return _mm512_castps_si512(a); }
INLINE vf vi_float(vi a) { return _mm512_castsi512_ps(a); }
INLINE vi vi_set(int32_t a) { return _mm512_set1_epi32(a); }
INLINE vi vi_add(vi a, vi b) { return _mm512_add_epi32(a, b); }
INLINE vi vi_sub(vi a, vi b) { return _mm512_sub_epi32(a, b); }
INLINE vi vi_and(vi a, vi b) { return _mm512_and_si512(a, b); }
INLINE vi vi_or(vi a, vi b) { return _mm512_or_si512(a, b); }
INLINE vi vi_xor(vi a, vi b) { return _mm512_xor_si512(a, b); }
#define vi_shl(a, n) _mm512_slli_epi32(a, n)
#define vi_sar(a, n) _mm512_srai_epi32(a, n)
#define vi_rotate(a, n) _mm512_rol_epi32(a, n) /* to the left */

INLINE vd vd_load(const double *p) { return _mm512_loadu_pd(p); }
INLINE void vd_store(double *p, vd a) { _mm512_storeu_pd(p, a); }
INLINE vd vd_set(double a) { return _mm512_set1_pd(a); }
INLINE vd vd_add(vd a, vd b) { return _mm512_add_pd(a, b); }
INLINE vd vd_sub(vd a, vd b) { return _mm512_sub_pd(a, b); }
INLINE vd vd_mul(vd a, vd b) { return _mm512_mul_pd(a, b); }
INLINE vd vd_div(vd a, vd b) { return _mm512_div_pd(a, b); }
INLINE vd vd_fma(vd a, vd b, vd c) { return _mm512_fmadd_pd(a, b, c); }
INLINE vd vd_fnma(vd a, vd b, vd c) { return _mm512_fnmadd_pd(a, b, c); }
INLINE vdmask vd_lt(vd a, vd b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
INLINE vdmask vd_gt(vd a, vd b) { return _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ); }
INLINE vdmask vd_ge(vd a, vd b) { return _mm512_cmp_pd_mask(a, b, _CMP_GE_OQ); }
INLINE vdmask vd_ne(vd a, vd b) { return _mm512_cmp_pd_mask(a, b, _CMP_NEQ_UQ); }
INLINE vd vd_select(vdmask m, vd a, vd b) { return _mm512_mask_blend_pd(m, b, a); }
INLINE vl vl_select(vdmask m, vl a, vl b) { return _mm512_mask_blend_epi64(m, b, a); }
INLINE vl vd_bits(vd a) { return _mm512_castpd_si512(a); }
INLINE vd vl_double(vl a) { return _mm512_castsi512_pd(a); }
INLINE vl vl_set(int64_t a) { return _mm512_set1_epi64(a); }
INLINE vl vl_add(vl a, vl b) { return _mm512_add_epi64(a, b); }
INLINE vl vl_sub(vl a, vl b) { return _mm512_sub_epi64(a, b); }
INLINE vl vl_and(vl a, vl b) { return _mm512_and_si512(a, b); }
INLINE vl vl_or(vl a, vl b) { return _mm512_or_si512(a, b); }
INLINE vl vl_xor(vl a, vl b) { return _mm512_xor_si512(a, b); }
#define vl_shl(a, n) _mm512_slli_epi64(a, n)
#define vl_shr(a, n) _mm512_srli_epi64(a, n)
INLINE vd vf_low(vf a) { return _mm512_cvtps_pd(_mm512_castps512_ps256(a)); }
INLINE vd vf_high(vf a) {
    return _mm512_cvtps_pd(_mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1)));
}
INLINE vf vd_join(vd low, vd high) { /* rounds to nearest */
    return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_castps_pd(_mm512_cvtpd_ps(low))),
                                               _mm256_castps_pd(_mm512_cvtpd_ps(high)), 1));
}

#elif defined(__AVX2__) && defined(__FMA__)

#define LANES 8
#define VECTOR_REGISTERS 16
typedef __m256 vf;
typedef __m256d vd;
typedef __m256i vi;
typedef __m256i vl;
typedef __m256 vfmask;
typedef __m256d vdmask;

INLINE vf vf_load(const float *p) { return _mm256_loadu_ps(p); }
INLINE vi vi_load(const float *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE void vf_store(float *p, vf a) { _mm256_storeu_ps(p, a); }
INLINE vf vf_set(float a) { return _mm256_set1_ps(a); }
INLINE vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
INLINE vf vf_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
INLINE vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
INLINE vf vf_div(vf a, vf b) { return _mm256_div_ps(a, b); }
INLINE vf vf_sqrt(vf a) { return _mm256_sqrt_ps(a); }
INLINE vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
INLINE vf vf_fnma(vf a, vf b, vf c) { return _mm256_fnmadd_ps(a, b, c); }
INLINE vfmask vf_lt(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
INLINE vfmask vf_gt(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
INLINE vfmask vf_ge(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_GE_OQ); }
INLINE vfmask vf_ne(vf a, vf b) { return _mm256_cmp_ps(a, b, _CMP_NEQ_UQ); }
INLINE vf vf_select(vfmask m, vf a, vf b) { return _mm256_blendv_ps(b, a, m); }
INLINE vi vf_bits(vf a) { return _mm256_castps_si256(a); }
INLINE vf vi_float(vi a) { return _mm256_castsi256_ps(a); }
INLINE vi vi_set(int32_t a) { return _mm256_set1_epi32(a); }
INLINE vi vi_add(vi a, vi b) { return _mm256_add_epi32(a, b); }
INLINE vi vi_sub(vi a, vi b) { return _mm256_sub_epi32(a, b); }
INLINE vi vi_and(vi a, vi b) { return _mm256_and_si256(a, b); }
INLINE vi vi_or(vi a, vi b) { return _mm256_or_si256(a, b); }
INLINE vi vi_xor(vi a, vi b) { return _mm256_xor_si256(a, b); }
#define vi_shl(a, n) _mm256_slli_epi32(a, n)
#define vi_sar(a, n) _mm256_srai_epi32(a, n)
#define vi_rotate(a, n) _mm256_or_si256(_mm256_slli_epi32(a, n), _mm256_srli_epi32(a, 32 - (n)))

INLINE vd vd_load(const double *p) { return _mm256_loadu_pd(p); }
INLINE void vd_store(double *p, vd a) { _mm256_storeu_pd(p, a); }
INLINE vd vd_set(double a) { return _mm256_set1_pd(a); }
INLINE vd vd_add(vd a, vd b) { return _mm256_add_pd(a, b); }
INLINE vd vd_sub(vd a, vd b) { return _mm256_sub_pd(a, b); }
INLINE vd vd_mul(vd a, vd b) { return _mm256_mul_pd(a, b); }
INLINE vd vd_div(vd a, vd b) { return _mm256_div_pd(a, b); }
INLINE vd vd_fma(vd a, vd b, vd c) { return _mm256_fmadd_pd(a, b, c); }
INLINE vd vd_fnma(vd a, vd b, vd c) { return _mm256_fnmadd_pd(a, b, c); }
INLINE vdmask vd_lt(vd a, vd b) { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
INLINE vdmask vd_gt(vd a, vd b) { return _mm256_cmp_pd(a, b, _CMP_GT_OQ); }
INLINE vdmask vd_ge(vd a, vd b) { return _mm256_cmp_pd(a, b, _CMP_GE_OQ); }
INLINE vdmask vd_ne(vd a, vd b) { return _mm256_cmp_pd(a, b, _CMP_NEQ_UQ); }
INLINE vd vd_select(vdmask m, vd a, vd b) { return _mm256_blendv_pd(b, a, m); }
INLINE vl vl_select(vdmask m, vl a, vl b) {
    return _mm256_castpd_si256(_mm256_blendv_pd(_mm256_castsi256_pd(b), _mm256_castsi256_pd(a), m));
}
INLINE vl vd_bits(vd a) { return _mm256_castpd_si256(a); }
INLINE vd vl_double(vl a) { return _mm256_castsi256_pd(a); }
INLINE vl vl_set(int64_t a) { return _mm256_set1_epi64x(a); }
INLINE vl vl_add(vl a, vl b) { return _mm256_add_epi64(a, b); }
INLINE vl vl_sub(vl a, vl b) { return _mm256_sub_epi64(a, b); }
INLINE vl vl_and(vl a, vl b) { return _mm256_and_si256(a, b); }
INLINE vl vl_or(vl a, vl b) { return _mm256_or_si256(a, b); }
INLINE vl vl_xor(vl a, vl b) { return _mm256_xor_si256(a, b); }
#define vl_shl(a, n) _mm256_slli_epi64(a, n)
#define vl_shr(a, n) _mm256_srli_epi64(a, n)
INLINE vd vf_low(vf a) { return _mm256_cvtps_pd(_mm256_castps256_ps128(a)); }
INLINE vd vf_high(vf a) { return _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1)); }
INLINE vf vd_join(vd low, vd high) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(low)), _mm256_cvtpd_ps(high), 1);
}

#elif defined(__ARM_FEATURE_SVE_BITS) && __ARM_FEATURE_SVE_BITS > 0

#define LANES (__ARM_FEATURE_SVE_BITS / 32)
#define VECTOR_REGISTERS 32
#define FIXED __attribute__((arm_sve_vector_bits(__ARM_FEATURE_SVE_BITS)))
typedef svfloat32_t vf FIXED;
typedef svfloat64_t vd FIXED;
typedef svint32_t vi FIXED;
typedef svint64_t vl FIXED;
typedef svbool_t vfmask FIXED;
typedef svbool_t vdmask FIXED;
#define ALL32 svptrue_b32()
#define ALL64 svptrue_b64()

INLINE vf vf_load(const float *p) { return svld1_f32(ALL32, p); }
INLINE vi vi_load(const float *p) { return svreinterpret_s32_f32(svld1_f32(ALL32, p)); }
INLINE void vf_store(float *p, vf a) { svst1_f32(ALL32, p, a); }
INLINE vf vf_set(float a) { return svdup_n_f32(a); }
INLINE vf vf_add(vf a, vf b) { return svadd_f32_x(ALL32, a, b); }
INLINE vf vf_sub(vf a, vf b) { return svsub_f32_x(ALL32, a, b); }
INLINE vf vf_mul(vf a, vf b) { return svmul_f32_x(ALL32, a, b); }
INLINE vf vf_div(vf a, vf b) { return svdiv_f32_x(ALL32, a, b); }
INLINE vf vf_sqrt(vf a) { return svsqrt_f32_x(ALL32, a); }
INLINE vf vf_fma(vf a, vf b, vf c) { return svmla_f32_x(ALL32, c, a, b); }
INLINE vf vf_fnma(vf a, vf b, vf c) { return svmls_f32_x(ALL32, c, a, b); }
INLINE vfmask vf_lt(vf a, vf b) { return svcmplt_f32(ALL32, a, b); }
INLINE vfmask vf_gt(vf a, vf b) { return svcmpgt_f32(ALL32, a, b); }
INLINE vfmask vf_ge(vf a, vf b) { return svcmpge_f32(ALL32, a, b); }
INLINE vfmask vf_ne(vf a, vf b) { return svcmpne_f32(ALL32, a, b); } /* true for NaN */
INLINE vf vf_select(vfmask m, vf a, vf b) { return svsel_f32(m, a, b); }
INLINE vi vf_bits(vf a) { return svreinterpret_s32_f32(a); }
INLINE vf vi_float(vi a) { return svreinterpret_f32_s32(a); }
INLINE vi vi_set(int32_t a) { return svdup_n_s32(a); }
INLINE vi vi_add(vi a, vi b) { return svadd_s32_x(ALL32, a, b); }
INLINE vi vi_sub(vi a, vi b) { return svsub_s32_x(ALL32, a, b); }
INLINE vi vi_and(vi a, vi b) { return svand_s32_x(ALL32, a, b); }
INLINE vi vi_or(vi a, vi b) { return svorr_s32_x(ALL32, a, b); }
INLINE vi vi_xor(vi a, vi b) { return sveor_s32_x(ALL32, a, b); }
INLINE vi vi_shl(vi a, uint32_t n) { return svlsl_n_s32_x(ALL32, a, n); }
INLINE vi vi_sar(vi a, uint32_t n) { return svasr_n_s32_x(ALL32, a, n); }
INLINE vi vi_rotate(vi a, uint32_t n) {
    svuint32_t bits = svreinterpret_u32_s32(a);
    return svreinterpret_s32_u32(svorr_u32_x(ALL32, svlsl_n_u32_x(ALL32, bits, n), svlsr_n_u32_x(ALL32, bits, 32 - n)));
}

INLINE vd vd_load(const double *p) { return svld1_f64(ALL64, p); }
INLINE void vd_store(double *p, vd a) { svst1_f64(ALL64, p, a); }
INLINE vd vd_set(double a) { return svdup_n_f64(a); }
INLINE vd vd_add(vd a, vd b) { return svadd_f64_x(ALL64, a, b); }
INLINE vd vd_sub(vd a, vd b) { return svsub_f64_x(ALL64, a, b); }
INLINE vd vd_mul(vd a, vd b) { return svmul_f64_x(ALL64, a, b); }
INLINE vd vd_div(vd a, vd b) { return svdiv_f64_x(ALL64, a, b); }
INLINE vd vd_fma(vd a, vd b, vd c) { return svmla_f64_x(ALL64, c, a, b); }
INLINE vd vd_fnma(vd a, vd b, vd c) { return svmls_f64_x(ALL64, c, a, b); }
INLINE vdmask vd_lt(vd a, vd b) { return svcmplt_f64(ALL64, a, b); }
INLINE vdmask vd_gt(vd a, vd b) { return svcmpgt_f64(ALL64, a, b); }
INLINE vdmask vd_ge(vd a, vd b) { return svcmpge_f64(ALL64, a, b); }
INLINE vdmask vd_ne(vd a, vd b) { return svcmpne_f64(ALL64, a, b); }
INLINE vd vd_select(vdmask m, vd a, vd b) { return svsel_f64(m, a, b); }
INLINE vl vl_select(vdmask m, vl a, vl b) { return svsel_s64(m, a, b); }
INLINE vl vd_bits(vd a) { return svreinterpret_s64_f64(a); }
INLINE vd vl_double(vl a) { return svreinterpret_f64_s64(a); }
INLINE vl vl_set(int64_t a) { return svdup_n_s64(a); }
INLINE vl vl_add(vl a, vl b) { return svadd_s64_x(ALL64, a, b); }
INLINE vl vl_sub(vl a, vl b) { return svsub_s64_x(ALL64, a, b); }
INLINE vl vl_and(vl a, vl b) { return svand_s64_x(ALL64, a, b); }
INLINE vl vl_or(vl a, vl b) { return svorr_s64_x(ALL64, a, b); }
INLINE vl vl_xor(vl a, vl b) { return sveor_s64_x(ALL64, a, b); }
INLINE vl vl_shl(vl a, uint64_t n) { return svlsl_n_s64_x(ALL64, a, n); }
INLINE vl vl_shr(vl a, uint64_t n) {
    return svreinterpret_s64_u64(svlsr_n_u64_x(ALL64, svreinterpret_u64_s64(a), n));
}
/* Conversions read and write the even floats. */
INLINE vd vf_low(vf a) { return svcvt_f64_f32_x(ALL64, svzip1_f32(a, a)); }
INLINE vd vf_high(vf a) { return svcvt_f64_f32_x(ALL64, svzip2_f32(a, a)); }
INLINE vf vd_join(vd low, vd high) {
    return svuzp1_f32(svcvt_f32_f64_x(ALL64, low), svcvt_f32_f64_x(ALL64, high));
}

#elif defined(__aarch64__)

#define LANES 4
#define VECTOR_REGISTERS 32
typedef float32x4_t vf;
typedef float64x2_t vd;
typedef int32x4_t vi;
typedef int64x2_t vl;
typedef uint32x4_t vfmask;
typedef uint64x2_t vdmask;

INLINE vf vf_load(const float *p) { return vld1q_f32(p); }
INLINE vi vi_load(const float *p) { return vreinterpretq_s32_f32(vld1q_f32(p)); }
INLINE void vf_store(float *p, vf a) { vst1q_f32(p, a); }
INLINE vf vf_set(float a) { return vdupq_n_f32(a); }
INLINE vf vf_add(vf a, vf b) { return vaddq_f32(a, b); }
INLINE vf vf_sub(vf a, vf b) { return vsubq_f32(a, b); }
INLINE vf vf_mul(vf a, vf b) { return vmulq_f32(a, b); }
INLINE vf vf_div(vf a, vf b) { return vdivq_f32(a, b); }
INLINE vf vf_sqrt(vf a) { return vsqrtq_f32(a); }
INLINE vf vf_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
INLINE vf vf_fnma(vf a, vf b, vf c) { return vfmsq_f32(c, a, b); }
INLINE vfmask vf_lt(vf a, vf b) { return vcltq_f32(a, b); }
INLINE vfmask vf_gt(vf a, vf b) { return vcgtq_f32(a, b); }
INLINE vfmask vf_ge(vf a, vf b) { return vcgeq_f32(a, b); }
INLINE vfmask vf_ne(vf a, vf b) { return vmvnq_u32(vceqq_f32(a, b)); } /* true for NaN */
INLINE vf vf_select(vfmask m, vf a, vf b) { return vbslq_f32(m, a, b); }
INLINE vi vf_bits(vf a) { return vreinterpretq_s32_f32(a); }
INLINE vf vi_float(vi a) { return vreinterpretq_f32_s32(a); }
INLINE vi vi_set(int32_t a) { return vdupq_n_s32(a); }
INLINE vi vi_add(vi a, vi b) { return vaddq_s32(a, b); }
INLINE vi vi_sub(vi a, vi b) { return vsubq_s32(a, b); }
INLINE vi vi_and(vi a, vi b) { return vandq_s32(a, b); }
INLINE vi vi_or(vi a, vi b) { return vorrq_s32(a, b); }
INLINE vi vi_xor(vi a, vi b) { return veorq_s32(a, b); }
#define vi_shl(a, n) vshlq_n_s32(a, n)
#define vi_sar(a, n) vshrq_n_s32(a, n)
#define vi_rotate(a, n)                                                                                                \
    vreinterpretq_s32_u32(vsliq_n_u32(vshrq_n_u32(vreinterpretq_u32_s32(a), 32 - (n)), vreinterpretq_u32_s32(a), n))

INLINE vd vd_load(const double *p) { return vld1q_f64(p); }
INLINE void vd_store(double *p, vd a) { vst1q_f64(p, a); }
INLINE vd vd_set(double a) { return vdupq_n_f64(a); }
INLINE vd vd_add(vd a, vd b) { return vaddq_f64(a, b); }
INLINE vd vd_sub(vd a, vd b) { return vsubq_f64(a, b); }
INLINE vd vd_mul(vd a, vd b) { return vmulq_f64(a, b); }
INLINE vd vd_div(vd a, vd b) { return vdivq_f64(a, b); }
INLINE vd vd_fma(vd a, vd b, vd c) { return vfmaq_f64(c, a, b); }
INLINE vd vd_fnma(vd a, vd b, vd c) { return vfmsq_f64(c, a, b); }
INLINE vdmask vd_lt(vd a, vd b) { return vcltq_f64(a, b); }
INLINE vdmask vd_gt(vd a, vd b) { return vcgtq_f64(a, b); }
INLINE vdmask vd_ge(vd a, vd b) { return vcgeq_f64(a, b); }
INLINE vdmask vd_ne(vd a, vd b) { return veorq_u64(vceqq_f64(a, b), vdupq_n_u64(UINT64_MAX)); }
INLINE vd vd_select(vdmask m, vd a, vd b) { return vbslq_f64(m, a, b); }
INLINE vl vl_select(vdmask m, vl a, vl b) { return vbslq_s64(m, a, b); }
INLINE vl vd_bits(vd a) { return vreinterpretq_s64_f64(a); }
INLINE vd vl_double(vl a) { return vreinterpretq_f64_s64(a); }
INLINE vl vl_set(int64_t a) { return vdupq_n_s64(a); }
INLINE vl vl_add(vl a, vl b) { return vaddq_s64(a, b); }
INLINE vl vl_sub(vl a, vl b) { return vsubq_s64(a, b); }
INLINE vl vl_and(vl a, vl b) { return vandq_s64(a, b); }
INLINE vl vl_or(vl a, vl b) { return vorrq_s64(a, b); }
INLINE vl vl_xor(vl a, vl b) { return veorq_s64(a, b); }
#define vl_shl(a, n) vshlq_n_s64(a, n)
#define vl_shr(a, n) vreinterpretq_s64_u64(vshrq_n_u64(vreinterpretq_u64_s64(a), n))
INLINE vd vf_low(vf a) { return vcvt_f64_f32(vget_low_f32(a)); }
INLINE vd vf_high(vf a) { return vcvt_high_f64_f32(a); }
INLINE vf vd_join(vd low, vd high) { return vcvt_high_f32_f64(vcvt_f32_f64(low), high); }

#else
#error "no vocabulary for this instruction set: see CONTRIBUTING.md, Add an ISA tier"
#endif

INLINE vf vf_abs(vf a) { return vi_float(vi_and(vf_bits(a), vi_set(0x7fffffff))); }
INLINE vf vf_neg(vf a) { return vi_float(vi_xor(vf_bits(a), vi_set(INT32_MIN))); }
INLINE vf vf_neg_abs(vf a) { return vi_float(vi_or(vf_bits(a), vi_set(INT32_MIN))); }
INLINE vf vf_with_sign(vf a, vf sign) { /* |a| = a */
    return vi_float(vi_or(vf_bits(a), vi_and(vf_bits(sign), vi_set(INT32_MIN))));
}
INLINE vd vd_abs(vd a) { return vl_double(vl_and(vd_bits(a), vl_set(INT64_MAX))); }
INLINE vd vd_neg(vd a) { return vl_double(vl_xor(vd_bits(a), vl_set(INT64_MIN))); }
INLINE vd vd_neg_abs(vd a) { return vl_double(vl_or(vd_bits(a), vl_set(INT64_MIN))); }
INLINE vd vd_with_sign(vd a, vd sign) {
    return vl_double(vl_or(vd_bits(a), vl_and(vd_bits(sign), vl_set(INT64_MIN))));
}

/* Lane by lane table[index]. */
#if defined(__AVX512F__)
INLINE vf vf_gather(const float *table, vi index) { return _mm512_i32gather_ps(index, table, sizeof(float)); }
#elif defined(__AVX2__)
INLINE vf vf_gather(const float *table, vi index) { return _mm256_i32gather_ps(table, index, sizeof(float)); }
#else
INLINE vf vf_gather(const float *table, vi index) {
    float lanes[LANES];
    vf_store(lanes, vi_float(index));
    for (int i = 0; i < LANES; i++) {
        int32_t at;
        memcpy(&at, lanes + i, sizeof at);
        lanes[i] = table[at];
    }
    return vf_load(lanes);
}
#endif

#endif
