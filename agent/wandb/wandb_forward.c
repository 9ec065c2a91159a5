/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *    a frame of a spool --asked--> answered: the next one
 *         ^                |  |
 *         |                |  +--refused for good: dropped, with a word
 *         +--a while later-+--503, no answer
 *
 * A frame of an upload is asked twice: for a URL, then with the file.
 */
#include "agent/wandb/wandb_forward.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "agent/launch/launch_attempt.h"
#include "agent/wandb/wandb_access.h"
#include "agent/wandb/wandb_spool.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "net/http/http_target.h"
#include "net/log.h"

enum { LATE = 410 /* a later attempt of the trial counts */ };
enum { AT_ONCE = 4, WAIT_MS = 250, WAIT_MS_MAX = 15000 };

struct run {
    struct wandb_forward *owner;
    struct agent_key key;
    char name[WANDB_RUN_BYTES]; /* of the run */
    struct wandb_spool spool;
    uint64_t sent, uploads; /* uploads: bytes of files that wait */
    bool busy, gone;        /* gone: the forwarder was closed while it waits for an answer */
    bool refused;           /* a warning was given */
    struct arena a;         /* of the frame that is asked */
    struct wandb_frame frame;
    char *file; /* of an upload whose URL is known; NULL */
};

struct wandb_forward {
    struct wandb_forward_config config;
    struct map runs; /* key -> struct run * */
    uv_timer_t timer;
    uint32_t asked; /* requests that wait for an answer */
    uint64_t wait_ms;
    bool waits, closing;
};

static void forward_pump(struct wandb_forward *f);

static void run_free(struct run *r)
{
    wandb_spool_close(&r->spool);
    arena_done(&r->a);
    mem_free(r);
}

static uint64_t upload_size(struct run *r, const struct wandb_frame *frame)
{
    struct wandb_upload u;
    return wandb_spool_read_file(&r->a, frame, &u) ? u.size : 0;
}

/* Counts what has been appended since. */
static void run_measure(struct run *r)
{
    struct wandb_frame frame;
    uint64_t from = r->spool.size;
    wandb_spool_measure(&r->spool);
    for (uint64_t at = from; at < r->spool.size && wandb_spool_look(&r->spool, at, &frame);
         at = frame.next)
        if (frame.kind == WANDB_FRAME_FILE && wandb_spool_read(&r->spool, &r->a, at, &frame))
            r->uploads += upload_size(r, &frame);
    if (!r->busy)
        arena_clear(&r->a);
}

static struct run *run_find(struct wandb_forward *f, const struct agent_key *key)
{
    struct run *r = map_find(&f->runs, key, sizeof *key);
    struct wandb_spool spool;
    if (r || wandb_spool_open(&spool, f->config.dir, key, false) != 0)
        return r;
    r = mem_alloc(sizeof *r);
    *r = (struct run){.owner = f, .key = *key, .spool = spool};
    arena_init(&r->a);
    wandb_access_run(key, r->name);
    r->sent = wandb_spool_sent(&r->spool);
    r->spool.size = r->sent;
    map_put(&f->runs, key, sizeof *key, r);
    return r;
}

static void run_remove(struct run *r)
{
    struct wandb_forward *f = r->owner;
    map_remove(&f->runs, &r->key, sizeof r->key);
    wandb_spool_remove(&r->spool);
    run_free(r);
}

static void forward_on_timer(uv_timer_t *timer)
{
    struct wandb_forward *f = timer->data;
    f->waits = false;
    forward_pump(f);
}

static void forward_wait(struct wandb_forward *f)
{
    if (f->waits)
        return;
    f->waits = true;
    uv_timer_start(&f->timer, forward_on_timer, f->wait_ms, 0);
    f->wait_ms = f->wait_ms * 2 < WAIT_MS_MAX ? f->wait_ms * 2 : WAIT_MS_MAX;
}

