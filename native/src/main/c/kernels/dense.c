/* Fully connected layers: the register tiles that every matrix product of the library goes through. */
#include "kernels.h"
#include "simd.h"

/* Rows x vectors of the largest tile: 24 + 4 + 1 of 32 registers, or 12 + 2 + 1 of 16. */
#define TILE_ROWS 6
#define TILE_VECTORS (VECTOR_REGISTERS == 32 ? 4 : 2)

/* Chains of one row: a panel, or two where it has only four vectors. */
#define CHAINS (LANES == 4 ? 16 : 8)

/* The tile's sums are registers only if these loops are gone before the compiler looks for arrays to split. */
#define UNROLLED _Pragma("GCC unroll 16")

/* Words of bfloat16 that make a line, and the columns that are their lower or upper halves. */
#define LINE 16

/* Floats of weights beyond which the second-level cache does not keep them all from step to step: 1 MB. */
#define CACHED (1 << 18)

/* The columns of a vector: bfloat16 comes in pairs, the lower halves of a vector of words and the upper ones. */
INLINE int column_of(const int storage, const int v) {
    const int word = v / 2 * LANES;
    return storage == ELEGANS_FLOAT32 ? v * LANES : word / LINE * 2 * LINE + word % LINE + v % 2 * LINE;
}

/* Vector v of a row of weights. */
INLINE vf weights_of(const int storage, const float *row, const int v) {
    if (storage == ELEGANS_FLOAT32) {
        return vf_load(row + v * LANES);
    }
    vi words = vi_load(row + v / 2 * LANES);
    return vi_float(v % 2 == 0 ? vi_shl(words, 16) : vi_and(words, vi_set((int32_t)0xffff0000)));
}

/*
 * y[r][v] = bias + x[r] W for a tile. Every element is one fma chain over k that starts from the bias. The sizes are
 * constants wherever this is inlined; vectors from the `split`th on are those of the panel `next` floats further on,
 * which lets one row run over two panels at once: eight chains hide the latency of the fma. With every row of weights,
 * the next line from `ahead` on is fetched into the second-level cache, if at all.
 */
INLINE void tile(const int storage, const int rows, const int vectors, const int split, const float *x,
                 int64_t x_stride, const float *bias, const float *w, int64_t width, int64_t next, int64_t inputs,
                 float *y, int64_t y_stride, const int fetches, const float *ahead) {
    vf sum[TILE_ROWS][CHAINS];
    UNROLLED
    for (int v = 0; v < vectors; v++) {
        vf b = vf_load(v < split ? bias + column_of(storage, v) : bias + next + column_of(storage, v - split));
        UNROLLED
        for (int r = 0; r < rows; r++) {
            sum[r][v] = b;
        }
    }
    for (int64_t k = 0; k < inputs; k++) {
        vf column[CHAINS];
        UNROLLED
        for (int v = 0; v < vectors; v++) {
            column[v] = v < split ? weights_of(storage, w, v) : weights_of(storage, w + next, v - split);
        }
        UNROLLED
        for (int r = 0; r < rows; r++) {
            vf xk = vf_set(x[r * x_stride + k]);
            UNROLLED
            for (int v = 0; v < vectors; v++) {
                sum[r][v] = vf_fma(xk, column[v], sum[r][v]);
            }
        }
        w += width;
        if (fetches) {
            __builtin_prefetch(ahead, 0, 2);
            ahead += LINE;
        }
    }
    UNROLLED
    for (int r = 0; r < rows; r++) {
        UNROLLED
        for (int v = 0; v < vectors; v++) {
            vf_store(y + r * y_stride + column_of(storage, v), sum[r][v]);
        }
    }
}

/* width: from row to row of w, in floats; ahead: lines to fetch meanwhile */
typedef void tile_function(const float *x, int64_t x_stride, const float *bias, const float *w, int64_t width,
                           int64_t inputs, float *y, int64_t y_stride, const float *ahead);

/* Kept out of line, so that each tile has the registers for itself. */
#define TILE_OF(name, fetches, storage, rows, vectors)                                                                 \
    static __attribute__((noinline)) void name##_##storage##_##rows##x##vectors(                                       \
        const float *x, int64_t x_stride, const float *bias, const float *w, int64_t width, int64_t inputs, float *y,  \
        int64_t y_stride, const float *ahead) {                                                                        \
        tile(ELEGANS_##storage, rows, vectors, vectors, x, x_stride, bias, w, width, 0, inputs, y, y_stride, fetches,  \
             ahead);                                                                                                   \
    }
