/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml.h"

#include <string.h>
#include <yaml.h>
#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/yaml_problem.h"
#include "base/yaml_resolve.h"
#include "base/yaml_scalar.h"
#include "base/yaml_slip.h"
#include "base/yaml_tabs.h"

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    struct diags *diags;
    const char *text;
    size_t len, fed;       /* its bytes, and how many of them libyaml has */
    struct map anchors;    /* name -> struct anchor */
    struct yaml_open open; /* what is read of the collections around */
    struct arena said;     /* messages until they are added; there may be one a value */
    size_t nodes, bytes;   /* read, aliases counted by what they stand for */
    bool has_tabs;
    struct yaml_tabs tabs;
    bool stop; /* after an error behind which nothing can be trusted */
};

struct anchor {
    struct yaml_node *node; /* NULL while the node itself is being read */
};

/* Where in the document a node is, for the key path of a diagnostic. */
struct place {
    const struct place *up;
    const char *key; /* or NULL: an item */
    size_t index;
};

static struct yaml_node *read_node(struct reader *r, yaml_event_t *ev, const struct place *at,
                                   size_t depth);

static void print_place(struct buf *out, const struct place *at)
{
    if (!at)
        return;
    print_place(out, at->up);
    if (at->key && out->len > 0)
        buf_addc(out, '.');
    if (at->key)
        buf_adds(out, at->key);
    else
        buf_addf(out, "[%zu]", at->index);
}

static struct diag *say(struct reader *r, enum diag_severity severity, yaml_mark_t mark,
                        const struct place *at, const char *fix, const char *message)
{
    struct buf path;
    buf_init(&path, 4096);
    print_place(&path, at);
    struct diag *said = diags_add(r->diags, severity, (int)mark.line + 1, (int)mark.column + 1,
                                  path.data, fix, "%s", message);
    diags_end_at(said, (int)mark.line + 1, (int)mark.column + 1);
    buf_done(&path);
    /* Past so many errors no more are shown, and the file is not what it was taken for. */
    r->stop = r->stop || r->diags->errors > LIMIT_DIAGS;
    return said;
}

static void stop(struct reader *r, yaml_mark_t mark, const struct place *at, const char *fix,
                 const char *message)
{
    say(r, DIAG_ERROR, mark, at, fix, message);
    r->stop = true;
}

/* The byte at a mark (libyaml counts characters, and lines as YAML 1.1 breaks them). */
static char byte_at(const struct reader *r, yaml_mark_t mark)
{
    size_t i = 0;
    for (size_t line = 0; line < mark.line && i < r->len; i++)
        if (r->text[i] == '\n' ||
            (r->text[i] == '\r' && (i + 1 == r->len || r->text[i + 1] != '\n')))
            line++;
    for (size_t column = 0; i < r->len; i++) {
        if (((unsigned char)r->text[i] & 0xC0) == 0x80)
            continue;
        if (column++ == mark.column)
            return r->text[i];
    }
    return '\0';
}

/* Bytes to a mark: for errors that libyaml gives an offset for. */
static yaml_mark_t mark_at(const struct reader *r, size_t offset)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < offset && i < r->len; i++) {
        mark.column = r->text[i] == '\n' ? 0 : mark.column + 1;
        mark.line += r->text[i] == '\n';
    }
    return mark;
}

/* libyaml holds each %TAG against all before it, and does not end on its own with thousands. */
static bool too_many_directives(const yaml_parser_t *p)
{
    return p->tag_directives.top - p->tag_directives.start > LIMIT_YAML_DIRECTIVES;
}

static bool is_utf16(const char *text, size_t len)
{
    return len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
}

