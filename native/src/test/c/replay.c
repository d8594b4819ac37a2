/*
 * Makes recorded calls again and runs programs, in one tier of a library, and compares every bit (one NaN is as good as
 * another).
 *
 * replay [--spoil] LIBRARY TIER CALLS [PROGRAMS PROGRAM_LIBRARY]
 *
 * Calls are what record.c wrote; programs and their library what ProgramVectors.java and the compiler did. With --spoil
 * a bit of each result is changed, and success is that each is found to differ.
 */
#include "calls.h"

static const struct tier {
    const char *name;
    int32_t number;
    int32_t vector_bytes;
} tiers[] = {
    {"v3", ELEGANS_TIER_V3, 32},
    {"v4", ELEGANS_TIER_V4, 64},
    {"neon", ELEGANS_TIER_NEON, 16},
    {"sve256", ELEGANS_TIER_SVE256, 32},
};

static int spoil;
static int64_t failures;

#if defined(_WIN32)
#include <malloc.h>
#define aligned_alloc(alignment, bytes) _aligned_malloc(bytes, alignment)
#define aligned_free _aligned_free
#else
#define aligned_free free
#endif

static __attribute__((noreturn)) void stop(const char *what, const char *which) {
    fprintf(stderr, "replay: %s %s\n", what, which);
    exit(2);
}

static FILE *open_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        stop("cannot read", path);
    }
    return file;
}

static void read_bytes(FILE *file, void *to, size_t bytes) {
    if (fread(to, 1, bytes, file) != bytes) {
        stop("a file is", "truncated");
    }
}

/* The bits of a number, all NaNs alike. */
static uint64_t bits_of(const char *number, enum numbers numbers) {
    uint64_t bits = 0;
    memcpy(&bits, number, (size_t)bytes_of(numbers));
    if (numbers == WORDS) {
        return bits;
    }
    uint64_t infinity = numbers == FLOATS ? 0x7f800000u : 0x7ff0000000000000u;
    uint64_t sign = numbers == FLOATS ? 0x80000000u : 0x8000000000000000u;
    return (bits & ~sign) > infinity ? infinity + 1 : bits;
}

/* The first number that differs, or -1. */
static int64_t difference(char *found, const char *expected, int64_t bytes, enum numbers numbers) {
    int64_t number_bytes = bytes_of(numbers);
    if (spoil && bytes > 0) {
        memset(found + 1, 0, (size_t)number_bytes - 1);
        found[0] = (char)(expected[0] ^ 1);
    }
    for (int64_t at = 0; at < bytes; at += number_bytes) {
        if (bits_of(found + at, numbers) != bits_of(expected + at, numbers)) {
            return at / number_bytes;
        }
    }
    return -1;
}

static void fail(const char *what, int64_t which, int64_t at, const char *expected, const char *found,
                 enum numbers numbers) {
    if (++failures <= 10 && !spoil) {
        printf("%s %lld: number %lld is expected to be %llx, found %llx\n", what, (long long)which, (long long)at,
               (unsigned long long)bits_of(expected, numbers), (unsigned long long)bits_of(found, numbers));
    }
}

static FILE *calls;
static void *blocks[64];
static int block_count;

static void read_changes(char *memory, int64_t bytes) {
    uint32_t run[2];
    for (int64_t at = 0; read_bytes(calls, run, sizeof run), run[1] > 0;) {
        at += 4 * (int64_t)run[0];
        if (at + 4 * (int64_t)run[1] > bytes) {
            stop("a file of calls has", "more numbers than their memory");
        }
        read_bytes(calls, memory + at, 4 * (size_t)run[1]);
        at += 4 * (int64_t)run[1];
    }
}

static void read_part(struct visitor *visitor, void *pointer, int64_t from, int64_t bytes, enum numbers numbers,
                      int role) {
    uint64_t misalignment;
    read_bytes(calls, &misalignment, sizeof misalignment);
    size_t size = ((size_t)bytes / ALIGNMENT + 2) * ALIGNMENT;
    char *memory = aligned_alloc(ALIGNMENT, size);
    if (block_count == sizeof blocks / sizeof *blocks) {
        stop("a call has", "too many parts");
    }
    blocks[block_count++] = memory;
    memset(memory, 0xff, size);
    memory += misalignment;
    if (role != SCRATCH) {
        memset(memory, 0, (size_t)bytes);
        read_changes(memory, bytes);
    }
    if (role == OUTPUT) {
        add_output(visitor, memory, bytes, numbers);
    }
    memory -= from;
    memcpy(pointer, &memory, sizeof memory);
}

