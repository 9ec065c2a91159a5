/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml.h"

#include <string.h>
#include "base/json.h"
#include "base/limits.h"
#include "base/yaml/yaml_anchors.h"
#include "base/yaml/yaml_events.h"
#include "base/yaml/yaml_place.h"
#include "base/yaml/yaml_resolve.h"
#include "base/yaml/yaml_scalar.h"
#include "base/yaml/yaml_tabs.h"

struct reader {
    struct yaml_events *events;
    struct arena *arena;
    struct diags *diags;
    struct yaml_anchors anchors;
    struct yaml_open open; /* the parts read so far of the collections around */
    struct arena said;     /* messages until they are added; there may be one a value */
    bool has_tabs;
    struct yaml_tabs tabs;
    bool stop; /* after an error that makes the rest unreliable */
};

static struct yaml_node *read_node(struct reader *r, const struct yaml_event *ev,
                                   const struct yaml_place *at, size_t depth);

/* The place where something begins, with no part of the text to blame. */
static struct diag_span begin_of(struct diag_span span)
{
    return (struct diag_span){span.line, span.column, span.line, span.column};
}

static struct diag *reader_say(struct reader *r, enum diag_severity severity, struct diag_span span,
                               const struct yaml_place *at, const char *fix, const char *message)
{
    struct buf path;
    buf_init(&path, 4096);
    yaml_place_print(&path, at);
    struct diag *said =
        diags_add(r->diags, severity, span.line, span.column, buf_peek(&path), fix, "%s", message);
    diags_end_at(said, span.end_line, span.end_column);
    buf_done(&path);
    /* After this many errors no more are shown: the file is probably not YAML. */
    r->stop = r->stop || r->diags->errors > LIMIT_DIAGS;
    return said;
}

static void reader_stop(struct reader *r, struct diag_span span, const struct yaml_place *at,
                        const char *message)
{
    reader_say(r, DIAG_ERROR, begin_of(span), at, NULL, message);
    r->stop = true;
}

static bool next_event(struct reader *r, struct yaml_event *ev)
{
    if (yaml_events_next(r->events, ev))
        return true;
    struct yaml_slip fault;
    yaml_events_fault(r->events, r->arena, &fault);
    struct diag *said = reader_say(r, DIAG_ERROR, fault.at, NULL, fault.fix, fault.message);
    for (size_t i = 0; i < fault.edits_n; i++)
        diags_edit(r->diags, said, fault.edits[i].at, fault.edits[i].text);
    r->stop = true;
    return false;
}

static void read_scalar(struct reader *r, const struct yaml_event *ev, const struct yaml_place *at,
                        struct yaml_node *node)
{
    /* Once the list of diagnostics is full, one more warning per value is wasted work. */
    struct yaml_resolve_to to = {r->arena, &r->said, diags_full(r->diags)};
    struct yaml_resolved got = yaml_resolve(&to, ev->text, ev->len, ev->tag, ev->plain);
    node->nodes = 1;
    node->height = 1;
    node->bytes = ev->len;
    node->value = got.value;
    node->loose = got.loose;
    r->anchors.bytes += ev->len;
    if (!ev->plain && r->has_tabs)
        yaml_tabs_add(r->arena, &r->tabs, ev->start, ev->end);
    if (got.message) {
        struct diag *said = reader_say(r, got.severity, ev->at, at, got.fix, got.message);
        if (got.exact)
            diags_edit(r->diags, said, ev->at, got.fix);
        arena_clear(&r->said);
    }
}

static bool collection_tag_ok(struct reader *r, const struct yaml_event *ev,
                              const struct yaml_place *at)
{
    const char *right =
        ev->kind == YAML_EVENTS_LIST ? "tag:yaml.org,2002:seq" : "tag:yaml.org,2002:map";
    if (!ev->tag || strcmp(ev->tag, "!") == 0 || strcmp(ev->tag, right) == 0)
        return true;
    reader_stop(r, ev->at, at, yaml_resolve_unknown_tag(r->arena, ev->tag));
    return false;
}