/* Whether it is a slip that is known, and said. */
static bool say_slip(struct reader *r, const yaml_parser_t *p)
{
    bool context = p->context != NULL;
    struct yaml_trouble trouble = {
        .problem = p->problem,
        .context = p->context,
        .line = (int)p->problem_mark.line + 1,
        .column = (int)p->problem_mark.column + 1,
        .context_line = context ? (int)p->context_mark.line + 1 : 0,
        .context_column = context ? (int)p->context_mark.column + 1 : 0,
    };
    struct yaml_slip slip;
    if (!p->problem || is_utf16(r->text, r->len) ||
        !yaml_slip_find(r->arena, r->text, r->len, &trouble, &slip))
        return false;
    yaml_mark_t mark = {.line = (size_t)slip.at.line - 1, .column = (size_t)slip.at.column - 1};
    struct diag *said = say(r, DIAG_ERROR, mark, NULL, slip.fix, slip.message);
    diags_end_at(said, slip.at.end_line, slip.at.end_column);
    for (size_t i = 0; i < slip.edits_n; i++)
        diags_edit(r->diags, said, slip.edits[i].at, slip.edits[i].text);
    r->stop = true;
    return true;
}

static void syntax_error(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    if (too_many_directives(p)) {
        stop(r, p->mark, NULL, NULL, "too many %TAG directives: a sweep needs none");
        return;
    }
    bool reader = p->error == YAML_READER_ERROR;
    if (!reader && say_slip(r, p))
        return;
    yaml_mark_t mark = reader ? mark_at(r, p->problem_offset) : p->problem_mark;
    struct yaml_problem found =
        yaml_problem_explain(r->arena, p->context, p->problem, byte_at(r, mark));
    stop(r, mark, NULL, found.fix, found.message);
}

static int feed(void *arg, unsigned char *bytes, size_t size, size_t *ret_size)
{
    struct reader *r = arg;
    size_t left = r->len - r->fed;
    *ret_size = size < left ? size : left;
    if (*ret_size)
        memcpy(bytes, r->text + r->fed, *ret_size);
    r->fed += *ret_size;
    return !too_many_directives(&r->parser);
}

static bool next_event(struct reader *r, yaml_event_t *ev)
{
    if (yaml_parser_parse(&r->parser, ev))
        return true;
    syntax_error(r);
    return false;
}

static void set_end(struct yaml_node *node, yaml_mark_t mark)
{
    node->end_line = (int)mark.line + 1;
    node->end_column = (int)mark.column + 1;
}

static void open_anchor(struct reader *r, const yaml_event_t *ev, const yaml_char_t *name,
                        const struct place *at)
{
    if (!name)
        return;
    size_t len = strlen((const char *)name);
    if (map_find(&r->anchors, name, len)) {
        stop(r, ev->start_mark, at, NULL,
             arena_printf(r->arena, "the anchor &%.40s is defined twice", (const char *)name));
        return;
    }
    if (r->anchors.live == LIMIT_YAML_ANCHORS) {
        stop(r, ev->start_mark, at, NULL,
             arena_printf(r->arena, "more than %d anchors", LIMIT_YAML_ANCHORS));
        return;
    }
    map_put(&r->anchors, name, len, arena_alloc(r->arena, sizeof(struct anchor)));
}

/* Counts what is used again: a short text can stand for more than memory holds. */
static bool take(struct reader *r, const struct yaml_node *node)
{
    r->nodes += node->nodes;
    r->bytes += node->bytes;
    return r->nodes <= LIMIT_YAML_NODES && r->bytes <= LIMIT_SPEC_BYTES;
}

static struct yaml_node *read_alias(struct reader *r, const yaml_event_t *ev,
                                    const struct place *at, size_t depth)
{
    const char *name = (const char *)ev->data.alias.anchor;
    const struct anchor *anchor = map_find(&r->anchors, name, strlen(name));
    if (!anchor) {
        stop(r, ev->start_mark, at, NULL,
             arena_printf(r->arena, "*%.40s stands for nothing: no &%.40s before it", name, name));
        return NULL;
    }
    if (!anchor->node) {
        stop(r, ev->start_mark, at, NULL,
             arena_printf(r->arena, "*%.40s stands inside of what it stands for", name));
        return NULL;
    }
    if (!take(r, anchor->node) || depth + anchor->node->height > LIMIT_YAML_DEPTH) {
        stop(r, ev->start_mark, at, NULL, "the aliases expand to too much");
        return NULL;
    }
    anchor->node->shared = true;
    return anchor->node;
}

