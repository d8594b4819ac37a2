/* The interpreter of tape.h for one length of registers: RUN_BYTES. Included once for each. */
static inline int JOIN(any_lane, RUN_BYTES)(const NUMBER *place) {
    int any = 0;
    EACH_VECTOR { any |= ANY(LOADED_MASK(LOAD(place + lane))); }
    return any;
}

static void JOIN(run, RUN_BYTES)(struct elegans_tape *tape, int32_t rounds) {
    /* Masks are never constants; AND and OR of masks are those of their bits. */
    static const void *const labels[] = {
        LABELS1(VARIABLE) LABELS2(ADD) LABELS2(SUB) LABELS2(MUL) LABELS2(DIV) LABELS3(FMA) LABELS1(NEG) LABELS1(ABS)
        LABELS1(SQRT) LABELS2(MIN) LABELS2(MAX) LABEL(SELECT, RRR, 0) LABEL(SELECT, RKR, 2) LABEL(SELECT, RRK, 4)
        LABEL(SELECT, RKK, 6) LABELS2(BITS_ADD) LABELS2(BITS_SUB) LABELS2(BITS_AND) LABELS2(BITS_OR) LABELS2(BITS_XOR)
        LABEL(SHIFT_LEFT, R, 0) LABEL(SHIFT_RIGHT, R, 0) LABELS2(LESS) LABELS2(LESS_EQUAL) LABELS2(EQUAL)
        [8 * ELEGANS_AND] = &&BITS_AND_RR, [8 * ELEGANS_OR] = &&BITS_OR_RR, LABEL(NOT, R, 0)
        [8 * ELEGANS_END] = &&END,
    };
    NUMBER *const restrict registers = tape->registers;
    const NUMBER *const restrict constants = tape->constants;
    const struct elegans_instruction *at = tape->instructions;
    int32_t done = 0;
    goto *labels[at->code];

    ALL1(VARIABLE, a)
    ALL2(ADD, ADD(a, b))
    ALL2(SUB, SUB(a, b))
    ALL2(MUL, MUL(a, b))
    ALL2(DIV, DIV(a, b))
    ALL3(FMA, FMA(a, b, c))
    ALL1(NEG, NEG(a))
    ALL1(ABS, ABS(a))
    ALL1(SQRT, SQRT(a))
    ALL2(MIN, MIN(a, b))
    ALL2(MAX, MAX(a, b))
    RUN3(SELECT, R, R, R, SELECT(LOADED_MASK(a), b, c))
    RUN3(SELECT, R, K, R, SELECT(LOADED_MASK(a), b, c))
    RUN3(SELECT, R, R, K, SELECT(LOADED_MASK(a), b, c))
    RUN3(SELECT, R, K, K, SELECT(LOADED_MASK(a), b, c))
    ALL2(BITS_ADD, OF_BITS(BITS_ADD))
    ALL2(BITS_SUB, OF_BITS(BITS_SUB))
    ALL2(BITS_AND, OF_BITS(BITS_AND))
    ALL2(BITS_OR, OF_BITS(BITS_OR))
    ALL2(BITS_XOR, OF_BITS(BITS_XOR))
    RUN_SHIFT(SHIFT_LEFT, SHIFT_LEFT_BY)
    RUN_SHIFT(SHIFT_RIGHT, SHIFT_RIGHT_BY)
    ALL2(LESS, STORED_MASK(LESS(a, b)))
    ALL2(LESS_EQUAL, STORED_MASK(LESS_EQUAL(a, b)))
    ALL2(EQUAL, STORED_MASK(EQUAL(a, b)))
    RUN1(NOT, R, STORED_MASK(NOT(LOADED_MASK(a))))

END:
    done++;
    if (tape->attention >= 0) {
        if (JOIN(any_lane, RUN_BYTES)(registers + tape->attention)) {
            done = -done;
        } else if (done < rounds) {
            at = tape->instructions;
            goto *labels[at->code];
        }
    }
    tape->done = done;
}
