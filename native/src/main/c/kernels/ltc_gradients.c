/*
 * Liquid time-constant cells in training: ScalarLtcGradients.java, in the same order, with lanes over the samples of a
 * leaf. Vectors of fewer than 16 lanes take one part of the samples after another.
 */
#include "elementwise.h"
#include "kernels.h"

#define FIELDS 5 /* of a synapse: a, b, w, w E, E */
#define SYNAPSE_SUMS 4
#define NEURON_SUMS 3
#define OUTPUT_SUMS 2
#define SAMPLES ELEGANS_BLOCK
#define LINE(i) ((int64_t)(i)*SAMPLES)
/* A timespan that takes the rate above this leaves the state as it is. */
#define MOST_RATE 0x1p64f

struct table {
    const float *fields;
    const int32_t *starts;
    const int32_t *sources;
    int64_t count;
};

/* What a call needs everywhere; all pointers to lines are to those of the same lanes. */
struct leaf {
    const struct elegans_ltc_training *cell;
    const struct elegans_ltc_leaf *call;
    int64_t lane; /* the first */
    int64_t units;
    int64_t evaluations; /* of the recurrent synapses in a step */
    int64_t step_floats;
    struct table recurrent, sensory;
    const float *capacitance, *leak, *current, *leak_potential;
    /* scratch memory */
    float *step_n, *step_nv, *step_c, *n, *nv, *gradient, *next, *total, *num; /* a line per neuron */
    float *input, *input_gradient;
    float *present, *moves, *rate;
    float *first; /* of what is kept */
    /* of a step */
    float *states, *denominators, *slopes, *activations;
};

static struct leaf leaf_of(const struct elegans_ltc_training *cell, const struct elegans_ltc_leaf *call, int64_t lane) {
    struct leaf l;
    int64_t units = cell->units;
    int64_t padded = (units + ELEGANS_BLOCK - 1) / ELEGANS_BLOCK * ELEGANS_BLOCK;
    int64_t array = LINE(units);
    l.cell = cell;
    l.call = call;
    l.lane = lane;
    l.units = units;
    l.evaluations = (int64_t)cell->unfolds * (cell->solver == ELEGANS_LTC_RUNGE_KUTTA ? 4 : 1);
    l.recurrent = (struct table){cell->recurrent, cell->recurrent_starts, cell->recurrent_sources,
                                 cell->recurrent_starts[units]};
    l.sensory = (struct table){cell->sensory, cell->sensory_starts, cell->sensory_sources, cell->sensory_starts[units]};
    l.step_floats = LINE(l.evaluations * (units * (cell->solver == ELEGANS_LTC_SEMI_IMPLICIT ? 2 : 3) +
                                          l.recurrent.count) +
                         l.sensory.count);
    l.capacitance = cell->neurons;
    l.leak = l.capacitance + padded;
    l.current = l.leak + padded;
    l.leak_potential = l.current + padded;
    l.step_n = call->kept + lane;
    l.step_nv = l.step_n + array;
    l.step_c = l.step_nv + array;
    l.n = l.step_c + array;
    l.nv = l.n + array;
    l.gradient = l.nv + array;
    l.next = l.gradient + array;
    l.total = l.next + array;
    l.num = l.total + array;
    l.input = l.num + array;
    l.input_gradient = l.input + LINE(cell->input_size);
    l.present = l.input_gradient + LINE(cell->input_size);
    l.moves = l.present + SAMPLES;
    l.rate = l.moves + SAMPLES;
    l.first = l.rate + 2 * SAMPLES;
    l.states = l.denominators = l.slopes = l.activations = l.first;
    return l;
}

INLINE vfmask chosen(const float *lanes) { return vf_gt(vf_load(lanes), vf_set(0)); }