static void read_scalar(struct reader *r, const yaml_event_t *ev, const struct place *at,
                        struct yaml_node *node)
{
    size_t len = ev->data.scalar.length;
    bool plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    /* Once the list of diagnostics is full, one warning more a value is work for nothing. */
    struct yaml_resolve_to to = {r->arena, &r->said, diags_full(r->diags)};
    struct yaml_resolved got = yaml_resolve(&to, (const char *)ev->data.scalar.value, len,
                                            (const char *)ev->data.scalar.tag, plain);
    node->nodes = 1;
    node->height = 1;
    node->bytes = len;
    node->value = got.value;
    node->loose = got.loose;
    r->bytes += len;
    if (!plain && r->has_tabs)
        yaml_tabs_add(r->arena, &r->tabs, ev->start_mark.index, ev->end_mark.index);
    if (got.message) {
        struct diag_span span = {node->line, node->column, node->end_line, node->end_column};
        struct diag *said = say(r, got.severity, ev->start_mark, at, got.fix, got.message);
        diags_end_at(said, span.end_line, span.end_column);
        if (got.exact)
            diags_edit(r->diags, said, span, got.fix);
        arena_clear(&r->said);
    }
}

static bool collection_tag_ok(struct reader *r, const yaml_event_t *ev, const yaml_char_t *tag,
                              const char *right, const struct place *at)
{
    if (!tag || strcmp((const char *)tag, "!") == 0 || strcmp((const char *)tag, right) == 0)
        return true;
    stop(r, ev->start_mark, at, NULL, yaml_resolve_unknown_tag(r->arena, (const char *)tag));
    return false;
}

static void read_list(struct reader *r, struct yaml_node *node, const struct place *at,
                      size_t depth)
{
    size_t from = r->open.items_n;
    for (;;) {
        yaml_event_t ev;
        if (!next_event(r, &ev))
            return;
        if (ev.type == YAML_SEQUENCE_END_EVENT) {
            set_end(node, ev.end_mark);
            yaml_event_delete(&ev);
            break;
        }
        struct place here = {at, NULL, r->open.items_n - from};
        struct yaml_node *item = read_node(r, &ev, &here, depth + 1);
        if (!item)
            return;
        yaml_tree_add_item(&r->open, item);
    }
    yaml_tree_list(r->arena, node, &r->open, from);
}

static const char *key_text(struct reader *r, const struct yaml_node *key, yaml_mark_t mark,
                            const struct place *at)
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
        say(r, DIAG_WARNING, mark, &(struct place){at, name, 0}, NULL,
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
    say(r, DIAG_ERROR, mark, at, NULL, "a list or mapping cannot be a key");
    return "";
}

static bool add_merged(struct reader *r, const struct yaml_node *from)
{
    for (size_t i = 0; i < from->n; i++) {
        from->entries[i].node->shared = true;
        yaml_tree_add_pair(&r->open, from->entries[i], false);
    }
    return take(r, from);
}

/* `<<: *a` or `<<: [*a, *b]`: of several the first wins, and the dict's own keys over all. */
static void merge(struct reader *r, const struct yaml_node *from, yaml_mark_t mark,
                  const struct place *at)
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
        say(r, DIAG_ERROR, mark, at, "<<: *name", "<< merges a mapping or a list of mappings");
    if (!fits)
        stop(r, mark, at, NULL, "the merge keys expand to too much");
}

/* Most keys are text without more ado, and then need no node. NULL where one is needed. */
static const char *plain_key(struct reader *r, const yaml_event_t *ev)
{
    if (ev->type != YAML_SCALAR_EVENT || ev->data.scalar.tag || ev->data.scalar.anchor)
        return NULL;
    const char *text = (const char *)ev->data.scalar.value;
    size_t len = ev->data.scalar.length;
    if (ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
        yaml_scalar_plain(text, len).kind != YAML_SCALAR_TEXT)
        return NULL;
    r->nodes++;
    r->bytes += len;
    return arena_strndup(r->arena, text, len);
}

static const char *read_key(struct reader *r, yaml_event_t *ev, const struct place *at,
                            size_t depth)
{
    yaml_mark_t mark = ev->start_mark;
    if (ev->type == YAML_SCALAR_EVENT && ev->data.scalar.length > LIMIT_YAML_KEY_BYTES) {
        stop(r, mark, at, NULL,
             arena_printf(r->arena, "a key of more than %d bytes", LIMIT_YAML_KEY_BYTES));
        yaml_event_delete(ev);
        return NULL;
    }
    const char *key = plain_key(r, ev);
    if (key) {
        yaml_event_delete(ev);
        return key;
    }
    struct yaml_node *node = read_node(r, ev, at, depth + 1);
    return node ? key_text(r, node, mark, at) : NULL;
}