#define TILE(storage, rows, vectors)                                                                                   \
    TILE_OF(tile, 0, storage, rows, vectors)                                                                           \
    TILE_OF(fetching_tile, 1, storage, rows, vectors)
#define TILES(storage, vectors)                                                                                        \
    TILE(storage, 1, vectors)                                                                                          \
    TILE(storage, 2, vectors)                                                                                          \
    TILE(storage, 3, vectors)                                                                                          \
    TILE(storage, 4, vectors)                                                                                          \
    TILE(storage, 5, vectors)                                                                                          \
    TILE(storage, 6, vectors)
#define ROW(name, storage, vectors)                                                                                    \
    {                                                                                                                  \
        name##_##storage##_1x##vectors, name##_##storage##_2x##vectors, name##_##storage##_3x##vectors,                \
            name##_##storage##_4x##vectors, name##_##storage##_5x##vectors, name##_##storage##_6x##vectors             \
    }
#define TABLE(storage, vectors)                                                                                        \
    { ROW(tile, storage, vectors), ROW(fetching_tile, storage, vectors) }

TILES(FLOAT32, 1)
TILES(FLOAT32, 2)
TILES(BFLOAT16, 1)
TILES(BFLOAT16, 2)
#if VECTOR_REGISTERS == 32
TILES(FLOAT32, 3)
TILES(FLOAT32, 4)
TILES(BFLOAT16, 4)
static tile_function *const tiles[][4][2][TILE_ROWS] = {
    [ELEGANS_FLOAT32] = {TABLE(FLOAT32, 1), TABLE(FLOAT32, 2), TABLE(FLOAT32, 3), TABLE(FLOAT32, 4)},
    [ELEGANS_BFLOAT16] = {[0] = TABLE(BFLOAT16, 1), [1] = TABLE(BFLOAT16, 2), [3] = TABLE(BFLOAT16, 4)},
};
#else
static tile_function *const tiles[][2][2][TILE_ROWS] = {
    [ELEGANS_FLOAT32] = {TABLE(FLOAT32, 1), TABLE(FLOAT32, 2)},
    [ELEGANS_BFLOAT16] = {TABLE(BFLOAT16, 1), TABLE(BFLOAT16, 2)},
};
#endif

