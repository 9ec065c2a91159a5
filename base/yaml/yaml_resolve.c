/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_resolve.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/json.h"
#include "base/yaml/yaml_scalar.h"

static struct yaml_resolved resolve_fine(struct value *v)
{
    return (struct yaml_resolved){.value = v};
}

static struct yaml_resolved resolve_wrong(const struct yaml_resolve_to *to, const char *message,
                                          const char *fix)
{
    return (struct yaml_resolved){
        .value = value_null(to->value), .message = message, .fix = fix, .severity = DIAG_ERROR};
}

static struct yaml_resolved resolve_unquoted(const struct yaml_resolve_to *to, const char *message,
                                             const char *text)
{
    enum { SHOWN_BYTES = 40 };
    struct yaml_resolved r =
        resolve_wrong(to, message, arena_printf(to->said, "'%.*s'", SHOWN_BYTES, text));
    r.value = value_str(to->value, text);
    r.exact = strlen(text) <= SHOWN_BYTES;
    return r;
}

/* Warns of a number that is read in base 8 or 60, which people may not expect. */
static struct yaml_resolved resolve_number(const struct yaml_resolve_to *to, const char *text,
                                           const struct yaml_scalar *s)
{
    bool is_int = s->kind == YAML_SCALAR_INT;
    struct yaml_resolved r =
        resolve_fine(is_int ? value_int(to->value, s->i) : value_float(to->value, s->f));
    char shown[JSON_NUMBER_BYTES];
    r.loose = s->loose;
    if (s->base == YAML_SCALAR_DECIMAL || to->errors_only)
        return r;
    if (is_int)
        snprintf(shown, sizeof shown, "%" PRId64, s->i);
    else
        json_number(shown, s->f);
    if (strcmp(text, shown) == 0)
        return r;
    r.severity = DIAG_WARNING;
    r.message =
        arena_printf(to->said, "%.40s is read as %s: in YAML 1.1 it is %s", text, shown,
                     s->base == YAML_SCALAR_OCTAL ? "an octal number" : "a number of base 60");
    r.fix = arena_printf(to->said, "%s, or '%.40s' for the text", shown, text);
    return r;
}

static struct yaml_resolved plain_value(const struct yaml_resolve_to *to, const char *text,
                                        size_t len)
{
    struct yaml_scalar s = yaml_scalar_plain(text, len);
    switch (s.kind) {
    case YAML_SCALAR_NULL:
        return resolve_fine(value_null(to->value));
    case YAML_SCALAR_BOOL:
        return resolve_fine(value_bool(to->value, s.b));
    case YAML_SCALAR_INT:
    case YAML_SCALAR_FLOAT:
        return resolve_number(to, text, &s);
    case YAML_SCALAR_TIMESTAMP:
        return resolve_unquoted(to, "YAML reads this as a date: quote it", text);
    case YAML_SCALAR_MERGE:
    case YAML_SCALAR_EQUALS:
        return resolve_unquoted(to, "YAML gives this a special meaning: quote it", text);
    case YAML_SCALAR_TOO_LONG:
        return resolve_wrong(to, "an integer of more than 64 bits: write a float, or quote it",
                             NULL);
    case YAML_SCALAR_EMPTY_INT:
        return resolve_unquoted(to, "a number without digits: quote it", text);
    case YAML_SCALAR_TEXT:
        break;
    }
    return resolve_fine(value_strn(to->value, text, len));
}

const char *yaml_resolve_unknown_tag(struct arena *a, const char *tag)
{
    static const char standard[] = "tag:yaml.org,2002:";
    size_t prefix = sizeof standard - 1;
    bool known = strncmp(tag, standard, prefix) == 0;
    return arena_printf(a, "unknown tag %s%.60s: leave it out", known ? "!!" : "",
                        known ? tag + prefix : tag);
}

static struct yaml_resolved tagged_value(const struct yaml_resolve_to *to, const char *text,
                                         size_t len, const char *tag)
{
    static const char standard[] = "tag:yaml.org,2002:";
    size_t prefix = sizeof standard - 1;
    const char *name = strncmp(tag, standard, prefix) == 0 ? tag + prefix : "";
    struct yaml_scalar plain = yaml_scalar_plain(text, len), f = yaml_scalar_float(text, len);
    if (strcmp(tag, "!") == 0)
        return plain_value(to, text, len);
    if (strcmp(name, "str") == 0)
        return resolve_fine(value_strn(to->value, text, len));
    if (strcmp(name, "null") == 0)
        return resolve_fine(value_null(to->value));
    if (strcmp(name, "bool") == 0)
        return plain.kind == YAML_SCALAR_BOOL
                   ? resolve_fine(value_bool(to->value, plain.b))
                   : resolve_wrong(to, "not a !!bool: true or false", NULL);
    if (strcmp(name, "int") == 0)
        return plain.kind == YAML_SCALAR_INT
                   ? resolve_fine(value_int(to->value, plain.i))
                   : resolve_wrong(to, "not an !!int of at most 64 bits", NULL);
    if (strcmp(name, "float") == 0)
        return f.kind == YAML_SCALAR_FLOAT ? resolve_fine(value_float(to->value, f.f))
                                           : resolve_wrong(to, "not a !!float", NULL);
    return resolve_wrong(to, yaml_resolve_unknown_tag(to->said, tag), NULL);
}

struct yaml_resolved yaml_resolve(const struct yaml_resolve_to *to, const char *text, size_t len,
                                  const char *tag, bool plain)
{
    if (memchr(text, '\0', len))
        return resolve_wrong(to, "the text contains a NUL character", NULL);
    if (tag)
        return tagged_value(to, text, len, tag);
    return plain ? plain_value(to, text, len) : resolve_fine(value_strn(to->value, text, len));
}
