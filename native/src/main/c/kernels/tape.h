/*
 * Programs as tapes: each instruction runs over a block of lanes, so that finding it costs little beside its work, and
 * the registers in use stay in the first cache.
 */
#include "kernels.h"
#include "program.h"

#if FLOATS
#define NUMBER float
#define KERNEL TIERED(tape_f32)
#else
#define NUMBER double
#define KERNEL TIERED(tape_f64)
#endif

/* In a register, a mask is all ones or all zeros in each lane. */
#if defined(__AVX512F__) && FLOATS
#define STORED_MASK(m) FROM_BITS(_mm512_movm_epi32(m))
#define LOADED_MASK(a) _mm512_movepi32_mask(TO_BITS(a))
#elif defined(__AVX512F__)
#define STORED_MASK(m) FROM_BITS(_mm512_movm_epi64(m))
#define LOADED_MASK(a) _mm512_movepi64_mask(TO_BITS(a))
#elif defined(__AVX2__)
#define STORED_MASK(m) (m)
#define LOADED_MASK(a) (a)
#elif defined(__ARM_FEATURE_SVE)
#define STORED_MASK(m) FROM_BITS(svsel(m, BITS(~(INTEGER)0), BITS(0)))
#define LOADED_MASK(a) svcmpne(ALL, TO_BITS(a), 0)
#else
#define STORED_MASK(m) FROM_BITS(m)
#define LOADED_MASK(a) TO_BITS(a)
#endif

/* Shifts by a count that the compiler does not know. */
#ifdef REAL
#define SHIFT_LEFT_BY(a, n) BITWISE(sllv)(a, BITS(n))
#define SHIFT_RIGHT_BY(a, n) BITWISE(srlv)(a, BITS(n))
#else
#define SHIFT_LEFT_BY SHIFT_LEFT
#define SHIFT_RIGHT_BY SHIFT_RIGHT
#endif

/* An operand in a register, and a constant one. */
#define PLACE_R(operand) const NUMBER *const operand##_place = registers + at->operand;
#define VALUE_R(operand) LOAD(operand##_place + lane)
#define PLACE_K(operand) const real operand##_place = SET(constants[at->operand]);
#define VALUE_K(operand) operand##_place

/* RUN_BYTES: those of a register, a constant for the compiler. */
#define BLOCK (RUN_BYTES / (int32_t)sizeof(NUMBER))
#define EACH_VECTOR _Pragma("GCC unroll 16") for (int32_t lane = 0; lane < BLOCK; lane += LANES)
#define NEXT                                                                                                           \
    at++;                                                                                                              \
    goto *labels[at->code];

/* An operation on one kind of operands. */
#define RUN1(name, A, result)                                                                                          \
    name##_##A : {                                                                                                     \
        PLACE_##A(a) NUMBER *const to = registers + at->to;                                                            \
        EACH_VECTOR {                                                                                                  \
            const real a = VALUE_##A(a);                                                                               \
            STORE(to + lane, result);                                                                                  \
        }                                                                                                              \
        NEXT                                                                                                           \
    }
#define RUN2(name, A, B, result)                                                                                       \
    name##_##A##B : {                                                                                                  \
        PLACE_##A(a) PLACE_##B(b) NUMBER *const to = registers + at->to;                                               \
        EACH_VECTOR {                                                                                                  \
            const real a = VALUE_##A(a);                                                                               \
            const real b = VALUE_##B(b);                                                                               \
            STORE(to + lane, result);                                                                                  \
        }                                                                                                              \
        NEXT                                                                                                           \
    }
#define RUN3(name, A, B, C, result)                                                                                    \
    name##_##A##B##C : {                                                                                               \
        PLACE_##A(a) PLACE_##B(b) PLACE_##C(c) NUMBER *const to = registers + at->to;                                  \
        EACH_VECTOR {                                                                                                  \
            const real a = VALUE_##A(a);                                                                               \
            const real b = VALUE_##B(b);                                                                               \
            const real c = VALUE_##C(c);                                                                               \
            STORE(to + lane, result);                                                                                  \
        }                                                                                                              \
        NEXT                                                                                                           \
    }
#define RUN_SHIFT(name, shift)                                                                                         \
    name##_R : {                                                                                                       \
        PLACE_R(a) const int32_t count = at->b;                                                                        \
        NUMBER *const to = registers + at->to;                                                                         \
        EACH_VECTOR { STORE(to + lane, FROM_BITS(shift(TO_BITS(VALUE_R(a)), count))); }                                \
        NEXT                                                                                                           \
    }

/* The same on all kinds of operands. */
#define ALL1(name, result) RUN1(name, R, result) RUN1(name, K, result)
#define ALL2(name, result)                                                                                             \
    RUN2(name, R, R, result) RUN2(name, K, R, result) RUN2(name, R, K, result) RUN2(name, K, K, result)
#define ALL3(name, result)                                                                                             \
    RUN3(name, R, R, R, result) RUN3(name, K, R, R, result) RUN3(name, R, K, R, result) RUN3(name, K, K, R, result)    \
    RUN3(name, R, R, K, result) RUN3(name, K, R, K, result) RUN3(name, R, K, K, result) RUN3(name, K, K, K, result)

#define LABEL(name, kind, bits) [8 * ELEGANS_##name + (bits)] = &&name##_##kind,
#define LABELS1(name) LABEL(name, R, 0) LABEL(name, K, 1)
#define LABELS2(name) LABEL(name, RR, 0) LABEL(name, KR, 1) LABEL(name, RK, 2) LABEL(name, KK, 3)
#define LABELS3(name)                                                                                                  \
    LABEL(name, RRR, 0) LABEL(name, KRR, 1) LABEL(name, RKR, 2) LABEL(name, KKR, 3)                                    \
    LABEL(name, RRK, 4) LABEL(name, KRK, 5) LABEL(name, RKK, 6) LABEL(name, KKK, 7)

#define OF_BITS(operation) FROM_BITS(operation(TO_BITS(a), TO_BITS(b)))

#define RUN_BYTES 512
#include "tape_run.h"
#undef RUN_BYTES
#define RUN_BYTES 64
#include "tape_run.h"
#undef RUN_BYTES
#if !defined(__AVX512F__)
#define RUN_BYTES 32
#include "tape_run.h"
#undef RUN_BYTES
#if !defined(__AVX2__) && !defined(__ARM_FEATURE_SVE)
#define RUN_BYTES 16
#include "tape_run.h"
#undef RUN_BYTES
#endif
#endif

static int is_valid(const struct elegans_tape *tape, int32_t rounds) {
    return tape && rounds > 0 && tape->instructions && tape->constants && tape->registers &&
           (uintptr_t)tape->registers % 64 == 0 && tape->length >= 0 && tape->attention >= -1 &&
           tape->instructions[tape->length].code == 8 * ELEGANS_END &&
           (tape->block == ELEGANS_TAPE_BLOCK || tape->block == 64 || tape->block == 32 || tape->block == 16);
}

int32_t KERNEL(struct elegans_tape *tape, int32_t rounds) {
    REQUIRE(is_valid(tape, rounds))
    switch (tape->block) {
    case ELEGANS_TAPE_BLOCK:
        run_512(tape, rounds);
        break;
    case 64:
        run_64(tape, rounds);
        break;
#if !defined(__AVX512F__)
    case 32:
        run_32(tape, rounds);
        break;
#if !defined(__AVX2__) && !defined(__ARM_FEATURE_SVE)
    case 16:
        run_16(tape, rounds);
        break;
#endif
#endif
    default:
        tape->done = 0;
    }
    return ELEGANS_OK;
}
