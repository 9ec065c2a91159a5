/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What trials that failed for one cause have in common: a value of a parameter with which most trials fail so,
 * and without which hardly any do. Counts trials that have ended, as many as its caller adds; keeps none of them. Pure. */
#include "base/map.h"
#include "orchestrator/view/pace/causes.h"

enum {
    SUSPECT_VALUES = 64
}; /* of a parameter; one with more, such as a learning rate, is left out */

struct suspect {
    struct arena arena;
    struct map parameters; /* name -> struct suspect_parameter * */
    uint64_t ended, failed[CAUSES_MAX];
    bool newest; /* earlier trials have ended, too, and were not added: the text says it */
};

/* Of `with` trials that have the value, with_failed failed so; of `without` others, without_failed. */
struct suspect_finding {
    const char *name;
    const struct value *value;
    enum {
        SUSPECT_IS,
        SUSPECT_FROM,
        SUSPECT_UP_TO
    } how; /* it is the value, or larger, or smaller */
    uint64_t with, with_failed, without, without_failed;
    bool newest;
};

void suspect_init(struct suspect *t);
void suspect_done(struct suspect *t);
/* A trial has ended, with these parameters. cause: the place of its cause in causes; -1: it did not fail, or
 * for a cause that is not among them. */
void suspect_add(struct suspect *t, const struct value *params, int cause);
/* The clearest one that a trial with these parameters has. False: none is beyond chance. */
bool suspect_find(const struct suspect *t, const struct value *params, int cause,
                  struct suspect_finding *ret);
/* "batch=512", "batch≥512" */
const char *suspect_name(struct arena *a, const struct suspect_finding *f);
/* "batch=512: 6 of 7 trials with it failed this way, 0 of 40 without", or
 * "batch=512: of the newest 47 trials, 6 of 7 with it failed this way, 0 of 40 without"; did: "failed", what
 * they did. */
const char *suspect_text(struct arena *a, const struct suspect_finding *f, const char *did);
