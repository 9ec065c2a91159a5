/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/fleet/fleet_errors.h"

#include <stdio.h>
#include <string.h>

#include "protocol/log_kind.h"

static bool error_is(const struct fleet_error *error, const char *sweep, const char *kind)
{
    return strcmp(error->sweep, sweep) == 0 && strcmp(error->kind, kind) == 0;
}

void fleet_errors_note(struct fleet_errors *e, const char *sweep, const char *agent,
                       const char *text, uint64_t well)
{
    char kind[FLEET_ERRORS_CHARS];
    log_kind(kind, sizeof kind, text);
    struct fleet_error *error = NULL;
    for (uint32_t i = 0; i < e->n && !error; i++)
        if (error_is(&e->items[i], sweep, kind) && strcmp(e->items[i].agent, agent) == 0)
            error = &e->items[i];
    if (!error) {
        error = &e->items[e->next];
        e->next = (e->next + 1) % FLEET_ERRORS_MAX;
        e->n += e->n < FLEET_ERRORS_MAX;
    }
    snprintf(error->sweep, sizeof error->sweep, "%s", sweep);
    snprintf(error->agent, sizeof error->agent, "%s", agent);
    memcpy(error->kind, kind, sizeof kind);
    error->well = well;
}

bool fleet_errors_elsewhere(const struct fleet_errors *e, const char *sweep, const char *agent,
                            const char *text, uint64_t well)
{
    char kind[FLEET_ERRORS_CHARS];
    log_kind(kind, sizeof kind, text);
    for (uint32_t i = 0; i < e->n; i++)
        if (error_is(&e->items[i], sweep, kind) && strcmp(e->items[i].agent, agent) != 0 &&
            well < e->items[i].well + FLEET_ERRORS_WELL)
            return true;
    return false;
}
