/* What the hardware can do at most. */
#include "kernels.h"
#include "simd.h"

/* Enough independent chains for two fma units of latency 4 or 5; all live in registers. */
#define CHAINS (VECTOR_REGISTERS == 32 ? 16 : 12)
#define ROUND 64

#if defined(__ARM_FEATURE_SVE)
#define VECTOR_OPERAND(vector) "w"((svfloat32_t)(vector)) /* Clang has no registers for vectors of a fixed length */
#elif defined(__aarch64__)
#define VECTOR_OPERAND(vector) "w"(vector)
#else
#define VECTOR_OPERAND(vector) "x"(vector)
#endif

int32_t TIERED(roofline_multiply_add)(int64_t rounds, int64_t *flops) {
    REQUIRE(rounds >= 0 && flops)
    vf sum[CHAINS];
    vf a = vf_set(0.999f);
    vf b = vf_set(0.001f);
    for (int i = 0; i < CHAINS; i++) {
        sum[i] = vf_set((float)i);
    }
    for (int64_t round = 0; round < rounds; round++) {
        for (int j = 0; j < ROUND; j++) {
            for (int i = 0; i < CHAINS; i++) {
                sum[i] = vf_fma(sum[i], a, b);
            }
        }
    }
    /* The operations must not be removed although nobody needs their result. */
    for (int i = 0; i < CHAINS; i++) {
        __asm__ volatile("" : : VECTOR_OPERAND(sum[i]));
    }
    *flops = rounds * ROUND * CHAINS * LANES * 2;
    return ELEGANS_OK;
}

#define DIVISIONS 8

int32_t TIERED(roofline_divide)(int64_t rounds, int64_t *count) {
    REQUIRE(rounds >= 0 && count)
    vf value[DIVISIONS];
    vf two = vf_set(2);
    for (int i = 0; i < DIVISIONS; i++) {
        value[i] = vf_set(1.25f + 0.125f * (float)i);
    }
    for (int64_t round = 0; round < rounds * ROUND; round++) {
        for (int i = 0; i < DIVISIONS; i++) {
            value[i] = vf_div(two, value[i]); /* two values in turn */
        }
    }
    for (int i = 0; i < DIVISIONS; i++) {
        __asm__ volatile("" : : VECTOR_OPERAND(value[i]));
    }
    *count = rounds * ROUND * DIVISIONS * LANES;
    return ELEGANS_OK;
}

/* Table and indices fill half of the smallest first-level cache. */
#define TABLE 2048
#define GATHERS 4

int32_t TIERED(roofline_gather)(int64_t rounds, int64_t *count) {
    REQUIRE(rounds >= 0 && count)
    float table[TABLE];
    float indices[TABLE];
    for (int32_t i = 0; i < TABLE; i++) {
        table[i] = (float)i;
        int32_t index = (i * 1229 + 577) % TABLE; /* each once, in no order that a prefetcher knows */
        memcpy(indices + i, &index, sizeof index);
    }
    vf sum[GATHERS];
    for (int i = 0; i < GATHERS; i++) {
        sum[i] = vf_set(0);
    }
    for (int64_t round = 0; round < rounds * ROUND; round++) {
        for (int at = 0; at < TABLE; at += GATHERS * LANES) {
            for (int i = 0; i < GATHERS; i++) {
                sum[i] = vf_add(sum[i], vf_gather(table, vi_load(indices + at + i * LANES)));
            }
        }
    }
    for (int i = 0; i < GATHERS; i++) {
        __asm__ volatile("" : : VECTOR_OPERAND(sum[i]));
    }
    *count = rounds * ROUND * TABLE;
    return ELEGANS_OK;
}

int32_t TIERED(roofline_read)(const float *data, int64_t n, float *result) {
    REQUIRE(data && result && n >= 0 && n % 128 == 0)
    vf sum[8];
    for (int i = 0; i < 8; i++) {
        sum[i] = vf_set(0);
    }
    for (int64_t at = 0; at < n; at += 8 * LANES) {
        for (int i = 0; i < 8; i++) {
            sum[i] = vf_add(sum[i], vf_load(data + at + i * LANES));
        }
    }
    for (int i = 1; i < 8; i++) {
        sum[0] = vf_add(sum[0], sum[i]);
    }
    float lanes[LANES];
    vf_store(lanes, sum[0]);
    *result = 0;
    for (int i = 0; i < LANES; i++) {
        *result += lanes[i];
    }
    return ELEGANS_OK;
}
