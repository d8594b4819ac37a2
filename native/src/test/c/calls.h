/*
 * Calls of the library as data: for each kernel its arguments as a structure, how it is called, and which memory it
 * reads and writes. record.c writes calls to a file, replay.c makes them again, on another processor.
 */
#ifndef ELEGANS_CALLS_H
#define ELEGANS_CALLS_H

#include "kernels.h"
#if defined(_WIN32)
#include <libloaderapi.h>
#include <errhandlingapi.h>
#else
#include <dlfcn.h>
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT 0   /* read */
#define OUTPUT 1  /* read and written */
#define SCRATCH 2 /* written before it is read */

/* What memory holds: of floats and doubles one NaN is as good as another. */
enum numbers { WORDS, FLOATS, DOUBLES };

static int bytes_of(enum numbers numbers) { return numbers == DOUBLES ? 8 : 4; }

#define NUMBERS(pointer) _Generic(*(pointer), float: FLOATS, double: DOUBLES, default: WORDS)

/* Is shown a call's memory. */
struct visitor {
    /* A part of the memory that a pointer leads to: bytes, from so many on. */
    void (*part)(struct visitor *visitor, void *pointer, int64_t from, int64_t bytes, enum numbers numbers, int role);
    uint64_t signature; /* of the call: what it computes on what sizes */
    struct output {
        char *memory;
        char *before;
        int64_t bytes;
        enum numbers numbers;
    } outputs[4];
    int output_count;
    int64_t compared; /* so many bytes of the next output, if not all */
    int32_t *result; /* besides memory, if there is one */
    int32_t most_bytes; /* of a vector: tiers with longer ones do not run the call; 0 if all do */
};

/* What memory is aligned to at most. */
#define ALIGNMENT 64

static void add_output(struct visitor *visitor, char *memory, int64_t bytes, enum numbers numbers) {
    if (visitor->compared > 0) {
        bytes = visitor->compared;
        visitor->compared = 0;
    }
    char *before = malloc((size_t)bytes + 1);
    memcpy(before, memory, (size_t)bytes);
    visitor->outputs[visitor->output_count++] = (struct output){memory, before, bytes, numbers};
}

#define PART(visitor, pointer, from, count, role)                                                                      \
    (visitor)->part(visitor, &(pointer), (int64_t)(from) * (int64_t)sizeof *(pointer),                                 \
                    (int64_t)(count) * (int64_t)sizeof *(pointer), NUMBERS(pointer), role)

static void sign(struct visitor *visitor, int64_t value) {
    visitor->signature = (visitor->signature ^ (uint64_t)value) * 0x9E3779B97F4A7C15u;
    visitor->signature ^= visitor->signature >> 29;
}

static int64_t rounded(int64_t n) { return (n + ELEGANS_BLOCK - 1) / ELEGANS_BLOCK * ELEGANS_BLOCK; }

static int64_t greater(int64_t a, int64_t b) { return a > b ? a : b; }

/* The arguments of each kernel. */
#define ARGUMENTS_OF(name, ...) struct name { ELEGANS_FIELDS(__VA_ARGS__) };
ELEGANS_KERNELS(ARGUMENTS_OF)

/* A structure that an argument points to, whose own pointers are visited next. */
#define MUTABLE(type, visitor, pointer)                                                                                \
    (PART(visitor, pointer, 0, 1, INPUT), (struct type *)(uintptr_t)(pointer))

static void visit_layer(struct visitor *v, struct elegans_dense *layer) {
    int64_t columns = rounded(layer->outputs);
    int64_t floats = layer->storage == ELEGANS_FLOAT32 ? columns * (layer->inputs + 1)
                                                       : (columns + 31) / 32 * 16 * (layer->inputs + 2);
    sign(v, layer->inputs);
    sign(v, layer->storage);
    PART(v, layer->panels, 0, floats, INPUT);
}

static void visit_series(struct visitor *v, struct elegans_series *s, int64_t first_row, int64_t rows,
                         int64_t first_step, int64_t steps, int64_t item, int role) {
    if (s->data) {
        int64_t last = (rows - 1) * s->row_stride + (steps - 1) * s->step_stride;
        PART(v, s->data, first_row * s->row_stride + first_step * s->step_stride,
             rows > 0 && steps > 0 ? last + item : 0, role);
    }
}

