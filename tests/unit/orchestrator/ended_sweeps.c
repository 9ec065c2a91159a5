/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/orchestrator/ended_sweeps.h"

#include <string.h>

#include "base/json.h"
#include "tests/test.h"

static int fact_put(struct store *s, struct books *b, struct fact f, struct err *err)
{
    f.seq = b->seq + 1;
    f.time_ms = 1700000000000 + (int64_t)f.seq;
    ASSERT_EQ(books_apply(b, &f, NULL), 0);
    return store_append(s, &f, err);
}

static int trial_step(struct store *s, struct books *b, const char *sweep, uint64_t trial,
                      enum fact_kind kind, struct arena *a, struct err *err)
{
    static const char lines[] = "{\"loss\":1}\n{\"loss\":2,\"acc\":0.5}\n";
    struct fact f = {.kind = kind,
                     .sweep = sweep,
                     .trial = trial,
                     .attempt = 1,
                     .agent = "box",
                     .state = TRIAL_FINISHED,
                     .reason = REASON_OK,
                     .params = value_dict(a)};
    if (kind == FACT_METRICS) {
        f.to = strlen(lines);
        points_parse(a, lines, strlen(lines), 0, NULL, &f.next_step, &f.points);
    }
    return fact_put(s, b, f, err);
}

int ended_sweeps_add(struct store *s, struct books *b, char first, size_t n, struct err *err)
{
    static const char spec[] = "{\"method\":\"random\",\"program\":\"t\",\"parameters\":{\"x\":{"
                               "\"min\":0.0,\"max\":1.0}}}";
    static const enum fact_kind steps[] = {FACT_PROPOSED, FACT_LAUNCHED, FACT_METRICS, FACT_ENDED};
    struct arena a;
    struct value *content;
    int rc = 0;
    arena_init(&a);
    ASSERT_EQ(json_parse(&a, spec, strlen(spec), &content, NULL), 0);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = fact_put(s, b,
                      (struct fact){.kind = FACT_SWEEP_CREATED,
                                    .sweep = (char[]){(char)(first + (int)i), '\0'},
                                    .path = "/p",
                                    .workdir = "/",
                                    .content = content},
                      err);
    for (uint64_t trial = 0; trial < ENDED_SWEEPS_TRIALS; trial++)
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
            for (size_t i = 0; rc == 0 && i < n; i++)
                rc = trial_step(s, b, (char[]){(char)(first + (int)i), '\0'}, trial, steps[k], &a,
                                err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = fact_put(s, b,
                      (struct fact){.kind = FACT_SWEEP_STATE,
                                    .sweep = (char[]){(char)(first + (int)i), '\0'},
                                    .state = SWEEP_FINISHED},
                      err);
    if (rc == 0)
        rc = store_commit(s, b, err);
    books_sweep_out(b);
    arena_done(&a);
    return rc;
}
