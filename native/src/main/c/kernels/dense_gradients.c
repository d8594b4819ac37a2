/* What training needs of fully connected layers: ScalarDenseGradients.java. */
#include "kernels.h"
#include "simd.h"
#include <stddef.h>

/* Inputs x vectors of the largest tile: 24 + 4 + 1 of 32 registers, or 12 + 2 + 1 of 16. */
#define TILE_INPUTS 6
#define TILE_VECTORS (VECTOR_REGISTERS == 32 ? 4 : 2)

/* Rows that go through all tiles of a panel together: those of its dz stay in the first-level cache. */
#define PART 128

/* Rows that go through all panels together: those of x stay in the second-level cache. */
#define BLOCK 512

/* The tile's sums are registers only if these loops are gone before the compiler looks for arrays to split. */
#define UNROLLED _Pragma("GCC unroll 16")

/*
 * g[k][v] += x^T dz for a tile: a chain over the rows for every element. With `bias`, the first of the inputs is 1 and
 * not in x. The sizes are constants wherever this is inlined.
 */
INLINE void tile(const int bias, const int inputs, const int vectors, const float *x, int64_t x_stride,
                 const float *dz, int64_t dz_stride, int64_t rows, float *g, int64_t width) {
    vf sum[TILE_INPUTS][TILE_VECTORS];
    UNROLLED
    for (int k = 0; k < inputs; k++) {
        UNROLLED
        for (int v = 0; v < vectors; v++) {
            sum[k][v] = vf_load(g + k * width + v * LANES);
        }
    }
    for (int64_t r = 0; r < rows; r++) {
        vf d[TILE_VECTORS];
        UNROLLED
        for (int v = 0; v < vectors; v++) {
            d[v] = vf_load(dz + v * LANES);
            if (bias) {
                sum[0][v] = vf_add(sum[0][v], d[v]);
            }
        }
        UNROLLED
        for (int k = bias; k < inputs; k++) {
            vf xk = vf_set(x[k - bias]);
            UNROLLED
            for (int v = 0; v < vectors; v++) {
                sum[k][v] = vf_fma(xk, d[v], sum[k][v]);
            }
        }
        x += x_stride;
        dz += dz_stride;
    }
    /* Or the compiler keeps the addresses of all sums from the beginning to the end, which costs as much as some rows. */
    __asm__("" : "+r"(g));
    UNROLLED
    for (int k = 0; k < inputs; k++) {
        UNROLLED
        for (int v = 0; v < vectors; v++) {
            vf_store(g + k * width + v * LANES, sum[k][v]);
        }
    }
}

typedef void tile_function(const float *x, int64_t x_stride, const float *dz, int64_t dz_stride, int64_t rows,
                           float *g, int64_t width);

/* Kept out of line, so that each tile has the registers for itself. */
#define TILE(name, bias, inputs, vectors)                                                                              \
    static __attribute__((noinline)) void name##_##inputs##x##vectors(const float *x, int64_t x_stride,                \
                                                                      const float *dz, int64_t dz_stride,              \
                                                                      int64_t rows, float *g, int64_t width) {         \
        tile(bias, inputs, vectors, x, x_stride, dz, dz_stride, rows, g, width);                                       \
    }
#define TILES(vectors)                                                                                                 \
    TILE(tile, 0, 1, vectors)                                                                                          \
    TILE(tile, 0, 2, vectors)                                                                                          \
    TILE(tile, 0, 3, vectors)                                                                                          \
    TILE(tile, 0, 4, vectors)                                                                                          \
    TILE(tile, 0, 5, vectors)                                                                                          \
    TILE(tile, 0, 6, vectors)                                                                                          \
    TILE(bias_tile, 1, 2, vectors)                                                                                     \
    TILE(bias_tile, 1, 3, vectors)                                                                                     \
    TILE(bias_tile, 1, 4, vectors)                                                                                     \
    TILE(bias_tile, 1, 5, vectors)                                                                                     \
    TILE(bias_tile, 1, 6, vectors)
