/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/help/help.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/help/man.h"
#include "cli/print/paragraph.h"

enum { COLUMNS = 90, GAP = 2 };

void help_all(struct buf *out, const struct subcommand *const *table)
{
    buf_adds(out,
             "besom runs hyperparameter sweeps: a YAML file says what to try, besom tries it.\n\n"
             "usage: besom COMMAND [ARGUMENT...] [--OPTION...]\n\n");
    size_t widest = 0;
    for (const struct subcommand *const *s = table; *s; s++)
        widest = strlen((*s)->name) > widest ? strlen((*s)->name) : widest;
    for (const struct subcommand *const *s = table; *s; s++)
        buf_addf(out, "  %-*s  %s\n", (int)widest, (*s)->name, (*s)->summary);
    buf_adds(out,
             "\nName a sweep by its id, its name or its file, a trial by its id; `last` is "
             "the newest sweep.\nbesom COMMAND --help describes one command, with an example.\n");
}

static void option_line(struct buf *out, const struct subcommand_option *o, size_t names)
{
    struct buf name, text;
    buf_init(&name, SIZE_MAX);
    buf_init(&text, SIZE_MAX);
    subcommand_option_print(&name, o);
    buf_adds(&text, o->help);
    if (o->choices)
        buf_addf(&text, ": %s", o->choices);
    if (o->env)
        buf_addf(&text, " [$%s]", o->env);
    buf_addf(out, "  %s%-*s", o->letter ? "" : "    ", (int)(names - (o->letter ? 0 : 4) + GAP),
             buf_str(&name));
    paragraph_wrap(out, buf_str(&text), names + 2 + GAP, names + 2 + GAP, COLUMNS);
    buf_done(&name);
    buf_done(&text);
}

static size_t name_width(const struct subcommand_option *o)
{
    return strlen("-x, --") + strlen(o->name) + (o->argument ? 1 + strlen(o->argument) : 0);
}

void help_one(struct buf *out, const struct subcommand *s)
{
    buf_addf(out, "usage: besom %s%s%s%s\n\n", s->name, s->arguments ? " " : "",
             s->arguments ? s->arguments : "", s->options ? " [--OPTION...]" : "");
    paragraph_wrap(out, s->description, 0, 0, COLUMNS);
    size_t names = name_width(&subcommand_option_help);
    for (const struct subcommand_option *o = s->options; o && o->name; o++)
        names = name_width(o) > names ? name_width(o) : names;
    buf_adds(out, "\noptions:\n");
    for (const struct subcommand_option *o = s->options; o && o->name; o++)
        option_line(out, o, names);
    option_line(out, &subcommand_option_help, names);
    buf_adds(out, "\nexample:\n");
    for (const char *line = s->example; *line; line += strcspn(line, "\n") + 1)
        buf_addf(out, "  %.*s\n", (int)strcspn(line, "\n"), line);
}

int cmd_help(struct invocation *inv)
{
    const char *name = invocation_arg(inv, 0);
    const struct subcommand *s = name ? subcommand_find(inv->table, name) : NULL;
    if (name && !s) {
        struct err err = {0};
        const char *near = subcommand_nearest(inv->table, name);
        err_set(&err, ERR_USAGE, "no command '%.60s'%s%s%s", name, near ? ": did you mean '" : "",
                near ? near : "", near ? "'?" : "");
        return complain(&err);
    }
    struct buf out;
    buf_init(&out, SIZE_MAX);
    if (invocation_flag(inv, "man"))
        s ? man_one(&out, s) : man_all(&out, inv->table);
    else
        s ? help_one(&out, s) : help_all(&out, inv->table);
    fwrite(buf_str(&out), 1, out.len, stdout);
    buf_done(&out);
    return COMPLAIN_DONE;
}
