/* The public functions: each chooses the tier's kernel. */
#include "elegans.h"
#include "kernels.h"

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

#define FIELD(name, ...) int32_t (*name)(ELEGANS_PARAMETERS(__VA_ARGS__));
struct kernels {
    ELEGANS_KERNELS(FIELD)
};

/* The tiers of this architecture, and whether the CPU and the operating system support exactly what the compiler may emit
 * for one (its flags are in CMakeLists.txt). */
#if defined(__x86_64__)
#define DECLARE_V3(name, ...) int32_t elegans_v3_##name(ELEGANS_PARAMETERS(__VA_ARGS__));
#define DECLARE_V4(name, ...) int32_t elegans_v4_##name(ELEGANS_PARAMETERS(__VA_ARGS__));
ELEGANS_KERNELS(DECLARE_V3)
ELEGANS_KERNELS(DECLARE_V4)

#define ENTRY_V3(name, ...) .name = elegans_v3_##name,
#define ENTRY_V4(name, ...) .name = elegans_v4_##name,
static const struct kernels tiers[] = {
    [ELEGANS_TIER_V3] = {ELEGANS_KERNELS(ENTRY_V3)},
    [ELEGANS_TIER_V4] = {ELEGANS_KERNELS(ENTRY_V4)},
};

#if defined(__clang__)
#include <cpuid.h>

/* Clang knows the levels since version 18 only, and some of their features never by name. */
static int supported(int32_t tier) {
    unsigned a, b, c, d, extended;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !__get_cpuid(0x80000001u, &a, &b, &extended, &d)) {
        return 0;
    }
    __builtin_cpu_init();
    int v3 = (c & bit_F16C) && (c & bit_MOVBE) && (extended & bit_LZCNT) && __builtin_cpu_supports("avx2") &&
             __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma") &&
             __builtin_cpu_supports("popcnt");
    int v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
    return tier == ELEGANS_TIER_V3 ? v3 : v4;
}
#else
static int supported(int32_t tier) {
    __builtin_cpu_init();
    return tier == ELEGANS_TIER_V3 ? __builtin_cpu_supports("x86-64-v3") : __builtin_cpu_supports("x86-64-v4");
}
#endif
#elif defined(__aarch64__)
#include <sys/auxv.h>
#include <sys/prctl.h>

#define DECLARE_NEON(name, ...) int32_t elegans_neon_##name(ELEGANS_PARAMETERS(__VA_ARGS__));
#define DECLARE_SVE256(name, ...) int32_t elegans_sve256_##name(ELEGANS_PARAMETERS(__VA_ARGS__));
ELEGANS_KERNELS(DECLARE_NEON)
ELEGANS_KERNELS(DECLARE_SVE256)

#define ENTRY_NEON(name, ...) .name = elegans_neon_##name,
#define ENTRY_SVE256(name, ...) .name = elegans_sve256_##name,
static const struct kernels tiers[] = {
    [ELEGANS_TIER_NEON] = {ELEGANS_KERNELS(ENTRY_NEON)},
    [ELEGANS_TIER_SVE256] = {ELEGANS_KERNELS(ENTRY_SVE256)},
};

static int supported(int32_t tier) {
    unsigned long features = getauxval(AT_HWCAP);
    if (tier == ELEGANS_TIER_NEON) {
        return (features & HWCAP_ASIMD) != 0;
    }
    /* Code for vectors of 256 bits is wrong for any others; threads begin with their parent's length. */
    int length = (features & HWCAP_SVE) != 0 ? prctl(PR_SVE_GET_VL) : -1;
    return length >= 0 && (length & PR_SVE_VL_LEN_MASK) == 256 / 8;
}
#else
#error "no tiers for this architecture: see CONTRIBUTING.md, Add an ISA tier"
#endif
#define TIER_COUNT ((int32_t)(sizeof tiers / sizeof *tiers))

static int has_tier(int32_t tier) { return tier >= 0 && tier < TIER_COUNT && tiers[tier].map_f32; }

EXPORT int32_t elegans_abi_version(void) { return ELEGANS_ABI_VERSION; }

EXPORT int32_t elegans_tier_supported(int32_t tier) {
    return has_tier(tier) && supported(tier) ? ELEGANS_OK : ELEGANS_BAD_TIER;
}

#define DISPATCH(name, ...)                                                                                            \
    EXPORT int32_t elegans_##name(int32_t tier, ELEGANS_PARAMETERS(__VA_ARGS__)) {                                     \
        return has_tier(tier) ? tiers[tier].name(ELEGANS_ARGUMENTS(__VA_ARGS__)) : ELEGANS_BAD_TIER;                   \
    }
ELEGANS_KERNELS(DISPATCH)