/* Where a step's numbers are kept, which samples rest in it, and the inputs of those that do not. */
static void begin_step(struct leaf *l, int64_t step) {
    const struct elegans_ltc_training *cell = l->cell;
    const struct elegans_ltc_leaf *call = l->call;
    for (int64_t i = 0; i < LANES; i++) {
        int64_t sample = l->lane + i;
        int64_t at = LINE(step) + sample;
        int present = sample < call->rows && (!call->mask || call->mask[at] != 0);
        float rate = present && cell->elapsed_time
                         ? (float)cell->unfolds / (call->timespans[at] + cell->timespan_offset)
                         : 1;
        int moves = present && !(rate > MOST_RATE);
        l->present[i] = present ? 1 : 0;
        l->moves[i] = moves ? 1 : 0;
        l->rate[i] = moves ? rate : 1;
    }
    l->states = l->first + step * l->step_floats;
    l->denominators = l->states + LINE(l->evaluations * l->units);
    l->slopes = l->denominators + LINE(l->evaluations * l->units);
    l->activations = cell->solver == ELEGANS_LTC_SEMI_IMPLICIT ? l->slopes : l->slopes + LINE(l->evaluations * l->units);
    vfmask moves = chosen(l->moves);
    const float *x = call->x + LINE(step * cell->input_size) + l->lane;
    for (int64_t i = 0; i < cell->input_size; i++) {
        vf_store(l->input + LINE(i), vf_select(moves, vf_load(x + LINE(i)), vf_set(0)));
    }
}

/* The states before an evaluation; of the number of evaluations, those after the step. */
INLINE float *state(const struct leaf *l, int64_t evaluation) {
    return l->states + (evaluation < l->evaluations ? LINE(evaluation * l->units) : l->step_floats);
}

INLINE float *activation(const struct leaf *l, int64_t evaluation) {
    return l->activations + LINE(l->sensory.count + evaluation * l->recurrent.count);
}

/* Forward. */

/* Adds all targets' synapses to their sums. */
static void accumulate(const struct table *table, int64_t units, const float *source, float *activations, float *den,
                       float *num) {
    for (int64_t j = 0; j < units; j++) {
        vf d = vf_load(den + LINE(j));
        vf n = vf_load(num + LINE(j));
        for (int64_t i = table->starts[j]; i < table->starts[j + 1]; i++) {
            const float *f = table->fields + i * FIELDS;
            vf v = vf_load(source + LINE(table->sources[i]));
            vf s = logistic(vf_fma(vf_set(f[0]), v, vf_set(f[1])));
            vf_store(activations + LINE(i), s);
            d = vf_fma(vf_set(f[2]), s, d);
            n = vf_fma(vf_set(f[3]), s, n);
        }
        vf_store(den + LINE(j), d);
        vf_store(num + LINE(j), n);
    }
}

/* A Runge-Kutta stage's state, or the state after the substep. */
INLINE vf stage(const float *begin, const float *slope, int64_t array, int64_t number) {
    vf v = vf_load(begin);
    vf k = vf_load(slope);
    if (number < 3) {
        return vf_fma(vf_set(number < 2 ? 0.05f : 0.1f), k, v);
    }
    vf sum = vf_fma(vf_set(2), vf_load(slope - 2 * array), vf_load(slope - 3 * array));
    sum = vf_add(vf_fma(vf_set(2), vf_load(slope - array), sum), k);
    return vf_fma(vf_set(0.1f / 6), sum, v);
}