/* Callers align the stack to 16 bytes, and by chance to more: here it is moved by all that this leaves open. */
#define MOVE_STACK(which) (*(volatile char *)__builtin_alloca(16 * (size_t)((which) % 4) + 1) = 0)

#define END (-1)
#define NOT_FOR_TIER (-2)

/* Makes the next call; returns its kernel, END, or NOT_FOR_TIER if it was not made. */
static int32_t make_call(const struct library *library, const struct tier *tier, int64_t which) {
    static union {
#define MEMBER(name, ...) struct name name;
        ELEGANS_KERNELS(MEMBER)
    } arguments;
    int32_t number;
    if (fread(&number, sizeof number, 1, calls) != 1) {
        return END;
    }
    if (number < 0 || number >= KERNELS || !kinds[number].visit) {
        stop("a file of calls has", "a kernel that is not known");
    }
    const struct kind *kind = &kinds[number];
    struct visitor visitor = {.part = read_part};
    read_bytes(calls, &arguments, kind->bytes);
    kind->visit(&visitor, &arguments);
    int made = visitor.most_bytes == 0 || tier->vector_bytes <= visitor.most_bytes;
    if (made) {
        MOVE_STACK(which);
        kind->call(library, tier->number, &arguments);
    }
    int32_t result = visitor.result ? *visitor.result : 0;
    int32_t expected;
    read_bytes(calls, &expected, sizeof expected);
    int64_t bytes = 0;
    int differs = made && result != expected;
    if (differs) {
        fail(names[number], which, -1, (char *)&expected, (char *)&result, WORDS);
    }
    for (int i = 0; i < visitor.output_count; i++) {
        struct output *output = &visitor.outputs[i];
        read_changes(output->before, output->bytes);
        int64_t at = made ? difference(output->memory, output->before, output->bytes, output->numbers) : -1;
        if (at >= 0 && !differs) {
            int64_t place = at * bytes_of(output->numbers);
            fail(names[number], which, at, output->before + place, output->memory + place, output->numbers);
            differs = 1;
        }
        bytes += output->bytes;
        free(output->before);
    }
    if (spoil && made && bytes == 0) {
        failures++; /* as expected: there was nothing to spoil */
    }
    while (block_count > 0) {
        aligned_free(blocks[--block_count]);
    }
    return made ? number : NOT_FOR_TIER;
}

struct program {
    char name[64];
    int32_t floats, variables, groups, scratch, lanes;
};

typedef int32_t program_function(void *lanes, int32_t rounds);

/* A program's lanes, so many from the first on, as its function takes them. */
static void gather(const struct program *p, const double *from, int32_t first, int32_t width, char *to) {
    for (int32_t v = 0; v < p->variables; v++) {
        for (int32_t lane = 0; lane < width; lane++) {
            double value = from[v * p->lanes + first + lane];
            if (p->floats) {
                ((float *)(void *)to)[v * width + lane] = (float)value;
            } else {
                ((double *)(void *)to)[v * width + lane] = value;
            }
        }
    }
}

/* Runs the next program; returns 0 at the end. */
static int run_program(FILE *file, void *const libraries[2], const struct tier *tier, int64_t which) {
    struct program p;
    if (fread(&p, sizeof p, 1, file) != 1) {
        return 0;
    }
    size_t numbers = (size_t)p.variables * (size_t)p.lanes;
    /* Before, and after one round and two. */
    double *states[3];
    for (int i = 0; i < 3; i++) {
        states[i] = malloc(numbers * sizeof(double));
        read_bytes(file, states[i], numbers * sizeof(double));
    }
    /* Whether lanes ask for attention after them; -1 if there is one round only. */
    int32_t *asks[2];
    for (int i = 0; i < 2; i++) {
        asks[i] = malloc((size_t)p.lanes * sizeof(int32_t));
        read_bytes(file, asks[i], (size_t)p.lanes * sizeof(int32_t));
    }
    char symbol[128];
    snprintf(symbol, sizeof symbol, "%.63s_%s", p.name, tier->name);
    program_function *function = NULL;
    for (int i = 0; i < 2 && !function; i++) {
        function = (program_function *)symbol_of(libraries[i], symbol);
    }
    if (!function) {
        stop("no library has", symbol);
    }
    enum numbers kind = p.floats ? FLOATS : DOUBLES;
    int number_bytes = bytes_of(kind);
    int32_t width = p.groups * tier->vector_bytes / number_bytes;
    size_t bytes = (size_t)p.variables * (size_t)width * (size_t)number_bytes;
    size_t scratch = (size_t)p.scratch * (size_t)tier->vector_bytes;
    char *found = aligned_alloc(ALIGNMENT, ((bytes + scratch) / ALIGNMENT + 1) * ALIGNMENT);
    char *expected = malloc(bytes + 1);
    int differs = 0;
    MOVE_STACK(which);
    for (int32_t first = 0; first < p.lanes; first += width) {
        for (int32_t rounds = 1; rounds <= 2; rounds++) {
            int32_t single = asks[0][first] < 0;
            int32_t any[2] = {0, 0};
            for (int32_t lane = first; lane < first + width; lane++) {
                any[0] |= asks[0][lane] == 1;
                any[1] |= asks[1][lane] == 1;
            }
            int32_t done = single || any[0] ? 1 : rounds;
            int32_t expected_result = single ? 1 : any[done - 1] ? -done : done;
            gather(&p, states[0], first, width, found);
            gather(&p, states[done], first, width, expected);
            int32_t result = function(found, rounds);
            int64_t at = difference(found, expected, (int64_t)bytes, kind);
            if (!differs && result != expected_result) {
                differs = 1;
                fail(symbol, which, -1, (char *)&expected_result, (char *)&result, WORDS);
            } else if (!differs && at >= 0) {
                differs = 1;
                fail(symbol, which, at, expected + at * number_bytes, found + at * number_bytes, kind);
            }
        }
    }
    free(expected);
    aligned_free(found);
    for (int i = 0; i < 3; i++) {
        free(states[i]);
    }
    for (int i = 0; i < 2; i++) {
        free(asks[i]);
    }
    return 1;
}

