/* shape.h - the journal's note of what a run is made of: parameters, tasks, what they ask for, what they wait for. */
#ifndef WEFT_RUNTIME_SHAPE_H
#define WEFT_RUNTIME_SHAPE_H

#include "runtime/driver.h"

enum { SHAPE_TASKS = 5000 /* nobody looks at a picture of more */ };

/* Behind the run's begin.  Secrets are named, their values blotted out. */
void shape_record(struct run *r);

#endif
