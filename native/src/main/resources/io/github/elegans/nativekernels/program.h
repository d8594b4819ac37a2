/*
 * The vocabulary of compiled programs: vectors of numbers (float if FLOATS is 1, else double), of their bits, and masks.
 * Each operation is one of IEEE 754 or of integers, with the same bits for every instruction set.
 */
#include <stdint.h>
#define JOIN_(name, tier) name##_##tier
#define JOIN(name, tier) JOIN_(name, tier)
#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define EXPORT __attribute__((visibility("default")))
#else
#define EXPORT
#endif
#if FLOATS
#define INTEGER uint32_t
#define SIGN 0x80000000u
#else
#define INTEGER uint64_t
#define SIGN 0x8000000000000000u
#endif

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#include <immintrin.h>
#if FLOATS
typedef __m512 real;
typedef __mmask16 mask;
#define REAL(operation) _mm512_##operation##_ps
#define BITWISE(operation) _mm512_##operation##_epi32
#define COMPARE _mm512_cmp_ps_mask
#define BLEND _mm512_mask_blend_ps
#define TO_BITS _mm512_castps_si512
#define FROM_BITS _mm512_castsi512_ps
#define BITS(a) _mm512_set1_epi32((int32_t)(a))
#else
typedef __m512d real;
typedef __mmask8 mask;
#define REAL(operation) _mm512_##operation##_pd
#define BITWISE(operation) _mm512_##operation##_epi64
#define COMPARE _mm512_cmp_pd_mask
#define BLEND _mm512_mask_blend_pd
#define TO_BITS _mm512_castpd_si512
#define FROM_BITS _mm512_castsi512_pd
#define BITS(a) _mm512_set1_epi64((int64_t)(a))
#endif
typedef __m512i bits;
#define BYTES 64
#define SELECT(m, a, b) BLEND(m, b, a)
#define BITS_AND(a, b) _mm512_and_si512(a, b)
#define BITS_AND_NOT(a, b) _mm512_andnot_si512(a, b)
#define BITS_OR(a, b) _mm512_or_si512(a, b)
#define BITS_XOR(a, b) _mm512_xor_si512(a, b)
#define AND(a, b) ((mask)((a) & (b)))
#define OR(a, b) ((mask)((a) | (b)))
#define NOT(a) ((mask)~(a))
#define ANY(a) ((a) != 0)

#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#if FLOATS
typedef __m256 real;
#define REAL(operation) _mm256_##operation##_ps
#define BITWISE(operation) _mm256_##operation##_epi32
#define TO_BITS _mm256_castps_si256
#define FROM_BITS _mm256_castsi256_ps
#define BITS(a) _mm256_set1_epi32((int32_t)(a))
#else
typedef __m256d real;
#define REAL(operation) _mm256_##operation##_pd
#define BITWISE(operation) _mm256_##operation##_epi64
#define TO_BITS _mm256_castpd_si256
#define FROM_BITS _mm256_castsi256_pd
#define BITS(a) _mm256_set1_epi64x((int64_t)(a))
#endif
typedef real mask;
typedef __m256i bits;
#define BYTES 32
#define COMPARE REAL(cmp)
#define SELECT(m, a, b) REAL(blendv)(b, a, m)
#define BITS_AND(a, b) _mm256_and_si256(a, b)
#define BITS_AND_NOT(a, b) _mm256_andnot_si256(a, b)
#define BITS_OR(a, b) _mm256_or_si256(a, b)
#define BITS_XOR(a, b) _mm256_xor_si256(a, b)
#define AND(a, b) REAL(and)(a, b)
#define OR(a, b) REAL(or)(a, b)
#define NOT(a) REAL(xor)(a, FROM_BITS(_mm256_set1_epi32(-1)))
#define ANY(a) (REAL(movemask)(a) != 0)

