/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/arrays/flat.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

struct flat_member {
    const char *above; /* what the names of its dict begin with: "model."; NULL at the top */
    const char *key;   /* as rows have it: with the quotes of JSON */
    size_t len;
    const char *name;  /* flattened; NULL: its key is malformed */
    const char *below; /* "model.width."; NULL before it had members itself */
    void *found;
};

void flat_init(struct flat *f, void *(*find)(void *arg, const char *name), void *arg)
{
    *f = (struct flat){.find = find, .arg = arg};
    arena_init(&f->arena);
    map_init(&f->members);
    map_init(&f->names);
}

void flat_done(struct flat *f)
{
    mem_free(f->places);
    map_done(&f->members);
    map_done(&f->names);
    arena_done(&f->arena);
}

/* Two keys may be one name: {"a.b"} and {"a": {"b"}}, or one with an escape. */
static void *name_find(struct flat *f, const char *name)
{
    size_t len = strlen(name);
    void **found = map_find(&f->names, name, len);
    if (!found) {
        found = arena_alloc(&f->arena, sizeof *found);
        *found = f->find(f->arg, name);
        map_put(&f->names, name, len, found);
    }
    return *found;
}

static struct flat_member *member_new(struct flat *f, const char *above, const char *key,
                                      size_t len, bool quoted)
{
    struct flat_member *m = arena_alloc(&f->arena, sizeof *m);
    m->above = above;
    m->key = arena_strndup(&f->arena, key, len);
    m->len = len;
    m->name = quoted ? json_span_text(&f->arena, json_span_of(m->key, len)) : m->key;
    if (m->name && above)
        m->name = arena_printf(&f->arena, "%s%s", above, m->name);
    m->found = m->name ? name_find(f, m->name) : NULL;
    return m;
}

static struct flat_member *member_find(struct flat *f, const char *above, const char *key,
                                       size_t len, bool quoted)
{
    struct buf path;
    buf_init(&path, SIZE_MAX);
    buf_adds(&path, above ? above : "");
    buf_add(&path, key, len);
    struct flat_member *m = map_find(&f->members, buf_str(&path), path.len);
    if (!m) {
        m = member_new(f, above, key, len, quoted);
        map_put(&f->members, buf_str(&path), path.len, m);
    }
    buf_done(&path);
    return m;
}

static struct flat_member *member_at(struct flat *f, size_t at, const char *above, const char *key,
                                     size_t len, bool quoted)
{
    struct flat_member *m = at < f->n ? f->places[at] : NULL;
    if (m && m->above == above && m->len == len && memcmp(m->key, key, len) == 0)
        return m;
    if (at == f->n) {
        f->places = mem_grow(f->places, &f->cap, f->n + 1, sizeof *f->places);
        f->n++;
    }
    return f->places[at] = member_find(f, above, key, len, quoted);
}

void *flat_name(struct flat *f, size_t at, const char *name)
{
    return member_at(f, at, NULL, name, strlen(name), false)->found;
}

static bool span_has_members(struct json_span v)
{
    struct json_walk w;
    struct json_span key, first;
    return *v.at == '{' && json_span_enter(v, &w) && json_span_next(&w, &key, &first);
}

/* *at: the place of the next member. */
static void dict_walk(struct flat *f, struct json_span dict, const char *above, int depth,
                      size_t *at, void (*take)(void *arg, void *found, struct json_span value))
{
    struct json_walk w;
    struct json_span key, v;
    if (!json_span_enter(dict, &w) || w.close != '}')
        return;
    while (json_span_next(&w, &key, &v)) {
        struct flat_member *m =
            member_at(f, (*at)++, above, key.at, (size_t)(key.end - key.at), true);
        if (m->name && depth < LIMIT_JSON_DEPTH && span_has_members(v)) {
            if (!m->below)
                m->below = arena_printf(&f->arena, "%s.", m->name);
            dict_walk(f, v, m->below, depth + 1, at, take);
        } else if (m->found) {
            take(f->arg, m->found, v);
        }
    }
}

void flat_dict(struct flat *f, const char *text, size_t len,
               void (*take)(void *arg, void *found, struct json_span value))
{
    size_t at = 0;
    dict_walk(f, json_span_of(text, len), NULL, 0, &at, take);
}