static void evaluate(const struct leaf *l, int64_t evaluation) {
    const int32_t solver = l->cell->solver;
    const int64_t array = LINE(l->units);
    const float *from = state(l, evaluation);
    float *to = state(l, evaluation + 1);
    float *den = l->denominators + evaluation * array;
    const float *input_den = l->step_n;
    const float *input_num = l->step_nv;
    vf rate = vf_load(l->rate);
    vfmask moves = chosen(l->moves);
    vf least = vf_set(evaluation == l->evaluations - 1 ? FLUSH : 0);
    for (int64_t j = 0; j < l->units; j++) {
        vf d = vf_load(input_den + LINE(j));
        vf n = vf_load(input_num + LINE(j));
        if (solver == ELEGANS_LTC_SEMI_IMPLICIT) {
            vf c = vf_mul(vf_set(l->capacitance[j]), rate);
            d = vf_add(c, d);
            n = vf_fma(c, vf_load(from + LINE(j)), n);
        }
        vf_store(den + LINE(j), d);
        vf_store(l->num + LINE(j), n);
    }
    accumulate(&l->recurrent, l->units, from, activation(l, evaluation), den, l->num);
    for (int64_t j = 0; j < l->units; j++) {
        vf v = vf_load(from + LINE(j));
        vf d = vf_load(den + LINE(j));
        vf n = vf_load(l->num + LINE(j));
        vf after;
        if (solver == ELEGANS_LTC_SEMI_IMPLICIT) {
            after = vf_div(n, d);
        } else {
            float *slope = l->slopes + evaluation * array + LINE(j);
            vf k = vf_div(vf_fnma(v, d, n), vf_mul(vf_set(l->capacitance[j]), rate));
            vf_store(slope, k);
            after = solver == ELEGANS_LTC_EXPLICIT
                        ? vf_fma(vf_set(0.1f), k, v)
                        : stage(state(l, evaluation & -4) + LINE(j), slope, array, evaluation & 3);
        }
        after = vf_select(vf_lt(vf_abs(after), least), vf_set(0), after);
        vf_store(to + LINE(j), vf_select(moves, after, v));
    }
}

static void forward(const struct elegans_ltc_training *cell, const struct elegans_ltc_leaf *call, int64_t lane) {
    struct leaf l = leaf_of(cell, call, lane);
    for (int64_t i = 0; i < LANES; i++) {
        l.present[i] = lane + i < call->rows ? 1 : 0;
    }
    vfmask there = chosen(l.present);
    for (int64_t j = 0; j < l.units; j++) {
        vf_store(l.first + LINE(j), vf_select(there, vf_load(call->state + lane + LINE(j)), vf_set(0)));
    }
    for (int64_t step = 0; step < call->steps; step++) {
        begin_step(&l, step);
        for (int64_t j = 0; j < l.units; j++) {
            vf_store(l.step_n + LINE(j), vf_set(l.leak[j]));
            vf_store(l.step_nv + LINE(j), vf_set(l.current[j]));
        }
        accumulate(&l.sensory, l.units, l.input, l.activations, l.step_n, l.step_nv);
        for (int64_t evaluation = 0; evaluation < l.evaluations; evaluation++) {
            evaluate(&l, evaluation);
        }
        const float *after = state(&l, l.evaluations);
        float *out = call->out + LINE(step * cell->output_size) + lane;
        for (int64_t i = 0; i < cell->output_size; i++) {
            vf_store(out + LINE(i), vf_fma(vf_set(cell->output_map[i]), vf_load(after + LINE(i)),
                                           vf_set(cell->output_map[cell->output_size + i])));
        }
    }
    const float *last = l.first + call->steps * l.step_floats;
    for (int64_t j = 0; j < l.units; j++) {
        vf_store(call->state + lane + LINE(j), vf_load(last + LINE(j)));
    }
}

/* Backward. */

/* x += y */
INLINE void add_to(float *x, vf y) { vf_store(x, vf_add(vf_load(x), y)); }

/* x += a b */
INLINE void add_product_to(float *x, vf a, vf b) { vf_store(x, vf_fma(a, b, vf_load(x))); }

/* The way back through synapses: to their sums and their sources' gradients. */
static void synapses_backward(const struct table *table, int64_t units, const float *source, const float *activations,
                              const float *shares, const float *shares_v, float *restrict sums, float *gradient) {
    for (int64_t j = 0; j < units; j++) {
        vf share = vf_load(shares + LINE(j));
        vf minus_share_v = vf_neg(vf_load(shares_v + LINE(j)));
        for (int64_t i = table->starts[j]; i < table->starts[j + 1]; i++) {
            const float *f = table->fields + i * FIELDS;
            int64_t from = LINE(table->sources[i]);
            float *sum = sums + LINE(i * SYNAPSE_SUMS);
            vf s = vf_load(activations + LINE(i));
            vf r = vf_fma(share, vf_set(f[4]), minus_share_v);
            vf y = vf_mul(vf_mul(vf_set(f[2]), r), vf_fnma(s, s, s));
            vf_store(sum, vf_fma(r, s, vf_load(sum)));
            vf_store(sum + LINE(1), vf_fma(share, s, vf_load(sum + LINE(1))));
            vf_store(sum + LINE(2), vf_fnma(y, vf_load(source + from), vf_load(sum + LINE(2))));
            vf_store(sum + LINE(3), vf_sub(vf_load(sum + LINE(3)), y));
            vf_store(gradient + from, vf_fnma(y, vf_set(f[0]), vf_load(gradient + from)));
        }
    }
}