#elif defined(__ARM_FEATURE_SVE_BITS) && __ARM_FEATURE_SVE_BITS > 0
#include <arm_sve.h>
#define FIXED __attribute__((arm_sve_vector_bits(__ARM_FEATURE_SVE_BITS)))
#if FLOATS
typedef svfloat32_t real FIXED;
typedef svuint32_t bits FIXED;
#define ALL svptrue_b32()
#define SET svdup_f32
#define BITS svdup_u32
#define TO_BITS svreinterpret_u32
#define FROM_BITS svreinterpret_f32
#else
typedef svfloat64_t real FIXED;
typedef svuint64_t bits FIXED;
#define ALL svptrue_b64()
#define SET svdup_f64
#define BITS svdup_u64
#define TO_BITS svreinterpret_u64
#define FROM_BITS svreinterpret_f64
#endif
typedef svbool_t mask FIXED;
#define BYTES (__ARM_FEATURE_SVE_BITS / 8)
#define LOAD(p) svld1(ALL, p)
#define STORE(p, a) svst1(ALL, p, a)
#define ADD(a, b) svadd_x(ALL, a, b)
#define SUB(a, b) svsub_x(ALL, a, b)
#define MUL(a, b) svmul_x(ALL, a, b)
#define DIV(a, b) svdiv_x(ALL, a, b)
#define FMA(a, b, c) svmla_x(ALL, c, a, b)
#define FNMA(a, b, c) svmls_x(ALL, c, a, b)
#define SQRT(a) svsqrt_x(ALL, a)
#define SELECT(m, a, b) svsel(m, a, b)
#define BITS_ADD(a, b) ADD(a, b)
#define BITS_SUB(a, b) SUB(a, b)
#define BITS_AND(a, b) svand_x(ALL, a, b)
#define BITS_AND_NOT(a, b) svbic_x(ALL, b, a)
#define BITS_OR(a, b) svorr_x(ALL, a, b)
#define BITS_XOR(a, b) sveor_x(ALL, a, b)
#define SHIFT_LEFT(a, n) svlsl_x(ALL, a, (INTEGER)(n))
#define SHIFT_RIGHT(a, n) svlsr_x(ALL, a, (INTEGER)(n))
#define LESS(a, b) svcmplt(ALL, a, b)
#define LESS_EQUAL(a, b) svcmple(ALL, a, b)
#define EQUAL(a, b) svcmpeq(ALL, a, b)
#define AND(a, b) svand_z(ALL, a, b)
#define OR(a, b) svorr_z(ALL, a, b)
#define NOT(a) svnot_z(ALL, a)
#define ANY(a) svptest_any(ALL, a)

#elif defined(__aarch64__)
#include <arm_neon.h>
#if FLOATS
typedef float32x4_t real;
typedef uint32x4_t bits;
#define REAL_OF(operation) operation##_f32
#define BITS_OF(operation) operation##_u32
#define COUNTS vdupq_n_s32
#define TO_BITS vreinterpretq_u32_f32
#define FROM_BITS vreinterpretq_f32_u32
#else
typedef float64x2_t real;
typedef uint64x2_t bits;
#define REAL_OF(operation) operation##_f64
#define BITS_OF(operation) operation##_u64
#define COUNTS vdupq_n_s64
#define TO_BITS vreinterpretq_u64_f64
#define FROM_BITS vreinterpretq_f64_u64
#endif
typedef bits mask;
#define BYTES 16
#define LOAD REAL_OF(vld1q)
#define STORE REAL_OF(vst1q)
#define SET REAL_OF(vdupq_n)
#define BITS BITS_OF(vdupq_n)
#define ADD(a, b) REAL_OF(vaddq)(a, b)
#define SUB(a, b) REAL_OF(vsubq)(a, b)
#define MUL(a, b) REAL_OF(vmulq)(a, b)
#define DIV(a, b) REAL_OF(vdivq)(a, b)
#define FMA(a, b, c) REAL_OF(vfmaq)(c, a, b)
#define FNMA(a, b, c) REAL_OF(vfmsq)(c, a, b)
#define SQRT(a) REAL_OF(vsqrtq)(a)
#define SELECT(m, a, b) REAL_OF(vbslq)(m, a, b)
#define BITS_ADD(a, b) BITS_OF(vaddq)(a, b)
#define BITS_SUB(a, b) BITS_OF(vsubq)(a, b)
#define BITS_AND(a, b) BITS_OF(vandq)(a, b)
#define BITS_AND_NOT(a, b) BITS_OF(vbicq)(b, a)
#define BITS_OR(a, b) BITS_OF(vorrq)(a, b)
#define BITS_XOR(a, b) BITS_OF(veorq)(a, b)
/* Counts of the width and more leave nothing, negative ones shift to the right. */
#define SHIFT_LEFT(a, n) BITS_OF(vshlq)(a, COUNTS(n))
#define SHIFT_RIGHT(a, n) BITS_OF(vshlq)(a, COUNTS(-(n)))
#define LESS(a, b) REAL_OF(vcltq)(a, b)
#define LESS_EQUAL(a, b) REAL_OF(vcleq)(a, b)
#define EQUAL(a, b) REAL_OF(vceqq)(a, b)
#define AND(a, b) BITS_AND(a, b)
#define OR(a, b) BITS_OR(a, b)
#define NOT(a) BITS_XOR(a, BITS(~(INTEGER)0))
#define ANY(a) (vmaxvq_u32((uint32x4_t)(a)) != 0)

