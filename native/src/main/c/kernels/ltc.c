/*
 * Liquid time-constant cells. A single row has its lanes over targets; as many rows as there are lanes have them over
 * rows, where every synapse that exists is evaluated once and nothing else. Whichever is less work is taken. The
 * passes over neurons see arrays of as many elements and do not know the difference.
 */
#include "elementwise.h"
#include "kernels.h"

#define FIELDS 4 /* of a synapse: -sigma, sigma mu, w, w E */
#define BLOCK ELEGANS_BLOCK
/* A timespan that takes the rate above this leaves the state as it is. */
#define MOST_RATE 0x1p64f

/* Where arrays lie in the scratch memory. */
struct work {
    float *input_den, *input_num, *den, *num, *slope, *begin, *scaled, *states; /* a value per neuron and lane */
    float *inputs, *rates;
    float *gathered, *widened;
};

static struct work work_of(const struct elegans_ltc_cell *cell, float *scratch) {
    int64_t padded = (cell->units + BLOCK - 1) / BLOCK * BLOCK;
    int64_t most = cell->sensory.most_slots > cell->recurrent.most_slots ? cell->sensory.most_slots
                                                                         : cell->recurrent.most_slots;
    int64_t array = padded * BLOCK;
    struct work w;
    w.input_den = scratch;
    w.input_num = w.input_den + array;
    w.den = w.input_num + array;
    w.num = w.den + array;
    w.slope = w.num + array;
    w.begin = w.slope + array;
    w.scaled = w.begin + array;
    w.states = w.scaled + array;
    w.inputs = w.states + array;
    w.rates = w.inputs + (cell->input_size + 1) * BLOCK;
    w.gathered = w.rates + BLOCK;
    w.widened = w.gathered + most * BLOCK;
    return w;
}

static const float *item(const struct elegans_series *s, int64_t row, int64_t step) {
    return s->data + row * s->row_stride + step * s->step_stride;
}

static float rate_of(const struct elegans_ltc_cell *cell, const struct elegans_ltc_call *call, int64_t row,
                     int64_t step) {
    if (!cell->elapsed_time) {
        return 1;
    }
    return (float)cell->unfolds / (*item(&call->timespans, row, step) + cell->timespan_offset);
}

/* A synapse's activation 1 / (1 + e^y), in the fast tier less 1/2. */
INLINE vf activation(const int accuracy, vf y) {
    return accuracy == ELEGANS_FAST       ? logistic_fast(y)
           : accuracy == ELEGANS_ACCURATE ? logistic(y)
                                          : sigmoid_exact(vf_neg(y));
}

/* Lanes over targets. */

/* Blocks of pairs of bfloat16 to twice as many blocks: the low halves, then the high ones. */
static void widen_blocks(const float *from, float *to, int64_t blocks) {
    for (int64_t b = 0; b < blocks; b++) {
        for (int64_t i = 0; i < BLOCK; i += LANES) {
            vi pair = vf_bits(vf_load(from + b * BLOCK + i));
            vf_store(to + 2 * b * BLOCK + i, vi_float(vi_shl(pair, 16)));
            vf_store(to + (2 * b + 1) * BLOCK + i, vi_float(vi_and(pair, vi_set((int32_t)0xffff0000))));
        }
    }
}

INLINE void slots_of(const int accuracy, const float *v, const float *fields, int64_t slots, float *den, float *num) {
    for (int64_t lane = 0; lane < BLOCK; lane += LANES) {
        vf d = vf_load(den + lane);
        vf n = vf_load(num + lane);
        for (int64_t slot = 0; slot < slots; slot++) {
            const float *f = fields + slot * FIELDS * BLOCK + lane;
            vf s = activation(accuracy, vf_fma(vf_load(f), vf_load(v + slot * BLOCK + lane), vf_load(f + BLOCK)));
            d = vf_fma(vf_load(f + 2 * BLOCK), s, d);
            n = vf_fma(vf_load(f + 3 * BLOCK), s, n);
        }
        vf_store(den + lane, d);
        vf_store(num + lane, n);
    }
}

