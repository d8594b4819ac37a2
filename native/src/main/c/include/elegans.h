/*
 * The C backend of Elegans: the public interface.
 *
 * Only fixed-width integers, float, double and pointers cross this border. Every function checks what it can in O(1),
 * returns a status, allocates nothing, keeps no state, and may be called by any number of threads. Sizes and strides
 * count elements. The caller (the Java side) has checked all memory; kernels trust it.
 */
#ifndef ELEGANS_H
#define ELEGANS_H

#include <stdint.h>

/* Grows whenever a declaration below changes its meaning. */
#define ELEGANS_ABI_VERSION 7

/* Status of every function. */
#define ELEGANS_OK 0
#define ELEGANS_BAD_ARGUMENT 1
#define ELEGANS_BAD_TIER 2

/* Instruction set tiers: the x86-64 psABI levels; aarch64 with NEON, and with SVE where its vectors have 256 bits. A
 * library has those of its architecture. */
#define ELEGANS_TIER_V3 0
#define ELEGANS_TIER_V4 1
#define ELEGANS_TIER_NEON 2
#define ELEGANS_TIER_SVE256 3

/* Panel width of packed weights, and the multiple that widths are rounded up to. */
#define ELEGANS_PANEL 64
#define ELEGANS_BLOCK 16

/* Most rows that go through a cell's step together. */
#define ELEGANS_CHUNK 128

/* Bytes of a wide tape's register: 64 doubles or 128 floats. Those of a narrow one are as long as a vector of the tier. */
#define ELEGANS_TAPE_BLOCK 512

/* The order of these is that of the Java enums of the same names. */
enum elegans_activation {
    ELEGANS_LINEAR,
    ELEGANS_EXP,
    ELEGANS_TANH,
    ELEGANS_LECUN_TANH,
    ELEGANS_SIGMOID,
    ELEGANS_RELU,
    ELEGANS_SILU,
    ELEGANS_GELU,
    ELEGANS_GELU_TANH,
    ELEGANS_SOFTPLUS
};
enum elegans_accuracy { ELEGANS_FAST, ELEGANS_ACCURATE, ELEGANS_EXACT };
enum elegans_ltc_solver { ELEGANS_LTC_SEMI_IMPLICIT, ELEGANS_LTC_EXPLICIT, ELEGANS_LTC_RUNGE_KUTTA };
enum elegans_cfc_mode { ELEGANS_CFC_DEFAULT, ELEGANS_CFC_NO_GATE, ELEGANS_CFC_PURE };
/* Op.java, as far as it is primitive. On a tape, VARIABLE copies; casts and CONSTANTs are never there. */
enum elegans_operation {
    ELEGANS_VARIABLE,
    ELEGANS_CONSTANT,
    ELEGANS_ADD,
    ELEGANS_SUB,
    ELEGANS_MUL,
    ELEGANS_DIV,
    ELEGANS_FMA,
    ELEGANS_NEG,
    ELEGANS_ABS,
    ELEGANS_SQRT,
    ELEGANS_MIN,
    ELEGANS_MAX,
    ELEGANS_SELECT,
    ELEGANS_FROM_BITS,
    ELEGANS_TO_BITS,
    ELEGANS_BITS_CONSTANT,
    ELEGANS_BITS_ADD,
    ELEGANS_BITS_SUB,
    ELEGANS_BITS_AND,
    ELEGANS_BITS_OR,
    ELEGANS_BITS_XOR,
    ELEGANS_SHIFT_LEFT,
    ELEGANS_SHIFT_RIGHT,
    ELEGANS_LESS,
    ELEGANS_LESS_EQUAL,
    ELEGANS_EQUAL,
    ELEGANS_AND,
    ELEGANS_OR,
    ELEGANS_NOT,
    ELEGANS_END
};
enum elegans_loss {
    ELEGANS_MEAN_SQUARED_ERROR,
    ELEGANS_MEAN_ABSOLUTE_ERROR,
    ELEGANS_HUBER,
    ELEGANS_BINARY_CROSS_ENTROPY,
    ELEGANS_CROSS_ENTROPY
};
enum elegans_update_rule {
    ELEGANS_SGD,
    ELEGANS_SGD_MOMENTUM,
    ELEGANS_SGD_NESTEROV,
    ELEGANS_ADAM,
    ELEGANS_ADAM_AMSGRAD,
    ELEGANS_RMSPROP,
    ELEGANS_RMSPROP_MOMENTUM,
    ELEGANS_RMSPROP_CENTERED,
    ELEGANS_RMSPROP_CENTERED_MOMENTUM,
    ELEGANS_LION
};
enum elegans_storage { ELEGANS_FLOAT32, ELEGANS_BFLOAT16 };

