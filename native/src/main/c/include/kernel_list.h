/*
 * All kernels, each with its parameters as pairs of type and name. From this list follow the prototypes (elegans.h), the
 * functions of each tier and the table that chooses among them (kernels.h, dispatch.c), and the recording of calls and
 * their repetition on other processors (src/test/c).
 *
 * map_f32, map_f64          y[i] = activation(x[i]), i < n; x and y the same or disjoint
 * activation_gradient_f32   d[i] = activation'(x[i]), i < n, from z: the output where that is enough, or else x
 * activation_backward_f32   dy[i] = dy[i] activation'(x[i]), i < n, from the same z
 * dense_f32                 y[m] = activation(bias + x[m] W), m < rows; rows of y hold outputs rounded up to 16
 * dense_gradient_f32        adds x^T dz, and the sum of rows of dz to the biases, to float32 panels: chains over the rows
 * dense_transpose_f32       panels of the transposed layer, from inputs first_input .. first_input + count - 1
 * cfc_run                   advances rows by call->steps steps
 * cfc_layer                 panels of one layer of one step (call->steps is its index) for at most call->hidden_rows rows
 * cfc_gate, cfc_decay       states of a step of rows from the heads' sums, with what the way back needs kept
 * cfc_gate_backward         gradients of the sums, in place; timespan_gradients may be null
 * cfc_decay_backward        the same of mode pure; parameter_gradients are added to
 * lstm_gates, gru_gates     states of a step of rows from the gates' sums, with what the way back needs kept
 * lstm_gates_backward       gradients of the sums, in place, and of the memory
 * gru_gates_backward        gradients of the sums, in place, and what goes straight to the state
 * ltc_run, lstm_run         advance rows by call->steps steps
 * ltc_forward               a leaf's steps, keeping what the way back needs; ltc_backward is that way
 * tape_f64, tape_f32        at most so many rounds of a tape, until a lane asks for attention
 * optimiser_add             sum[i] = sum[i] + x[i], i < n
 * optimiser_sums_of_squares sums[c] = fma(x, x, sums[c]) over rows of 16 floats, c < 16
 * optimiser_step            one update of rows of parameters p by gradients g and the rule's state arrays
 * loss_f32                  losses[m], a row's loss, and gradient[m], m < rows; weights may be null
 * threefry                  4 n random words, of n consecutive counters
 * dropout_f32               x[m] = x[m] / (1 - p) or 0, m < rows; rows of x hold units rounded up to 16
 * roofline_multiply_add     independent float32 fused multiply-adds in registers; *flops receives their operations
 * roofline_divide           independent float32 divisions in registers; *count receives how many that were
 * roofline_gather           floats gathered from a table within the first-level cache; *count receives how many
 * roofline_read             reads n floats (a multiple of 128); *sum receives a value that depends on all of them
 */
#ifndef ELEGANS_KERNEL_LIST_H
#define ELEGANS_KERNEL_LIST_H