INLINE void over_targets(const int accuracy, const struct elegans_ltc_cell *cell, const struct elegans_synapses *table,
                         const float *source, const struct work *w, float *den, float *num) {
    if (table->uniform) {
        for (int64_t slot = 0; slot < table->most_slots; slot++) {
            vf v = vf_set(source[table->slot_sources[slot * BLOCK]]);
            for (int64_t lane = 0; lane < BLOCK; lane += LANES) {
                vf_store(w->gathered + slot * BLOCK + lane, v);
            }
        }
    }
    for (int64_t block = 0; block * BLOCK < cell->units; block++) {
        int64_t first = table->slot_starts[block];
        int64_t slots = table->slot_starts[block + 1] - first;
        if (!table->uniform) {
            const int32_t *sources = table->slot_sources + first * BLOCK;
            for (int64_t i = 0; i < slots * BLOCK; i++) {
                w->gathered[i] = source[sources[i]];
            }
        }
        const float *fields = table->slots + first * FIELDS * BLOCK;
        if (table->bfloat16) {
            widen_blocks(table->slots + first * FIELDS / 2 * BLOCK, w->widened, slots * FIELDS / 2);
            fields = w->widened;
        }
        slots_of(accuracy, w->gathered, fields, slots, den + block * BLOCK, num + block * BLOCK);
    }
}

/* Lanes over rows. */

INLINE void over_rows(const int accuracy, const struct elegans_ltc_cell *cell, const struct elegans_synapses *table,
                      const float *source, const struct work *w, float *den, float *num) {
    for (int64_t j = 0; j < cell->units; j++) {
        int64_t first = table->starts[j];
        int64_t count = table->starts[j + 1] - first;
        const int32_t *sources = table->sources + first;
        const float *fields = table->synapses + first * FIELDS;
        if (table->bfloat16) {
            const uint32_t *pairs = (const uint32_t *)(const void *)table->synapses + first * FIELDS / 2;
            for (int64_t i = 0; i < count * FIELDS / 2; i++) {
                uint32_t halves[2] = {pairs[i] << 16, pairs[i] & 0xffff0000u};
                memcpy(w->widened + 2 * i, halves, sizeof halves);
            }
            fields = w->widened;
        }
        vf d = vf_load(den + j * LANES);
        vf n = vf_load(num + j * LANES);
        for (int64_t i = 0; i < count; i++) {
            const float *f = fields + i * FIELDS;
            vf v = vf_load(source + (int64_t)sources[i] * LANES);
            vf s = activation(accuracy, vf_fma(vf_set(f[0]), v, vf_set(f[1])));
            d = vf_fma(vf_set(f[2]), s, d);
            n = vf_fma(vf_set(f[3]), s, n);
        }
        vf_store(den + j * LANES, d);
        vf_store(num + j * LANES, n);
    }
}

/* to[j][r] = from[r][j] */
static void transpose(const float *from, int64_t stride, int64_t rows, float *to, int64_t columns) {
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t j = 0; j < columns; j++) {
            to[j * LANES + r] = from[r * stride + j];
        }
    }
}

/* to[r][j] = from[j][r] */
static void transpose_back(const float *from, int64_t columns, int64_t rows, float *to, int64_t stride) {
    for (int64_t r = 0; r < rows; r++) {
        for (int64_t j = 0; j < columns; j++) {
            to[r * stride + j] = from[j * LANES + r];
        }
    }
}

/* Passes over neurons. */

/* y = h x + from */
static void multiply_add(float h, const float *x, const float *from, float *y, int64_t n) {
    for (int64_t i = 0; i < n; i += LANES) {
        vf_store(y + i, vf_fma(vf_set(h), vf_load(x + i), vf_load(from + i)));
    }
}

static void copy(const float *from, float *to, int64_t n) { memcpy(to, from, (size_t)n * sizeof(float)); }

INLINE void recurrent(const int accuracy, const int rows, const struct elegans_ltc_cell *cell, const struct work *w,
                      const float *v) {
    if (rows) {
        over_rows(accuracy, cell, &cell->recurrent, v, w, w->den, w->num);
    } else {
        over_targets(accuracy, cell, &cell->recurrent, v, w, w->den, w->num);
    }
}