static void visit_map_f32(struct visitor *v, void *arguments) {
    struct map_f32 *a = arguments;
    int in_place = a->x == a->y;
    sign(v, a->activation);
    sign(v, a->accuracy);
    if (!in_place) {
        PART(v, a->x, 0, a->n, INPUT);
    }
    PART(v, a->y, 0, a->n, OUTPUT);
    if (in_place) {
        a->x = a->y;
    }
}

static void visit_map_f64(struct visitor *v, void *arguments) {
    struct map_f64 *a = arguments;
    int in_place = a->x == a->y;
    sign(v, a->activation);
    if (!in_place) {
        PART(v, a->x, 0, a->n, INPUT);
    }
    PART(v, a->y, 0, a->n, OUTPUT);
    if (in_place) {
        a->x = a->y;
    }
}

static void visit_activation_gradient_f32(struct visitor *v, void *arguments) {
    struct activation_gradient_f32 *a = arguments;
    sign(v, a->activation);
    PART(v, a->z, 0, a->n, INPUT);
    PART(v, a->d, 0, a->n, OUTPUT);
}

static void visit_activation_backward_f32(struct visitor *v, void *arguments) {
    struct activation_backward_f32 *a = arguments;
    sign(v, a->activation);
    PART(v, a->z, 0, a->n, INPUT);
    PART(v, a->dy, 0, a->n, OUTPUT);
}

static void visit_dense_gradient_f32(struct visitor *v, void *arguments) {
    struct dense_gradient_f32 *a = arguments;
    int64_t columns = rounded(a->outputs);
    sign(v, a->rows);
    sign(v, a->inputs);
    PART(v, a->x, 0, a->rows > 0 ? (a->rows - 1) * a->x_stride + a->inputs : 0, INPUT);
    PART(v, a->dz, 0, a->rows > 0 ? (a->rows - 1) * a->dz_stride + columns : 0, INPUT);
    PART(v, a->gradient, 0, columns * (a->inputs + 1), OUTPUT);
}

static void visit_dense_transpose_f32(struct visitor *v, void *arguments) {
    struct dense_transpose_f32 *a = arguments;
    sign(v, a->first_input);
    struct elegans_dense layer = {a->panels, a->inputs, a->outputs, ELEGANS_FLOAT32};
    visit_layer(v, &layer);
    a->panels = layer.panels;
    PART(v, a->transposed, 0, rounded(a->count) * (a->outputs + 1), OUTPUT);
}

static void visit_dense_f32(struct visitor *v, void *arguments) {
    struct dense_f32 *a = arguments;
    sign(v, a->activation);
    sign(v, a->accuracy);
    sign(v, a->rows);
    struct elegans_dense layer = {a->panels, a->inputs, a->outputs, a->storage};
    visit_layer(v, &layer);
    a->panels = layer.panels;
    PART(v, a->x, 0, a->rows > 0 ? (a->rows - 1) * a->x_stride + a->inputs : 0, INPUT);
    PART(v, a->y, 0, a->rows > 0 ? (a->rows - 1) * a->y_stride + rounded(a->outputs) : 0, OUTPUT);
}

static void visit_cfc_cell(struct visitor *v, struct elegans_cfc_cell *cell) {
    sign(v, cell->mode);
    sign(v, cell->activation);
    sign(v, cell->head_activation);
    sign(v, cell->accuracy);
    PART(v, cell->layers, 0, cell->backbone_layers + 1, INPUT);
    for (int32_t i = 0; i <= cell->backbone_layers; i++) {
        visit_layer(v, (struct elegans_dense *)(uintptr_t)&cell->layers[i]);
    }
    if (cell->mode == ELEGANS_CFC_PURE) {
        PART(v, cell->decay, 0, 2 * rounded(cell->hidden_size), INPUT);
    }
}

static void visit_cfc_layer(struct visitor *v, void *arguments) {
    struct cfc_layer *a = arguments;
    visit_cfc_cell(v, MUTABLE(elegans_cfc_cell, v, a->cell));
    struct elegans_cfc_call *call = MUTABLE(elegans_cfc_call, v, a->call);
    sign(v, a->layer);
    PART(v, call->state, call->first_row * call->state_stride, call->rows * call->state_stride, OUTPUT);
    PART(v, call->hidden, 0, (call->hidden_rows + call->rows) * call->hidden_stride, OUTPUT);
    visit_series(v, &call->timespans, call->first_row, call->rows, call->steps, 1, 1, INPUT);
}

