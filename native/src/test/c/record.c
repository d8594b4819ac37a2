/*
 * Stands before the library (-Delegans.native.path) and records the calls that come through, with what their memory holds
 * before and after: what a test suite has compared with the definition can be made again where no JVM runs.
 *
 * ELEGANS_LIBRARY is the library's path, ELEGANS_CALLS the file's. Of calls with the same arguments, what lies in memory
 * aside, the 1st, 2nd, 4th, 8th, … are recorded.
 */
#include "calls.h"
#include <pthread.h>

#define EXPORT __attribute__((visibility("default")))

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct library library;
static FILE *file;

static __attribute__((constructor)) void begin(void) {
    const char *path = getenv("ELEGANS_LIBRARY");
    const char *calls = getenv("ELEGANS_CALLS");
    if (!path || !calls || !(file = fopen(calls, "ab"))) {
        fprintf(stderr, "record: ELEGANS_LIBRARY and ELEGANS_CALLS must name files\n");
        exit(2);
    }
    library = library_of(loaded(path));
}

static __attribute__((destructor)) void end(void) { fclose(file); }

/* How many calls with a signature there were: a table of open addresses, which forgets nothing and need not grow. */
#define SIGNATURES (1 << 20)
static struct { uint64_t signature, calls; } table[SIGNATURES];

static uint64_t count(uint64_t signature) {
    uint64_t at = signature % SIGNATURES;
    while (table[at].calls > 0 && table[at].signature != signature) {
        at = (at + 1) % SIGNATURES;
    }
    table[at].signature = signature;
    return ++table[at].calls;
}

static void sign_part(struct visitor *visitor, void *pointer, int64_t from, int64_t bytes, int role) {
    (void)pointer, (void)from;
    sign(visitor, bytes * 3 + role);
}

static void write_bytes(const void *from, size_t bytes) {
    if (fwrite(from, 1, bytes, file) != bytes) {
        perror("record: writing calls");
        exit(2);
    }
}

/* Where words differ: how many do not, how many do, and these; (0, 0) ends it. Old ones are 0 if there are none. */
static void write_changes(const char *old, const char *new, int64_t bytes) {
    int64_t words = bytes / 4;
    for (int64_t at = 0; at < words;) {
        uint32_t run[2] = {0, 0};
        for (; at < words && memcmp(old ? old + 4 * at : "\0\0\0", new + 4 * at, 4) == 0; at++) {
            run[0]++;
        }
        int64_t first = at;
        for (; at < words && memcmp(old ? old + 4 * at : "\0\0\0", new + 4 * at, 4) != 0; at++) {
            run[1]++;
        }
        if (run[1] > 0) {
            write_bytes(run, sizeof run);
            write_bytes(new + 4 * first, 4 * (size_t)run[1]);
        }
    }
    write_bytes((uint32_t[2]){0, 0}, 8);
}

static void write_part(struct visitor *visitor, void *pointer, int64_t from, int64_t bytes, int role) {
    char *memory;
    memcpy(&memory, pointer, sizeof memory);
    memory += from;
    uint64_t misalignment = (uintptr_t)memory % ALIGNMENT;
    write_bytes(&misalignment, sizeof misalignment);
    if (role != SCRATCH) {
        write_changes(NULL, memory, bytes);
    }
    if (role == OUTPUT) {
        add_output(visitor, memory, bytes);
    }
}

/* Makes a call, which is recorded or not. */
static void call(int32_t number, int32_t tier, void *arguments) {
    const struct kind *kind = &kinds[number];
    pthread_mutex_lock(&mutex);
    struct visitor visitor = {.part = sign_part, .signature = (uint64_t)number};
    kind->visit(&visitor, arguments);
    uint64_t calls = count(visitor.signature);
    if ((calls & (calls - 1)) != 0) {
        kind->call(&library, tier, arguments);
    } else {
        visitor.part = write_part;
        write_bytes(&number, sizeof number);
        write_bytes(arguments, kind->bytes);
        kind->visit(&visitor, arguments);
        int32_t result = kind->call(&library, tier, arguments);
        write_bytes(&result, sizeof result);
        for (int i = 0; i < visitor.output_count; i++) {
            write_changes(visitor.outputs[i].before, visitor.outputs[i].memory, visitor.outputs[i].bytes);
            free(visitor.outputs[i].before);
        }
    }
    pthread_mutex_unlock(&mutex);
}