/* num := (num - v den) / C of the sums over all synapses */
INLINE void derivative(const int accuracy, const int rows, const struct elegans_ltc_cell *cell, const struct work *w,
                       const float *v, int64_t n) {
    copy(w->input_den, w->den, n);
    copy(w->input_num, w->num, n);
    recurrent(accuracy, rows, cell, w, v);
    for (int64_t i = 0; i < n; i += LANES) {
        vf flow = vf_fnma(vf_load(v + i), vf_load(w->den + i), vf_load(w->num + i));
        vf_store(w->num + i, vf_div(flow, vf_load(w->scaled + i)));
    }
}

INLINE void substep(const int accuracy, const int rows, const struct elegans_ltc_cell *cell, const struct work *w,
                    float *v, int64_t n) {
    if (cell->solver == ELEGANS_LTC_SEMI_IMPLICIT) {
        for (int64_t i = 0; i < n; i += LANES) {
            vf c = vf_load(w->scaled + i);
            vf_store(w->den + i, vf_add(c, vf_load(w->input_den + i)));
            vf_store(w->num + i, vf_fma(c, vf_load(v + i), vf_load(w->input_num + i)));
        }
        recurrent(accuracy, rows, cell, w, v);
        for (int64_t i = 0; i < n; i += LANES) {
            vf_store(v + i, vf_div(vf_load(w->num + i), vf_load(w->den + i)));
        }
        return;
    }
    if (cell->solver == ELEGANS_LTC_EXPLICIT) {
        derivative(accuracy, rows, cell, w, v, n);
        multiply_add(0.1f, w->num, v, v, n);
        return;
    }
    static const float factor[] = {2, 2, 1};
    static const float next[] = {0.05f, 0.05f, 0.1f};
    copy(v, w->begin, n);
    for (int stage = 0; stage < 4; stage++) {
        derivative(accuracy, rows, cell, w, v, n);
        if (stage == 0) {
            copy(w->num, w->slope, n);
        } else {
            multiply_add(factor[stage - 1], w->num, w->slope, w->slope, n);
        }
        if (stage < 3) {
            multiply_add(next[stage], w->num, w->begin, v, n);
        }
    }
    multiply_add(0.1f / 6, w->slope, w->begin, v, n);
}

INLINE void integrate(const int accuracy, const int rows, const struct elegans_ltc_cell *cell, const struct work *w,
                      float *v, int64_t n) {
    for (int32_t unfold = 0; unfold < cell->unfolds; unfold++) {
        substep(accuracy, rows, cell, w, v, n);
    }
    for (int64_t i = 0; i < n; i += LANES) {
        vf_store(v + i, flush(vf_load(v + i)));
    }
}

/* Steps. */

static void emit(const struct elegans_ltc_cell *cell, const struct elegans_ltc_call *call, const float *v,
                 int64_t lanes, int64_t row, int64_t step) {
    float *out = call->out.data + row * call->out.row_stride + step * call->out.step_stride;
    for (int64_t i = 0; i < cell->output_size; i++) {
        out[i] = __builtin_fmaf(cell->output_map[i], v[i * lanes], cell->output_map[cell->output_size + i]);
    }
}

INLINE void single(const int accuracy, const struct elegans_ltc_cell *cell, const struct elegans_ltc_call *call,
                   const struct work *w, int64_t row) {
    int64_t padded = (cell->units + BLOCK - 1) / BLOCK * BLOCK;
    float *v = call->state + row * call->state_stride;
    w->inputs[cell->input_size] = 0;
    for (int64_t step = 0; step < call->steps; step++) {
        float rate = rate_of(cell, call, row, step);
        if (!(rate > MOST_RATE)) {
            copy(item(&call->x, row, step), w->inputs, cell->input_size);
            for (int64_t i = 0; i < padded; i += LANES) {
                vf_store(w->scaled + i, vf_mul(vf_load(cell->capacitance + i), vf_set(rate)));
            }
            copy(cell->leak, w->input_den, padded);
            copy(cell->current, w->input_num, padded);
            over_targets(accuracy, cell, &cell->sensory, w->inputs, w, w->input_den, w->input_num);
            integrate(accuracy, 0, cell, w, v, padded);
        }
        if (call->out.data) {
            emit(cell, call, v, 1, row, step);
        }
    }
}

