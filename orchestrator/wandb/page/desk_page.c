/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/page/desk_page.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag/display.h"
#include "base/diag/nearest.h"
#include "base/json.h"
#include "base/limits.h"
#include "net/log.h"
#include "net/tls/secret.h"
#include "orchestrator/runs/runs_page.h"
#include "orchestrator/view/view.h"

#define ROOT "/api/v1/"

enum { ID_CHARS = 12, SWEEP_BYTES_MAX = 64 };

struct page_path {
    const char *kind, *plural;
    const char *id; /* "": all of them */
    bool remove;
};

static struct page_path path_read(struct desk_call *c)
{
    const char *rest = c->ask->path + strlen(ROOT);
    bool report = strncmp(rest, "reports", strlen("reports")) == 0;
    struct page_path p = {report ? "report" : "view", report ? "reports" : "views", "", false};
    rest += strlen(p.plural);
    if (*rest != '/')
        return p;
    size_t len = strcspn(++rest, "/");
    p.id = arena_strndup(c->arena, rest, len);
    p.remove = strcmp(rest + len, "/remove") == 0;
    return p;
}

static void page_reply(struct desk_call *c, int status, const struct value *v)
{
    const char *text = json_text(c->arena, v, JSON_COMPACT);
    c->reply = (struct wandb_reply){
        .status = status, .type = "application/json", .body = text, .len = strlen(text)};
}

/* The page's clients read "error", as of all other documents. */
static int page_refuse(struct desk_call *c, int status, const char *text)
{
    struct value *v = value_dict(c->arena);
    value_put(c->arena, v, "error", value_str(c->arena, text));
    page_reply(c, status, v);
    return 0;
}

static struct value *page_value(struct arena *a, const struct runs_page *p)
{
    struct value *v = value_dict(a), *body = value_null(a);
    value_put(a, v, "id", value_str(a, p->id));
    value_put(a, v, "name", value_str(a, p->name));
    value_put(a, v, "sweep", p->sweep[0] ? value_str(a, p->sweep) : value_null(a));
    value_put(a, v, "by", value_str(a, p->made_by));
    value_put(a, v, "made", value_float(a, (double)p->made / 1000));
    value_put(a, v, "changed_by", value_str(a, p->changed_by));
    value_put(a, v, "changed", value_float(a, (double)p->changed / 1000));
    value_put(a, v, "revision", value_int(a, p->revision));
    if (p->body && json_parse(a, p->body, strlen(p->body), &body, NULL) != 0)
        body = value_null(a);
    if (p->body)
        value_put(a, v, "body", body);
    return v;
}

struct pages_taken {
    struct arena *arena;
    struct value *list;
};

static void page_take(void *arg, const struct runs_page *p)
{
    struct pages_taken *t = arg;
    value_push(t->arena, t->list, page_value(t->arena, p));
}

int desk_page_get(struct desk_call *c, struct err *err)
{
    const struct page_path path = path_read(c);
    struct runs_page p;
    if (path.id[0]) {
        struct err none = {0};
        int rc = runs_page_find(c->runs, c->arena, path.kind, path.id, &p, &none);
        if (rc == ERR_NOT_FOUND)
            return page_refuse(c, 404, none.text);
        if (rc == 0)
            page_reply(c, 200, page_value(c->arena, &p));
        else
            *err = none;
        return rc;
    }
    struct pages_taken t = {c->arena, value_list(c->arena)};
    int rc = runs_page_read(c->runs, path.kind, path.kind[0] == 'v', page_take, &t, err);
    struct value *v = value_dict(c->arena);
    value_put(c->arena, v, path.plural, t.list);
    page_reply(c, 200, v);
    return rc;
}

/* The sweeps that a document is of, and shows. */
static void sweeps_add(struct arena *a, struct value *ids, const char *sweep,
                       const struct value *body)
{
    const struct value *blocks = value_get(body, "blocks");
    if (sweep && *sweep)
        value_push(a, ids, value_str(a, sweep));
    for (size_t i = 0; blocks && blocks->kind == VALUE_LIST && i < blocks->list.n; i++) {
        const char *id = value_get_str(blocks->list.items[i], "sweep", "");
        if (*id)
            value_push(a, ids, value_str(a, id));
    }
}

static bool sweeps_have(const struct value *ids, const char *id)
{
    for (size_t i = 0; i < ids->list.n; i++)
        if (strcmp(ids->list.items[i]->s.ptr, id) == 0)
            return true;
    return false;
}

static const char *sweep_missing(struct arena *a, const struct value *id, const struct value *known)
{
    const char **names = arena_alloc(a, (known->list.n + 1) * sizeof *names);
    for (size_t i = 0; i < known->list.n; i++)
        names[i] = known->list.items[i]->s.ptr;
    const char *near = nearest_name(id->s.ptr, names, known->list.n, sizeof *names);
    return near ? arena_printf(a, "there is no sweep '%.64s': did you mean %s?", id->s.ptr, near)
                : arena_printf(a, "there is no sweep '%.64s'", id->s.ptr);
}

/* Sweeps that it has named before may have been removed since. Sets *ret_why if another does not exist. */
static int sweeps_check(struct desk_call *c, const struct runs_page *p, const char *sweep,
                        const struct value *content, const char **ret_why, struct err *err)
{
    struct arena *a = c->arena;
    struct value *named = value_list(a), *known = value_list(a), *old = NULL;
    struct view *view;
    if (p->body && json_parse(a, p->body, strlen(p->body), &old, NULL) != 0)
        old = NULL;
    sweeps_add(a, known, p->sweep, old);
    sweeps_add(a, named, sweep, content);
    size_t at = 0;
    while (at < named->list.n && sweeps_have(known, named->list.items[at]->s.ptr))
        at++;
    if (at == named->list.n)
        return 0;
    int rc = view_open(c->dir, &view, err);
    if (rc != 0)
        return rc;
    rc = view_sweep_ids(view, a, known, err);
    view_close(view);
    for (; rc == 0 && !*ret_why && at < named->list.n; at++)
        if (!sweeps_have(known, named->list.items[at]->s.ptr))
            *ret_why = sweep_missing(a, named->list.items[at], known);
    return rc;
}