static void visit_cfc_run(struct visitor *v, void *arguments) {
    struct cfc_run *a = arguments;
    visit_cfc_cell(v, MUTABLE(elegans_cfc_cell, v, a->cell));
    struct elegans_cfc_call *call = MUTABLE(elegans_cfc_call, v, a->call);
    PART(v, call->state, call->first_row * call->state_stride, call->rows * call->state_stride, OUTPUT);
    PART(v, call->hidden, 0, 2 * call->hidden_rows * call->hidden_stride, SCRATCH);
    visit_series(v, &call->x, call->first_row, call->rows, 0, call->steps, a->cell->input_size, INPUT);
    visit_series(v, &call->timespans, call->first_row, call->rows, 0, call->steps, 1, INPUT);
    visit_series(v, &call->out, call->first_row, call->rows, 0, call->steps, a->cell->hidden_size, OUTPUT);
}

/* Rows of so many floats. */
#define ROWS(v, pointer, stride, width, rows, role)                                                                    \
    PART(v, pointer, 0, (rows) > 0 ? ((rows) - 1) * (stride) + (width) : 0, role)

static void visit_cfc_gate(struct visitor *v, void *arguments) {
    struct cfc_gate *a = arguments;
    int64_t width = rounded(a->units);
    sign(v, a->mode);
    sign(v, a->activation);
    sign(v, a->accuracy);
    sign(v, a->units);
    ROWS(v, a->heads, a->heads_stride, 4 * width, a->rows, OUTPUT);
    PART(v, a->timespans, 0, a->rows, INPUT);
    ROWS(v, a->h, a->h_stride, width, a->rows, OUTPUT);
}

static void visit_cfc_gate_backward(struct visitor *v, void *arguments) {
    struct cfc_gate_backward *a = arguments;
    int64_t width = rounded(a->units);
    sign(v, a->mode);
    sign(v, a->activation);
    sign(v, a->units);
    ROWS(v, a->heads, a->heads_stride, 4 * width, a->rows, OUTPUT);
    PART(v, a->timespans, 0, a->rows, INPUT);
    ROWS(v, a->upstream, a->upstream_stride, width, a->rows, INPUT);
    if (a->timespan_gradients) {
        PART(v, a->timespan_gradients, 0, a->rows, OUTPUT);
    }
}

static void visit_cfc_decay(struct visitor *v, void *arguments) {
    struct cfc_decay *a = arguments;
    int64_t width = rounded(a->units);
    sign(v, a->accuracy);
    sign(v, a->units);
    ROWS(v, a->f, a->f_stride, width, a->rows, INPUT);
    PART(v, a->parameters, 0, 2 * width, INPUT);
    PART(v, a->timespans, 0, a->rows, INPUT);
    ROWS(v, a->e, a->e_stride, width, a->rows, OUTPUT);
    ROWS(v, a->h, a->h_stride, width, a->rows, OUTPUT);
}

static void visit_cfc_decay_backward(struct visitor *v, void *arguments) {
    struct cfc_decay_backward *a = arguments;
    int64_t width = rounded(a->units);
    sign(v, a->units);
    ROWS(v, a->f, a->f_stride, width, a->rows, OUTPUT);
    PART(v, a->parameters, 0, 2 * width, INPUT);
    PART(v, a->timespans, 0, a->rows, INPUT);
    ROWS(v, a->e, a->e_stride, width, a->rows, INPUT);
    ROWS(v, a->upstream, a->upstream_stride, width, a->rows, INPUT);
    PART(v, a->parameter_gradients, 0, 2 * width, OUTPUT);
    if (a->timespan_gradients) {
        PART(v, a->timespan_gradients, 0, a->rows, OUTPUT);
    }
}

static void visit_lstm_gates(struct visitor *v, void *arguments) {
    struct lstm_gates *a = arguments;
    int64_t width = rounded(a->units);
    sign(v, a->accuracy);
    sign(v, a->units);
    ROWS(v, a->gates, a->gates_stride, 4 * width, a->rows, OUTPUT);
    ROWS(v, a->c, a->stride, width, a->rows, INPUT);
    ROWS(v, a->next, a->stride, width, a->rows, OUTPUT);
    ROWS(v, a->activated, a->stride, width, a->rows, OUTPUT);
    ROWS(v, a->h, a->stride, width, a->rows, OUTPUT);
}

