/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/command/command_fill.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "language/command/command_flag.h"
#include "language/spec.h"

static const char variable_start[] = "${envvar:";

static const char *const names[] = {"${trial_id}", "${trial_number}", "${trial_dir}",
                                    "${sweep_id}", "${slot}",         "${attempt}",
                                    "${port}",     "${params_file}"};

enum { NAMES = sizeof names / sizeof *names, START = sizeof variable_start - 1 };

const char *command_fill_name(size_t i)
{
    return i < NAMES ? names[i] : NULL;
}

bool command_fill_is_name(const char *text)
{
    for (size_t i = 0; i < NAMES; i++)
        if (strcmp(names[i], text) == 0)
            return true;
    return false;
}

/* Whether p begins with ${envvar:NAME}, and the length of NAME; W&B accepts an empty one too. */
static bool variable_begins(const char *p, size_t *ret_len)
{
    if (strncmp(p, variable_start, START) != 0)
        return false;
    *ret_len = strspn(p + START, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return p[START + *ret_len] == '}';
}

static const char *name_value(const char *p, const struct command_fill *f, size_t *ret_len)
{
    for (size_t i = 0; f->names && i < NAMES; i++) {
        *ret_len = strlen(names[i]);
        if (strncmp(p, names[i], *ret_len) == 0)
            return value_get_str(f->names, names[i], NULL);
    }
    return NULL;
}

const char *command_fill_text(struct arena *a, const char *text, const struct command_fill *f,
                              size_t *ret_len)
{
    struct buf out;
    size_t len = 0;
    buf_init(&out, LIMIT_ARGV_BYTES);
    for (const char *p = text; *p;) {
        const char *value = p[0] == '$' ? name_value(p, f, &len) : NULL;
        if (value) {
            buf_adds(&out, value);
            p += len;
        } else if (variable_begins(p, &len)) {
            const char *variable = arena_strndup(a, p + START, len);
            value = f->getenv ? f->getenv(f->arg, variable) : NULL;
            buf_adds(&out, value ? value : variable);
            p += START + len + 1;
        } else {
            buf_addc(&out, *p++);
        }
    }
    *ret_len = out.overflow ? LIMIT_ARGV_BYTES : out.len;
    const char *filled = arena_strndup(a, buf_peek(&out), out.len);
    buf_done(&out);
    return filled;
}

const char *command_fill_sample(struct arena *a, const char *text)
{
    struct value *sample = value_dict(a);
    size_t len;
    for (size_t i = 0; i < NAMES; i++)
        value_put(a, sample, names[i], value_str(a, "x"));
    return command_fill_text(a, text, &(struct command_fill){.names = sample}, &len);
}

bool command_fill_is_used(const struct spec *s, const char *name)
{
    const char *text;
    for (size_t i = 0; s->command && i < s->command->list.n; i++)
        if (strstr(s->command->list.items[i]->s.ptr, name))
            return true;
    for (size_t i = 0; (text = command_flag_text(s->flags, i)); i++)
        if (strstr(text, name))
            return true;
    for (size_t i = 0; s->env && s->env->kind == VALUE_DICT && i < s->env->dict.n; i++)
        if (strstr(s->env->dict.entries[i].value->s.ptr, name))
            return true;
    return false;
}

struct lookup {
    command_fill_getenv getenv;
    void *arg;
};

static int text_check(const struct lookup *l, const char *text, const char *where, struct err *err)
{
    size_t len = 0;
    for (const char *p = text; (p = strstr(p, variable_start)); p += START) {
        char name[256];
        if (!variable_begins(p, &len) || len == 0 || len >= sizeof name)
            continue;
        memcpy(name, p + START, len);
        name[len] = '\0';
        if (!l->getenv(l->arg, name))
            return err_set(err, ERR_SPEC,
                           "%s uses ${envvar:%s}, and %s is not set: set it before besom starts, "
                           "or in the spec as env: {%s: …}",
                           where, name, name, name);
    }
    return 0;
}

int command_fill_check(const struct spec *s, command_fill_getenv getenv, void *arg, struct err *err)
{
    const struct lookup l = {getenv, arg};
    int rc = 0;
    for (size_t i = 0; rc == 0 && s->command && i < s->command->list.n; i++)
        rc = text_check(&l, s->command->list.items[i]->s.ptr, "command", err);
    const char *text;
    for (size_t i = 0; rc == 0 && (text = command_flag_text(s->flags, i)); i++)
        rc = text_check(&l, text, "flag", err);
    for (size_t i = 0; rc == 0 && s->env && i < s->env->dict.n; i++)
        rc = text_check(&l, s->env->dict.entries[i].value->s.ptr, "env", err);
    return rc;
}