/* Reads one key and its value. */
static bool read_pair(struct reader *r, yaml_event_t *ev, const struct place *at, size_t depth)
{
    yaml_mark_t mark = ev->start_mark, end = ev->end_mark;
    bool plain = ev->type == YAML_SCALAR_EVENT && !ev->data.scalar.tag &&
                 ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool merges = plain && strcmp((const char *)ev->data.scalar.value, "<<") == 0;
    bool equals = plain && strcmp((const char *)ev->data.scalar.value, "=") == 0;
    const char *key =
        merges ? "<<" : "="; /* each has a meaning as a value only, or as a key only */
    if (merges || equals)
        yaml_event_delete(ev);
    else if (!(key = read_key(r, ev, at, depth)))
        return false;
    yaml_event_t next;
    if (!next_event(r, &next))
        return false;
    struct place here = {at, key, 0};
    struct yaml_node *node = read_node(r, &next, &here, depth + 1);
    if (!node)
        return false;
    if (merges)
        merge(r, node, mark, at);
    else
        yaml_tree_add_pair(
            &r->open,
            (struct yaml_entry){.key = key,
                                .line = (int)mark.line + 1,
                                .column = (int)mark.column + 1,
                                .end_column = end.line == mark.line ? (int)end.column + 1 : 0,
                                .node = node},
            true);
    return !r->stop;
}

struct duplicates {
    struct reader *r;
    const struct place *at;
};

static void tell_duplicate(void *arg, const struct yaml_entry *kept, const struct yaml_entry *lost)
{
    struct duplicates *dup = arg;
    struct place here = {dup->at, kept->key, 0};
    yaml_mark_t mark = {.line = (size_t)kept->line - 1, .column = (size_t)kept->column - 1};
    struct diag *said =
        say(dup->r, DIAG_WARNING, mark, &here, NULL,
            arena_printf(&dup->r->said, "the key is there twice: this one replaces that of line %d",
                         lost->line));
    if (kept->end_column)
        diags_end_at(said, kept->line, kept->end_column);
    arena_clear(&dup->r->said);
}

static void read_dict(struct reader *r, struct yaml_node *node, const struct place *at,
                      size_t depth)
{
    size_t from = r->open.pairs_n;
    for (;;) {
        yaml_event_t ev;
        if (!next_event(r, &ev))
            return;
        if (ev.type == YAML_MAPPING_END_EVENT) {
            set_end(node, ev.end_mark);
            yaml_event_delete(&ev);
            break;
        }
        if (!read_pair(r, &ev, at, depth))
            return;
    }
    struct duplicates dup = {r, at};
    yaml_tree_dict(r->arena, node, &r->open, from, tell_duplicate, &dup);
}

static void close_anchor(struct reader *r, const char *name, struct yaml_node *node)
{
    if (!name)
        return;
    struct anchor *anchor = map_find(&r->anchors, name, strlen(name));
    anchor->node = node;
}

