/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An alert as the JSON object that a program or a URL gets: docs/reference.md has its fields. Cuts texts
 * from outside, so that a message has a bounded size. Pure but for base/json.h. */
#include "base/value.h"

enum {
    ALERT_MESSAGE_TEXT = 1000, /* bytes of what is said … */
    ALERT_MESSAGE_NAME = 200,  /* … and of a name */
    ALERT_MESSAGE_AGENTS = 20, /* names of agents */
};

struct alert_message {
    const char *kind;
    const char *level;          /* "INFO", "WARN", "ERROR" */
    const char *what;           /* a sentence without its subject, or about agents */
    const char *sweep;          /* its id; NULL: about agents */
    const char *name;           /* of the sweep; NULL: it has none */
    const struct value *agents; /* a list of names; NULL: none */
    const struct value
        *ended;       /* the sweep as `besom show --json` has it, if it has ended; else NULL */
    int64_t trial;    /* its number; -1: none */
    const char *page; /* where the page is, such as "https://gpu0:8470"; NULL: nowhere */
    int64_t time_ms;
};

const char *alert_message_text(struct arena *a, const struct alert_message *m);
/* How a sweep has ended, for `what`, and the level. s: as `ended`. */
const char *alert_message_end(struct arena *a, const struct value *s, const char **ret_level);
