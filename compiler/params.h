/* params.h - values of parameters: --set, parameter file, environment, arguments of a use, default; and their rules. */
#ifndef WEFT_COMPILER_PARAMS_H
#define WEFT_COMPILER_PARAMS_H

#include "compiler/lower.h"

/* Match what was given from outside with the main file's parameters: E0801 and W0801 for names it does not have. */
void params_begin(struct lower *L);
/* Likewise the arguments of the use that made the current scope: E0210. */
void params_enter(struct lower *L);
/* The value: constant, or a reference handed in by a use.  V_BAD after diagnostics. */
struct val param_value(struct lower *L, const struct sym *s);
/* Hand the main file's parameters and secrets to the job. */
void params_end(struct lower *L);

#endif