#else
#include <math.h>
#if FLOATS
typedef float real;
#define FMA fmaf
#define SQRT sqrtf
#else
typedef double real;
#define FMA fma
#define SQRT sqrt
#endif
typedef INTEGER bits;
typedef int mask;
static inline bits to_bits(real a) {
    bits b;
    __builtin_memcpy(&b, &a, sizeof b);
    return b;
}
static inline real from_bits(bits b) {
    real a;
    __builtin_memcpy(&a, &b, sizeof a);
    return a;
}
#define BYTES ((int32_t)sizeof(real))
#define LOAD(p) (*(p))
#define STORE(p, a) (*(p) = (a))
#define SET(a) (a)
#define BITS(a) ((bits)(a))
#define ADD(a, b) ((a) + (b))
#define SUB(a, b) ((a) - (b))
#define MUL(a, b) ((a) * (b))
#define DIV(a, b) ((a) / (b))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define SELECT(m, a, b) ((m) ? (a) : (b))
#define TO_BITS to_bits
#define FROM_BITS from_bits
#define BITS_ADD(a, b) ADD(a, b)
#define BITS_SUB(a, b) SUB(a, b)
#define BITS_AND(a, b) ((a) & (b))
#define BITS_AND_NOT(a, b) (~(a) & (b))
#define BITS_OR(a, b) ((a) | (b))
#define BITS_XOR(a, b) ((a) ^ (b))
#define SHIFT_LEFT(a, n) ((bits)((uint64_t)(a) << (n)))
#define SHIFT_RIGHT(a, n) ((bits)((uint64_t)(a) >> (n)))
#define LESS(a, b) ((a) < (b))
#define LESS_EQUAL(a, b) ((a) <= (b))
#define EQUAL(a, b) ((a) == (b))
#define AND(a, b) ((a) & (b))
#define OR(a, b) ((a) | (b))
#define NOT(a) ((a) ^ 1)
#define ANY(a) (a)
#endif

#ifdef REAL
#define LOAD REAL(loadu)
#define STORE REAL(storeu)
#define SET REAL(set1)
#define ADD(a, b) REAL(add)(a, b)
#define SUB(a, b) REAL(sub)(a, b)
#define MUL(a, b) REAL(mul)(a, b)
#define DIV(a, b) REAL(div)(a, b)
#define FMA(a, b, c) REAL(fmadd)(a, b, c)
#define FMS(a, b, c) REAL(fmsub)(a, b, c)
#define FNMA(a, b, c) REAL(fnmadd)(a, b, c)
#define FNMS(a, b, c) REAL(fnmsub)(a, b, c)
#define SQRT(a) REAL(sqrt)(a)
#define MIN(a, b) REAL(min)(a, b)
#define MAX(a, b) REAL(max)(a, b)
#define BITS_ADD(a, b) BITWISE(add)(a, b)
#define BITS_SUB(a, b) BITWISE(sub)(a, b)
#define SHIFT_LEFT BITWISE(slli)
#define SHIFT_RIGHT BITWISE(srli)
#define LESS(a, b) COMPARE(a, b, _CMP_LT_OQ)
#define LESS_EQUAL(a, b) COMPARE(a, b, _CMP_LE_OQ)
#define EQUAL(a, b) COMPARE(a, b, _CMP_EQ_OQ)
#endif
#ifndef MIN
/* Of equal ones and of NaN the second: what x86 does; fmin and fmax do not. */
#define MIN(a, b) SELECT(LESS(a, b), a, b)
#define MAX(a, b) SELECT(LESS(b, a), a, b)
#endif
/* Sums and products of negated operands: a b - c, c - a b, -a b - c, rounded once. */
#ifndef FMS
#define FMS(a, b, c) FMA(a, b, NEG(c))
#ifndef FNMA
#define FNMA(a, b, c) FMA(NEG(a), b, c)
#endif
#define FNMS(a, b, c) FNMA(a, b, NEG(c))
#endif
#define NEG(a) FROM_BITS(BITS_XOR(TO_BITS(a), BITS(SIGN)))
#define ABS(a) FROM_BITS(BITS_AND_NOT(BITS(SIGN), TO_BITS(a)))
#define LANES (BYTES / (int32_t)sizeof(INTEGER))
