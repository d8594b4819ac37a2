/* The public functions: check, choose the tier's kernel, report the status. */
#include "elegans.h"
#include "kernels.h"

#define EXPORT __attribute__((visibility("default")))

#define FIELD(name, parameters) void(*name) parameters;
struct kernels {
    ELEGANS_KERNELS(FIELD)
};

/* The tiers of this architecture, and whether the CPU and the operating system support exactly what the compiler may emit
 * for one (its flags are in CMakeLists.txt). */
#if defined(__x86_64__)
#define DECLARE_V3(name, parameters) void elegans_v3_##name parameters;
#define DECLARE_V4(name, parameters) void elegans_v4_##name parameters;
ELEGANS_KERNELS(DECLARE_V3)
ELEGANS_KERNELS(DECLARE_V4)

#define ENTRY_V3(name, parameters) .name = elegans_v3_##name,
#define ENTRY_V4(name, parameters) .name = elegans_v4_##name,
static const struct kernels tiers[] = {
    [ELEGANS_TIER_V3] = {ELEGANS_KERNELS(ENTRY_V3)},
    [ELEGANS_TIER_V4] = {ELEGANS_KERNELS(ENTRY_V4)},
};

static int supported(int32_t tier) {
    __builtin_cpu_init();
    return tier == ELEGANS_TIER_V3 ? __builtin_cpu_supports("x86-64-v3") : __builtin_cpu_supports("x86-64-v4");
}
#elif defined(__aarch64__)
#include <sys/auxv.h>
#include <sys/prctl.h>

#define DECLARE_NEON(name, parameters) void elegans_neon_##name parameters;
#define DECLARE_SVE256(name, parameters) void elegans_sve256_##name parameters;
ELEGANS_KERNELS(DECLARE_NEON)
ELEGANS_KERNELS(DECLARE_SVE256)

#define ENTRY_NEON(name, parameters) .name = elegans_neon_##name,
#define ENTRY_SVE256(name, parameters) .name = elegans_sve256_##name,
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

#define REQUIRE(condition)                                                                                             \
    if (!(condition)) {                                                                                                \
        return ELEGANS_BAD_ARGUMENT;                                                                                   \
    }
#define REQUIRE_TIER                                                                                                   \
    if (!has_tier(tier)) {                                                                                             \
        return ELEGANS_BAD_TIER;                                                                                       \
    }

static int valid_function(int32_t activation, int32_t accuracy) {
    return activation >= ELEGANS_LINEAR && activation <= ELEGANS_SOFTPLUS && accuracy >= ELEGANS_FAST &&
           accuracy <= ELEGANS_EXACT;
}

static int valid_storage(int32_t storage) { return storage == ELEGANS_FLOAT32 || storage == ELEGANS_BFLOAT16; }

static int valid_heads(const struct elegans_cfc_cell *cell) {
    return cell->head_activation == ELEGANS_LINEAR ||
           (cell->mode != ELEGANS_CFC_PURE &&
            (cell->head_activation == ELEGANS_TANH || cell->head_activation == ELEGANS_LECUN_TANH));
}

static int valid_cfc(const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *call) {
    return cell && call && cell->layers && cell->input_size > 0 && cell->hidden_size > 0 && cell->backbone_layers >= 0 &&
           cell->mode >= ELEGANS_CFC_DEFAULT && cell->mode <= ELEGANS_CFC_PURE &&
           (cell->mode != ELEGANS_CFC_PURE || cell->decay) && valid_heads(cell) && valid_function(cell->activation, cell->accuracy) &&
           call->state && call->hidden && call->hidden_rows > 0 && call->timespans.data && call->first_row >= 0 && call->rows >= 0 &&
           call->steps >= 0;
}

EXPORT int32_t elegans_abi_version(void) { return ELEGANS_ABI_VERSION; }

EXPORT int32_t elegans_tier_supported(int32_t tier) {
    return has_tier(tier) && supported(tier) ? ELEGANS_OK : ELEGANS_BAD_TIER;
}