static void visit_lstm_gates_backward(struct visitor *v, void *arguments) {
    struct lstm_gates_backward *a = arguments;
    int64_t width = rounded(a->units);
    sign(v, a->units);
    ROWS(v, a->gates, a->gates_stride, 4 * width, a->rows, OUTPUT);
    ROWS(v, a->c, a->stride, width, a->rows, INPUT);
    ROWS(v, a->activated, a->stride, width, a->rows, INPUT);
    ROWS(v, a->upstream, a->stride, width, a->rows, INPUT);
    ROWS(v, a->memory_gradients, a->stride, width, a->rows, OUTPUT);
}

static void visit_gru_gates(struct visitor *v, void *arguments) {
    struct gru_gates *a = arguments;
    int64_t width = rounded(a->units);
    sign(v, a->accuracy);
    sign(v, a->units);
    ROWS(v, a->gates, a->gates_stride, 2 * width, a->rows, OUTPUT);
    ROWS(v, a->input, a->stride, width, a->rows, OUTPUT);
    ROWS(v, a->recurrent, a->stride, width, a->rows, INPUT);
    ROWS(v, a->h, a->stride, width, a->rows, INPUT);
    ROWS(v, a->next, a->stride, width, a->rows, OUTPUT);
}

static void visit_gru_gates_backward(struct visitor *v, void *arguments) {
    struct gru_gates_backward *a = arguments;
    int64_t width = rounded(a->units);
    sign(v, a->units);
    ROWS(v, a->gates, a->gates_stride, 2 * width, a->rows, OUTPUT);
    ROWS(v, a->input, a->stride, width, a->rows, OUTPUT);
    ROWS(v, a->recurrent, a->stride, width, a->rows, OUTPUT);
    ROWS(v, a->h, a->stride, width, a->rows, INPUT);
    ROWS(v, a->upstream, a->stride, width, a->rows, OUTPUT);
}

static void visit_synapses(struct visitor *v, struct elegans_synapses *table, int64_t units) {
    const int64_t fields = table->bfloat16 ? 2 : 4; /* words of a synapse */
    int64_t blocks = rounded(units) / ELEGANS_BLOCK;
    sign(v, table->uniform);
    sign(v, table->bfloat16);
    PART(v, table->slot_starts, 0, blocks + 1, INPUT);
    PART(v, table->slots, 0, table->slot_starts[blocks] * fields * ELEGANS_BLOCK, INPUT);
    PART(v, table->slot_sources, 0, table->slot_starts[blocks] * ELEGANS_BLOCK, INPUT);
    PART(v, table->starts, 0, units + 1, INPUT);
    PART(v, table->synapses, 0, table->starts[units] * fields, INPUT);
    PART(v, table->sources, 0, table->starts[units], INPUT);
}

static void visit_ltc_run(struct visitor *v, void *arguments) {
    struct ltc_run *a = arguments;
    struct elegans_ltc_cell *cell = MUTABLE(elegans_ltc_cell, v, a->cell);
    struct elegans_ltc_call *call = MUTABLE(elegans_ltc_call, v, a->call);
    int64_t padded = rounded(cell->units);
    int64_t slots = greater(cell->sensory.most_slots, cell->recurrent.most_slots);
    sign(v, cell->solver);
    sign(v, cell->accuracy);
    sign(v, cell->unfolds);
    visit_synapses(v, &cell->sensory, cell->units);
    visit_synapses(v, &cell->recurrent, cell->units);
    PART(v, cell->capacitance, 0, padded, INPUT);
    PART(v, cell->leak, 0, padded, INPUT);
    PART(v, cell->current, 0, padded, INPUT);
    PART(v, cell->output_map, 0, 2 * cell->output_size, INPUT);
    PART(v, call->state, call->first_row * call->state_stride, call->rows * call->state_stride, OUTPUT);
    /* LtcWeights.java, scratchFloats */
    PART(v, call->scratch, 0, ELEGANS_BLOCK * (8 * padded + cell->input_size + 2 + 6 * slots), SCRATCH);
    visit_series(v, &call->x, call->first_row, call->rows, 0, call->steps, cell->input_size, INPUT);
    if (cell->elapsed_time) {
        visit_series(v, &call->timespans, call->first_row, call->rows, 0, call->steps, 1, INPUT);
    }
    visit_series(v, &call->out, call->first_row, call->rows, 0, call->steps, cell->output_size, OUTPUT);
}