/* Takes over ev. NULL where reading has to stop. */
static struct yaml_node *read_node(struct reader *r, yaml_event_t *ev, const struct place *at,
                                   size_t depth)
{
    struct yaml_node *node = arena_alloc(r->arena, sizeof *node);
    const yaml_char_t *anchor = NULL;
    yaml_event_type_t type = ev->type;
    if (type == YAML_ALIAS_EVENT) {
        node = read_alias(r, ev, at, depth);
        yaml_event_delete(ev);
        return node;
    }
    node->line = (int)ev->start_mark.line + 1;
    node->column = (int)ev->start_mark.column + 1;
    set_end(node, ev->end_mark);
    if (++r->nodes > LIMIT_YAML_NODES)
        stop(r, ev->start_mark, at, NULL, "the file holds too many values");
    else if (depth > LIMIT_YAML_DEPTH)
        stop(r, ev->start_mark, at, NULL, "the file is nested too deeply");
    else if (type == YAML_SCALAR_EVENT)
        anchor = ev->data.scalar.anchor;
    else if (type == YAML_SEQUENCE_START_EVENT &&
             collection_tag_ok(r, ev, ev->data.sequence_start.tag, YAML_SEQ_TAG, at))
        anchor = ev->data.sequence_start.anchor;
    else if (type == YAML_MAPPING_START_EVENT &&
             collection_tag_ok(r, ev, ev->data.mapping_start.tag, YAML_MAP_TAG, at))
        anchor = ev->data.mapping_start.anchor;
    const char *name = anchor ? arena_strdup(r->arena, (const char *)anchor) : NULL;
    if (!r->stop)
        open_anchor(r, ev, anchor, at);
    if (!r->stop && type == YAML_SCALAR_EVENT)
        read_scalar(r, ev, at, node);
    yaml_event_delete(ev);
    if (!r->stop && type == YAML_SEQUENCE_START_EVENT)
        read_list(r, node, at, depth);
    if (!r->stop && type == YAML_MAPPING_START_EVENT)
        read_dict(r, node, at, depth);
    if (r->stop)
        return NULL;
    close_anchor(r, name, node);
    return node;
}

static struct yaml_node *read_document(struct reader *r)
{
    struct yaml_node *root = NULL;
    for (;;) {
        yaml_event_t ev;
        if (!next_event(r, &ev))
            return NULL;
        yaml_event_type_t type = ev.type;
        if (type == YAML_DOCUMENT_START_EVENT && root)
            stop(r, ev.start_mark, NULL, NULL,
                 "a second document begins here, and there may be only one");
        if (type >= YAML_ALIAS_EVENT && type <= YAML_MAPPING_START_EVENT)
            root = read_node(r, &ev, NULL, 1);
        else
            yaml_event_delete(&ev);
        if (r->stop)
            return NULL;
        if (type == YAML_STREAM_END_EVENT)
            break;
    }
    if (!root)
        say(r, DIAG_ERROR, (yaml_mark_t){0}, NULL, NULL, "the file is empty");
    return root;
}

static void check_tabs(struct reader *r)
{
    yaml_mark_t mark = {0};
    if (!r->stop && r->has_tabs &&
        yaml_tabs_find(&r->tabs, r->text, r->len, &mark.line, &mark.column))
        say(r, DIAG_ERROR, mark, NULL, NULL,
            "a tab stands here: YAML wants spaces, but for quotes and comments");
}

static bool check_bytes(struct reader *r)
{
    if (r->len > LIMIT_SPEC_BYTES) {
        stop(r, (yaml_mark_t){0}, NULL, NULL,
             arena_printf(r->arena, "the file has %zu bytes; %d are allowed", r->len,
                          LIMIT_SPEC_BYTES));
        return false;
    }
    const char *nul = is_utf16(r->text, r->len) ? NULL : memchr(r->text, '\0', r->len);
    if (!nul)
        return true;
    stop(r, mark_at(r, (size_t)(nul - r->text)), NULL, NULL,
         "a NUL byte stands here: this is not text, or not UTF-8");
    return false;
}

struct yaml_node *yaml_look(struct arena *a, const char *text, size_t len, struct diags *d)
{
    struct reader r = {.arena = a, .diags = d, .text = text, .len = len};
    struct yaml_node *root = NULL;
    if (!check_bytes(&r))
        return NULL;
    r.has_tabs = !is_utf16(text, len) && memchr(text, '\t', len) != NULL;
    map_init(&r.anchors);
    yaml_tree_init(&r.open);
    arena_init(&r.said);
    if (yaml_parser_initialize(&r.parser)) {
        yaml_parser_set_input(&r.parser, feed, &r);
        root = read_document(&r);
        check_tabs(&r);
        yaml_parser_delete(&r.parser);
    }
    arena_done(&r.said);
    yaml_tree_done(&r.open);
    map_done(&r.anchors);
    return root;
}

struct yaml_node *yaml_read(struct arena *a, const char *text, size_t len, struct diags *d)
{
    size_t errors_before = d->errors;
    struct yaml_node *root = yaml_look(a, text, len, d);
    return d->errors == errors_before ? root : NULL;
}