static void read_list(struct reader *r, struct yaml_node *node, const struct yaml_place *at,
                      size_t depth)
{
    size_t from = r->open.items_n;
    for (;;) {
        struct yaml_event ev;
        if (!next_event(r, &ev))
            return;
        if (ev.kind == YAML_EVENTS_LIST_END) {
            node->end_line = ev.at.end_line;
            node->end_column = ev.at.end_column;
            break;
        }
        struct yaml_place here = {at, NULL, r->open.items_n - from};
        struct yaml_node *item = read_node(r, &ev, &here, depth + 1);
        if (!item)
            return;
        yaml_tree_add_item(&r->open, item);
    }
    yaml_tree_list(r->arena, node, &r->open, from);
}

/* written: the key as the file has it. */
static const char *key_text(struct reader *r, const struct yaml_node *key, const char *written,
                            struct diag_span span, const struct yaml_place *at)
{
    const struct value *v = key->value;
    char number[JSON_NUMBER_BYTES];
    switch (v->kind) {
    case VALUE_STR:
        return v->s.ptr;
    case VALUE_INT:
        return arena_printf(r->arena, "%lld", (long long)v->i);
    case VALUE_FLOAT:
        json_number(number, v->f);
        return arena_strdup(r->arena, number);
    case VALUE_NULL:
    case VALUE_BOOL: {
        const char *name = v->kind == VALUE_NULL ? "null" : v->b ? "true" : "false";
        if (written && strcmp(written, name) == 0)
            return name;
        reader_say(
            r, DIAG_WARNING, begin_of(span), &(struct yaml_place){at, name, 0}, NULL,
            arena_printf(r->arena,
                         "this key is read as %s, as YAML 1.1 reads yes, no, on, off and null: "
                         "quote it to keep the word",
                         name));
        return name;
    }
    case VALUE_LIST:
    case VALUE_DICT:
        break;
    }
    reader_say(r, DIAG_ERROR, begin_of(span), at, NULL, "a list or mapping cannot be a key");
    return "";
}

static bool add_merged(struct reader *r, const struct yaml_node *from)
{
    for (size_t i = 0; i < from->n; i++) {
        from->entries[i].node->shared = true;
        yaml_tree_add_pair(&r->open, from->entries[i], false);
    }
    return yaml_anchors_take(&r->anchors, from);
}

/* `<<: *a` or `<<: [*a, *b]`: of several the first wins, and the dict's own keys over all. */
static void merge_dict(struct reader *r, const struct yaml_node *from, struct diag_span span,
                       const struct yaml_place *at)
{
    bool ok = from->value->kind == VALUE_DICT || from->value->kind == VALUE_LIST, fits = true;
    if (from->value->kind == VALUE_DICT)
        fits = add_merged(r, from);
    if (from->value->kind == VALUE_LIST) {
        for (size_t i = from->n; i-- > 0 && fits;) {
            if (from->items[i]->value->kind == VALUE_DICT)
                fits = add_merged(r, from->items[i]);
            else
                ok = false;
        }
    }
    if (!ok)
        reader_say(r, DIAG_ERROR, begin_of(span), at, "<<: *name",
                   "<< merges a mapping or a list of mappings");
    if (!fits)
        reader_stop(r, span, at, "the merge keys expand to too much");
}

/* Most keys are simple text and need no node. NULL if a node is needed. */
static const char *plain_key(struct reader *r, const struct yaml_event *ev)
{
    if (ev->kind != YAML_EVENTS_SCALAR || ev->tag || ev->anchor || !ev->plain ||
        yaml_scalar_plain(ev->text, ev->len).kind != YAML_SCALAR_TEXT)
        return NULL;
    r->anchors.nodes++;
    r->anchors.bytes += ev->len;
    return arena_strndup(r->arena, ev->text, ev->len);
}

