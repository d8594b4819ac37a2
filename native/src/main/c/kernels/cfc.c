/* Closed-form continuous-time cells: backbone, heads and gate of a step, and whole sequences. */
#include "gates.h"
#include "kernels.h"

#define MAX_TILE_ROWS 6

/* What the heads' tiles become the next state with. */
struct gate {
    const struct elegans_cfc_call *call;
    const struct elegans_cfc_cell *cell;
    int64_t step;
};

INLINE float timespan(const struct gate *gate, int64_t row) {
    const struct elegans_series *s = &gate->call->timespans;
    return s->data[row * s->row_stride + gate->step * s->step_stride];
}

INLINE float *hidden_state(const struct gate *gate, int64_t row) {
    return gate->call->state + row * gate->call->state_stride + gate->cell->input_size;
}

/* heads[r][block][ff1 | ff2 | time_a | time_b][16] of rows x blocks of 16 units */
INLINE void gated(const int mode, const int activation, const int accuracy, const struct gate *gate,
                  const float *heads, int64_t stride, int64_t first_row, int64_t rows, int64_t first_unit,
                  int64_t blocks) {
    for (int64_t r = 0; r < rows; r++) {
        vf dt = vf_set(timespan(gate, first_row + r));
        float *h = hidden_state(gate, first_row + r) + first_unit;
        for (int64_t block = 0; block < blocks; block++) {
            const float *head = heads + r * stride + block * ELEGANS_PANEL;
            for (int i = 0; i < ELEGANS_BLOCK; i += LANES) {
                vf a = head_of(activation, accuracy, vf_load(head + i));
                vf b = head_of(activation, accuracy, vf_load(head + ELEGANS_BLOCK + i));
                vf time_a = vf_load(head + 2 * ELEGANS_BLOCK + i);
                vf time_b = vf_load(head + 3 * ELEGANS_BLOCK + i);
                vf s = sigmoid_of(accuracy, vf_fma(time_a, dt, time_b));
                vf_store(h + block * ELEGANS_BLOCK + i, cfc_mix(mode, a, b, s));
            }
        }
    }
}

/* heads[r][64] of units; A - A exp(-dt (|w_tau| + |a|)) a */
INLINE void decayed(const int accuracy, const struct gate *gate, const float *heads, int64_t stride, int64_t first_row,
                    int64_t rows, int64_t first_unit, int64_t units) {
    int64_t padded = (gate->cell->hidden_size + ELEGANS_BLOCK - 1) / ELEGANS_BLOCK * ELEGANS_BLOCK;
    const float *rate = gate->cell->decay + first_unit;
    const float *bias = rate + padded;
    for (int64_t r = 0; r < rows; r++) {
        vf dt = vf_set(-timespan(gate, first_row + r));
        float *h = hidden_state(gate, first_row + r) + first_unit;
        for (int64_t i = 0; i < units; i += LANES) {
            vf a = vf_load(heads + r * stride + i);
            vf decay = cfc_exponential(accuracy, dt, vf_load(rate + i), a);
            vf_store(h + i, cfc_decayed(vf_load(bias + i), decay, a));
        }
    }
}

/* A case for every accuracy of a mode and an activation of the heads. */
#define CASE(mode, activation, accuracy) ((mode * (ELEGANS_LECUN_TANH + 1) + activation) * 3 + accuracy)
#define GATED(mode, activation, accuracy)                                                                              \
    case CASE(mode, activation, accuracy):                                                                             \
        gated(mode, activation, accuracy, gate, heads, stride, first_row, rows, first_panel * ELEGANS_BLOCK,           \
              columns / ELEGANS_PANEL);                                                                                \
        break;
#define DECAYED(accuracy)                                                                                              \
    case CASE(ELEGANS_CFC_PURE, ELEGANS_LINEAR, accuracy):                                                             \
        decayed(accuracy, gate, heads, stride, first_row, rows, first_panel * ELEGANS_PANEL, columns);                 \
        break;
#define ACCURACIES(mode, activation)                                                                                   \
    GATED(mode, activation, ELEGANS_FAST)                                                                              \
    GATED(mode, activation, ELEGANS_ACCURATE)                                                                          \
    GATED(mode, activation, ELEGANS_EXACT)
#define HEADS(mode)                                                                                                    \
    ACCURACIES(mode, ELEGANS_LINEAR)                                                                                   \
    ACCURACIES(mode, ELEGANS_TANH)                                                                                     \
    ACCURACIES(mode, ELEGANS_LECUN_TANH)

static void update(const struct gate *gate, const float *heads, int64_t stride, int64_t first_row, int64_t rows,
                   int64_t first_panel, int64_t columns) {
    switch (CASE(gate->cell->mode, gate->cell->head_activation, gate->cell->accuracy)) {
        HEADS(ELEGANS_CFC_DEFAULT)
        HEADS(ELEGANS_CFC_NO_GATE)
        DECAYED(ELEGANS_FAST)
        DECAYED(ELEGANS_ACCURATE)
        DECAYED(ELEGANS_EXACT)
    }
}

