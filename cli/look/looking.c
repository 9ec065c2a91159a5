/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/look/looking.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/launch/launch.h"
#include "base/json.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/remote/remote.h"
#include "cli/remote/remote_ask.h"
#include "cli/store_path.h"
#include "cli/print/terminal.h"
#include "cli/steer/steer_live.h"
#include "net/http/http_target.h"
#include "orchestrator/store/store_lock.h"
#include "orchestrator/view/view_answer.h"
#include "orchestrator/view/view_remote.h"
#include "protocol/log_cause.h"

enum { LOOKING_CAUSE_BYTES = 40 };

static int looking_get(void *arg, const char *path, struct arena *a, struct value **ret,
                       struct err *err)
{
    return remote_get(arg, path, a, ret, err);
}

static int open_remote(struct looking *l, const char *address, struct err *err)
{
    int rc = remote_open(address, &l->remote, err);
    if (rc != 0)
        return rc;
    const struct view_transport transport = {looking_get, l->remote};
    snprintf(l->dir, sizeof l->dir, "%s", address);
    l->view = view_remote_open(&transport, address);
    return 0;
}

typedef int (*store_path_fn)(const char *given, char out[PATH_MAX], struct err *err);

static int open_store(struct looking *l, const struct invocation *inv, store_path_fn path,
                      struct err *err)
{
    bool takes_json = subcommand_option_find(inv->subcommand, "json", strlen("json"));
    struct sigaction pipe = {.sa_handler = SIG_DFL};
    sigaction(SIGPIPE, &pipe, NULL);
    *l = (struct looking){.json = takes_json && invocation_flag(inv, "json"),
                          .colour = terminal_colour(stdout),
                          .columns = terminal_columns(stdout),
                          .table_columns = terminal_table_columns(stdout)};
    arena_init(&l->arena);
    buf_init(&l->out, SIZE_MAX);
    const char *address = remote_address(inv);
    if (address)
        return open_remote(l, address, err);
    int rc = path(invocation_option(inv, "store"), l->dir, err);
    return rc ? rc : view_open(l->dir, &l->view, err);
}

void looking_flush(struct looking *l)
{
    fwrite(buf_str(&l->out), 1, l->out.len, stdout);
    buf_clear(&l->out);
}

static int store_show(struct invocation *inv, store_path_fn path, looking_show_fn show)
{
    struct looking l;
    struct err err = {0};
    int rc = open_store(&l, inv, path, &err);
    if (rc == 0)
        rc = show(&l, inv, &err);
    if (rc == 0)
        looking_flush(&l);
    if (l.view)
        view_close(l.view);
    remote_close(l.remote);
    buf_done(&l.out);
    arena_done(&l.arena);
    return rc ? complain(&err) : l.none ? COMPLAIN_FAILED : l.exit_code;
}

int looking_run(struct invocation *inv, looking_show_fn show)
{
    return store_show(inv, store_path_find, show);
}

int looking_run_fleet(struct invocation *inv, looking_show_fn show)
{
    return store_show(inv, store_path_of_server, show);
}

void looking_json(struct looking *l, const struct value *v)
{
    json_print(&l->out, v, JSON_COMPACT);
    buf_addc(&l->out, '\n');
}

bool looking_list(struct looking *l, const struct value *list, const char *none)
{
    if (l->json)
        looking_json(l, list);
    else if (list->list.n == 0)
        buf_adds(&l->out, none);
    return l->json || list->list.n == 0;
}

int looking_sweep(struct looking *l, const char *what, char id[16], const struct value **ret,
                  struct err *err)
{
    struct value *sweep;
    int rc = view_find_sweep(l->view, what, id, err);
    if (!rc)
        rc = view_sweep(l->view, &l->arena, id, &sweep, err);
    if (!rc)
        *ret = sweep;
    return rc;
}

const char *looking_store_option(struct looking *l)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    store_path_option(&text, l->dir);
    const char *copy = arena_strndup(&l->arena, buf_str(&text), text.len);
    buf_done(&text);
    return copy;
}

