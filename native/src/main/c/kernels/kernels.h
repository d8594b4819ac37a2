/* What the kernels of a tier share: their declarations, made from kernel_list.h, and checks of arguments. */
#ifndef ELEGANS_KERNELS_H
#define ELEGANS_KERNELS_H

#include "elegans.h"

/* Every kernel checks what it can in O(1) before it touches memory, and returns a status. */
#define REQUIRE(condition)                                                                                             \
    if (!(condition)) {                                                                                                \
        return ELEGANS_BAD_ARGUMENT;                                                                                   \
    }

static inline int valid_function(int32_t activation, int32_t accuracy) {
    return activation >= ELEGANS_LINEAR && activation <= ELEGANS_SOFTPLUS && accuracy >= ELEGANS_FAST &&
           accuracy <= ELEGANS_EXACT;
}

#define ELEGANS_JOIN_(tier, name) elegans_##tier##_##name
#define ELEGANS_JOIN(tier, name) ELEGANS_JOIN_(tier, name)

#ifdef ELEGANS_TIER
/* The name of a kernel in the tier that is being compiled. */
#define TIERED(name) ELEGANS_JOIN(ELEGANS_TIER, name)

#define DECLARE(name, ...) int32_t TIERED(name)(ELEGANS_PARAMETERS(__VA_ARGS__));
ELEGANS_KERNELS(DECLARE)
#undef DECLARE

/* Shared between the kernels of a tier, not exported: */

/* y = activation(y) on rows of columns (a multiple of 16) floats. */
void TIERED(activate)(int32_t activation, int32_t accuracy, float *y, int64_t stride, int64_t rows, int64_t columns);

/* The next tile's rows, when that many remain: at most 6, evenly spread. */
int64_t TIERED(tile_rows)(int64_t rows);

/* Width of a panel. */
int64_t TIERED(panel_width)(const struct elegans_dense *layer, int64_t panel);

/* One tile of a dense layer without activation: rows (at most 6) of one panel, or of two where `panels`, those that
 * remain, allow it and it pays; how many is the result. */
int64_t TIERED(dense_tile)(const struct elegans_dense *layer, int64_t panel, int64_t panels, const float *x,
                           int64_t x_stride, float *y, int64_t y_stride, int64_t rows, int64_t index);

/* Panels of a dense layer with activation. */
void TIERED(dense_panels)(const struct elegans_dense *layer, int64_t first_panel, int64_t panels, int32_t activation,
                          int32_t accuracy, const float *x, int64_t x_stride, float *y, int64_t y_stride,
                          int64_t rows);
#endif

#endif
