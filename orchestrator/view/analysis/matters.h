/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The importances of a sweep's parameters with what must be said about them: the numbers and the
 * sentences of commands, pictures and the page alike. */
#include "orchestrator/view/analysis/evidence.h"

enum { MATTERS_NOTES = 7 };

struct matters {
    enum importance_method method; /* set by the caller */
    struct importance *items;      /* the most important first; after these, those of seeds */
    size_t n;                      /* that are ranked; 0 if there are too few trials */
    size_t seeds;                  /* how many items follow: the noise between seeds, not ranked */
    const char *seeds_note;        /* the share of each in a sentence; NULL: there are none */
    size_t missing;                /* how many more trials are wanted */
    const char *too_few;           /* why there are none; NULL if there are some */
    const char *notes[MATTERS_NOTES];
    size_t notes_n;
};

/* Of a method that learns, most trials lie where results are good: the best of them differ little from all,
 * in parameters that matter, too. So a random forest is asked, which no scale of a parameter misleads; else
 * PED-ANOVA. */
enum importance_method matters_usual(const struct evidence *e);
/* Everything that it makes lives in the arena. */
void matters_find(struct matters *m, const struct evidence *e, struct arena *a);
/* Where the best values of the parameter are, in words: "lower is better", "best near 0.001",
 * "best: adamw"; NULL where the trials do not say, or the parameter may be noise. */
const char *matters_trend(const struct importance *item, const struct evidence *e, struct arena *a);
/* The document of besom importance --json (docs/cli.md): of a store, or a remote controller's. method:
 * a name of analysis/importance.h; NULL: the usual one. ERR_USAGE for another name. */
NODISCARD int matters_read(struct view *v, struct arena *a, const char *id,
                           const struct evidence_query *q, const char *method, struct value **ret,
                           struct err *err);
