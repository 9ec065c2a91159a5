/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/configuration.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/diag/diag.h"
#include "base/json.h"

/* Text that every YAML reader takes for a string: it starts with a letter, '/' or '_', and is not a
 * word for a boolean or null. */
static bool plain_in_yaml(const char *s)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "null"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(s, words[i]) == 0)
            return false;
    if (!isalpha((unsigned char)*s) && *s != '/' && *s != '_')
        return false;
    for (; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr("_-./+", *s))
            return false;
    return true;
}

void configuration_scalar(struct buf *out, const struct value *v)
{
    if (v->kind == VALUE_FLOAT && !isfinite(v->f))
        buf_adds(out, isnan(v->f) ? ".nan" : v->f > 0 ? ".inf" : "-.inf");
    else if (v->kind == VALUE_STR && plain_in_yaml(v->s.ptr))
        buf_adds(out, v->s.ptr);
    else
        json_print(out, v, JSON_COMPACT);
}

void configuration_yaml(struct buf *out, const struct value *params, size_t indent)
{
    if (!params || params->kind != VALUE_DICT)
        return;
    for (size_t i = 0; i < params->dict.n; i++) {
        const struct value_entry *e = &params->dict.entries[i];
        buf_addf(out, "%*s", (int)indent, "");
        if (plain_in_yaml(e->key))
            buf_adds(out, e->key);
        else
            json_print_str(out, e->key, strlen(e->key));
        buf_addc(out, ':');
        if (e->value->kind == VALUE_DICT && e->value->dict.n > 0) {
            buf_addc(out, '\n');
            configuration_yaml(out, e->value, indent + 2);
        } else {
            buf_addc(out, ' ');
            configuration_scalar(out, e->value);
            buf_addc(out, '\n');
        }
    }
}