/* KERNEL(name, (type, name), (type, name), ...): at most 12 parameters */
#define ELEGANS_KERNELS(KERNEL)                                                                                        \
    KERNEL(map_f32, (int32_t, activation), (int32_t, accuracy), (const float *, x), (float *, y), (int64_t, n))        \
    KERNEL(map_f64, (int32_t, activation), (const double *, x), (double *, y), (int64_t, n))                           \
    KERNEL(activation_gradient_f32, (int32_t, activation), (const float *, z), (float *, d), (int64_t, n))             \
    KERNEL(activation_backward_f32, (int32_t, activation), (const float *, z), (float *, dy), (int64_t, n))            \
    KERNEL(dense_f32, (const float *, panels), (int64_t, inputs), (int64_t, outputs), (int32_t, storage),              \
           (int32_t, activation), (int32_t, accuracy), (const float *, x), (int64_t, x_stride), (float *, y),          \
           (int64_t, y_stride), (int64_t, rows))                                                                       \
    KERNEL(dense_gradient_f32, (const float *, x), (int64_t, x_stride), (const float *, dz), (int64_t, dz_stride),     \
           (int64_t, rows), (int64_t, inputs), (int64_t, outputs), (float *, gradient))                                \
    KERNEL(dense_transpose_f32, (const float *, panels), (int64_t, inputs), (int64_t, outputs),                        \
           (int64_t, first_input), (int64_t, count), (float *, transposed))                                            \
    KERNEL(cfc_run, (const struct elegans_cfc_cell *, cell), (const struct elegans_cfc_call *, call))                  \
    KERNEL(cfc_layer, (const struct elegans_cfc_cell *, cell), (const struct elegans_cfc_call *, call),                \
           (int32_t, layer), (int64_t, first_panel), (int64_t, panels))                                                \
    KERNEL(cfc_gate, (int32_t, mode), (int32_t, activation), (int32_t, accuracy), (float *, heads),                    \
           (int64_t, heads_stride), (const float *, timespans), (float *, h), (int64_t, h_stride), (int64_t, units),   \
           (int64_t, rows))                                                                                            \
    KERNEL(cfc_gate_backward, (int32_t, mode), (int32_t, activation), (float *, heads), (int64_t, heads_stride),       \
           (const float *, timespans), (const float *, upstream), (int64_t, upstream_stride), (int64_t, units),        \
           (int64_t, rows), (float *, timespan_gradients))                                                             \
    KERNEL(cfc_decay, (int32_t, accuracy), (const float *, f), (int64_t, f_stride), (const float *, parameters),       \
           (const float *, timespans), (float *, e), (int64_t, e_stride), (float *, h), (int64_t, h_stride),           \
           (int64_t, units), (int64_t, rows))                                                                          \
    KERNEL(cfc_decay_backward, (float *, f), (int64_t, f_stride), (const float *, parameters),                         \
           (const float *, timespans), (const float *, e), (int64_t, e_stride), (const float *, upstream),             \
           (int64_t, upstream_stride), (int64_t, units), (int64_t, rows), (float *, parameter_gradients),              \
           (float *, timespan_gradients))                                                                              \
    KERNEL(ltc_run, (const struct elegans_ltc_cell *, cell), (const struct elegans_ltc_call *, call))                  \
    KERNEL(ltc_forward, (const struct elegans_ltc_training *, cell), (const struct elegans_ltc_leaf *, leaf))          \
    KERNEL(ltc_backward, (const struct elegans_ltc_training *, cell), (const struct elegans_ltc_leaf *, leaf))         \
    KERNEL(lstm_run, (const struct elegans_lstm_cell *, cell), (const struct elegans_lstm_call *, call))               \
    KERNEL(lstm_gates, (int32_t, accuracy), (float *, gates), (int64_t, gates_stride), (const float *, c),             \
           (float *, next), (float *, activated), (float *, h), (int64_t, stride), (int64_t, units), (int64_t, rows))  \
    KERNEL(lstm_gates_backward, (float *, gates), (int64_t, gates_stride), (const float *, c),                         \
           (const float *, activated), (const float *, upstream), (float *, memory_gradients), (int64_t, stride),      \
           (int64_t, units), (int64_t, rows))                                                                          \
    KERNEL(gru_gates, (int32_t, accuracy), (float *, gates), (int64_t, gates_stride), (float *, input),                \
           (const float *, recurrent), (const float *, h), (float *, next), (int64_t, stride), (int64_t, units),       \
           (int64_t, rows))                                                                                            \
    KERNEL(gru_gates_backward, (float *, gates), (int64_t, gates_stride), (float *, input), (float *, recurrent),      \
           (const float *, h), (float *, upstream), (int64_t, stride), (int64_t, units), (int64_t, rows))              \
    KERNEL(tape_f64, (struct elegans_tape *, tape), (int32_t, rounds))                                                 \
    KERNEL(tape_f32, (struct elegans_tape *, tape), (int32_t, rounds))                                                 \
    KERNEL(optimiser_add, (const float *, x), (float *, sum), (int64_t, n))                                            \
    KERNEL(optimiser_sums_of_squares, (const float *, x), (int64_t, stride), (int64_t, rows), (double *, sums))        \
    KERNEL(optimiser_step, (const struct elegans_update *, step), (float *, p), (const float *, g),                    \
           (float *, first), (float *, second), (float *, third), (int64_t, stride), (int64_t, width),                 \
           (int64_t, rows))                                                                                            \
    KERNEL(loss_f32, (int32_t, loss), (double, parameter), (const float *, out), (int64_t, out_stride),                \
           (const float *, targets), (int64_t, target_stride), (const float *, weights), (int64_t, width),             \
           (int64_t, rows), (float, scale), (float *, gradient), (double *, losses))                                   \
    KERNEL(threefry, (int32_t, key0), (int32_t, key1), (int32_t, key2), (int32_t, key3), (int32_t, first),             \
           (int32_t, counter1), (int32_t, counter2), (int32_t, counter3), (int32_t *, words), (int32_t, n))            \
    KERNEL(dropout_f32, (int64_t, seed), (int32_t, update), (int32_t, layer), (double, probability), (float *, x),     \
           (int64_t, stride), (int32_t, units), (int32_t, rows), (const int32_t *, steps), (const int32_t *, samples)) \
    KERNEL(roofline_multiply_add, (int64_t, rounds), (int64_t *, flops))                                               \
    KERNEL(roofline_divide, (int64_t, rounds), (int64_t *, count))                                                     \
    KERNEL(roofline_gather, (int64_t, rounds), (int64_t *, count))                                                     \
    KERNEL(roofline_read, (const float *, data), (int64_t, n), (float *, sum))