static void check_roofline(const struct library *library, int32_t tier) {
    float data[1280];
    float expected = 0;
    for (int i = 0; i < 1280; i++) {
        data[i] = (float)(i * 7919 % 1000);
        expected += data[i]; /* exact: below 2^24 */
    }
    float sum = -1;
    if (library->roofline_read(tier, data, 1280, &sum) != ELEGANS_OK || sum != expected) {
        fail("roofline_read", 0, 0, (char *)&expected, (char *)&sum, FLOATS);
    }
    int32_t (*const counting[])(int32_t, int64_t, int64_t *) = {
        library->roofline_multiply_add, library->roofline_divide, library->roofline_gather};
    for (size_t i = 0; i < sizeof counting / sizeof *counting; i++) {
        int64_t operations = 0;
        if (counting[i](tier, 10, &operations) != ELEGANS_OK || operations <= 0) {
            fail("roofline", (int64_t)i, 0, (char *)&(int64_t){1}, (char *)&operations, WORDS);
        }
    }
}

int main(int count, char **arguments) {
    spoil = count > 1 && strcmp(arguments[1], "--spoil") == 0;
    arguments += spoil;
    count -= spoil;
    if (count != 4 && count != 6) {
        stop("usage: replay", "[--spoil] LIBRARY TIER CALLS [PROGRAMS PROGRAM_LIBRARY]");
    }
    const struct tier *tier = NULL;
    for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++) {
        tier = strcmp(tiers[i].name, arguments[2]) == 0 ? &tiers[i] : tier;
    }
    if (!tier) {
        stop("there is no tier", arguments[2]);
    }
    void *handle = loaded(arguments[1]);
    struct library library = library_of(handle);
    if (library.tier_supported(tier->number) != ELEGANS_OK) {
        stop("this processor does not run the tier", tier->name);
    }
    int64_t made[KERNELS] = {0};
    int64_t all = 0;
    calls = open_file(arguments[3]);
    for (int32_t number; (number = make_call(&library, tier, all)) != END;) {
        if (number != NOT_FOR_TIER) {
            made[number]++;
            all++;
        }
    }
    fclose(calls);
    if (!spoil) {
        check_roofline(&library, tier->number);
        made[NUMBER_OF_roofline_multiply_add] = made[NUMBER_OF_roofline_divide] = made[NUMBER_OF_roofline_gather] =
            made[NUMBER_OF_roofline_read] = 1;
    }
    int64_t programs = 0;
    if (count == 6) {
        void *const libraries[] = {handle, loaded(arguments[5])};
        FILE *file = open_file(arguments[4]);
        while (run_program(file, libraries, tier, programs)) {
            programs++;
        }
        fclose(file);
        all += programs;
    }
    printf("%s:", tier->name);
    for (int number = 0; number < KERNELS; number++) {
        printf(" %s %lld", names[number], (long long)made[number]);
    }
    printf(" programs %lld, %lld of %lld differ\n", (long long)programs, (long long)failures, (long long)all);
    if (spoil) {
        return failures == all ? 0 : 1;
    }
    for (int number = 0; number < KERNELS; number++) {
        if (made[number] == 0) {
            printf("no call of %s was recorded: describe it in calls.h\n", names[number]);
            failures++;
        }
    }
    return failures == 0 ? 0 : 1;
}