static void run_pass(struct run *r)
{
    uint64_t from = r->sent, size = upload_size(r, &r->frame);
    if (r->file)
        (void)unlink(r->file); /* the upstream may have moved it away */
    r->uploads -= size < r->uploads ? size : r->uploads;
    r->file = NULL;
    r->sent = r->frame.next;
    wandb_spool_forget(&r->spool, from, r->sent);
}

static void run_refused(struct run *r, int status, const char *why)
{
    struct arena *a = &r->a;
    LOG(LOG_WARN, "wandb.refused", log_text("run", r->name), log_int("status", status),
        log_text("why", why));
    if (!r->refused && status != LATE)
        r->owner->config.warned(
            r->owner->config.arg,
            arena_printf(a, "the controller does not take what wandb logged in %s: %.200s", r->name,
                         why));
    r->refused = true;
}

/* The text of a GraphQL error in an answer; NULL: there is none. */
static const char *error_find(struct arena *a, const struct wandb_reply *reply, struct value **ret)
{
    *ret = NULL;
    if (reply->len == 0 || json_parse(a, reply->body, reply->len, ret, NULL) != 0)
        return reply->status >= 400 ? "it has no answer" : NULL;
    const struct value *errors = value_get(*ret, "errors");
    if (!errors || errors->kind != VALUE_LIST || errors->list.n == 0)
        return reply->status >= 400 ? "it gives no reason" : NULL;
    return value_get_str(errors->list.items[0], "message", "it gives no reason");
}

static void run_ask(struct run *r, struct wandb_ask *ask);

/* The URL of an upload is known: sends it. */
static bool upload_send(struct run *r, const struct value *answer)
{
    const struct value *files =
        value_get(value_get(value_get(answer, "data"), "createRunFiles"), "files");
    const struct value *first =
        files && files->kind == VALUE_LIST && files->list.n > 0 ? files->list.items[0] : NULL;
    const char *url = value_get_str(first, "uploadUrl", "");
    const char *host = strstr(url, "://"), *target = host ? strchr(host + 3, '/') : NULL;
    struct wandb_upload u;
    struct stat st;
    char *path, *query;
    if (!target || !http_target_split(arena_strdup(&r->a, target), &path, &query) ||
        !wandb_spool_read_file(&r->a, &r->frame, &u))
        return false;
    r->file = arena_printf(&r->a, "%s/%s", r->spool.dir, u.file);
    if (stat(r->file, &st) != 0)
        return false;
    struct wandb_ask ask = {.verb = WANDB_PUT,
                            .path = path,
                            .query = query,
                            .body = "",
                            .file = r->file,
                            .size = (uint64_t)st.st_size,
                            .sha256 = u.digest.sha256,
                            .md5 = u.digest.md5};
    run_ask(r, &ask);
    return true;
}

static void run_answered(struct run *r, const struct wandb_reply *reply)
{
    struct value *v;
    bool is_upload = r->frame.kind == WANDB_FRAME_FILE, sent = r->file != NULL;
    const char *why = sent && reply->status < 400 ? NULL : error_find(&r->a, reply, &v);
    if (is_upload && !sent && !why && upload_send(r, v))
        return;
    if (why)
        run_refused(r, reply->status, why);
    run_pass(r);
}

static void run_on_reply(void *arg, const struct wandb_reply *reply)
{
    struct run *r = arg;
    struct wandb_forward *f = r->owner;
    bool later = reply->status == 429 || reply->status >= 500 || reply->status < 200;
    r->busy = false;
    if (r->gone) {
        run_free(r);
        return;
    }
    f->asked--;
    if (later) {
        r->file = NULL;
        forward_wait(f);
    } else {
        f->wait_ms = WAIT_MS;
        run_answered(r, reply);
    }
    forward_pump(f);
    f->config.changed(f->config.arg);
}

static void run_ask(struct run *r, struct wandb_ask *ask)
{
    struct wandb_forward *f = r->owner;
    ask->base = f->config.base;
    ask->by = "agent";
    ask->writes = true;
    ask->run = r->name;
    r->busy = true;
    f->asked++;
    f->config.upstream.ask(f->config.upstream.arg, &r->key, ask, run_on_reply, r);
}