/* What a neuron's share of an evaluation adds to its sums. */
INLINE void neuron_backward(const struct leaf *l, int64_t j, vf share, vf v, vf c, vf times, float *neuron_sums) {
    vf_store(l->n + LINE(j), share);
    vf_store(l->nv + LINE(j), vf_mul(share, v));
    add_to(l->step_n + LINE(j), share);
    add_product_to(l->step_nv + LINE(j), share, v);
    add_product_to(l->step_c + LINE(j), c, times);
    add_product_to(neuron_sums + LINE(j * NEURON_SUMS), share, vf_sub(vf_set(l->leak_potential[j]), v));
}

static void recurrent_backward(const struct leaf *l, int64_t evaluation, float *sums, float *gradient) {
    synapses_backward(&l->recurrent, l->units, state(l, evaluation), activation(l, evaluation), l->n, l->nv, sums,
                      gradient);
}

static void semi_implicit_backward(const struct leaf *l, int64_t evaluation, float *sums, float *neuron_sums) {
    const float *before = state(l, evaluation);
    const float *after = state(l, evaluation + 1);
    const float *den = l->denominators + LINE(evaluation * l->units);
    vf rate = vf_load(l->rate);
    vfmask moves = chosen(l->moves);
    for (int64_t j = 0; j < l->units; j++) {
        vf share = vf_select(moves, vf_div(vf_load(l->gradient + LINE(j)), vf_load(den + LINE(j))), vf_set(0));
        vf v = vf_load(after + LINE(j));
        neuron_backward(l, j, share, v, share, vf_sub(vf_load(before + LINE(j)), v), neuron_sums);
        vf_store(l->gradient + LINE(j), vf_mul(share, vf_mul(vf_set(l->capacitance[j]), rate)));
    }
    recurrent_backward(l, evaluation, sums, l->gradient);
}

/* The way back through a slope, from its gradient in n to that of its state, in next. */
static void slope_backward(const struct leaf *l, int64_t evaluation, float *sums, float *neuron_sums) {
    const float *before = state(l, evaluation);
    const float *den = l->denominators + LINE(evaluation * l->units);
    const float *slopes = l->slopes + LINE(evaluation * l->units);
    vf rate = vf_load(l->rate);
    vfmask moves = chosen(l->moves);
    for (int64_t j = 0; j < l->units; j++) {
        vf c = vf_mul(vf_set(l->capacitance[j]), rate);
        vf share = vf_select(moves, vf_div(vf_load(l->n + LINE(j)), c), vf_set(0));
        neuron_backward(l, j, share, vf_load(before + LINE(j)), vf_neg(share), vf_load(slopes + LINE(j)), neuron_sums);
        vf_store(l->next + LINE(j), vf_neg(vf_mul(share, vf_load(den + LINE(j)))));
    }
    recurrent_backward(l, evaluation, sums, l->next);
}

static void explicit_backward(const struct leaf *l, int64_t evaluation, float *sums, float *neuron_sums) {
    int64_t floats = LINE(l->units);
    for (int64_t i = 0; i < floats; i += SAMPLES) {
        vf_store(l->n + i, vf_mul(vf_set(0.1f), vf_load(l->gradient + i)));
    }
    slope_backward(l, evaluation, sums, neuron_sums);
    for (int64_t i = 0; i < floats; i += SAMPLES) {
        add_to(l->gradient + i, vf_load(l->next + i));
    }
}

