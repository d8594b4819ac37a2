/* Tapes of floats: tape.h. */
#define FLOATS 1
#include "tape.h"