/* The body of a request for the URL of an upload. */
static const char *upload_body(struct run *r)
{
    struct arena *a = &r->a;
    struct value *vars = value_dict(a), *names = value_list(a), *body = value_dict(a);
    struct wandb_upload u;
    if (!wandb_spool_read_file(a, &r->frame, &u))
        return NULL;
    value_push(a, names, value_str(a, u.name));
    value_put(a, vars, "entity", value_str(a, u.entity));
    value_put(a, vars, "project", value_str(a, u.project));
    value_put(a, vars, "run", value_str(a, r->name));
    value_put(a, vars, "files", names);
    value_put(
        a, body, "query",
        value_str(a, "mutation CreateRunFiles { createRunFiles { files { name uploadUrl } } }"));
    value_put(a, body, "variables", vars);
    value_put(a, body, "operationName", value_str(a, "CreateRunFiles"));
    return json_text(a, body, JSON_PYTHON);
}

/* False if the run was complete, and has been freed. */
static bool run_send(struct run *r)
{
    struct wandb_ask ask = {.verb = WANDB_POST, .path = "/graphql", .query = ""};
    arena_clear(&r->a);
    r->file = NULL;
    if (!wandb_spool_read(&r->spool, &r->a, r->sent, &r->frame)) {
        run_refused(r, 0, "its file is damaged");
        r->sent = r->spool.size;
        return true;
    }
    ask.body = r->frame.body;
    ask.len = r->frame.len;
    switch (r->frame.kind) {
    case WANDB_FRAME_END:
        run_remove(r);
        return false;
    case WANDB_FRAME_DROPPED:
        run_pass(r);
        return true;
    case WANDB_FRAME_STREAM:
        ask.path = r->frame.path;
        break;
    case WANDB_FRAME_FILE:
        ask.body = upload_body(r);
        ask.len = ask.body ? strlen(ask.body) : 0;
        break;
    case WANDB_FRAME_CALL:
        break;
    }
    if (ask.body)
        run_ask(r, &ask);
    else
        run_pass(r);
    return true;
}

/* What an earlier attempt of the trial logged comes first. */
static bool run_must_wait(const struct wandb_forward *f, const struct run *r)
{
    void *value;
    for (size_t at = 0; map_next(&f->runs, &at, &value);) {
        const struct run *other = value;
        if (other->key.trial == r->key.trial && other->key.attempt < r->key.attempt &&
            strcmp(other->key.sweep, r->key.sweep) == 0)
            return true;
    }
    return false;
}

static uint64_t run_waiting(const struct run *r)
{
    return r->spool.size - r->sent + r->uploads;
}

/* Drops the run's oldest frames of this kind until that many bytes are free. */
static uint64_t run_drop(struct run *r, enum wandb_frame_kind kind, uint64_t want)
{
    struct wandb_frame frame;
    struct arena a;
    uint64_t freed = 0, at = r->busy ? r->frame.next : r->sent;
    arena_init(&a);
    for (; freed < want && at < r->spool.size && wandb_spool_look(&r->spool, at, &frame);
         at = frame.next) {
        if (frame.kind != kind)
            continue;
        uint64_t bytes = wandb_spool_drop(&r->spool, &a, at);
        freed += bytes;
        if (kind == WANDB_FRAME_FILE)
            r->uploads -= bytes < r->uploads ? bytes : r->uploads;
        arena_clear(&a);
    }
    arena_done(&a);
    return freed;
}

static void forward_bound(struct wandb_forward *f)
{
    static const enum wandb_frame_kind kinds[] = {WANDB_FRAME_FILE, WANDB_FRAME_STREAM};
    uint64_t waiting = wandb_forward_waiting(f);
    void *value;
    if (f->config.max == 0 || waiting <= f->config.max)
        return;
    uint64_t want = waiting - f->config.max + f->config.max / 8;
    for (size_t i = 0; i < 2; i++)
        for (size_t at = 0; want > 0 && map_next(&f->runs, &at, &value);) {
            uint64_t freed = run_drop(value, kinds[i], want);
            want -= freed < want ? freed : want;
        }
    f->config.warned(f->config.arg,
                     "what wandb logged takes more of the disk than --spool-max: uploads and the "
                     "oldest rows are dropped, which the controller would have shown in its runs");
}