static void runge_kutta_backward(const struct leaf *l, int64_t evaluation, float *sums, float *neuron_sums) {
    int64_t floats = LINE(l->units);
    int64_t number = evaluation & 3;
    vf sixth = vf_set(0.1f / 6);
    for (int64_t i = 0; number == 3 && i < floats; i += SAMPLES) {
        vf g = vf_load(l->gradient + i);
        vf_store(l->total + i, g);
        vf_store(l->n + i, vf_mul(sixth, g));
    }
    slope_backward(l, evaluation, sums, neuron_sums);
    for (int64_t i = 0; i < floats; i += SAMPLES) {
        vf v = vf_load(l->next + i);
        vf total = vf_add(vf_load(l->total + i), v);
        vf_store(l->total + i, total);
        if (number == 0) {
            vf_store(l->gradient + i, total);
        } else {
            vf share = vf_mul(sixth, vf_load(l->gradient + i));
            vf weighted = number == 1 ? share : vf_mul(vf_set(2), share);
            vf_store(l->n + i, vf_fma(vf_set(number < 3 ? 0.05f : 0.1f), v, weighted));
        }
    }
}

/* The outputs' part, and where the step's sums begin. */
static void begin_step_backward(const struct leaf *l, int64_t step, float *output_sums) {
    const struct elegans_ltc_training *cell = l->cell;
    const struct elegans_ltc_leaf *call = l->call;
    float *gradients = call->state_gradients + l->lane;
    if (call->out_gradients) {
        const float *upstream = call->out_gradients + LINE(step * cell->output_size) + l->lane;
        const float *after = state(l, l->evaluations);
        vfmask present = chosen(l->present);
        for (int64_t i = 0; i < cell->output_size; i++) {
            float *sum = output_sums + LINE(i * OUTPUT_SUMS);
            vf dy = vf_load(upstream + LINE(i));
            vf scale = vf_load(sum);
            vf shift = vf_load(sum + LINE(1));
            vf g = vf_load(gradients + LINE(i));
            vf_store(sum, vf_select(present, vf_fma(dy, vf_load(after + LINE(i)), scale), scale));
            vf_store(sum + LINE(1), vf_select(present, vf_add(shift, dy), shift));
            vf_store(gradients + LINE(i), vf_select(present, vf_fma(dy, vf_set(cell->output_map[i]), g), g));
        }
    }
    for (int64_t j = 0; j < l->units; j++) {
        vf_store(l->gradient + LINE(j), vf_load(gradients + LINE(j)));
        vf_store(l->step_n + LINE(j), vf_set(0));
        vf_store(l->step_nv + LINE(j), vf_set(0));
        vf_store(l->step_c + LINE(j), vf_set(0));
    }
    for (int64_t i = 0; i < cell->input_size; i++) {
        vf_store(l->input_gradient + LINE(i), vf_set(0));
    }
}

/* What the step's sums lead to. */
static void end_step_backward(const struct leaf *l, int64_t step, float *neuron_sums) {
    const struct elegans_ltc_training *cell = l->cell;
    const struct elegans_ltc_leaf *call = l->call;
    float *gradients = call->state_gradients + l->lane;
    vf rate = vf_load(l->rate);
    vfmask moves = chosen(l->moves);
    if (call->input_gradients) {
        float *to = call->input_gradients + LINE(step * cell->input_size) + l->lane;
        for (int64_t i = 0; i < cell->input_size; i++) {
            vf_store(to + LINE(i), vf_select(moves, vf_load(l->input_gradient + LINE(i)), vf_set(0)));
        }
    }
    vf of_rate = vf_set(0);
    for (int64_t j = 0; j < l->units; j++) {
        float *sum = neuron_sums + LINE(j * NEURON_SUMS);
        vf c = vf_load(l->step_c + LINE(j));
        add_to(sum + LINE(1), vf_load(l->step_n + LINE(j)));
        add_product_to(sum + LINE(2), c, rate);
        of_rate = vf_fma(c, vf_mul(vf_set(l->capacitance[j]), rate), of_rate);
        vf g = flush(vf_load(l->gradient + LINE(j)));
        vf_store(gradients + LINE(j), vf_select(moves, g, vf_load(gradients + LINE(j))));
    }
    if (call->timespan_gradients) {
        float *to = call->timespan_gradients + LINE(step) + l->lane;
        if (cell->elapsed_time) {
            vf elapsed = vf_add(vf_load(call->timespans + LINE(step) + l->lane), vf_set(cell->timespan_offset));
            vf_store(to, vf_select(moves, vf_neg(vf_div(of_rate, elapsed)), vf_set(0)));
        } else {
            vf_store(to, vf_set(0));
        }
    }
}

