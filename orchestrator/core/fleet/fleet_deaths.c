/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/fleet/fleet_deaths.h"

#include <stdio.h>
#include <string.h>

#include "protocol/log_kind.h"

/* Whether all of them failed in this sweep and with an error like this. */
static bool deaths_are_alike(const struct fleet_deaths *d, const char *sweep, const char *error)
{
    char kind[FLEET_ERRORS_CHARS];
    log_kind(kind, sizeof kind, error);
    return d->alike && strcmp(d->sweep, sweep) == 0 && strcmp(d->kind, kind) == 0;
}

void fleet_deaths_note(struct fleet_deaths *d, const char *sweep, uint64_t trial, const char *error)
{
    if (d->n == 0) {
        d->alike = error != NULL;
        snprintf(d->sweep, sizeof d->sweep, "%s", sweep);
        log_kind(d->kind, sizeof d->kind, error ? error : "");
    }
    d->alike = error && deaths_are_alike(d, sweep, error);
    if (d->n == FLEET_DEATHS_MAX)
        memmove(d->last, d->last + 1, --d->n * sizeof *d->last);
    struct fleet_death *one = &d->last[d->n++];
    snprintf(one->sweep, sizeof one->sweep, "%s", sweep);
    one->trial = trial;
}

const char *fleet_deaths_before(const struct fleet_deaths *d, struct arena *a)
{
    const char *text = "";
    for (uint32_t i = 0; i + 1 < d->n; i++)
        text = arena_printf(a, "%s%s%s-%llu", text, i ? ", " : ", after ", d->last[i].sweep,
                            (unsigned long long)d->last[i].trial);
    return text;
}
