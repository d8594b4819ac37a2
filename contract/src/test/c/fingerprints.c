/* Prints fingerprints.txt: numbers for all the bits that each float32 function gives, as Fingerprint.java describes
 * them. It renders the definitions independently of the Java sources; functions.c is where they were first written down.
 *
 *   gcc -O3 -march=native -ffp-contract=off -fno-math-errno -fno-trapping-math fingerprints.c -o fingerprints
 *   ./fingerprints > ../../main/resources/io/github/elegans/contract/fingerprints.txt
 */
#define NO_MAIN
#include "../../../../java-api/src/test/c/functions.c"

#include <stdio.h>

enum { BLOCK = 65536 };

static const uint64_t INFINITE = 0x7f800000u;
static const uint32_t NOT_A_NUMBER = 0x7fc00000u;
static const uint32_t SIGN = 0x80000000u;

typedef void (*function)(const float *restrict x, float *restrict y);

#define ARRAY(name)                                                                        \
    __attribute__((noinline)) static void array_##name(const float *restrict x,           \
                                                       float *restrict y)                 \
    {                                                                                      \
        for (int i = 0; i < BLOCK; i++)                                                    \
            y[i] = name(x[i]);                                                             \
    }

SI float linear(float x) { return x; }
SI float relu(float x) { return x < 0.0f ? 0.0f : x; }

ARRAY(linear)
ARRAY(relu)
ARRAY(exp_a)
ARRAY(exp_e)
ARRAY(tanh_f)
ARRAY(tanh_a)
ARRAY(tanh_e)
ARRAY(lecun_tanh_f)
ARRAY(lecun_tanh_a)
ARRAY(lecun_tanh_e)
ARRAY(sigmoid_f)
ARRAY(sigmoid_a)
ARRAY(sigmoid_e)
ARRAY(silu_f_alt)
ARRAY(silu_a)
ARRAY(silu_e)
ARRAY(gelu_f)
ARRAY(gelu_a)
ARRAY(gelu_e)
ARRAY(gelu_tanh_f)
ARRAY(gelu_tanh_a)
ARRAY(gelu_tanh_e)
ARRAY(softplus_f)
ARRAY(softplus_a)
ARRAY(softplus_e)

static uint64_t fingerprint(function f, uint64_t stride)
{
    static float x[BLOCK], y[BLOCK];
    uint64_t hash = 1469598103934665603u;
    for (int half = 0; half < 2; half++) {
        uint32_t sign = half ? SIGN : 0;
        for (uint64_t first = 0; first * stride <= INFINITE; first += BLOCK) {
            for (uint64_t i = 0; i < BLOCK; i++) {
                uint64_t bits = (first + i) * stride;
                x[i] = bitsf((bits > INFINITE ? NOT_A_NUMBER : (uint32_t)bits) | sign);
            }
            f(x, y);
            uint64_t sum = 0;
            for (uint64_t i = 0; i < BLOCK; i++) {
                uint32_t bits = fbits(y[i]);
                if ((bits & ~SIGN) > INFINITE)
                    bits = NOT_A_NUMBER;
                sum += bits * (0x9E3779B97F4A7C15u + 2 * i);
            }
            hash = (hash ^ sum) * 1099511628211u;
        }
    }
    return hash;
}

int main(void)
{
    static const struct {
        const char *name;
        function fast, accurate, exact;
    } functions[] = {
        {"linear", array_linear, array_linear, array_linear},
        {"exp", array_exp_a, array_exp_a, array_exp_e},
        {"tanh", array_tanh_f, array_tanh_a, array_tanh_e},
        {"lecun_tanh", array_lecun_tanh_f, array_lecun_tanh_a, array_lecun_tanh_e},
        {"sigmoid", array_sigmoid_f, array_sigmoid_a, array_sigmoid_e},
        {"relu", array_relu, array_relu, array_relu},
        {"silu", array_silu_f_alt, array_silu_a, array_silu_e},
        {"gelu", array_gelu_f, array_gelu_a, array_gelu_e},
        {"gelu_tanh", array_gelu_tanh_f, array_gelu_tanh_a, array_gelu_tanh_e},
        {"softplus", array_softplus_f, array_softplus_a, array_softplus_e},
    };
    static const char *const tiers[] = {"fast", "accurate", "exact"};
    puts("# function tier: fingerprint of all float32 arguments, of every 509th, of every 1000003rd bit pattern");
    puts("# Written by src/test/c/fingerprints.c.");
    for (unsigned i = 0; i < sizeof functions / sizeof functions[0]; i++)
        for (int tier = 0; tier < 3; tier++) {
            function f = tier == 0 ? functions[i].fast
                         : tier == 1 ? functions[i].accurate
                                     : functions[i].exact;
            printf("%s %s %016llx %016llx %016llx\n", functions[i].name, tiers[tier],
                   (unsigned long long)fingerprint(f, 1),
                   (unsigned long long)fingerprint(f, 509),
                   (unsigned long long)fingerprint(f, 1000003));
            fflush(stdout);
        }
}
