/* Long short-term memory: four heads in one tile, and the gates on it. */
#include "gates.h"
#include "kernels.h"

#define MAX_TILE_ROWS 6

/* tile[r][block][i | ig | fg | og][16] of rows x blocks of 16 units */
INLINE void gates(const int accuracy, const struct elegans_lstm_call *call, const float *tile, int64_t input_size,
                  int64_t first_row, int64_t rows, int64_t first_unit, int64_t blocks) {
    for (int64_t r = 0; r < rows; r++) {
        float *h = call->state + (first_row + r) * call->state_stride + input_size + first_unit;
        float *c = call->memory + (first_row + r) * call->memory_stride + first_unit;
        for (int64_t block = 0; block < blocks; block++) {
            const float *head = tile + r * ELEGANS_PANEL + block * ELEGANS_PANEL;
            for (int64_t i = 0; i < ELEGANS_BLOCK; i += LANES) {
                vf x = tanh_of(accuracy, vf_load(head + i));
                vf ig = sigmoid_of(accuracy, vf_load(head + ELEGANS_BLOCK + i));
                vf fg = sigmoid_of(accuracy, vf_load(head + 2 * ELEGANS_BLOCK + i));
                vf og = sigmoid_of(accuracy, vf_load(head + 3 * ELEGANS_BLOCK + i));
                int64_t at = block * ELEGANS_BLOCK + i;
                vf next = lstm_memory(fg, vf_load(c + at), x, ig);
                vf_store(c + at, next);
                vf_store(h + at, lstm_output(tanh_of(accuracy, next), og));
            }
        }
    }
}

static void step(const struct elegans_lstm_cell *cell, const struct elegans_lstm_call *call, int64_t first_row,
                 int64_t rows) {
    _Alignas(64) float tile[MAX_TILE_ROWS * ELEGANS_PANEL];
    int64_t panels = (cell->gates->outputs + ELEGANS_PANEL - 1) / ELEGANS_PANEL;
    for (int64_t panel = 0; panel < panels;) {
        int64_t done = 1;
        for (int64_t row = 0, index = 0; row < rows; index++) {
            int64_t n = TIERED(tile_rows)(rows - row);
            done = TIERED(dense_tile)(cell->gates, panel, panels - panel, call->inputs + row * call->state_stride,
                                      call->state_stride, tile, ELEGANS_PANEL, n, index);
            int64_t first = panel * ELEGANS_BLOCK;
            switch (cell->accuracy) {
            case ELEGANS_FAST: gates(ELEGANS_FAST, call, tile, cell->input_size, first_row + row, n, first, done); break;
            case ELEGANS_ACCURATE:
                gates(ELEGANS_ACCURATE, call, tile, cell->input_size, first_row + row, n, first, done);
                break;
            default: gates(ELEGANS_EXACT, call, tile, cell->input_size, first_row + row, n, first, done); break;
            }
            row += n;
        }
        panel += done;
    }
}

static void copy(float *to, const float *from, int64_t n) { memcpy(to, from, (size_t)n * sizeof(float)); }

int32_t TIERED(lstm_run)(const struct elegans_lstm_cell *cell, const struct elegans_lstm_call *call) {
    REQUIRE(cell && call && cell->gates && cell->input_size > 0 && cell->hidden_size > 0 &&
            valid_function(ELEGANS_SIGMOID, cell->accuracy) && call->state && call->memory && call->inputs &&
            call->x.data && call->first_row >= 0 && call->rows >= 0 && call->steps >= 0)
    int64_t end = call->first_row + call->rows;
    for (int64_t row = call->first_row; row < end; row += ELEGANS_CHUNK) {
        int64_t rows = end - row < ELEGANS_CHUNK ? end - row : ELEGANS_CHUNK;
        for (int64_t t = 0; t < call->steps; t++) {
            for (int64_t r = 0; r < rows; r++) {
                /* The gates must not read the state that they overwrite. */
                float *inputs = call->inputs + r * call->state_stride;
                const float *h = call->state + (row + r) * call->state_stride + cell->input_size;
                copy(inputs, call->x.data + (row + r) * call->x.row_stride + t * call->x.step_stride, cell->input_size);
                copy(inputs + cell->input_size, h, cell->hidden_size);
            }
            step(cell, call, row, rows);
            for (int64_t r = 0; call->out.data && r < rows; r++) {
                const float *h = call->state + (row + r) * call->state_stride + cell->input_size;
                copy(call->out.data + (row + r) * call->out.row_stride + t * call->out.step_stride, h,
                     cell->hidden_size);
            }
        }
    }
    return ELEGANS_OK;
}
