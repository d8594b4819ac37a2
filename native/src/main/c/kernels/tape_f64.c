/* Tapes of doubles: tape.h. */
#define FLOATS 0
#include "tape.h"