/* Packed weights of a dense layer: panels of 64 outputs (the last one narrower, a multiple of 16), each its biases and
 * then a row of weights for every input. A row of float32 has a float for every output; one of bfloat16 has a line of
 * 16 words for every 32 outputs (the width is padded to that, for the biases too): output i in the lower half of word
 * i, output 16 + i in its upper half. */
struct elegans_dense {
    const float *panels;
    int64_t inputs;
    int64_t outputs;
    int32_t storage;
};

/* One item per row and step; strides may be 0. */
struct elegans_series {
    float *data;
    int64_t row_stride;
    int64_t step_stride;
};

/* A CfC cell. The backbone layers' panels, then the heads'. */
struct elegans_cfc_cell {
    const struct elegans_dense *layers; /* backbone_layers + 1 */
    const float *decay;                 /* mode pure: |w_tau| and A, each padded to a multiple of 16 */
    int64_t input_size;
    int64_t hidden_size;
    int32_t backbone_layers;
    int32_t mode;
    int32_t activation;
    int32_t head_activation; /* of ff1 and ff2: linear, tanh or lecun_tanh; mode pure: linear */
    int32_t accuracy;
};

/* What a CfC call works on. */
struct elegans_cfc_call {
    float *state;          /* rows [x | h] */
    int64_t state_stride;
    float *hidden;         /* two buffers of hidden_rows rows, as many as go through all layers together */
    int64_t hidden_stride;
    int64_t hidden_rows;
    int64_t first_row;
    int64_t rows;
    int64_t steps;         /* of elegans_cfc_run; the step of elegans_cfc_layer */
    struct elegans_series x;
    struct elegans_series timespans;
    struct elegans_series out; /* data may be null */
};

/* Synapses, in slots of 16 targets and by target (SynapseTable.java). */
struct elegans_synapses {
    const float *slots;           /* [slots][a | b | w | w E][16], or pairs of bfloat16 */
    const int32_t *slot_starts;   /* [blocks of 16 targets + 1] */
    const int32_t *slot_sources;  /* [slots][16] */
    const float *synapses;        /* [synapses][a, b, w, w E], or pairs of bfloat16 */
    const int32_t *starts;        /* [targets + 1] */
    const int32_t *sources;       /* [synapses] */
    int64_t most_slots;           /* of a block */
    int32_t uniform;              /* 1 if a slot's 16 sources are one, the same in all blocks */
    int32_t bfloat16;             /* 1 if stored so */
};

/* An LTC cell. */
struct elegans_ltc_cell {
    struct elegans_synapses sensory;
    struct elegans_synapses recurrent;
    const float *capacitance;     /* of the neurons, padded to a multiple of 16, as the next two are */
    const float *leak;            /* where the denominator's sum begins */
    const float *current;         /* where the numerator's sum begins */
    const float *output_map;      /* output_size scales, then as many shifts */
    int64_t input_size;
    int64_t units;
    int64_t output_size;
    int64_t synapse_work;         /* synapses and slots that a step evaluates, to choose between them */
    int64_t slot_work;
    int32_t unfolds;
    int32_t solver;
    int32_t accuracy;
    int32_t elapsed_time;         /* 0 if timespans do not count */
    float timespan_offset;
};

/* What an LTC call works on. */
struct elegans_ltc_call {
    float *state;                 /* rows of neurons; behind the padded ones a 0 */
    int64_t state_stride;
    float *scratch;               /* as many floats as LtcWeights.java says */
    int64_t first_row;
    int64_t rows;
    int64_t steps;
    struct elegans_series x;
    struct elegans_series timespans;
    struct elegans_series out; /* data may be null */
};

