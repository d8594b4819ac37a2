/*
 * The kernels that exist once per tier. This list is the only place that names them: it makes the declarations of each
 * tier and the tables that dispatch.c chooses from.
 */
#ifndef ELEGANS_KERNELS_H
#define ELEGANS_KERNELS_H

#include "elegans.h"

/* KERNEL(name, parameters) */
#define ELEGANS_KERNELS(KERNEL)                                                                                        \
    KERNEL(map_f32, (int32_t activation, int32_t accuracy, const float *x, float *y, int64_t n))                       \
    KERNEL(map_f64, (int32_t activation, const double *x, double *y, int64_t n))                                       \
    KERNEL(dense_f32, (const struct elegans_dense *layer, int32_t activation, int32_t accuracy, const float *x,        \
                       int64_t x_stride, float *y, int64_t y_stride, int64_t rows))                                    \
    KERNEL(cfc_run, (const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *call))                        \
    KERNEL(cfc_layer, (const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *call, int32_t layer,        \
                       int64_t first_panel, int64_t panels))                                                           \
    KERNEL(ltc_run, (const struct elegans_ltc_cell *cell, const struct elegans_ltc_call *call))                        \
    KERNEL(lstm_run, (const struct elegans_lstm_cell *cell, const struct elegans_lstm_call *call))                     \
    KERNEL(tape_f64, (struct elegans_tape *tape, int32_t rounds))                                                      \
    KERNEL(tape_f32, (struct elegans_tape *tape, int32_t rounds))                                                      \
    KERNEL(roofline_multiply_add, (int64_t rounds, int64_t *flops))                                                    \
    KERNEL(roofline_divide, (int64_t rounds, int64_t *count))                                                          \
    KERNEL(roofline_gather, (int64_t rounds, int64_t *count))                                                          \
    KERNEL(roofline_read, (const float *data, int64_t n, float *sum))

#define ELEGANS_JOIN_(tier, name) elegans_##tier##_##name
#define ELEGANS_JOIN(tier, name) ELEGANS_JOIN_(tier, name)

#ifdef ELEGANS_TIER
/* The name of a kernel in the tier that is being compiled. */
#define TIERED(name) ELEGANS_JOIN(ELEGANS_TIER, name)

#define DECLARE(name, parameters) void TIERED(name) parameters;
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