/* ---- the library's functions ---------------------------------------------------------------------------------- */

EXPORT int32_t elegans_abi_version(void) { return ELEGANS_ABI_VERSION; }

EXPORT int32_t elegans_tier_supported(int32_t tier) { return library.tier_supported(tier); }

EXPORT int32_t elegans_map_f32(int32_t tier, int32_t activation, int32_t accuracy, const float *x, float *y,
                               int64_t n) {
    struct map_f32 arguments = {activation, accuracy, x, y, n};
    call(NUMBER_OF_map_f32, tier, &arguments);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_map_f64(int32_t tier, int32_t activation, const double *x, double *y, int64_t n) {
    struct map_f64 arguments = {activation, x, y, n};
    call(NUMBER_OF_map_f64, tier, &arguments);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_dense_f32(int32_t tier, const float *panels, int64_t inputs, int64_t outputs, int32_t storage,
                                 int32_t activation, int32_t accuracy, const float *x, int64_t x_stride, float *y,
                                 int64_t y_stride, int64_t rows) {
    struct dense_f32 arguments = {
        {panels, inputs, outputs, storage}, activation, accuracy, x, x_stride, y, y_stride, rows,
    };
    call(NUMBER_OF_dense_f32, tier, &arguments);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_cfc_run(int32_t tier, const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *run) {
    struct cfc_run arguments = {*cell, *run};
    call(NUMBER_OF_cfc_run, tier, &arguments);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_cfc_layer(int32_t tier, const struct elegans_cfc_cell *cell, const struct elegans_cfc_call *run,
                                 int32_t layer, int64_t first_panel, int64_t panels) {
    struct cfc_layer arguments = {*cell, *run, layer, first_panel, panels};
    call(NUMBER_OF_cfc_layer, tier, &arguments);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_ltc_run(int32_t tier, const struct elegans_ltc_cell *cell, const struct elegans_ltc_call *run) {
    struct ltc_run arguments = {*cell, *run};
    call(NUMBER_OF_ltc_run, tier, &arguments);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_lstm_run(int32_t tier, const struct elegans_lstm_cell *cell,
                                const struct elegans_lstm_call *run) {
    struct lstm_run arguments = {*cell, *run};
    call(NUMBER_OF_lstm_run, tier, &arguments);
    return ELEGANS_OK;
}

EXPORT int32_t elegans_tape_f64(int32_t tier, struct elegans_tape *tape, int32_t rounds) {
    struct tape_f64 arguments = {*tape, rounds};
    call(NUMBER_OF_tape_f64, tier, &arguments);
    *tape = arguments.tape;
    return ELEGANS_OK;
}

EXPORT int32_t elegans_tape_f32(int32_t tier, struct elegans_tape *tape, int32_t rounds) {
    struct tape_f32 arguments = {*tape, rounds};
    call(NUMBER_OF_tape_f32, tier, &arguments);
    *tape = arguments.tape;
    return ELEGANS_OK;
}

EXPORT int32_t elegans_roofline_multiply_add(int32_t tier, int64_t rounds, int64_t *flops) {
    return library.roofline_multiply_add(tier, rounds, flops);
}

EXPORT int32_t elegans_roofline_divide(int32_t tier, int64_t rounds, int64_t *divisions) {
    return library.roofline_divide(tier, rounds, divisions);
}

EXPORT int32_t elegans_roofline_gather(int32_t tier, int64_t rounds, int64_t *floats) {
    return library.roofline_gather(tier, rounds, floats);
}

EXPORT int32_t elegans_roofline_read(int32_t tier, const float *data, int64_t n, float *sum) {
    return library.roofline_read(tier, data, n, sum);
}
