/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/subcommand.h"

#include <stdint.h>
#include <string.h>

#include "base/diag/nearest.h"

const struct subcommand_option subcommand_option_help = {
    "help", 'h', NULL, "show this help", NULL, NULL,
};

const struct subcommand *subcommand_find(const char *name)
{
    for (const struct subcommand *s = subcommand_table; s->name; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

const char *subcommand_nearest(const char *name)
{
    size_t n = 0;
    while (subcommand_table[n].name)
        n++;
    return nearest_name(name, subcommand_table, n, sizeof *subcommand_table);
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