INLINE void group(const int accuracy, const struct elegans_ltc_cell *cell, const struct elegans_ltc_call *call,
                  const struct work *w, int64_t first_row, int64_t rows) {
    int64_t units = cell->units;
    float *v = w->states;
    float *state = call->state + first_row * call->state_stride;
    memset(v, 0, (size_t)(units * LANES) * sizeof(float));
    memset(w->inputs, 0, (size_t)(cell->input_size * LANES) * sizeof(float));
    transpose(state, call->state_stride, rows, v, units);
    for (int64_t step = 0; step < call->steps; step++) {
        int64_t resting = 0;
        for (int64_t r = 0; r < LANES; r++) {
            w->rates[r] = r < rows ? rate_of(cell, call, first_row + r, step) : 1;
            resting += w->rates[r] > MOST_RATE;
        }
        if (resting < rows) {
            transpose(item(&call->x, first_row, step), call->x.row_stride, rows, w->inputs, cell->input_size);
            vf rate = vf_load(w->rates);
            for (int64_t j = 0; j < units; j++) {
                vf_store(w->scaled + j * LANES, vf_mul(vf_set(cell->capacitance[j]), rate));
                vf_store(w->input_den + j * LANES, vf_set(cell->leak[j]));
                vf_store(w->input_num + j * LANES, vf_set(cell->current[j]));
            }
            over_rows(accuracy, cell, &cell->sensory, w->inputs, w, w->input_den, w->input_num);
            if (resting > 0) {
                /* Their lanes compute as the others do, and are then put back. */
                transpose_back(v, units, rows, state, call->state_stride);
            }
            integrate(accuracy, 1, cell, w, v, units * LANES);
            for (int64_t r = 0; resting > 0 && r < rows; r++) {
                if (w->rates[r] > MOST_RATE) {
                    transpose(state + r * call->state_stride, 0, 1, v + r, units);
                }
            }
        }
        for (int64_t r = 0; call->out.data && r < rows; r++) {
            emit(cell, call, v + r, LANES, first_row + r, step);
        }
    }
    transpose_back(v, units, rows, state, call->state_stride);
}

INLINE void run(const int accuracy, const struct elegans_ltc_cell *cell, const struct elegans_ltc_call *call) {
    struct work w = work_of(cell, call->scratch);
    int64_t end = call->first_row + call->rows;
    for (int64_t row = call->first_row; row < end; row += LANES) {
        int64_t rows = end - row < LANES ? end - row : LANES;
        if (cell->synapse_work <= rows * (BLOCK / LANES) * cell->slot_work) {
            group(accuracy, cell, call, &w, row, rows);
        } else {
            for (int64_t r = row; r < row + rows; r++) {
                single(accuracy, cell, call, &w, r);
            }
        }
    }
}

static __attribute__((noinline)) void run_fast(const struct elegans_ltc_cell *cell, const struct elegans_ltc_call *call) {
    run(ELEGANS_FAST, cell, call);
}

static __attribute__((noinline)) void run_accurate(const struct elegans_ltc_cell *cell,
                                                   const struct elegans_ltc_call *call) {
    run(ELEGANS_ACCURATE, cell, call);
}

static __attribute__((noinline)) void run_exact(const struct elegans_ltc_cell *cell, const struct elegans_ltc_call *call) {
    run(ELEGANS_EXACT, cell, call);
}

int32_t TIERED(ltc_run)(const struct elegans_ltc_cell *cell, const struct elegans_ltc_call *call) {
    REQUIRE(cell && call && cell->capacitance && cell->leak && cell->current && cell->output_map && cell->input_size > 0 &&
            cell->units > 0 && cell->output_size > 0 && cell->output_size <= cell->units && cell->unfolds > 0 &&
            cell->solver >= ELEGANS_LTC_SEMI_IMPLICIT && cell->solver <= ELEGANS_LTC_RUNGE_KUTTA &&
            valid_function(ELEGANS_SIGMOID, cell->accuracy) && call->state && call->scratch && call->x.data &&
            call->timespans.data && call->first_row >= 0 && call->rows >= 0 && call->steps >= 0)
    switch (cell->accuracy) {
    case ELEGANS_FAST: run_fast(cell, call); break;
    case ELEGANS_ACCURATE: run_accurate(cell, call); break;
    default: run_exact(cell, call); break;
    }
    return ELEGANS_OK;
}