/* The parameters of a kernel, as a function declares them and as it passes them on; and as fields of a structure. */
#define ELEGANS_PARAMETERS(...) ELEGANS_EACH(ELEGANS_PARAMETER, ELEGANS_COMMA, __VA_ARGS__)
#define ELEGANS_ARGUMENTS(...) ELEGANS_EACH(ELEGANS_ARGUMENT, ELEGANS_COMMA, __VA_ARGS__)
#define ELEGANS_FIELDS(...) ELEGANS_EACH(ELEGANS_PARAMETER, ELEGANS_SEMICOLON, __VA_ARGS__);

#define ELEGANS_PARAMETER(type, name) type name
#define ELEGANS_ARGUMENT(type, name) name
#define ELEGANS_COMMA() ,
#define ELEGANS_SEMICOLON() ;
#define ELEGANS_EACH(f, between, ...)                                                                                  \
    ELEGANS_TWELFTH(__VA_ARGS__, ELEGANS_12, ELEGANS_11, ELEGANS_10, ELEGANS_9, ELEGANS_8, ELEGANS_7, ELEGANS_6,       \
                    ELEGANS_5, ELEGANS_4, ELEGANS_3, ELEGANS_2, ELEGANS_1, 0)(f, between, __VA_ARGS__)
#define ELEGANS_TWELFTH(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, found, ...) found
#define ELEGANS_1(f, between, first) f first
#define ELEGANS_2(f, between, first, ...) f first between() ELEGANS_1(f, between, __VA_ARGS__)
#define ELEGANS_3(f, between, first, ...) f first between() ELEGANS_2(f, between, __VA_ARGS__)
#define ELEGANS_4(f, between, first, ...) f first between() ELEGANS_3(f, between, __VA_ARGS__)
#define ELEGANS_5(f, between, first, ...) f first between() ELEGANS_4(f, between, __VA_ARGS__)
#define ELEGANS_6(f, between, first, ...) f first between() ELEGANS_5(f, between, __VA_ARGS__)
#define ELEGANS_7(f, between, first, ...) f first between() ELEGANS_6(f, between, __VA_ARGS__)
#define ELEGANS_8(f, between, first, ...) f first between() ELEGANS_7(f, between, __VA_ARGS__)
#define ELEGANS_9(f, between, first, ...) f first between() ELEGANS_8(f, between, __VA_ARGS__)
#define ELEGANS_10(f, between, first, ...) f first between() ELEGANS_9(f, between, __VA_ARGS__)
#define ELEGANS_11(f, between, first, ...) f first between() ELEGANS_10(f, between, __VA_ARGS__)
#define ELEGANS_12(f, between, first, ...) f first between() ELEGANS_11(f, between, __VA_ARGS__)

#endif