static void forward_pump(struct wandb_forward *f)
{
    void *value;
    bool more = true;
    while (more && !f->waits && !f->closing && f->asked < AT_ONCE) {
        more = false;
        for (size_t at = 0; !f->waits && f->asked < AT_ONCE && map_next(&f->runs, &at, &value);) {
            struct run *r = value;
            if (r->busy || r->sent >= r->spool.size || run_must_wait(f, r))
                continue;
            more = true;
            (void)run_send(r);
        }
    }
}

/* Of an attempt that this agent does not have any more, nothing will follow. */
static void spool_end_if_left(struct arena *a, const char *dir, const struct agent_key *key)
{
    struct wandb_spool s;
    if (access(launch_attempt_dir(a, dir, key), F_OK) == 0 ||
        wandb_spool_open(&s, dir, key, true) != 0)
        return;
    if (!s.ended)
        (void)!wandb_spool_add(&s, WANDB_FRAME_END, "", "", 0);
    wandb_spool_close(&s);
}

static void forward_look(struct wandb_forward *f)
{
    struct arena a;
    struct agent_key key;
    arena_init(&a);
    DIR *folder = opendir(arena_printf(&a, "%s/" WANDB_SPOOL_DIR, f->config.dir));
    for (struct dirent *e; folder && (e = readdir(folder)) != NULL;) {
        if (!launch_attempt_key(e->d_name, &key))
            continue;
        spool_end_if_left(&a, f->config.dir, &key);
        wandb_forward_wake(f, &key);
    }
    if (folder)
        closedir(folder);
    arena_done(&a);
}

struct wandb_forward *wandb_forward_new(const struct wandb_forward_config *config)
{
    struct wandb_forward *f = mem_alloc(sizeof *f);
    *f = (struct wandb_forward){.config = *config, .wait_ms = WAIT_MS};
    map_init(&f->runs);
    uv_timer_init(config->loop, &f->timer);
    f->timer.data = f;
    forward_wait(f); /* the controller is not there yet, in whichever process it is */
    forward_look(f);
    return f;
}

void wandb_forward_wake(struct wandb_forward *f, const struct agent_key *key)
{
    struct run *r = run_find(f, key);
    if (!r)
        return;
    run_measure(r);
    forward_bound(f);
    forward_pump(f);
}

void wandb_forward_retry(struct wandb_forward *f)
{
    uv_timer_stop(&f->timer);
    f->waits = false;
    f->wait_ms = WAIT_MS;
    forward_pump(f);
}

bool wandb_forward_is_behind(const struct wandb_forward *f, const struct agent_key *key)
{
    void *value;
    bool behind = false;
    for (size_t at = 0; !f->waits && map_next(&f->runs, &at, &value);) {
        const struct run *r = value;
        behind |= r->key.trial == key->trial && r->key.attempt <= key->attempt &&
                  strcmp(r->key.sweep, key->sweep) == 0 && r->sent < r->spool.size;
    }
    return behind;
}

uint64_t wandb_forward_waiting(const struct wandb_forward *f)
{
    uint64_t sum = 0;
    void *value;
    for (size_t at = 0; f && map_next(&f->runs, &at, &value);)
        sum += run_waiting(value);
    return sum;
}

void wandb_forward_close(struct wandb_forward *f)
{
    void *value;
    if (!f)
        return;
    f->closing = true;
    uv_close((uv_handle_t *)&f->timer, NULL);
    for (size_t at = 0; map_next(&f->runs, &at, &value);) {
        struct run *r = value;
        map_remove(&f->runs, &r->key, sizeof r->key);
        r->gone = r->busy;
        if (!r->busy)
            run_free(r);
    }
}

void wandb_forward_free(struct wandb_forward *f)
{
    if (!f)
        return;
    map_done(&f->runs);
    mem_free(f);
}