const char *looking_trial_dir(struct arena *a, const char *store, const struct value *trial)
{
    struct agent_key key = {.trial = (uint64_t)value_get_int(trial, "number", 0)};
    snprintf(key.sweep, sizeof key.sweep, "%s", value_get_str(trial, "sweep", ""));
    return launch_attempt_trial_dir(a, store, &key);
}

struct value *looking_with_dir(struct looking *l, struct arena *a, const struct value *trial)
{
    struct value *copy = value_copy(a, trial);
    if (l->remote) /* it is on the agent's machine */
        return copy;
    value_put(a, copy, "dir", value_str(a, looking_trial_dir(a, l->dir, trial)));
    return copy;
}

const char *looking_trial_id(struct looking *l, const struct value *trial)
{
    return arena_printf(&l->arena, "%s-%" PRId64, value_get_str(trial, "sweep", "?"),
                        value_get_int(trial, "number", 0));
}

double looking_span(const struct value *of)
{
    double started = value_get_float(of, "started", -1), ran = value_get_float(of, "duration", -1);
    if (started < 0 || ran >= 0)
        return ran;
    if (strcmp(value_get_str(of, "state", ""), "running") != 0)
        return -1;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    double span = (double)now.tv_sec + (double)now.tv_nsec / 1e9 - started;
    return span > 0 ? span : 0;
}

const char *looking_moment(struct arena *a, const struct value *of, const char *key)
{
    double at = value_get_float(of, key, -1);
    if (at < 0)
        return "";
    char text[64];
    time_t seconds = (time_t)at;
    struct tm parts;
    if (!localtime_r(&seconds, &parts) || !strftime(text, sizeof text, "%F %T %z", &parts))
        return "";
    return arena_strdup(a, text);
}

/* A reason that adds nothing to the state is left out. */
static const char *state_text(struct arena *a, const struct value *of, const char *why)
{
    const char *state = value_get_str(of, "state", "?");
    if (*why == '\0' || strcmp(why, "ok") == 0 || strcmp(why, state) == 0 ||
        strcmp(state, "running") == 0) /* it says why an earlier state ended */
        return state;
    return arena_printf(a, "%s (%s)", state, why);
}

const char *looking_state(struct arena *a, const struct value *of)
{
    return state_text(a, of, value_get_str(of, "reason", ""));
}

const char *looking_trial_state(struct arena *a, const struct value *trial)
{
    const char *cause = value_get_str(trial, "cause", NULL);
    int64_t rung = value_get_int(trial, "rung", 0);
    if (rung > 0)
        return state_text(a, trial, arena_printf(a, "rung %" PRId64, rung));
    return cause ? state_text(a, trial, log_cause_short(a, cause, LOOKING_CAUSE_BYTES))
                 : looking_state(a, trial);
}

bool looking_is_fleet(const struct looking *l)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/address", l->dir);
    return l->remote || access(path, F_OK) == 0;
}

bool looking_is_left(const struct looking *l, const struct value *sweep)
{
    const char *state = value_get_str(sweep, "state", "");
    bool held = false;
    return (strcmp(state, "running") == 0 || strcmp(state, "stopping") == 0) && !l->remote &&
           store_lock_is_held(l->dir, &held, NULL) == 0 && !held;
}

int looking_ask(struct looking *l, const struct value *request, struct arena *a, struct value **ret,
                bool *ret_nobody, struct err *err)
{
    *ret_nobody = false;
    return l->remote ? remote_ask(l->remote, request, a, ret, err)
                     : steer_live_ask(l->dir, request, a, ret, ret_nobody, err);
}

bool looking_wait(struct looking *l, const struct err *why)
{
    if (!l->remote || why->code != ERR_UNREACHABLE)
        return false;
    if (!l->waiting)
        terminal_say(
            arena_printf(&l->arena, "besom: %s; waiting for it, Ctrl-C ends this", why->text));
    l->waiting = true;
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    return true;
}

void looking_resume(struct looking *l)
{
    if (l->waiting)
        terminal_say("besom: connected again");
    l->waiting = false;
}

