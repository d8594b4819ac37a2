/* Counter-based random numbers: ScalarRandom.java, on as many counters as lanes. */
#include "elementwise.h"
#include "kernels.h"

#define WORDS 4

/* Adds, rotates and mixes two pairs of words. */
#define MIX(a, b, c, d, first, second)                                                                                 \
    a = vi_add(a, b);                                                                                                  \
    b = vi_xor(vi_rotate(b, first), a);                                                                                \
    c = vi_add(c, d);                                                                                                  \
    d = vi_xor(vi_rotate(d, second), c);

/* Two rounds, the second one crosswise. */
#define ROUNDS(first, second, third, fourth)                                                                           \
    MIX(x0, x1, x2, x3, first, second)                                                                                 \
    MIX(x0, x3, x2, x1, third, fourth)

#define EVEN_ROUNDS                                                                                                    \
    ROUNDS(10, 26, 11, 21)                                                                                             \
    ROUNDS(13, 27, 23, 5)

#define ODD_ROUNDS                                                                                                     \
    ROUNDS(6, 20, 17, 11)                                                                                              \
    ROUNDS(25, 10, 18, 20)

#define INJECT(a, b, c, d, number)                                                                                     \
    x0 = vi_add(x0, key[a]);                                                                                           \
    x1 = vi_add(x1, key[b]);                                                                                           \
    x2 = vi_add(x2, key[c]);                                                                                           \
    x3 = vi_add(vi_add(x3, key[d]), vi_set(number));

/* The words of LANES counters from one on: words[WORDS i + k]. */
INLINE void words_of(const vi *key, uint32_t first, int32_t counter1, int32_t counter2, int32_t counter3,
                     void *words) {
    float lanes[LANES];
    for (uint32_t i = 0; i < LANES; i++) {
        uint32_t lane = first + i;
        memcpy(lanes + i, &lane, sizeof lane);
    }
    vi x0 = vi_add(vi_load(lanes), key[0]);
    vi x1 = vi_add(vi_set(counter1), key[1]);
    vi x2 = vi_add(vi_set(counter2), key[2]);
    vi x3 = vi_add(vi_set(counter3), key[3]);
    EVEN_ROUNDS
    INJECT(1, 2, 3, 4, 1)
    ODD_ROUNDS
    INJECT(2, 3, 4, 0, 2)
    EVEN_ROUNDS
    INJECT(3, 4, 0, 1, 3)
    ODD_ROUNDS
    INJECT(4, 0, 1, 2, 4)
    EVEN_ROUNDS
    INJECT(0, 1, 2, 3, 5)
    float by_word[WORDS][LANES];
    vf_store(by_word[0], vi_float(x0));
    vf_store(by_word[1], vi_float(x1));
    vf_store(by_word[2], vi_float(x2));
    vf_store(by_word[3], vi_float(x3));
    for (int i = 0; i < LANES; i++) {
        for (int k = 0; k < WORDS; k++) {
            memcpy((char *)words + (WORDS * i + k) * (int)sizeof(int32_t), &by_word[k][i], sizeof(int32_t));
        }
    }
}

INLINE void set_key(vi *key, int32_t key0, int32_t key1, int32_t key2, int32_t key3) {
    key[0] = vi_set(key0);
    key[1] = vi_set(key1);
    key[2] = vi_set(key2);
    key[3] = vi_set(key3);
    key[4] = vi_set(0x1BD11BDA ^ key0 ^ key1 ^ key2 ^ key3);
}

int32_t TIERED(threefry)(int32_t key0, int32_t key1, int32_t key2, int32_t key3, int32_t first, int32_t counter1,
                         int32_t counter2, int32_t counter3, int32_t *words, int32_t n) {
    REQUIRE(n >= 0)
    vi key[5];
    set_key(key, key0, key1, key2, key3);
    for (int64_t i = 0; i < n; i += LANES) {
        uint32_t counter = (uint32_t)first + (uint32_t)i;
        if (n - i >= LANES) {
            words_of(key, counter, counter1, counter2, counter3, words + WORDS * i);
        } else {
            int32_t rest[WORDS * LANES];
            words_of(key, counter, counter1, counter2, counter3, rest);
            memcpy(words + WORDS * i, rest, (size_t)(n - i) * WORDS * sizeof *words);
        }
    }
    return ELEGANS_OK;
}

/* x scale where word >= limit, both unsigned, and else 0. */
INLINE vf kept(vf x, vi word, vi limit, vf scale) {
    vi inverse = vi_xor(word, vi_set(-1));
    vi borrow = vi_or(vi_and(inverse, limit), vi_and(vi_or(inverse, limit), vi_sub(word, limit)));
    vi keep = vi_xor(vi_sar(borrow, 31), vi_set(-1));
    return vi_float(vi_and(vf_bits(vf_mul(x, scale)), keep));
}

int32_t TIERED(dropout_f32)(int64_t seed, int32_t update, int32_t layer, double probability, float *x, int64_t stride,
                            int32_t units, int32_t rows, const int32_t *steps, const int32_t *samples) {
    REQUIRE(probability >= 0 && probability < 1 && units >= 0 && rows >= 0)
    int64_t width = ((int64_t)units + ELEGANS_BLOCK - 1) / ELEGANS_BLOCK * ELEGANS_BLOCK;
    vi key[5];
    set_key(key, (int32_t)(uint32_t)(uint64_t)seed, (int32_t)(uint32_t)((uint64_t)seed >> 32), 1, update);
    vi limit = vi_set((int32_t)(uint32_t)(probability * 0x1p32));
    vf scale = vf_set((float)(1 / (1 - probability)));
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t unit = 0; unit < width; unit += WORDS * LANES) {
            float words[WORDS * LANES]; /* their bits */
            words_of(key, (uint32_t)(unit / WORDS), steps[row], samples[row], layer, words);
            float *at = x + row * stride + unit;
            for (int64_t i = 0; i < WORDS * LANES && unit + i < width; i += LANES) {
                vi word = vi_load(words + i);
                vf_store(at + i, kept(vf_load(at + i), word, limit, scale));
            }
        }
    }
    return ELEGANS_OK;
}