#if LANES == 16
/* One row over two whole panels. */
#define TWO_PANELS(storage)                                                                                            \
    static __attribute__((noinline)) void two_panels_##storage(const float *x, const float *bias, const float *w,      \
                                                               int64_t width, int64_t next, int64_t inputs,            \
                                                               float *y) {                                             \
        tile(ELEGANS_##storage, 1, 8, 4, x, 0, bias, w, width, next, inputs, y, 0, 0, NULL);                                    \
    }
TWO_PANELS(FLOAT32)
TWO_PANELS(BFLOAT16)
#else
/* One row over a whole panel. */
#define WHOLE_PANEL(storage)                                                                                           \
    static __attribute__((noinline)) void whole_panel_##storage(const float *x, const float *bias, const float *w,     \
                                                                int64_t width, int64_t inputs, float *y) {             \
        tile(ELEGANS_##storage, 1, CHAINS, CHAINS, x, 0, bias, w, width, 0, inputs, y, 0, 0, NULL);                             \
    }
WHOLE_PANEL(FLOAT32)
WHOLE_PANEL(BFLOAT16)
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

/* Where a panel's biases and rows of weights are. */
struct panel {
    const float *bias;
    const float *w;
    int64_t width; /* floats, or words, from row to row */
    int64_t next;  /* floats to the next panel, if this one is whole */
};

static struct panel panel_of(const struct elegans_dense *layer, int64_t panel) {
    int64_t columns = TIERED(panel_width)(layer, panel);
    if (layer->storage == ELEGANS_FLOAT32) {
        const float *bias = layer->panels + panel * ELEGANS_PANEL * (layer->inputs + 1);
        return (struct panel){bias, bias + columns, columns, ELEGANS_PANEL * (layer->inputs + 1)};
    }
    /* The biases take as much as two rows. */
    int64_t width = (columns + 2 * LINE - 1) / (2 * LINE) * LINE;
    const float *bias = layer->panels + panel * (ELEGANS_PANEL / 2) * (layer->inputs + 2);
    return (struct panel){bias, bias + 2 * width, width, ELEGANS_PANEL / 2 * (layer->inputs + 2)};
}

static int64_t layer_panels(const struct elegans_dense *layer) {
    return (layer->outputs + ELEGANS_PANEL - 1) / ELEGANS_PANEL;
}

/* `index` counts the tiles of a panel: each of the first ones fetches a part of the next panel. */
int64_t TIERED(dense_tile)(const struct elegans_dense *layer, int64_t panel, int64_t panels, const float *x,
                           int64_t x_stride, float *y, int64_t y_stride, int64_t rows, int64_t index) {
    struct panel p = panel_of(layer, panel);
    int64_t columns = TIERED(panel_width)(layer, panel);
#if LANES == 16
    if (rows == 1 && panels > 1 && TIERED(panel_width)(layer, panel + 1) == ELEGANS_PANEL) {
        if (layer->storage == ELEGANS_FLOAT32) {
            two_panels_FLOAT32(x, p.bias, p.w, p.width, p.next, layer->inputs, y);
        } else {
            two_panels_BFLOAT16(x, p.bias, p.w, p.width, p.next, layer->inputs, y);
        }
        return 2;
    }
#else
    (void)panels;
    if (rows == 1 && columns == ELEGANS_PANEL) {
        if (layer->storage == ELEGANS_FLOAT32) {
            whole_panel_FLOAT32(x, p.bias, p.w, p.width, layer->inputs, y);
        } else {
            whole_panel_BFLOAT16(x, p.bias, p.w, p.width, layer->inputs, y);
        }
        return 1;
    }
#endif
    const float *ahead = NULL;
    if (panels > 1 && index < p.width / LINE && layer->inputs * p.width * layer_panels(layer) > CACHED) {
        ahead = panel_of(layer, panel + 1).w + index * layer->inputs * LINE;
    }
    if (layer->storage == ELEGANS_FLOAT32) {
        for (int64_t column = 0; column < columns;) {
            int64_t vectors = at_most(TILE_VECTORS, (columns - column) / LANES);
            tiles[ELEGANS_FLOAT32][vectors - 1][ahead != NULL][rows - 1](
                x, x_stride, p.bias + column, p.w + column, p.width, layer->inputs, y + column, y_stride, ahead);
            column += vectors * LANES;
            ahead = NULL;
        }
        return 1;
    }
    /* Words with columns in both halves; the upper halves of those behind them are padding. */
    int64_t pairs = columns / (2 * LINE) * LINE;
    for (int64_t word = 0; word < p.width;) {
        int64_t vectors = word < pairs ? at_most(TILE_VECTORS, (pairs - word) / LANES * 2) : 1;
        int64_t column = word / LINE * 2 * LINE + word % LINE;
        tiles[ELEGANS_BFLOAT16][vectors - 1][ahead != NULL][rows - 1](
            x, x_stride, p.bias + column, p.w + word, p.width, layer->inputs, y + column, y_stride, ahead);
        word += (vectors + 1) / 2 * LANES;
        ahead = NULL;
    }
    return 1;
}

void TIERED(dense_panels)(const struct elegans_dense *layer, int64_t first_panel, int64_t panels, int32_t activation,
                          int32_t accuracy, const float *x, int64_t x_stride, float *y, int64_t y_stride,
                          int64_t rows) {
    for (int64_t panel = first_panel, end = first_panel + panels; panel < end;) {
        int64_t done = 1;
        int64_t columns = 0;
        for (int64_t row = 0, index = 0; row < rows; index++) {
            int64_t n = TIERED(tile_rows)(rows - row);
            float *out = y + row * y_stride + panel * ELEGANS_PANEL;
            done = TIERED(dense_tile)(layer, panel, end - panel, x + row * x_stride, x_stride, out, y_stride, n,
                                       index);
            columns = (done - 1) * ELEGANS_PANEL + TIERED(panel_width)(layer, panel + done - 1);
            TIERED(activate)(activation, accuracy, out, y_stride, n, columns);
            row += n;
        }
        panel += done;
    }
}

int32_t TIERED(dense_f32)(const float *panels, int64_t inputs, int64_t outputs, int32_t storage, int32_t activation,
                          int32_t accuracy, const float *x, int64_t x_stride, float *y, int64_t y_stride,
                          int64_t rows) {
    REQUIRE(panels && inputs > 0 && outputs > 0 && (storage == ELEGANS_FLOAT32 || storage == ELEGANS_BFLOAT16) &&
            valid_function(activation, accuracy) && rows >= 0)
    const struct elegans_dense layer = {panels, inputs, outputs, storage};
    int64_t count = layer_panels(&layer);
    for (int64_t row = 0; row < rows; row += ELEGANS_CHUNK) {
        TIERED(dense_panels)(&layer, 0, count, activation, accuracy, x + row * x_stride, x_stride, y + row * y_stride,
                             y_stride, at_most(ELEGANS_CHUNK, rows - row));
    }
    return ELEGANS_OK;
}