static const char *read_key(struct reader *r, const struct yaml_event *ev,
                            const struct yaml_place *at, size_t depth)
{
    struct diag_span span = ev->at;
    if (ev->kind == YAML_EVENTS_SCALAR && ev->len > LIMIT_YAML_KEY_BYTES) {
        reader_stop(r, span, at,
                    arena_printf(r->arena, "a key of more than %d bytes", LIMIT_YAML_KEY_BYTES));
        return NULL;
    }
    const char *key = plain_key(r, ev);
    if (key)
        return key;
    const char *written =
        ev->kind == YAML_EVENTS_SCALAR ? arena_strndup(r->arena, ev->text, ev->len) : NULL;
    struct yaml_node *node = read_node(r, ev, at, depth + 1);
    return node ? key_text(r, node, written, span, at) : NULL;
}

/* Reads one key and its value. */
static bool read_pair(struct reader *r, const struct yaml_event *ev, const struct yaml_place *at,
                      size_t depth)
{
    struct diag_span span = ev->at;
    bool plain = ev->kind == YAML_EVENTS_SCALAR && !ev->tag && ev->plain;
    /* Each has a meaning as a value only, or as a key only. */
    bool merges = plain && strcmp(ev->text, "<<") == 0;
    bool equals = plain && strcmp(ev->text, "=") == 0;
    const char *key = merges ? "<<" : equals ? "=" : read_key(r, ev, at, depth);
    struct yaml_event next;
    if (!key || !next_event(r, &next))
        return false;
    struct yaml_place here = {at, key, 0};
    struct yaml_node *node = read_node(r, &next, &here, depth + 1);
    if (!node)
        return false;
    struct yaml_entry entry = {.key = key,
                               .line = span.line,
                               .column = span.column,
                               .end_column = span.end_line == span.line ? span.end_column : 0,
                               .node = node};
    if (merges)
        merge_dict(r, node, span, at);
    else
        yaml_tree_add_pair(&r->open, entry, true);
    return !r->stop;
}

struct duplicates {
    struct reader *r;
    const struct yaml_place *at;
};

static void tell_duplicate(void *arg, const struct yaml_entry *kept, const struct yaml_entry *lost)
{
    struct duplicates *dup = arg;
    struct yaml_place here = {dup->at, kept->key, 0};
    struct diag_span span = {kept->line, kept->column, kept->line,
                             kept->end_column ? kept->end_column : kept->column};
    reader_say(dup->r, DIAG_WARNING, span, &here, NULL,
               arena_printf(&dup->r->said, "duplicate key: this one replaces the one in line %d",
                            lost->line));
    arena_clear(&dup->r->said);
}

static void read_dict(struct reader *r, struct yaml_node *node, const struct yaml_place *at,
                      size_t depth)
{
    size_t from = r->open.pairs_n;
    for (;;) {
        struct yaml_event ev;
        if (!next_event(r, &ev))
            return;
        if (ev.kind == YAML_EVENTS_DICT_END) {
            node->end_line = ev.at.end_line;
            node->end_column = ev.at.end_column;
            break;
        }
        if (!read_pair(r, &ev, at, depth))
            return;
    }
    struct duplicates dup = {r, at};
    yaml_tree_dict(r->arena, node, &r->open, from, tell_duplicate, &dup);
}

static struct yaml_node *read_alias(struct reader *r, const struct yaml_event *ev,
                                    const struct yaml_place *at, size_t depth)
{
    struct yaml_node *node = NULL;
    const char *wrong = yaml_anchors_use(&r->anchors, r->arena, ev->text, depth, &node);
    if (wrong)
        reader_stop(r, ev->at, at, wrong);
    return node;
}

