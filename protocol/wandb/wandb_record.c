/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_record.h"

#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

enum { PATH_DEPTH_MAX = 16, NESTED_MAX = 4096, TAGS_MAX = 1000, FILES_MAX = 10000 };

/* Numbers of fields, of wandb_internal.proto. */
enum { ITEM_KEY = 1, ITEM_NESTED = 2, ITEM_JSON = 16 };
enum { UPDATES = 1, REMOVES = 2 };
enum {
    RUN_ID = 1,
    RUN_ENTITY,
    RUN_PROJECT,
    RUN_CONFIG,
    RUN_GROUP = 6,
    RUN_JOB,
    RUN_DISPLAY,
    RUN_NOTES,
    RUN_TAGS,
    RUN_SWEEP = 12,
    RUN_HOST,
    RUN_START = 17,
    RUN_GIT = 21
};
enum { GIT_REMOTE = 1, GIT_COMMIT };
enum { OUTPUT_TYPE = 1, OUTPUT_TIME, OUTPUT_LINE };
enum { STATS_TIME = 2, STATS_ITEM };
enum { TELEMETRY_PYTHON = 4, TELEMETRY_CLIENT };

struct span {
    const unsigned char *at, *end;
};

struct field {
    uint64_t number, integer; /* integer: of a varint */
    bool is_bytes;
    struct span bytes;
};

