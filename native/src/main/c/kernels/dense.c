/* Fully connected layers: the register tiles that every matrix product of the library goes through. */
#include "kernels.h"
#include "simd.h"

/* Rows x vectors of the largest tile: 24 + 4 + 1 of 32 zmm registers, or 12 + 2 + 1 of 16 ymm registers. */
#define TILE_ROWS 6
#define TILE_VECTORS (LANES == 16 ? 4 : 2)

/* The tile's sums are registers only if these loops are gone before the compiler looks for arrays to split. */
#define UNROLLED _Pragma("GCC unroll 8")

/*
 * y[r][v] = bias + x[r] W for a tile. Every element is one fma chain over k that starts from the bias. The sizes are
 * constants wherever this is inlined; columns beyond the first `split` vectors are read `gap` floats further on, which
 * lets one row run over two panels at once: eight chains hide the latency of the fma.
 */
INLINE void tile(const int rows, const int vectors, const int split, const float *x, int64_t x_stride, const float *w,
                 int64_t width, int64_t gap, int64_t inputs, float *y, int64_t y_stride) {
    vf sum[TILE_ROWS][8];
    UNROLLED
    for (int v = 0; v < vectors; v++) {
        vf bias = vf_load(w + v * LANES + (v < split ? 0 : gap));
        UNROLLED
        for (int r = 0; r < rows; r++) {
            sum[r][v] = bias;
        }
    }
    for (int64_t k = 0; k < inputs; k++) {
        w += width;
        vf column[8];
        UNROLLED
        for (int v = 0; v < vectors; v++) {
            column[v] = vf_load(w + v * LANES + (v < split ? 0 : gap));
        }
        UNROLLED
        for (int r = 0; r < rows; r++) {
            vf xk = vf_set(x[r * x_stride + k]);
            UNROLLED
            for (int v = 0; v < vectors; v++) {
                sum[r][v] = vf_fma(xk, column[v], sum[r][v]);
            }
        }
    }
    UNROLLED
    for (int r = 0; r < rows; r++) {
        UNROLLED
        for (int v = 0; v < vectors; v++) {
            vf_store(y + r * y_stride + v * LANES, sum[r][v]);
        }
    }
}

typedef void tile_function(const float *x, int64_t x_stride, const float *w, int64_t width, int64_t inputs, float *y,
                           int64_t y_stride);

/* Kept out of line, so that each tile has the registers for itself. */
#define TILE(rows, vectors)                                                                                            \
    static __attribute__((noinline)) void tile_##rows##x##vectors(const float *x, int64_t x_stride, const float *w,    \
                                                                  int64_t width, int64_t inputs, float *y,             \
                                                                  int64_t y_stride) {                                  \
        tile(rows, vectors, vectors, x, x_stride, w, width, 0, inputs, y, y_stride);                                   \
    }
#define TILES(vectors)                                                                                                 \
    TILE(1, vectors) TILE(2, vectors) TILE(3, vectors) TILE(4, vectors) TILE(5, vectors) TILE(6, vectors)
#define TABLE(vectors)                                                                                                 \
    { tile_1x##vectors, tile_2x##vectors, tile_3x##vectors, tile_4x##vectors, tile_5x##vectors, tile_6x##vectors }

TILES(1)
TILES(2)
#if LANES == 16
TILES(3)
TILES(4)
static tile_function *const tiles[4][TILE_ROWS] = {TABLE(1), TABLE(2), TABLE(3), TABLE(4)};
#else
TILE(1, 8)
static tile_function *const tiles[2][TILE_ROWS] = {TABLE(1), TABLE(2)};
#endif

#if LANES == 16
/* One row over two whole panels. */
static __attribute__((noinline)) void two_panels(const float *x, const float *w, int64_t inputs, float *y) {
    tile(1, 8, 4, x, 0, w, ELEGANS_PANEL, (inputs + 1) * ELEGANS_PANEL - ELEGANS_PANEL, inputs, y, 0);
}
#endif

INLINE int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

int64_t TIERED(tile_rows)(int64_t rows) {
    int64_t tiles_left = (rows + TILE_ROWS - 1) / TILE_ROWS;
    return (rows + tiles_left - 1) / tiles_left;
}

int64_t TIERED(panel_width)(const struct elegans_dense *layer, int64_t panel) {
    int64_t padded = (layer->outputs + ELEGANS_BLOCK - 1) / ELEGANS_BLOCK * ELEGANS_BLOCK;
    return at_most(ELEGANS_PANEL, padded - panel * ELEGANS_PANEL);
}

const float *TIERED(panel)(const struct elegans_dense *layer, int64_t panel) {
    return layer->panels + panel * ELEGANS_PANEL * (layer->inputs + 1);
}

int64_t TIERED(dense_tile)(const struct elegans_dense *layer, int64_t panel, int64_t panels, const float *x,
                           int64_t x_stride, float *y, int64_t y_stride, int64_t rows) {
    const float *w = TIERED(panel)(layer, panel);
    int64_t width = TIERED(panel_width)(layer, panel);
#if LANES == 16
    if (rows == 1 && panels > 1 && TIERED(panel_width)(layer, panel + 1) == ELEGANS_PANEL) {
        two_panels(x, w, layer->inputs, y);
        return 2;
    }
#else
    (void)panels;
    if (rows == 1 && width == ELEGANS_PANEL) {
        tile_1x8(x, x_stride, w, width, layer->inputs, y, y_stride);
        return 1;
    }
#endif
    for (int64_t column = 0; column < width;) {
        int64_t vectors = at_most(TILE_VECTORS, (width - column) / LANES);
        tiles[vectors - 1][rows - 1](x, x_stride, w + column, width, layer->inputs, y + column, y_stride);
        column += vectors * LANES;
    }
    return 1;
}

void TIERED(dense_panels)(const struct elegans_dense *layer, int64_t first_panel, int64_t panels, int32_t activation,
                          int32_t accuracy, const float *x, int64_t x_stride, float *y, int64_t y_stride,
                          int64_t rows) {
    for (int64_t panel = first_panel, end = first_panel + panels; panel < end;) {
        int64_t done = 1;
        int64_t columns = 0;
        for (int64_t row = 0; row < rows;) {
            int64_t n = TIERED(tile_rows)(rows - row);
            float *out = y + row * y_stride + panel * ELEGANS_PANEL;
            done = TIERED(dense_tile)(layer, panel, end - panel, x + row * x_stride, x_stride, out, y_stride, n);
            columns = (done - 1) * ELEGANS_PANEL + TIERED(panel_width)(layer, panel + done - 1);
            TIERED(activate)(activation, accuracy, out, y_stride, n, columns);
            row += n;
        }
        panel += done;
    }
}

void TIERED(dense_f32)(const struct elegans_dense *layer, int32_t activation, int32_t accuracy, const float *x,
                       int64_t x_stride, float *y, int64_t y_stride, int64_t rows) {
    int64_t panels = (layer->outputs + ELEGANS_PANEL - 1) / ELEGANS_PANEL;
    for (int64_t row = 0; row < rows; row += ELEGANS_CHUNK) {
        TIERED(dense_panels)(layer, 0, panels, activation, accuracy, x + row * x_stride, x_stride, y + row * y_stride,
                             y_stride, at_most(ELEGANS_CHUNK, rows - row));
    }
}
