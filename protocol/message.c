/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/message.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"

enum field_kind { INT, STR, VALUE };

static const struct {
    const char *name;
    enum field_kind kind;
    size_t place;
} fields[] = {
#define X(id, name, kind) {#name, kind, offsetof(struct message, name)},
    MESSAGE_FIELDS(X)
#undef X
};

enum { FIELD_COUNT = sizeof fields / sizeof *fields };
_Static_assert(FIELD_COUNT <= 64, "a message's fields are bits of a uint64_t");

static const struct {
    const char *name;
    uint64_t fields;
} types[MESSAGE_TYPE_COUNT] = {
#define X(id, word, mask) {word, mask},
    MESSAGE_TYPES(X)
#undef X
};

static const uint64_t int_max = 1ull << 53;

const char *message_name(enum message_type t)
{
    return types[t].name;
}

static struct value *encode_field(struct arena *a, const struct message *m, size_t i)
{
    const char *at = (const char *)m + fields[i].place;
    switch (fields[i].kind) {
    case INT: {
        uint64_t n;
        memcpy(&n, at, sizeof n);
        PRE(n <= int_max);
        return value_int(a, (int64_t)n);
    }
    case STR: {
        const char *s;
        memcpy(&s, at, sizeof s);
        return value_str(a, s ? s : "");
    }
    case VALUE: {
        struct value *v;
        memcpy(&v, at, sizeof v);
        return v ? v : value_null(a);
    }
    }
    return NULL;
}

struct value *message_encode(struct arena *a, const struct message *m)
{
    PRE(m->store && m->epoch <= int_max);
    struct value *v = value_dict(a);
    value_put(a, v, "type", value_str(a, types[m->type].name));
    value_put(a, v, "store", value_str(a, m->store));
    value_put(a, v, "epoch", value_int(a, (int64_t)m->epoch));
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (types[m->type].fields & (1ull << i))
            value_put(a, v, fields[i].name, encode_field(a, m, i));
    return v;
}

#define KEEP_INT(a, field) (field)
#define KEEP_STR(a, field) arena_strdup(a, (field) ? (field) : "")
#define KEEP_VALUE(a, field) ((field) ? value_copy(a, field) : value_null(a))

void message_keep(struct arena *a, struct message *m)
{
    m->store = arena_strdup(a, m->store);
#define X(id, name, kind) m->name = KEEP_##kind(a, m->name);
    MESSAGE_FIELDS(X)
#undef X
}

static int decode_int(const struct value *v, uint64_t *ret)
{
    if (!v || v->kind != VALUE_INT || v->i < 0 || (uint64_t)v->i > int_max)
        return ERR_PROTOCOL;
    *ret = (uint64_t)v->i;
    return 0;
}

static int decode_field(const struct value *v, size_t i, struct message *m)
{
    char *at = (char *)m + fields[i].place;
    uint64_t n;
    switch (fields[i].kind) {
    case INT:
        if (decode_int(v, &n) != 0)
            return ERR_PROTOCOL;
        memcpy(at, &n, sizeof n);
        return 0;
    case STR:
        if (!v || v->kind != VALUE_STR)
            return ERR_PROTOCOL;
        memcpy(at, &v->s.ptr, sizeof v->s.ptr);
        return 0;
    case VALUE:
        if (!v)
            return ERR_PROTOCOL;
        memcpy(at, &v, sizeof v);
        return 0;
    }
    return ERR_PROTOCOL;
}

int message_decode(const struct value *v, struct message *ret, struct err *err)
{
    const char *type = value_get_str(v, "type", NULL);
    struct message m = {0};
    if (!type)
        return err_set(err, ERR_PROTOCOL, "the message has no type");
    while (m.type < MESSAGE_TYPE_COUNT && strcmp(types[m.type].name, type) != 0)
        m.type++;
    if (m.type == MESSAGE_TYPE_COUNT)
        return err_set(err, ERR_UNSUPPORTED, "the message has the unknown type %.40s", type);
    m.store = value_get_str(v, "store", NULL);
    if (!m.store || decode_int(value_get(v, "epoch"), &m.epoch) != 0)
        return err_set(err, ERR_PROTOCOL, "the %s message has no store or no epoch", type);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (!(types[m.type].fields & (1ull << i)))
            continue;
        if (decode_field(value_get(v, fields[i].name), i, &m) != 0)
            return err_set(err, ERR_PROTOCOL, "the %s message has a missing or invalid field %s",
                           type, fields[i].name);
    }
    *ret = m;
    return 0;
}

/* Parameters may hold NaN or infinities, which Python prints as nan or inf on a command line. Other
 * messages send the text "NaN" instead, which would be printed as that text. */
static bool holds_nonfinite(const struct value *v)
{
    bool holds = v && v->kind == VALUE_FLOAT && !isfinite(v->f);
    for (size_t i = 0; v && v->kind == VALUE_LIST && i < v->list.n && !holds; i++)
        holds = holds_nonfinite(v->list.items[i]);
    for (size_t i = 0; v && v->kind == VALUE_DICT && i < v->dict.n && !holds; i++)
        holds = holds_nonfinite(v->dict.entries[i].value);
    return holds;
}

void message_print(struct buf *out, const struct message *m)
{
    struct arena a;
    arena_init(&a);
    bool bare = (m->type == MESSAGE_LAUNCH && holds_nonfinite(m->params)) ||
                (m->type == MESSAGE_SWEEP && holds_nonfinite(m->flags));
    json_print(out, message_encode(&a, m), bare ? JSON_PYTHON : JSON_COMPACT);
    arena_done(&a);
}

int message_parse(struct arena *a, const char *text, size_t len, struct message *ret,
                  struct err *err)
{
    struct value *v = NULL;
    int rc = json_parse(a, text, len, &v, err);
    return rc != 0 ? rc : message_decode(v, ret, err);
}