/* What both ways of an LTC leaf read, and LtcTrainingWeights.java, keptFloats: whatever a kernel needs for itself lies
 * before the rest. */
static void visit_ltc_leaf(struct visitor *v, struct elegans_ltc_training *cell, struct elegans_ltc_leaf *leaf,
                           int kept) {
    PART(v, cell->recurrent_starts, 0, cell->units + 1, INPUT);
    PART(v, cell->sensory_starts, 0, cell->units + 1, INPUT);
    int64_t synapses = cell->recurrent_starts[cell->units];
    int64_t sensory = cell->sensory_starts[cell->units];
    int64_t evaluations = (int64_t)cell->unfolds * (cell->solver == ELEGANS_LTC_RUNGE_KUTTA ? 4 : 1);
    int64_t arrays = cell->solver == ELEGANS_LTC_SEMI_IMPLICIT ? 2 : 3;
    int64_t scratch = 16 * (9 * cell->units + 2 * cell->input_size + 4);
    sign(v, cell->solver);
    sign(v, cell->elapsed_time);
    sign(v, cell->unfolds);
    sign(v, leaf->rows);
    sign(v, leaf->mask != NULL);
    PART(v, cell->recurrent_sources, 0, synapses, INPUT);
    PART(v, cell->recurrent, 0, 5 * synapses, INPUT);
    PART(v, cell->sensory_sources, 0, sensory, INPUT);
    PART(v, cell->sensory, 0, 5 * sensory, INPUT);
    PART(v, cell->neurons, 0, 4 * rounded(cell->units), INPUT);
    PART(v, cell->output_map, 0, 2 * cell->output_size, INPUT);
    PART(v, leaf->x, 0, 16 * leaf->steps * cell->input_size, INPUT);
    if (leaf->timespans) {
        PART(v, leaf->timespans, 0, 16 * leaf->steps, INPUT);
    }
    if (leaf->mask) {
        PART(v, leaf->mask, 0, 16 * leaf->steps, INPUT);
    }
    PART(v, leaf->kept, 0,
         scratch + 16 * (leaf->steps * (evaluations * (arrays * cell->units + synapses) + sensory) + cell->units),
         kept);
}

static void visit_ltc_forward(struct visitor *v, void *arguments) {
    struct ltc_forward *a = arguments;
    struct elegans_ltc_training *cell = MUTABLE(elegans_ltc_training, v, a->cell);
    struct elegans_ltc_leaf *leaf = MUTABLE(elegans_ltc_leaf, v, a->leaf);
    visit_ltc_leaf(v, cell, leaf, SCRATCH);
    PART(v, leaf->state, 0, 16 * cell->units, OUTPUT);
    PART(v, leaf->out, 0, 16 * leaf->steps * cell->output_size, OUTPUT);
}

static void visit_ltc_backward(struct visitor *v, void *arguments) {
    struct ltc_backward *a = arguments;
    struct elegans_ltc_training *cell = MUTABLE(elegans_ltc_training, v, a->cell);
    struct elegans_ltc_leaf *leaf = MUTABLE(elegans_ltc_leaf, v, a->leaf);
    visit_ltc_leaf(v, cell, leaf, INPUT);
    int64_t synapses = cell->recurrent_starts[cell->units] + cell->sensory_starts[cell->units];
    if (leaf->out_gradients) {
        PART(v, leaf->out_gradients, 0, 16 * leaf->steps * cell->output_size, INPUT);
    }
    PART(v, leaf->state_gradients, 0, 16 * cell->units, OUTPUT);
    PART(v, leaf->sums, 0, 16 * (4 * synapses + 3 * cell->units + 2 * cell->output_size), OUTPUT);
    if (leaf->input_gradients) {
        PART(v, leaf->input_gradients, 0, 16 * leaf->steps * cell->input_size, OUTPUT);
    }
    if (leaf->timespan_gradients) {
        PART(v, leaf->timespan_gradients, 0, 16 * leaf->steps, OUTPUT);
    }
}