static void heads(const struct gate *gate, const struct elegans_dense *layer, int64_t first_panel, int64_t panels,
                  const float *x, int64_t x_stride, int64_t first_row, int64_t rows) {
    _Alignas(64) float tile[MAX_TILE_ROWS * ELEGANS_PANEL];
    for (int64_t panel = first_panel, end = first_panel + panels; panel < end;) {
        int64_t done = 1;
        for (int64_t row = 0, index = 0; row < rows; index++) {
            int64_t n = TIERED(tile_rows)(rows - row);
            done = TIERED(dense_tile)(layer, panel, end - panel, x + row * x_stride, x_stride, tile, ELEGANS_PANEL, n,
                                       index);
            int64_t columns = (done - 1) * ELEGANS_PANEL + TIERED(panel_width)(layer, panel + done - 1);
            update(gate, tile, ELEGANS_PANEL, first_row + row, n, panel, columns);
            row += n;
        }
        panel += done;
    }
}

/* Panels of one layer of one step, for at most call->hidden_rows rows. */
static void layer_panels(const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *call, int64_t first_row,
                         int64_t rows, int32_t layer, int64_t first_panel, int64_t panels, int64_t step) {
    /* Layer l writes buffer l mod 2 and reads the other; a cell without backbone reads a copy of [x | h] in buffer 0. */
    int64_t buffer = call->hidden_rows * call->hidden_stride;
    const struct elegans_dense *dense = &cell->layers[layer];
    const float *x = layer == 0 ? call->hidden : call->hidden + ((layer - 1) & 1) * buffer;
    int64_t x_stride = call->hidden_stride;
    if (layer == 0 && cell->backbone_layers > 0) {
        x = call->state + first_row * call->state_stride;
        x_stride = call->state_stride;
    }
    if (layer < cell->backbone_layers) {
        TIERED(dense_panels)(dense, first_panel, panels, cell->activation, cell->accuracy, x, x_stride,
                             call->hidden + (layer & 1) * buffer, call->hidden_stride, rows);
    } else {
        struct gate gate = {call, cell, step};
        heads(&gate, dense, first_panel, panels, x, x_stride, first_row, rows);
    }
}

static void copy(float *to, const float *from, int64_t n) { memcpy(to, from, (size_t)n * sizeof(float)); }

static float *item(const struct elegans_series *s, int64_t row, int64_t step) {
    return s->data + row * s->row_stride + step * s->step_stride;
}

static void run_rows(const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *call, int64_t first_row,
                     int64_t rows) {
    for (int64_t step = 0; step < call->steps; step++) {
        for (int64_t r = 0; r < rows; r++) {
            float *state = call->state + (first_row + r) * call->state_stride;
            copy(state, item(&call->x, first_row + r, step), cell->input_size);
            if (cell->backbone_layers == 0) {
                /* The heads must not read the state that they overwrite. */
                copy(call->hidden + r * call->hidden_stride, state, cell->input_size + cell->hidden_size);
            }
        }
        for (int32_t layer = 0; layer <= cell->backbone_layers; layer++) {
            int64_t panels = (cell->layers[layer].outputs + ELEGANS_PANEL - 1) / ELEGANS_PANEL;
            layer_panels(cell, call, first_row, rows, layer, 0, panels, step);
        }
        if (call->out.data) {
            for (int64_t r = 0; r < rows; r++) {
                const float *state = call->state + (first_row + r) * call->state_stride;
                copy(item(&call->out, first_row + r, step), state + cell->input_size, cell->hidden_size);
            }
        }
    }
}

static int has_valid_heads(const struct elegans_cfc_cell *cell) {
    return cell->head_activation == ELEGANS_LINEAR ||
           (cell->mode != ELEGANS_CFC_PURE &&
            (cell->head_activation == ELEGANS_TANH || cell->head_activation == ELEGANS_LECUN_TANH));
}

static int is_valid(const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *call) {
    return cell && call && cell->layers && cell->input_size > 0 && cell->hidden_size > 0 && cell->backbone_layers >= 0 &&
           cell->mode >= ELEGANS_CFC_DEFAULT && cell->mode <= ELEGANS_CFC_PURE &&
           (cell->mode != ELEGANS_CFC_PURE || cell->decay) && has_valid_heads(cell) &&
           valid_function(cell->activation, cell->accuracy) && call->state && call->hidden && call->hidden_rows > 0 &&
           call->timespans.data && call->first_row >= 0 && call->rows >= 0 && call->steps >= 0;
}

int32_t TIERED(cfc_run)(const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *call) {
    REQUIRE(is_valid(cell, call) && call->x.data)
    int64_t end = call->first_row + call->rows;
    for (int64_t row = call->first_row; row < end; row += call->hidden_rows) {
        run_rows(cell, call, row, end - row < call->hidden_rows ? end - row : call->hidden_rows);
    }
    return ELEGANS_OK;
}

int32_t TIERED(cfc_layer)(const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *call, int32_t layer,
                          int64_t first_panel, int64_t panels) {
    REQUIRE(is_valid(cell, call) && layer >= 0 && layer <= cell->backbone_layers && call->rows <= call->hidden_rows &&
            first_panel >= 0 && panels >= 0)
    layer_panels(cell, call, call->first_row, call->rows, layer, first_panel, panels, call->steps);
    return ELEGANS_OK;
}
