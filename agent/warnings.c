/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/warnings.h"

#include <inttypes.h>
#include <string.h>

#include "net/log.h"

enum { WARNINGS_MAX = 64 };

void warnings_init(struct warnings *w, void (*warned)(void *arg, const char *text), void *arg)
{
    *w = (struct warnings){.warned = warned, .arg = arg};
    map_init(&w->said);
}

void warnings_done(struct warnings *w)
{
    map_done(&w->said);
}

void warnings_error(struct warnings *w, const struct err *err)
{
    size_t len = strlen(err->text);
    if (w->said.live >= WARNINGS_MAX || map_find(&w->said, err->text, len))
        return;
    map_put(&w->said, err->text, len, w);
    LOG(LOG_INFO, "agent.warning", log_text("error", err->text));
    w->warned(w->arg, err->text);
}

void warnings_trial(struct warnings *w, const struct agent_key *key, const char *what)
{
    size_t len = strlen(what);
    struct buf text;
    if (map_find(&w->said, what, len))
        return;
    map_put(&w->said, what, len, w);
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "trial %s-%" PRIu64 ": %s", key->sweep, key->trial, what);
    w->warned(w->arg, buf_str(&text));
    buf_done(&text);
}