/* An LTC cell in training (LtcTrainingWeights.java): synapses by target and then by source. */
struct elegans_ltc_training {
    const float *recurrent;           /* [synapses][a, b, w, w E, E] */
    const int32_t *recurrent_starts;  /* [units + 1] */
    const int32_t *recurrent_sources; /* [synapses] */
    const float *sensory;             /* the same of the synapses from inputs */
    const int32_t *sensory_starts;
    const int32_t *sensory_sources;
    const float *neurons;             /* capacitance, leak, current and leak potential, each padded to a multiple of 16 */
    const float *output_map;          /* output_size scales, then as many shifts */
    int64_t input_size;
    int64_t units;
    int64_t output_size;
    int32_t unfolds;
    int32_t solver;
    int32_t elapsed_time;             /* 0 if timespans do not count */
    float timespan_offset;
};

/* What a call in training works on: 16 samples, of which the first rows are there. All arrays are of lines of 16. */
struct elegans_ltc_leaf {
    const float *x;                /* [steps][input_size] */
    const float *timespans;        /* [steps]; may be null if they do not count */
    const int32_t *mask;           /* [steps], 0 where a sample rests; may be null */
    float *kept;                   /* as many as LtcTrainingWeights.java says */
    float *state;                  /* [units]: forward */
    float *out;                    /* [steps][output_size]: forward */
    const float *out_gradients;    /* [steps][output_size]: backward, as what follows; may be null */
    float *state_gradients;        /* [units] */
    float *sums;                   /* as many as LtcTrainingWeights.java says */
    float *input_gradients;        /* [steps][input_size]; may be null */
    float *timespan_gradients;     /* [steps]; may be null */
    int64_t steps;
    int64_t rows;
};

/* An LSTM. */
struct elegans_lstm_cell {
    const struct elegans_dense *gates; /* on [x | h], interleaved by 16 units: i, ig, fg, og */
    int64_t input_size;
    int64_t hidden_size;
    int32_t accuracy;
};

/* What an LSTM call works on. */
struct elegans_lstm_call {
    float *state;          /* rows [x | h] */
    int64_t state_stride;
    float *memory;         /* rows of c */
    int64_t memory_stride;
    float *inputs;         /* ELEGANS_CHUNK rows, state_stride apart */
    int64_t first_row;
    int64_t rows;
    int64_t steps;
    struct elegans_series x;
    struct elegans_series out; /* data may be null */
};

/* An instruction of a tape. The result and the operands are places in numbers from the first register or, where the
 * code has bit 1 << operand, from the first constant; a shift's count is its second operand. */
struct elegans_instruction {
    int32_t code; /* the operation times 8, and a bit for each operand that is a constant */
    int32_t to;
    int32_t a;
    int32_t b;
    int32_t c;
};

/* A program as a tape, with the registers that it works in. */
struct elegans_tape {
    const struct elegans_instruction *instructions; /* and behind them one of ELEGANS_END */
    const void *constants; /* of the precision */
    void *registers;       /* on a multiple of 64 bytes; the first ones are the variables */
    int32_t length;        /* without the END */
    int32_t attention;     /* the mask of lanes that ask for attention, or -1 for one round only */
    int32_t done;          /* receives how many rounds there were, negated if a lane asks for attention */
    int32_t block;         /* bytes of a register: ELEGANS_TAPE_BLOCK, 64, or 32 or 16 if vectors are no longer */
};

/* The constants of an optimiser's step: OptimiserStep.java. */
struct elegans_update {
    int32_t rule;
    float scale;
    float clip;
    float shrink;
    float decay;
    float rate;
    float first_keep;
    float first_take;
    float second_keep;
    float second_take;
    float momentum;
    float root;
    float epsilon;
    float inner_epsilon;
};

int32_t elegans_abi_version(void);

/* ELEGANS_OK if the library has the tier, and this CPU and operating system can run it; else ELEGANS_BAD_TIER. */
int32_t elegans_tier_supported(int32_t tier);

#include "kernel_list.h"

#define ELEGANS_PROTOTYPE(name, ...) int32_t elegans_##name(int32_t tier, ELEGANS_PARAMETERS(__VA_ARGS__));
ELEGANS_KERNELS(ELEGANS_PROTOTYPE)

#endif