static bool name_is_good(const char *name)
{
    return strlen(name) <= LIMIT_PAGE_NAME_BYTES && display_is_name(name, strlen(name));
}

/* Takes the fields that a person may set; NULL, or why not. */
static const char *page_change(struct desk_call *c, const struct value *body, struct runs_page *p)
{
    const struct value *content = value_get(body, "body");
    const char *name = value_get_str(body, "name", ""), *sweep = value_get_str(body, "sweep", "");
    if (!name_is_good(name))
        return arena_printf(
            c->arena,
            "name: expected 1 to %d bytes without invisible characters, and without spaces around",
            LIMIT_PAGE_NAME_BYTES);
    if (strlen(sweep) > SWEEP_BYTES_MAX)
        return "sweep: expected the id of a sweep";
    if (!content || content->kind != VALUE_DICT)
        return "body: expected an object";
    const char *text = json_text(c->arena, content, JSON_COMPACT);
    int most = p->kind[0] == 'v' ? LIMIT_VIEW_BODY_BYTES : LIMIT_PAGE_BODY_BYTES;
    if (strlen(text) > (size_t)most)
        return arena_printf(c->arena, "body: expected at most %d KiB of JSON", most >> 10);
    p->name = name;
    p->sweep = sweep;
    p->body = text;
    return NULL;
}

static int page_make(struct desk_call *c, const struct page_path *path, struct runs_page *p,
                     const char **ret_why, struct err *err)
{
    char id[ID_CHARS + 1];
    int64_t n = 0;
    int rc = runs_page_count(c->runs, path->kind, &n, err);
    if (rc == 0 && n >= LIMIT_PAGES)
        *ret_why = arena_printf(c->arena, "there are %d %s already: remove some", LIMIT_PAGES,
                                path->plural);
    secret_text(id, ID_CHARS);
    *p = (struct runs_page){.id = arena_strdup(c->arena, id),
                            .kind = path->kind,
                            .made_by = c->ask->who,
                            .made = c->now_ms};
    return rc;
}

/* Finds the document that is to be changed. *ret_known: whether it is as who asks has seen it; else the
 * request is answered. */
static int page_find_seen(struct desk_call *c, const struct page_path *path, struct runs_page *p,
                          bool *ret_known, struct err *err)
{
    struct err none = {0};
    int rc = runs_page_find(c->runs, c->arena, path->kind, path->id, p, &none);
    *ret_known = rc == 0 && c->ask->seen == (uint64_t)p->revision;
    if (rc == ERR_NOT_FOUND)
        return page_refuse(c, 404, none.text);
    if (rc != 0)
        *err = none;
    else if (c->ask->seen == 0)
        return page_refuse(c, 428, "If-Match is missing: the revision that you have seen");
    else if (!*ret_known)
        return page_refuse(c, 412,
                           arena_printf(c->arena,
                                        "%.80s has changed it since you loaded it: load it again",
                                        p->changed_by));
    return rc;
}

static int page_put(struct desk_call *c, const struct page_path *path, const struct value *body,
                    struct err *err)
{
    bool made = strcmp(path->id, "new") == 0, known = true;
    const char *why = NULL;
    struct runs_page p;
    int rc = made ? page_make(c, path, &p, &why, err) : page_find_seen(c, path, &p, &known, err);
    if (rc != 0 || !known)
        return rc;
    if (why)
        return page_refuse(c, 409, why);
    const struct runs_page old = p;
    why = page_change(c, body, &p);
    if (why)
        return page_refuse(c, 400, why);
    rc = sweeps_check(c, &old, p.sweep, value_get(body, "body"), &why, err);
    if (rc != 0)
        return rc;
    if (why)
        return page_refuse(c, 404, why);
    p.changed_by = c->ask->who;
    p.changed = c->now_ms;
    p.revision++;
    rc = runs_page_put(c->runs, &p, err);
    if (rc == 0)
        page_reply(c, 200, page_value(c->arena, &p));
    return rc;
}

static int page_remove(struct desk_call *c, const struct page_path *path, struct err *err)
{
    struct value *v = value_dict(c->arena);
    struct runs_page p;
    bool known = false;
    int rc = page_find_seen(c, path, &p, &known, err);
    if (rc != 0 || !known)
        return rc;
    value_put(c->arena, v, "ok", value_bool(c->arena, true));
    page_reply(c, 200, v);
    return runs_page_remove(c->runs, path->kind, path->id, err);
}

int desk_page_post(struct desk_call *c, struct err *err)
{
    const struct page_path path = path_read(c);
    struct value *body = value_dict(c->arena);
    LOG(LOG_INFO, "page.post", log_text("path", c->ask->path), log_text("by", c->ask->by));
    if (path.remove)
        return page_remove(c, &path, err);
    if (json_parse_within(c->arena, c->ask->body, c->ask->len, LIMIT_PAGE_VALUES, &body, NULL) !=
            0 ||
        body->kind != VALUE_DICT)
        return page_refuse(c, 400, "the body is not a JSON object, or has too many values");
    return page_put(c, &path, body, err);
}
