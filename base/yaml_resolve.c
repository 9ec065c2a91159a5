/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml_resolve.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/json.h"
#include "base/yaml_scalar.h"

static struct yaml_resolved fine(struct value *v)
{
    return (struct yaml_resolved){.value = v};
}

static struct yaml_resolved wrong(struct arena *a, const char *message, const char *fix)
{
    return (struct yaml_resolved){value_null(a), message, fix, DIAG_ERROR};
}

/* Numbers that a person may not have meant to be of base 8 or 60. */
static struct yaml_resolved number(struct arena *a, const char *text, const struct yaml_scalar *s)
{
    bool is_int = s->kind == YAML_SCALAR_INT;
    struct yaml_resolved r = fine(is_int ? value_int(a, s->i) : value_float(a, s->f));
    char shown[JSON_NUMBER_BYTES];
    if (s->base == YAML_SCALAR_DECIMAL)
        return r;
    if (is_int)
        snprintf(shown, sizeof shown, "%" PRId64, s->i);
    else
        json_number(shown, s->f);
    if (strcmp(text, shown) == 0)
        return r;
    r.severity = DIAG_WARNING;
    r.message =
        arena_printf(a, "%.40s is read as %s: YAML 1.1 takes it for %s", text, shown,
                     s->base == YAML_SCALAR_OCTAL ? "an octal number" : "a number of base 60");
    r.fix = arena_printf(a, "%s, or '%.40s' for the text", shown, text);
    return r;
}

static struct yaml_resolved plain_value(struct arena *a, const char *text, size_t len)
{
    struct yaml_scalar s = yaml_scalar_plain(text, len);
    switch (s.kind) {
    case YAML_SCALAR_NULL:
        return fine(value_null(a));
    case YAML_SCALAR_BOOL:
        return fine(value_bool(a, s.b));
    case YAML_SCALAR_INT:
    case YAML_SCALAR_FLOAT:
        return number(a, text, &s);
    case YAML_SCALAR_TIMESTAMP:
        return wrong(a, "YAML takes this for a date: quote it", arena_printf(a, "'%.40s'", text));
    case YAML_SCALAR_MERGE:
    case YAML_SCALAR_EQUALS:
        return wrong(a, "this has a meaning of its own: quote it",
                     arena_printf(a, "'%.40s'", text));
    case YAML_SCALAR_TOO_LONG:
        return wrong(a, "an integer of more than 64 bits: write a float, or quote it", NULL);
    case YAML_SCALAR_EMPTY_INT:
        return wrong(a, "a number without digits: quote it", arena_printf(a, "'%.40s'", text));
    case YAML_SCALAR_TEXT:
        break;
    }
    return fine(value_strn(a, text, len));
}

static struct yaml_resolved tagged_value(struct arena *a, const char *text, size_t len,
                                         const char *tag)
{
    static const char standard[] = "tag:yaml.org,2002:";
    size_t prefix = sizeof standard - 1;
    const char *name = strncmp(tag, standard, prefix) == 0 ? tag + prefix : "";
    struct yaml_scalar plain = yaml_scalar_plain(text, len), f = yaml_scalar_float(text, len);
    if (strcmp(tag, "!") == 0)
        return plain_value(a, text, len);
    if (strcmp(name, "str") == 0)
        return fine(value_strn(a, text, len));
    if (strcmp(name, "null") == 0)
        return fine(value_null(a));
    if (strcmp(name, "bool") == 0)
        return plain.kind == YAML_SCALAR_BOOL ? fine(value_bool(a, plain.b))
                                              : wrong(a, "not a !!bool: true or false", NULL);
    if (strcmp(name, "int") == 0)
        return plain.kind == YAML_SCALAR_INT ? fine(value_int(a, plain.i))
                                             : wrong(a, "not an !!int of at most 64 bits", NULL);
    if (strcmp(name, "float") == 0)
        return f.kind == YAML_SCALAR_FLOAT ? fine(value_float(a, f.f))
                                           : wrong(a, "not a !!float", NULL);
    return wrong(a, arena_printf(a, "the tag %.60s is not known here", tag), NULL);
}

struct yaml_resolved yaml_resolve(struct arena *a, const char *text, size_t len, const char *tag,
                                  bool plain)
{
    if (memchr(text, '\0', len))
        return wrong(a, "the text holds a NUL character", NULL);
    if (tag)
        return tagged_value(a, text, len, tag);
    return plain ? plain_value(a, text, len) : fine(value_strn(a, text, len));
}
