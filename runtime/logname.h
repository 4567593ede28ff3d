/* logname.h - what an attempt's directory and streams are called, for those who write them and those who look later. */
#ifndef WEFT_RUNTIME_LOGNAME_H
#define WEFT_RUNTIME_LOGNAME_H

#include "base/arena.h"

/* "align.3.1": the directory of an attempt below RUNDIR/work.  A task's name that is no harmless file name is hashed. */
const char *log_workdir(struct arena *a, const char *task, int64_t instance, uint32_t attempt);
/* "stdout.JOB.align.3": the last attempt's stream, as the service names it. */
const char *log_name(struct arena *a, const char *stream, const char *job, const char *task, int64_t instance);
/* What NAME becomes when a later attempt begins: "NAME.attempt-1". */
const char *log_earlier(struct arena *a, const char *name, uint32_t attempt);
/* The id that is in the names of RUNDIR/logs; NULL when there are none (errno 0) or with errno. */
const char *log_job(struct arena *a, const char *logs);

#endif