const char *looking_waits(struct looking *l, struct arena *a, const char *sweep, int64_t trial)
{
    struct value *request = value_dict(a), *answer = NULL;
    bool nobody = false;
    struct err err = {0};
    if (!l->dir[0])
        return NULL;
    value_put(a, request, "op", value_str(a, "waits"));
    value_put(a, request, "sweep", value_str(a, sweep));
    if (trial >= 0)
        value_put(a, request, "trial", value_int(a, trial));
    int rc = looking_ask(l, request, a, &answer, &nobody, &err);
    return rc == 0 && !nobody ? value_get_str(answer, "waits", NULL) : NULL;
}

int looking_document(struct looking *l, struct arena *a, const char *path,
                     const struct value *query, const struct value **ret, struct err *err)
{
    struct buf text;
    struct value *v = NULL;
    buf_init(&text, SIZE_MAX);
    int rc;
    if (l->remote) {
        buf_adds(&text, path);
        for (size_t i = 0; query && i < query->dict.n; i++) {
            const struct value *one = query->dict.entries[i].value;
            buf_addf(&text, "%c%s=", i ? '&' : '?', query->dict.entries[i].key);
            http_target_encode(&text, one->s.ptr, one->s.len);
        }
        rc = remote_get(l->remote, buf_str(&text), a, &v, err);
    } else {
        rc = view_answer(l->view, path, query, &text, err);
        if (rc == 0)
            rc = json_parse(a, buf_str(&text), text.len, &v, err);
    }
    if (rc == 0)
        *ret = v;
    buf_done(&text);
    return rc;
}

/* "local user ann", "ann (token k3f9)" -> "ann" */
static const char *actor_short(struct arena *a, const char *by)
{
    static const char local[] = "local user ";
    bool is_local = strncmp(by, local, strlen(local)) == 0;
    by += is_local ? strlen(local) : 0;
    const char *token = strstr(by, " (token ");
    return arena_strndup(a, by, token ? (size_t)(token - by) : strlen(by));
}

const char *looking_pause_by(struct looking *l, struct arena *a, const char *sweep,
                             double *ret_time)
{
    struct value *query = value_dict(a);
    const struct value *log = NULL;
    struct err none = {0};
    value_put(a, query, "kind", value_str(a, "state"));
    value_put(a, query, "limit", value_str(a, "1"));
    if (looking_document(l, a, arena_printf(a, "sweeps/%s/explain", sweep), query, &log, &none) !=
        0)
        return NULL;
    const struct value *list = value_get(log, "entries");
    const struct value *newest =
        list && list->kind == VALUE_LIST && list->list.n > 0 ? list->list.items[0] : NULL;
    const char *by = value_get_str(newest, "by", NULL);
    *ret_time = value_get_float(newest, "time", -1);
    return by ? actor_short(a, by) : NULL;
}

const char *looking_paused(struct looking *l, struct arena *a, const struct value *sweep)
{
    const char *id = value_get_str(sweep, "id", ""), *text = value_get_str(sweep, "text", NULL);
    bool held = true, asked = strcmp(value_get_str(sweep, "reason", ""), "user") == 0;
    double time;
    if (strcmp(value_get_str(sweep, "state", ""), "paused") != 0)
        return NULL;
    if (!l->remote && store_lock_is_held(l->dir, &held, NULL) != 0)
        held = true;
    const char *by = text || !asked ? NULL : looking_pause_by(l, a, id, &time);
    if (!text)
        text = by ? by : asked ? "somebody asked for it" : "it does not say why";
    return arena_printf(a, "paused%s %s · besom %s %s", by ? " by" : ":", text,
                        held ? "resume" : "run", id);
}

const char *looking_sweep_state(struct looking *l, const struct value *sweep)
{
    const char *state = looking_state(&l->arena, sweep);
    if (value_get_str(sweep, "spec_fault", NULL))
        return arena_printf(&l->arena, "%s, its spec cannot be read", state);
    return looking_is_left(l, sweep)               ? "interrupted"
           : value_get_bool(sweep, "again", false) ? "running again"
                                                   : state;
}
