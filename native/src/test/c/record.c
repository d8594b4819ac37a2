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

static void sign_part(struct visitor *visitor, void *pointer, int64_t from, int64_t bytes, enum numbers numbers,
                      int role) {
    (void)pointer, (void)from, (void)numbers;
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

static void write_part(struct visitor *visitor, void *pointer, int64_t from, int64_t bytes, enum numbers numbers,
                       int role) {
    char *memory;
    memcpy(&memory, pointer, sizeof memory);
    memory += from;
    uint64_t misalignment = (uintptr_t)memory % ALIGNMENT;
    write_bytes(&misalignment, sizeof misalignment);
    if (role != SCRATCH) {
        write_changes(NULL, memory, bytes);
    }
    if (role == OUTPUT) {
        add_output(visitor, memory, bytes, numbers);
    }
}

/* Makes a call, which is recorded or not. */
static void make(int32_t number, int32_t tier, void *arguments) {
    const struct kind *kind = &kinds[number];
    if (!kind->visit) {
        kind->call(&library, tier, arguments);
        return;
    }
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
        kind->call(&library, tier, arguments);
        int32_t result = visitor.result ? *visitor.result : 0;
        write_bytes(&result, sizeof result);
        for (int i = 0; i < visitor.output_count; i++) {
            write_changes(visitor.outputs[i].before, visitor.outputs[i].memory, visitor.outputs[i].bytes);
            free(visitor.outputs[i].before);
        }
    }
    pthread_mutex_unlock(&mutex);
}

EXPORT int32_t elegans_abi_version(void) { return ELEGANS_ABI_VERSION; }

EXPORT int32_t elegans_tier_supported(int32_t tier) { return library.tier_supported(tier); }

#define RECORD(name, ...)                                                                                              \
    EXPORT int32_t elegans_##name(int32_t tier, ELEGANS_PARAMETERS(__VA_ARGS__)) {                                     \
        struct name arguments = {ELEGANS_ARGUMENTS(__VA_ARGS__)};                                                      \
        make(NUMBER_OF_##name, tier, &arguments);                                                                      \
        return ELEGANS_OK;                                                                                             \
    }
ELEGANS_KERNELS(RECORD)