static void visit_lstm_run(struct visitor *v, void *arguments) {
    struct lstm_run *a = arguments;
    struct elegans_lstm_cell *cell = MUTABLE(elegans_lstm_cell, v, a->cell);
    struct elegans_lstm_call *call = MUTABLE(elegans_lstm_call, v, a->call);
    sign(v, cell->accuracy);
    visit_layer(v, MUTABLE(elegans_dense, v, cell->gates));
    PART(v, call->state, call->first_row * call->state_stride, call->rows * call->state_stride, OUTPUT);
    PART(v, call->memory, call->first_row * call->memory_stride, call->rows * call->memory_stride, OUTPUT);
    PART(v, call->inputs, 0, (call->rows < ELEGANS_CHUNK ? call->rows : ELEGANS_CHUNK) * call->state_stride, SCRATCH);
    visit_series(v, &call->x, call->first_row, call->rows, 0, call->steps, a->cell->input_size, INPUT);
    visit_series(v, &call->out, call->first_row, call->rows, 0, call->steps, a->cell->hidden_size, OUTPUT);
}

static void visit_tape(struct visitor *v, struct elegans_tape *tape, enum numbers numbers) {
    const int32_t block = tape->block / bytes_of(numbers);
    v->result = &tape->done;
    v->most_bytes = tape->block;
    PART(v, tape->instructions, 0, tape->length + 1, INPUT);
    int64_t constants = 0;
    int64_t registers = 1 + greater(0, tape->attention) / block;
    for (int32_t i = 0; i < tape->length; i++) {
        const struct elegans_instruction *at = &tape->instructions[i];
        int32_t operands[] = {at->a, at->b, at->c};
        registers = greater(registers, 1 + at->to / block);
        for (int o = 0; o < 3; o++) {
            if (at->code >> o & 1) {
                constants = greater(constants, operands[o] + 1);
            } else {
                registers = greater(registers, 1 + operands[o] / block);
            }
        }
    }
    /* The first registers are the variables: up to the last that is read before it is written. What the others are left
     * with is no result: there are bits of NaNs among them, which depend on the processor. */
    int64_t variables = 0;
    char *written = calloc((size_t)registers, 1);
    for (int32_t i = 0; i < tape->length; i++) {
        const struct elegans_instruction *at = &tape->instructions[i];
        int32_t operands[] = {at->a, at->b, at->c};
        for (int o = 0; o < 3; o++) {
            if (!(at->code >> o & 1) && !written[operands[o] / block]) {
                variables = greater(variables, 1 + operands[o] / block);
            }
        }
        written[at->to / block] = 1;
    }
    free(written);
    v->part(v, &tape->constants, 0, constants * bytes_of(numbers), numbers, INPUT);
    v->compared = variables * tape->block;
    v->part(v, &tape->registers, 0, registers * tape->block, numbers, OUTPUT);
}

static void visit_tape_f64(struct visitor *v, void *arguments) {
    struct tape_f64 *a = arguments;
    sign(v, a->rounds);
    visit_tape(v, MUTABLE(elegans_tape, v, a->tape), DOUBLES);
}

static void visit_tape_f32(struct visitor *v, void *arguments) {
    struct tape_f32 *a = arguments;
    sign(v, a->rounds);
    visit_tape(v, MUTABLE(elegans_tape, v, a->tape), FLOATS);
}

static void visit_optimiser_add(struct visitor *v, void *arguments) {
    struct optimiser_add *a = arguments;
    PART(v, a->x, 0, a->n, INPUT);
    PART(v, a->sum, 0, a->n, OUTPUT);
}

static void visit_optimiser_sums_of_squares(struct visitor *v, void *arguments) {
    struct optimiser_sums_of_squares *a = arguments;
    sign(v, a->rows);
    PART(v, a->x, 0, a->rows > 0 ? (a->rows - 1) * a->stride + ELEGANS_BLOCK : 0, INPUT);
    PART(v, a->sums, 0, ELEGANS_BLOCK, OUTPUT);
}

static void visit_optimiser_step(struct visitor *v, void *arguments) {
    struct optimiser_step *a = arguments;
    struct elegans_update *step = MUTABLE(elegans_update, v, a->step);
    int64_t extent = a->rows > 0 ? (a->rows - 1) * a->stride + a->width : 0;
    sign(v, step->rule);
    PART(v, a->p, 0, extent, OUTPUT);
    PART(v, a->g, 0, extent, INPUT);
    if (a->first) {
        PART(v, a->first, 0, extent, OUTPUT);
    }
    if (a->second) {
        PART(v, a->second, 0, extent, OUTPUT);
    }
    if (a->third) {
        PART(v, a->third, 0, extent, OUTPUT);
    }
}