#define TABLE(vectors)                                                                                                 \
    {{tile_1x##vectors, tile_2x##vectors, tile_3x##vectors, tile_4x##vectors, tile_5x##vectors, tile_6x##vectors},     \
     {NULL, bias_tile_2x##vectors, bias_tile_3x##vectors, bias_tile_4x##vectors, bias_tile_5x##vectors,                \
      bias_tile_6x##vectors}}

TILES(1)
TILES(2)
#if VECTOR_REGISTERS == 32
TILES(3)
TILES(4)
static tile_function *const tiles[][2][TILE_INPUTS] = {TABLE(1), TABLE(2), TABLE(3), TABLE(4)};
#else
static tile_function *const tiles[][2][TILE_INPUTS] = {TABLE(1), TABLE(2)};
#endif

INLINE int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

/* A panel of the gradient, whose first row is that of the biases: there are at least two inputs in its tile. */
static void panel_gradient(const float *x, int64_t x_stride, const float *dz, int64_t dz_stride, int64_t rows,
                           int64_t inputs, float *g, int64_t width) {
    for (int64_t k = 0; k <= inputs;) {
        int64_t n = TIERED(tile_rows)(inputs + 1 - k);
        const float *xk = k == 0 ? x : x + k - 1;
        for (int64_t column = 0; column < width;) {
            int64_t vectors = at_most(TILE_VECTORS, (width - column) / LANES);
            tiles[vectors - 1][k == 0][n - 1](xk, x_stride, dz + column, dz_stride, rows, g + k * width + column,
                                              width);
            column += vectors * LANES;
        }
        k += n;
    }
}

int32_t TIERED(dense_gradient_f32)(const float *x, int64_t x_stride, const float *dz, int64_t dz_stride,
                                   int64_t rows, int64_t inputs, int64_t outputs, float *gradient) {
    REQUIRE(gradient && inputs > 0 && outputs > 0 && rows >= 0)
    const struct elegans_dense layer = {gradient, inputs, outputs, ELEGANS_FLOAT32};
    for (int64_t block = 0; block < rows; block += BLOCK) {
        const int64_t end = at_most(block + BLOCK, rows);
        for (int64_t panel = 0; panel * ELEGANS_PANEL < outputs; panel++) {
            const int64_t width = TIERED(panel_width)(&layer, panel);
            float *g = gradient + panel * ELEGANS_PANEL * (inputs + 1);
            for (int64_t row = block; row < end; row += PART) {
                panel_gradient(x + row * x_stride, x_stride, dz + row * dz_stride + panel * ELEGANS_PANEL, dz_stride,
                               at_most(PART, end - row), inputs, g, width);
            }
        }
    }
    return ELEGANS_OK;
}

/* Four floats on any instruction set. */
typedef float quad __attribute__((vector_size(16)));

/* Four of the eight numbers of two. */
#if defined(__clang__)
#define QUAD_OF(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int32_t quad_indices __attribute__((vector_size(16)));
#define QUAD_OF(a, b, ...) __builtin_shuffle(a, b, (quad_indices){__VA_ARGS__})
#endif

INLINE quad quad_load(const float *p) {
    quad a;
    memcpy(&a, p, sizeof a);
    return a;
}

INLINE void quad_store(float *p, quad a) { memcpy(p, &a, sizeof a); }

/* to[j][i] = from[i][j] for a block of 4 x 4. */
INLINE void transpose_quads(const float *from, int64_t from_stride, float *to, int64_t to_stride) {
    quad a = quad_load(from);
    quad b = quad_load(from + from_stride);
    quad c = quad_load(from + 2 * from_stride);
    quad d = quad_load(from + 3 * from_stride);
    quad ab_low = QUAD_OF(a, b, 0, 4, 1, 5);
    quad ab_high = QUAD_OF(a, b, 2, 6, 3, 7);
    quad cd_low = QUAD_OF(c, d, 0, 4, 1, 5);
    quad cd_high = QUAD_OF(c, d, 2, 6, 3, 7);
    quad_store(to, QUAD_OF(ab_low, cd_low, 0, 1, 4, 5));
    quad_store(to + to_stride, QUAD_OF(ab_low, cd_low, 2, 3, 6, 7));
    quad_store(to + 2 * to_stride, QUAD_OF(ab_high, cd_high, 0, 1, 4, 5));
    quad_store(to + 3 * to_stride, QUAD_OF(ab_high, cd_high, 2, 3, 6, 7));
}

/* to[j][i] = from[i][j] for i < rows and j < columns, both at most ELEGANS_BLOCK; zeros in the rest of the block of `to`'s
 * first `columns` rows. */
INLINE void transpose_block(const float *from, int64_t from_stride, int64_t rows, int64_t columns, float *to,
                            int64_t to_stride) {
    if (rows == ELEGANS_BLOCK && columns == ELEGANS_BLOCK) {
        for (int j = 0; j < ELEGANS_BLOCK; j += 4) {
            for (int i = 0; i < ELEGANS_BLOCK; i += 4) {
                transpose_quads(from + i * from_stride + j, from_stride, to + j * to_stride + i, to_stride);
            }
        }
        return;
    }
    for (int64_t j = 0; j < columns; j++) {
        for (int64_t i = 0; i < ELEGANS_BLOCK; i++) {
            to[j * to_stride + i] = i < rows ? from[i * from_stride + j] : 0;
        }
    }
}

int32_t TIERED(dense_transpose_f32)(const float *panels, int64_t inputs, int64_t outputs, int64_t first_input,
                                    int64_t count, float *transposed) {
    REQUIRE(panels && transposed && outputs > 0 && first_input >= 0 && count > 0 && first_input + count <= inputs)
    const struct elegans_dense source = {panels, inputs, outputs, ELEGANS_FLOAT32};
    const struct elegans_dense target = {transposed, outputs, count, ELEGANS_FLOAT32};
    for (int64_t k = 0; k < count; k += ELEGANS_BLOCK) {
        int64_t panel = k / ELEGANS_PANEL;
        int64_t to_width = TIERED(panel_width)(&target, panel);
        float *to = transposed + panel * ELEGANS_PANEL * (outputs + 1) + k % ELEGANS_PANEL;
        memset(to, 0, ELEGANS_BLOCK * sizeof(float));
        to += to_width;
        for (int64_t n = 0; n < outputs; n += ELEGANS_BLOCK) {
            panel = n / ELEGANS_PANEL;
            int64_t from_width = TIERED(panel_width)(&source, panel);
            const float *from = panels + panel * ELEGANS_PANEL * (inputs + 1) +
                                (1 + first_input + k) * from_width + n % ELEGANS_PANEL;
            transpose_block(from, from_width, at_most(ELEGANS_BLOCK, count - k), at_most(ELEGANS_BLOCK, outputs - n),
                            to + n * to_width, to_width);
        }
    }
    return ELEGANS_OK;
}
