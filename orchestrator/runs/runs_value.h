/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A run as a document, for commands, the REST interface and filters:
 *   {"entity":…,"project":…,"name":its id,"display":…,"state":…,"sweep":…,"group":…,"job_type":…,"tags":[…],
 *    "notes":…,"host":…,"program":…,"repo":…,"commit":…,"by":…,"exit_code":…,"created":…,"heartbeat":…,
 *    "ended":…,"duration":…,"rows":…}
 * Times are seconds since 1970; what is unknown is null. On request also "config" ({NAME: value}, without what wandb
 * keeps for itself) and "summary". */
#include "base/value.h"
#include "orchestrator/runs/runs_run.h"

struct runs_value_parts {
    bool config, summary;
};

NODISCARD int runs_value_make(struct runs *r, struct arena *a, const struct runs_run *run,
                              struct runs_value_parts parts, struct value **ret, struct err *err);
/* A document of the run, parsed; {} where it is malformed. */
NODISCARD int runs_value_document(struct runs *r, struct arena *a, int64_t run,
                                  enum runs_document which, struct value **ret, struct err *err);
/* {"lr":{"value":0.1,"desc":null},"_wandb":…} as {"lr":0.1}. */
struct value *runs_value_config(struct arena *a, const struct value *config);