static void visit_loss_f32(struct visitor *v, void *arguments) {
    struct loss_f32 *a = arguments;
    int classes = a->loss == ELEGANS_CROSS_ENTROPY;
    int in_place = a->out == a->gradient;
    int64_t extent = a->rows > 0 ? (a->rows - 1) * a->out_stride + a->width : 0;
    int64_t target_extent = a->rows > 0 ? (a->rows - 1) * a->target_stride + (classes ? 1 : a->width) : 0;
    sign(v, a->loss);
    sign(v, a->width);
    if (!in_place) {
        PART(v, a->out, 0, extent, INPUT);
    }
    PART(v, a->targets, 0, target_extent, INPUT);
    if (a->weights) {
        PART(v, a->weights, 0, classes ? a->width : target_extent, INPUT);
    }
    PART(v, a->gradient, 0, extent, OUTPUT);
    PART(v, a->losses, 0, a->rows, OUTPUT);
    if (in_place) {
        a->out = a->gradient;
    }
}

static void visit_threefry(struct visitor *v, void *arguments) {
    struct threefry *a = arguments;
    sign(v, a->n);
    PART(v, a->words, 0, 4 * (int64_t)a->n, OUTPUT);
}

static void visit_dropout_f32(struct visitor *v, void *arguments) {
    struct dropout_f32 *a = arguments;
    sign(v, a->units);
    PART(v, a->x, 0, a->rows > 0 ? (a->rows - 1) * a->stride + rounded(a->units) : 0, OUTPUT);
    PART(v, a->steps, 0, a->rows, INPUT);
    PART(v, a->samples, 0, a->rows, INPUT);
}

/* What the yardsticks count depends on the width: their calls are not recorded. */
#define visit_roofline_multiply_add NULL
#define visit_roofline_divide NULL
#define visit_roofline_gather NULL
#define visit_roofline_read NULL

#define NUMBER_OF(name, ...) NUMBER_OF_##name,
enum { ELEGANS_KERNELS(NUMBER_OF) KERNELS };
#define NAME_OF(name, ...) #name,
static const char *const names[] = {ELEGANS_KERNELS(NAME_OF)};

/* The functions of a loaded library. */
#define FUNCTION(name, ...) __typeof__(elegans_##name) *name;
struct library {
    FUNCTION(tier_supported)
    ELEGANS_KERNELS(FUNCTION)
};

/* Calls a kernel; exits if it refuses. */
#define OF_ARGUMENTS(type, name) a->name
#define CALL_OF(name, ...)                                                                                             \
    static void call_##name(const struct library *library, int32_t tier, void *arguments) {                            \
        struct name *a = arguments;                                                                                    \
        int32_t status = library->name(tier, ELEGANS_EACH(OF_ARGUMENTS, ELEGANS_COMMA, __VA_ARGS__));                  \
        if (status != ELEGANS_OK) {                                                                                    \
            fprintf(stderr, "elegans_" #name " refused a call with status %d\n", (int)status);                         \
            exit(2);                                                                                                   \
        }                                                                                                              \
    }
ELEGANS_KERNELS(CALL_OF)

#define KIND_OF(name, ...) [NUMBER_OF_##name] = {sizeof(struct name), visit_##name, call_##name},
static const struct kind {
    size_t bytes; /* of the arguments */
    void (*visit)(struct visitor *visitor, void *arguments); /* null if its calls are not recorded */
    void (*call)(const struct library *library, int32_t tier, void *arguments);
} kinds[KERNELS] = {ELEGANS_KERNELS(KIND_OF)};

#if defined(_WIN32)
static void *loaded(const char *path) {
    HMODULE handle = LoadLibraryA(path);
    if (!handle) {
        fprintf(stderr, "%s cannot be loaded: error %lu\n", path, GetLastError());
        exit(2);
    }
    return handle;
}

static void *symbol_of(void *handle, const char *name) { return (void *)(uintptr_t)GetProcAddress(handle, name); }
#else
static void *loaded(const char *path) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    return handle;
}

static void *symbol_of(void *handle, const char *name) { return dlsym(handle, name); }
#endif

static struct library library_of(void *handle) {
    struct library library;
#define FIND(name, ...) library.name = (__typeof__(library.name))symbol_of(handle, "elegans_" #name);
    FIND(tier_supported)
    ELEGANS_KERNELS(FIND)
    return library;
}

#endif
