/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/subcommand/subcommand.h"

#include <stdint.h>
#include <string.h>

#include "base/diag/nearest.h"

const struct subcommand_option subcommand_option_help = {
    "help", 'h', NULL, "show this help", NULL, NULL,
};

const struct subcommand *subcommand_find(const struct subcommand *const *table, const char *name)
{
    for (; *table; table++)
        if (strcmp((*table)->name, name) == 0)
            return *table;
    return NULL;
}

const char *subcommand_nearest(const struct subcommand *const *table, const char *name)
{
    const char *names[SUBCOMMANDS_MAX];
    size_t n = 0;
    for (; *table && n < SUBCOMMANDS_MAX; table++)
        names[n++] = (*table)->name;
    return nearest_name(name, names, n, sizeof *names);
}

const struct subcommand_option *subcommand_option_find(const struct subcommand *s, const char *name,
                                                       size_t len)
{
    for (const struct subcommand_option *o = s->options; o && o->name; o++)
        if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
            return o;
    if (len == strlen("help") && memcmp(name, "help", len) == 0)
        return &subcommand_option_help;
    return NULL;
}

const struct subcommand_option *subcommand_option_letter(const struct subcommand *s, char letter)
{
    for (const struct subcommand_option *o = s->options; o && o->name; o++)
        if (o->letter == letter)
            return o;
    return letter == 'h' ? &subcommand_option_help : NULL;
}

const char *subcommand_option_nearest(const struct subcommand *s, const char *name)
{
    size_t n = 0;
    while (s->options && s->options[n].name)
        n++;
    return nearest_name(name, s->options, n, sizeof *s->options);
}

void subcommand_option_print(struct buf *out, const struct subcommand_option *o)
{
    if (o->letter)
        buf_addf(out, "-%c, ", o->letter);
    buf_addf(out, "--%s", o->name);
    if (o->argument)
        buf_addf(out, " %s", o->argument);
}