/* Whether the node that begins here may be read; checks only its beginning. */
static bool begin_node(struct reader *r, const struct yaml_event *ev, const struct yaml_place *at,
                       size_t depth)
{
    if (++r->anchors.nodes > LIMIT_YAML_NODES)
        reader_stop(r, ev->at, at, "the file holds too many values");
    else if (depth > LIMIT_YAML_DEPTH)
        reader_stop(r, ev->at, at, "the file is nested too deeply");
    else if (ev->kind != YAML_EVENTS_SCALAR && !collection_tag_ok(r, ev, at))
        return false;
    const char *wrong =
        !r->stop && ev->anchor ? yaml_anchors_open(&r->anchors, r->arena, ev->anchor) : NULL;
    if (wrong)
        reader_stop(r, ev->at, at, wrong);
    return !r->stop;
}

/* NULL if reading must stop. */
static struct yaml_node *read_node(struct reader *r, const struct yaml_event *ev,
                                   const struct yaml_place *at, size_t depth)
{
    if (ev->kind == YAML_EVENTS_ALIAS)
        return read_alias(r, ev, at, depth);
    struct yaml_node *node = arena_alloc(r->arena, sizeof *node);
    node->line = ev->at.line;
    node->column = ev->at.column;
    node->end_line = ev->at.end_line;
    node->end_column = ev->at.end_column;
    if (!begin_node(r, ev, at, depth))
        return NULL;
    const char *anchor = ev->anchor ? arena_strdup(r->arena, ev->anchor) : NULL;
    if (ev->kind == YAML_EVENTS_SCALAR)
        read_scalar(r, ev, at, node);
    else if (ev->kind == YAML_EVENTS_LIST)
        read_list(r, node, at, depth);
    else
        read_dict(r, node, at, depth);
    if (r->stop)
        return NULL;
    if (anchor)
        yaml_anchors_close(&r->anchors, anchor, node);
    return node;
}

static struct yaml_node *read_document(struct reader *r)
{
    struct yaml_node *root = NULL;
    struct yaml_event ev;
    do {
        if (!next_event(r, &ev))
            return NULL;
        if (ev.kind == YAML_EVENTS_DOCUMENT && root)
            reader_stop(r, ev.at, NULL, "a second document begins here, and only one is allowed");
        if (ev.kind == YAML_EVENTS_ALIAS || ev.kind == YAML_EVENTS_SCALAR ||
            ev.kind == YAML_EVENTS_LIST || ev.kind == YAML_EVENTS_DICT)
            root = read_node(r, &ev, NULL, 1);
        if (r->stop)
            return NULL;
    } while (ev.kind != YAML_EVENTS_END);
    if (!root)
        reader_say(r, DIAG_ERROR, (struct diag_span){1, 1, 1, 1}, NULL, NULL, "the file is empty");
    return root;
}

static void check_tabs(struct reader *r, const char *text, size_t len)
{
    size_t line = 0, column = 0;
    if (r->stop || !r->has_tabs || !yaml_tabs_find(&r->tabs, text, len, &line, &column))
        return;
    struct diag_span span = {.line = (int)line + 1, .column = (int)column + 1};
    reader_say(r, DIAG_ERROR, begin_of(span), NULL, NULL,
               "there is a tab here: YAML allows tabs only in quotes and comments");
}

struct yaml_node *yaml_look(struct arena *a, const char *text, size_t len, struct diags *d)
{
    struct reader r = {.arena = a, .diags = d};
    r.has_tabs = !yaml_events_is_utf16(text, len) && memchr(text, '\t', len) != NULL;
    r.events = yaml_events_new(text, len);
    yaml_anchors_init(&r.anchors);
    yaml_tree_init(&r.open);
    arena_init(&r.said);
    struct yaml_node *root = read_document(&r);
    check_tabs(&r, text, len);
    arena_done(&r.said);
    yaml_tree_done(&r.open);
    yaml_anchors_done(&r.anchors);
    yaml_events_free(r.events);
    return root;
}

struct yaml_node *yaml_read(struct arena *a, const char *text, size_t len, struct diags *d)
{
    size_t errors_before = d->errors;
    struct yaml_node *root = yaml_look(a, text, len, d);
    return d->errors == errors_before ? root : NULL;
}
