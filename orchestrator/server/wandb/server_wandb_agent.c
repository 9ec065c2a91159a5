/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/wandb/server_wandb_agent.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "orchestrator/core/books.h"
#include "orchestrator/server/reply/server_reply.h"
#include "orchestrator/server/wandb/server_wandb.h"
#include "orchestrator/view/view.h"

#define ROOT "/agent/v1/wandb/"
enum { RUN_BYTES = 64, KNOWN_MAX = 4096 };

/* Attempts of trials that have ended: the books do not hold them any longer. */
struct server_wandb_agent {
    struct view *view; /* NULL before the first question */
    struct map known;  /* AGENT/SWEEP-TRIAL-ATTEMPT -> not NULL: it may write */
};

struct attempt {
    char sweep[16];
    uint64_t trial, number;
    const char *path; /* what follows it */
};

enum judgement { MAY_WRITE, MUST_WAIT, IS_LATE, IS_FOREIGN };

static bool number_read(const char **at, uint64_t *ret)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    *ret = strtoull(*at, &end, 10);
    bool good = *end == '/' && end - *at < 18;
    *at = end + good;
    return good;
}

static bool attempt_read(const char *path, struct attempt *ret)
{
    const char *at = path + strlen(ROOT);
    size_t len = strcspn(at, "/");
    if (len == 0 || len >= sizeof ret->sweep || at[len] != '/')
        return false;
    *ret = (struct attempt){0};
    memcpy(ret->sweep, at, len);
    at += len + 1;
    bool good = number_read(&at, &ret->trial) && number_read(&at, &ret->number);
    ret->path = at - 1;
    return good;
}

static enum judgement open_judge(const struct book_trial *t, const struct attempt *a,
                                 const char *agent)
{
    for (size_t i = 0; i < t->asides_n; i++)
        if (t->asides[i].attempt.number == a->number)
            return strcmp(t->asides[i].attempt.agent, agent) == 0 ? MUST_WAIT : IS_FOREIGN;
    if (t->attempt.number == a->number)
        return strcmp(t->attempt.agent, agent) == 0 ? MAY_WRITE : IS_FOREIGN;
    return a->number < t->attempts ? IS_LATE : IS_FOREIGN;
}

/* A later attempt counts in its place, unless that was dropped. */
static enum judgement ended_judge(const struct value *attempts, const struct attempt *a,
                                  const char *agent)
{
    enum judgement j = IS_FOREIGN;
    for (size_t i = 0; attempts && attempts->kind == VALUE_LIST && i < attempts->list.n; i++) {
        const struct value *v = attempts->list.items[i];
        uint64_t number = (uint64_t)value_get_int(v, "attempt", 0);
        bool counts = !value_get_bool(v, "superseded", false);
        if (number == a->number && strcmp(value_get_str(v, "agent", ""), agent) == 0)
            j = counts ? MAY_WRITE : IS_LATE;
        else if (number > a->number && j == MAY_WRITE && counts)
            j = IS_LATE;
    }
    return j;
}

static enum judgement stored_judge(struct server *s, const struct attempt *at, const char *agent)
{
    struct server_wandb_agent *w = s->wandb_agent;
    struct value *trial = NULL;
    struct err err = {0};
    struct arena a;
    arena_init(&a);
    const char *key =
        arena_printf(&a, "%s/%s-%" PRIu64 "-%" PRIu64, agent, at->sweep, at->trial, at->number);
    enum judgement j = map_find(&w->known, key, strlen(key)) ? MAY_WRITE : IS_FOREIGN;
    int rc = j == MAY_WRITE || w->view ? 0 : view_open(s->config.dir, &w->view, &err);
    if (rc == 0 && j != MAY_WRITE) {
        rc = view_trial(w->view, &a, at->sweep, at->trial, &trial, &err);
        j = rc == 0 ? ended_judge(value_get(trial, "attempts_list"), at, agent) : IS_FOREIGN;
        if (j == MAY_WRITE && w->known.live < KNOWN_MAX)
            map_put(&w->known, key, strlen(key), w);
    }
    arena_done(&a);
    return rc != 0 && rc != ERR_NOT_FOUND ? MUST_WAIT : j;
}

static enum judgement attempt_judge(struct server *s, const struct attempt *a, const char *agent)
{
    const struct books *books = driver_books(s->config.driver);
    const struct book_sweep *sweep = books_sweep(books, a->sweep);
    const struct book_trial *t = sweep ? books_trial(sweep, a->trial) : NULL;
    return t ? open_judge(t, a, agent) : stored_judge(s, a, agent);
}

void server_wandb_agent_answer(struct server *s, const struct server_request *r)
{
    static const struct {
        int status, code;
        const char *text;
    } refusals[] = {[MUST_WAIT] = {503, ERR_BUSY, "another attempt of the trial may count"},
                    [IS_LATE] = {410, ERR_STATE, "a later attempt of the trial counts"},
                    [IS_FOREIGN] = {403, ERR_PERMISSION, "the agent has no such attempt"}};
    struct attempt a;
    char run[RUN_BYTES];
    if (!s->wandb_agent) {
        s->wandb_agent = mem_alloc(sizeof *s->wandb_agent);
        map_init(&s->wandb_agent->known);
    }
    bool known = attempt_read(r->http->head->path, &a);
    enum judgement j = known ? attempt_judge(s, &a, r->agent) : IS_FOREIGN;
    if (j != MAY_WRITE) {
        server_reply_error(s, r->http->id, refusals[j].status, refusals[j].code, refusals[j].text);
        return;
    }
    snprintf(run, sizeof run, "%s-%" PRIu64, a.sweep, a.trial);
    const char *base = http_head_find(r->http->head, "besom-base");
    const struct wandb_ask ask = {.verb = WANDB_POST,
                                  .path = a.path,
                                  .query = r->http->head->query,
                                  .body = r->http->body,
                                  .len = r->http->body_len,
                                  .base = base ? base : "",
                                  .by = r->by,
                                  .writes = true,
                                  .run = run};
    server_wandb_ask(s, r, &ask);
}

void server_wandb_agent_free(struct server *s)
{
    if (!s->wandb_agent)
        return;
    view_close(s->wandb_agent->view);
    map_done(&s->wandb_agent->known);
    mem_free(s->wandb_agent);
}