static void backward(const struct elegans_ltc_training *cell, const struct elegans_ltc_leaf *call, int64_t lane) {
    struct leaf l = leaf_of(cell, call, lane);
    float *sums = call->sums + lane;
    float *sensory_sums = sums + LINE(l.recurrent.count * SYNAPSE_SUMS);
    float *neuron_sums = sensory_sums + LINE(l.sensory.count * SYNAPSE_SUMS);
    float *output_sums = neuron_sums + LINE(l.units * NEURON_SUMS);
    for (int64_t i = 0; i < LANES; i++) {
        l.present[i] = lane + i < call->rows ? 1 : 0;
    }
    vfmask there = chosen(l.present);
    for (int64_t j = 0; j < l.units; j++) {
        float *g = call->state_gradients + lane + LINE(j);
        vf_store(g, vf_select(there, vf_load(g), vf_set(0)));
    }
    for (int64_t step = call->steps - 1; step >= 0; step--) {
        begin_step(&l, step);
        begin_step_backward(&l, step, output_sums);
        for (int64_t evaluation = l.evaluations - 1; evaluation >= 0; evaluation--) {
            switch (cell->solver) {
            case ELEGANS_LTC_SEMI_IMPLICIT: semi_implicit_backward(&l, evaluation, sums, neuron_sums); break;
            case ELEGANS_LTC_EXPLICIT: explicit_backward(&l, evaluation, sums, neuron_sums); break;
            default: runge_kutta_backward(&l, evaluation, sums, neuron_sums); break;
            }
        }
        synapses_backward(&l.sensory, l.units, l.input, l.activations, l.step_n, l.step_nv, sensory_sums,
                          l.input_gradient);
        end_step_backward(&l, step, neuron_sums);
    }
}

static int valid(const struct elegans_ltc_training *cell, const struct elegans_ltc_leaf *leaf) {
    return cell && leaf && cell->recurrent && cell->recurrent_starts && cell->recurrent_sources && cell->sensory &&
           cell->sensory_starts && cell->sensory_sources && cell->neurons && cell->output_map && cell->input_size > 0 &&
           cell->units > 0 && cell->output_size > 0 && cell->output_size <= cell->units && cell->unfolds > 0 &&
           cell->solver >= ELEGANS_LTC_SEMI_IMPLICIT && cell->solver <= ELEGANS_LTC_RUNGE_KUTTA && leaf->x &&
           (leaf->timespans || !cell->elapsed_time) && leaf->kept && leaf->steps >= 0 && leaf->rows > 0 &&
           leaf->rows <= SAMPLES;
}

int32_t TIERED(ltc_forward)(const struct elegans_ltc_training *cell, const struct elegans_ltc_leaf *leaf) {
    REQUIRE(valid(cell, leaf) && leaf->state && leaf->out)
    for (int64_t lane = 0; lane < SAMPLES; lane += LANES) {
        forward(cell, leaf, lane);
    }
    return ELEGANS_OK;
}

int32_t TIERED(ltc_backward)(const struct elegans_ltc_training *cell, const struct elegans_ltc_leaf *leaf) {
    REQUIRE(valid(cell, leaf) && leaf->state_gradients && leaf->sums)
    for (int64_t lane = 0; lane < SAMPLES; lane += LANES) {
        backward(cell, leaf, lane);
    }
    return ELEGANS_OK;
}