EXPORT int32_t elegans_map_f32(int32_t tier, int32_t activation, int32_t accuracy, const float *x, float *y,
                               int64_t n) {
    REQUIRE_TIER
    REQUIRE(valid_function(activation, accuracy) && n >= 0)
    tiers[tier].map_f32(activation, accuracy, x, y, n);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_map_f64(int32_t tier, int32_t activation, const double *x, double *y, int64_t n) {
    REQUIRE_TIER
    REQUIRE(valid_function(activation, ELEGANS_ACCURATE) && n >= 0)
    tiers[tier].map_f64(activation, x, y, n);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_dense_f32(int32_t tier, const float *panels, int64_t inputs, int64_t outputs, int32_t storage,
                                 int32_t activation, int32_t accuracy, const float *x, int64_t x_stride, float *y,
                                 int64_t y_stride, int64_t rows) {
    REQUIRE_TIER
    REQUIRE(panels && inputs > 0 && outputs > 0 && valid_storage(storage) && valid_function(activation, accuracy) &&
            rows >= 0)
    struct elegans_dense layer = {panels, inputs, outputs, storage};
    tiers[tier].dense_f32(&layer, activation, accuracy, x, x_stride, y, y_stride, rows);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_cfc_run(int32_t tier, const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *call) {
    REQUIRE_TIER
    REQUIRE(valid_cfc(cell, call) && call->x.data)
    tiers[tier].cfc_run(cell, call);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_cfc_layer(int32_t tier, const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *call,
                                 int32_t layer, int64_t first_panel, int64_t panels) {
    REQUIRE_TIER
    REQUIRE(valid_cfc(cell, call) && layer >= 0 && layer <= cell->backbone_layers && call->rows <= call->hidden_rows &&
            first_panel >= 0 && panels >= 0)
    tiers[tier].cfc_layer(cell, call, layer, first_panel, panels);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_ltc_run(int32_t tier, const struct elegans_ltc_cell *cell, const struct elegans_ltc_call *call) {
    REQUIRE_TIER
    REQUIRE(cell && call && cell->capacitance && cell->leak && cell->current && cell->output_map && cell->input_size > 0 &&
            cell->units > 0 && cell->output_size > 0 && cell->output_size <= cell->units && cell->unfolds > 0 &&
            cell->solver >= ELEGANS_LTC_SEMI_IMPLICIT && cell->solver <= ELEGANS_LTC_RUNGE_KUTTA &&
            valid_function(ELEGANS_SIGMOID, cell->accuracy) && call->state && call->scratch && call->x.data &&
            call->timespans.data && call->first_row >= 0 && call->rows >= 0 && call->steps >= 0)
    tiers[tier].ltc_run(cell, call);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_lstm_run(int32_t tier, const struct elegans_lstm_cell *cell,
                                const struct elegans_lstm_call *call) {
    REQUIRE_TIER
    REQUIRE(cell && call && cell->gates && cell->input_size > 0 && cell->hidden_size > 0 &&
            valid_function(ELEGANS_SIGMOID, cell->accuracy) && call->state && call->memory && call->inputs &&
            call->x.data && call->first_row >= 0 && call->rows >= 0 && call->steps >= 0)
    tiers[tier].lstm_run(cell, call);
    return ELEGANS_OK;
}

static int valid_tape(const struct elegans_tape *tape, int32_t rounds) {
    return tape && rounds > 0 && tape->instructions && tape->constants && tape->registers &&
           (uintptr_t)tape->registers % 64 == 0 && tape->length >= 0 && tape->attention >= -1 &&
           tape->instructions[tape->length].code == 8 * ELEGANS_END &&
           (tape->block == ELEGANS_TAPE_BLOCK || tape->block == 64 || tape->block == 32 || tape->block == 16);
}

EXPORT int32_t elegans_tape_f64(int32_t tier, struct elegans_tape *tape, int32_t rounds) {
    REQUIRE_TIER
    REQUIRE(valid_tape(tape, rounds))
    tiers[tier].tape_f64(tape, rounds);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_tape_f32(int32_t tier, struct elegans_tape *tape, int32_t rounds) {
    REQUIRE_TIER
    REQUIRE(valid_tape(tape, rounds))
    tiers[tier].tape_f32(tape, rounds);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_roofline_multiply_add(int32_t tier, int64_t rounds, int64_t *flops) {
    REQUIRE_TIER
    REQUIRE(rounds >= 0 && flops)
    tiers[tier].roofline_multiply_add(rounds, flops);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_roofline_divide(int32_t tier, int64_t rounds, int64_t *count) {
    REQUIRE_TIER
    REQUIRE(rounds >= 0 && count)
    tiers[tier].roofline_divide(rounds, count);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_roofline_gather(int32_t tier, int64_t rounds, int64_t *count) {
    REQUIRE_TIER
    REQUIRE(rounds >= 0 && count)
    tiers[tier].roofline_gather(rounds, count);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_roofline_read(int32_t tier, const float *data, int64_t n, float *sum) {
    REQUIRE_TIER
    REQUIRE(data && sum && n >= 0 && n % 128 == 0)
    tiers[tier].roofline_read(data, n, sum);
    return ELEGANS_OK;
}