static bool varint_read(struct span *s, uint64_t *ret)
{
    *ret = 0;
    for (unsigned shift = 0; s->at < s->end && shift < 64; shift += 7) {
        unsigned char byte = *s->at++;
        *ret |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

/* The next field that is bytes or an integer. False at the end, or at what is malformed. */
static bool field_next(struct span *s, struct field *ret)
{
    uint64_t tag, n;
    while (varint_read(s, &tag)) {
        unsigned wire = tag & 7;
        *ret = (struct field){.number = tag >> 3, .is_bytes = wire == 2};
        if (wire == 0)
            return varint_read(s, &ret->integer);
        if (wire == 1 || wire == 5)
            n = wire == 1 ? 8 : 4;
        else if (wire != 2 || !varint_read(s, &n))
            return false;
        if (n > (uint64_t)(s->end - s->at))
            return false;
        ret->bytes = (struct span){s->at, s->at + n};
        s->at += n;
        if (wire == 2)
            return true;
    }
    return false;
}

static struct span span_of(const struct wandb_record *r)
{
    return (struct span){r->at, r->end};
}

/* Cut at the first byte that is not text. */
static struct value *text_value(struct arena *a, struct span s)
{
    const char *text = (const char *)s.at;
    size_t len = strnlen(text, (size_t)(s.end - s.at));
    return value_strn(a, text, utf8_valid_prefix(text, len));
}

static const char *text_of(struct arena *a, struct span s)
{
    return s.at < s.end ? text_value(a, s)->s.ptr : NULL;
}

/* google.protobuf.Timestamp */
static double time_of(struct span s)
{
    struct field f;
    double seconds = 0;
    while (field_next(&s, &f))
        if (!f.is_bytes)
            seconds += f.number == 1 ? (double)(int64_t)f.integer : (double)f.integer / 1e9;
    return seconds > 0 && seconds < 1e11 ? seconds : 0;
}

struct wandb_record wandb_record_read(const void *bytes, size_t len)
{
    static const enum wandb_record_kind kinds[] = {
        [2] = WANDB_RECORD_HISTORY,    [3] = WANDB_RECORD_SUMMARY, [5] = WANDB_RECORD_CONFIG,
        [6] = WANDB_RECORD_FILES,      [7] = WANDB_RECORD_STATS,   [11] = WANDB_RECORD_TELEMETRY,
        [13] = WANDB_RECORD_OUTPUT,    [17] = WANDB_RECORD_RUN,    [18] = WANDB_RECORD_EXIT,
        [23] = WANDB_RECORD_PREEMPTING};
    struct span s = {bytes, (const unsigned char *)bytes + len};
    struct wandb_record r = {.kind = WANDB_RECORD_OTHER};
    struct field f;
    while (field_next(&s, &f))
        if (f.is_bytes && f.number < sizeof kinds / sizeof *kinds && kinds[f.number])
            r = (struct wandb_record){kinds[f.number], f.bytes.at, f.bytes.end};
    return r;
}

/* The dict at a path of names, which is made where it is missing; NULL where something else is there. */
static struct value *path_find(struct arena *a, struct value *root, const char *const *path,
                               size_t depth)
{
    for (size_t i = 0; i < depth; i++) {
        struct value *next = (struct value *)(uintptr_t)value_get(root, path[i]);
        if (!next)
            value_put(a, root, path[i], next = value_dict(a));
        if (next->kind != VALUE_DICT)
            return NULL;
        root = next;
    }
    return root;
}

struct item {
    const char *path[PATH_DEPTH_MAX];
    size_t depth;
    struct value *value; /* NULL: none, or malformed */
};

/* A name, or the names of a path, and a value as JSON. */
static void item_read(struct arena *a, struct span s, struct item *ret)
{
    struct field f;
    *ret = (struct item){0};
    while (field_next(&s, &f)) {
        size_t len = (size_t)(f.bytes.end - f.bytes.at);
        if (!f.is_bytes)
            continue;
        if ((f.number == ITEM_KEY || f.number == ITEM_NESTED) && ret->depth < PATH_DEPTH_MAX)
            ret->path[ret->depth++] = text_value(a, f.bytes)->s.ptr;
        else if (f.number == ITEM_JSON &&
                 json_parse(a, (const char *)f.bytes.at, len, &ret->value, NULL) != 0)
            ret->value = NULL;
    }
}

static void name_remove(struct arena *a, struct value *dict, const char *name)
{
    if (!value_get(dict, name))
        return;
    struct value *left = value_dict_with_room(a, dict->dict.n);
    for (size_t i = 0; i < dict->dict.n; i++)
        if (strcmp(dict->dict.entries[i].key, name) != 0)
            value_put_new(left, dict->dict.entries[i].key, dict->dict.entries[i].value);
    *dict = *left;
}

void wandb_record_apply(struct arena *a, const struct wandb_record *r, struct value *root,
                        size_t max)
{
    struct span s = span_of(r);
    struct field f;
    struct item item;
    while (field_next(&s, &f)) {
        if (!f.is_bytes || (f.number != UPDATES && f.number != REMOVES))
            continue;
        item_read(a, f.bytes, &item);
        if (item.depth == 0 || (root->dict.n >= max && !value_get(root, item.path[0])))
            continue;
        struct value *at = path_find(a, root, item.path, item.depth - 1);
        if (at && f.number == REMOVES)
            name_remove(a, at, item.path[item.depth - 1]);
        else if (at && item.value)
            value_put(a, at, item.path[item.depth - 1], item.value);
    }
}

struct value *wandb_record_row(struct arena *a, const struct wandb_record *r)
{
    struct span s = span_of(r), counted = s;
    struct field f;
    struct item item;
    size_t n = 0, nested = 0;
    while (field_next(&counted, &f))
        n += f.is_bytes && f.number == UPDATES;
    /* Room for each: adding to it never looks through the others, however many a row has. */
    struct value *root = value_dict_with_room(a, n);
    while (field_next(&s, &f)) {
        if (!f.is_bytes || f.number != UPDATES)
            continue;
        item_read(a, f.bytes, &item);
        if (item.depth == 1 && item.value) { /* a name that comes twice counts once as a metric */
            value_put_new(root, item.path[0], item.value);
        } else if (item.depth > 1 && item.value && nested++ < NESTED_MAX) {
            struct value *at = path_find(a, root, item.path, item.depth - 1);
            if (at)
                value_put(a, at, item.path[item.depth - 1], item.value);
        }
    }
    return root;
}

static void git_read(struct arena *a, struct span s, struct wandb_record_run *ret)
{
    struct field f;
    while (field_next(&s, &f)) {
        if (f.is_bytes && f.number == GIT_REMOTE)
            ret->remote = text_of(a, f.bytes);
        if (f.is_bytes && f.number == GIT_COMMIT)
            ret->commit = text_of(a, f.bytes);
    }
}

static void run_field(struct arena *a, const struct field *f, struct value *config,
                      struct wandb_record_run *ret)
{
    const char **texts[] = {
        [RUN_ID] = &ret->id,       [RUN_ENTITY] = &ret->entity, [RUN_PROJECT] = &ret->project,
        [RUN_GROUP] = &ret->group, [RUN_JOB] = &ret->job,       [RUN_DISPLAY] = &ret->display,
        [RUN_NOTES] = &ret->notes, [RUN_SWEEP] = &ret->sweep,   [RUN_HOST] = &ret->host};
    const struct wandb_record sub = {WANDB_RECORD_CONFIG, f->bytes.at, f->bytes.end};
    if (f->number < sizeof texts / sizeof *texts && texts[f->number])
        *texts[f->number] = text_of(a, f->bytes);
    else if (f->number == RUN_CONFIG && config)
        wandb_record_apply(a, &sub, config, SIZE_MAX);
    else if (f->number == RUN_TAGS && ret->tags->list.n < TAGS_MAX)
        value_push(a, ret->tags, text_value(a, f->bytes));
    else if (f->number == RUN_START)
        ret->started = time_of(f->bytes);
    else if (f->number == RUN_GIT)
        git_read(a, f->bytes, ret);
}

void wandb_record_run(struct arena *a, const struct wandb_record *r, struct value *config,
                      struct wandb_record_run *ret)
{
    struct span s = span_of(r);
    struct field f;
    *ret = (struct wandb_record_run){.tags = value_list(a)};
    while (field_next(&s, &f))
        if (f.is_bytes)
            run_field(a, &f, config, ret);
}

struct wandb_record_output wandb_record_output(const struct wandb_record *r)
{
    struct wandb_record_output o = {.err = true, .text = ""}; /* the type 0 is not written */
    struct span s = span_of(r);
    struct field f;
    while (field_next(&s, &f)) {
        if (!f.is_bytes && f.number == OUTPUT_TYPE)
            o.err = f.integer == 0;
        else if (f.is_bytes && f.number == OUTPUT_TIME)
            o.at = time_of(f.bytes);
        else if (f.is_bytes && f.number == OUTPUT_LINE) {
            o.text = (const char *)f.bytes.at;
            o.len = (size_t)(f.bytes.end - f.bytes.at);
        }
    }
    return o;
}

struct value *wandb_record_stats(struct arena *a, const struct wandb_record *r, double *ret_at)
{
    struct value *dict = value_dict(a);
    struct span s = span_of(r);
    struct field f;
    struct item item;
    *ret_at = 0;
    for (size_t n = 0; n < NESTED_MAX && field_next(&s, &f); n++) {
        if (f.is_bytes && f.number == STATS_TIME)
            *ret_at = time_of(f.bytes);
        if (!f.is_bytes || f.number != STATS_ITEM)
            continue;
        item_read(a, f.bytes, &item);
        if (item.depth == 1 && item.value)
            value_put(a, dict, item.path[0], item.value);
    }
    return dict;
}

struct value *wandb_record_files(struct arena *a, const struct wandb_record *r)
{
    struct value *list = value_list(a);
    struct span s = span_of(r), sub;
    struct field f, name;
    while (field_next(&s, &f) && list->list.n < FILES_MAX) {
        sub = f.bytes;
        while (f.is_bytes && f.number == 1 && field_next(&sub, &name))
            if (name.is_bytes && name.number == 1)
                value_push(a, list, text_value(a, name.bytes));
    }
    return list;
}

void wandb_record_telemetry(struct arena *a, const struct wandb_record *r, const char **ret_python,
                            const char **ret_client)
{
    struct span s = span_of(r);
    struct field f;
    while (field_next(&s, &f)) {
        if (f.is_bytes && f.number == TELEMETRY_PYTHON)
            *ret_python = text_of(a, f.bytes);
        if (f.is_bytes && f.number == TELEMETRY_CLIENT)
            *ret_client = text_of(a, f.bytes);
    }
}

int wandb_record_exit(const struct wandb_record *r)
{
    struct span s = span_of(r);
    struct field f;
    int code = 0;
    while (field_next(&s, &f))
        if (!f.is_bytes && f.number == 1)
            code = (int)(int32_t)f.integer;
    return code;
}
