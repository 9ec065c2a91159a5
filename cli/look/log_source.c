/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/look/log_source.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bytes/base64.h"
#include "cli/remote/remote_ask.h"
#include "cli/steer/steer_live.h"

enum { BUSY_TRIES = 50, BUSY_WAIT_MS = 200 };

void log_source_init(struct log_source *s, struct remote *remote, const char *store,
                     const struct agent_key *key, const char *agent)
{
    *s = (struct log_source){.remote = remote, .store = store, .key = *key};
    snprintf(s->agent, sizeof s->agent, "%s", agent);
}

static struct value *source_request(const struct log_source *s,
                                    const struct attempt_log_query *query, struct arena *a)
{
    static const uint64_t most = (uint64_t)1 << 53; /* the largest number that is sent */
    struct value *v = value_dict(a);
    value_put(a, v, "op", value_str(a, "log"));
    value_put(a, v, "agent", value_str(a, s->agent));
    value_put(a, v, "sweep", value_str(a, s->key.sweep));
    value_put(a, v, "trial", value_int(a, (int64_t)s->key.trial));
    value_put(a, v, "attempt", value_int(a, (int64_t)s->key.attempt));
    value_put(a, v, "from", value_int(a, (int64_t)query->from));
    value_put(a, v, "lines", value_int(a, (int64_t)(query->lines < most ? query->lines : most)));
    value_put(a, v, "max", value_int(a, (int64_t)query->max));
    return v;
}

static int answer_take(const struct value *answer, struct buf *out, struct attempt_log_piece *ret,
                       struct err *err)
{
    const char *bytes = value_get_str(answer, "bytes", NULL);
    size_t before = out->len;
    int64_t from = value_get_int(answer, "from", -1), to = value_get_int(answer, "to", -1);
    *ret = (struct attempt_log_piece){(uint64_t)from, (uint64_t)to,
                                      value_get_bool(answer, "end", false)};
    if (bytes && from >= 0 && to >= from && base64_parse(out, bytes, strlen(bytes)) &&
        (uint64_t)(to - from) == out->len - before)
        return 0;
    return err_set(err, ERR_PROTOCOL, "the agent sent a malformed piece of the log");
}

static int source_ask(const struct log_source *s, const struct attempt_log_query *query,
                      struct buf *out, struct attempt_log_piece *ret, bool *ret_nobody,
                      struct err *err)
{
    struct arena a;
    struct value *answer;
    arena_init(&a);
    const struct value *request = source_request(s, query, &a);
    int rc = s->remote ? remote_ask(s->remote, request, &a, &answer, err)
                       : steer_live_ask(s->store, request, &a, &answer, ret_nobody, err);
    if (rc == 0 && !*ret_nobody)
        rc = answer_take(answer, out, ret, err);
    arena_done(&a);
    return rc;
}

int log_source_read(struct log_source *s, const struct attempt_log_query *query, struct buf *out,
                    struct attempt_log_piece *ret, struct err *err)
{
    bool nobody = false;
    int rc = s->from_files ? 0 : source_ask(s, query, out, ret, &nobody, err);
    /* A controller takes a few questions about logs at once from each credential. */
    for (int tries = 0; rc == ERR_BUSY && tries < BUSY_TRIES; tries++) {
        nanosleep(&(struct timespec){.tv_nsec = BUSY_WAIT_MS * 1000000L}, NULL);
        *err = (struct err){0};
        rc = source_ask(s, query, out, ret, &nobody, err);
    }
    if (s->from_files || nobody)
        return attempt_log_read(s->store, &s->key, query, out, ret, err);
    if ((rc != ERR_UNREACHABLE && rc != ERR_PERMISSION) || s->remote)
        return rc;
    /* If the agent runs on this machine, its log can be read without the controller. */
    struct err none = {0};
    if (attempt_log_read(s->store, &s->key, query, out, ret, &none) != 0)
        return rc;
    s->from_files = true;
    return 0;
}
