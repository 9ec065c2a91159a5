/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bash, zsh and fish read to complete besom's words, made from the table of subcommands. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"

/* In single quotes, whatever the text holds. */
static void print_quoted(struct buf *out, const char *s)
{
    buf_addc(out, '\'');
    for (; *s; s++)
        if (*s == '\'')
            buf_adds(out, "'\\''");
        else
            buf_addc(out, *s);
    buf_addc(out, '\'');
}

/* Whether the arguments are files: a spec. */
static bool takes_files(const struct subcommand *s)
{
    return s->arguments && strncmp(s->arguments, "SPEC", 4) == 0;
}

/* "bash|zsh|fish": the words that an argument may be. NULL where it is free. */
static const char *argument_words(const struct subcommand *s)
{
    return s->arguments && strchr(s->arguments, '|') ? s->arguments : NULL;
}

static void command_names(struct buf *out, const struct subcommand *table)
{
    for (const struct subcommand *s = table; s->name; s++)
        buf_addf(out, "%s%s", s == table ? "" : " ", s->name);
}

static void print_spaced(struct buf *out, const char *words)
{
    for (; *words; words++)
        buf_addc(out, *words == '|' ? ' ' : *words);
}

static void bash_command(struct buf *out, const struct subcommand *table,
                         const struct subcommand *s)
{
    buf_addf(out, "    %s)\n", s->name);
    for (const struct subcommand_option *o = s->options; o && o->name; o++) {
        if (!o->argument)
            continue;
        buf_addf(out, "        [ \"$prev\" = --%s ] && {", o->name);
        if (o->choices)
            buf_addf(out, " COMPREPLY=($(compgen -W '%s' -- \"$cur\"));", o->choices);
        else if (strcmp(o->argument, "DIR") == 0)
            buf_adds(out, " COMPREPLY=($(compgen -d -- \"$cur\"));");
        buf_adds(out, " return; }\n");
    }
    buf_adds(out, "        words='--help");
    for (const struct subcommand_option *o = s->options; o && o->name; o++)
        buf_addf(out, " --%s", o->name);
    if (argument_words(s)) {
        buf_addc(out, ' ');
        print_spaced(out, s->arguments);
    } else if (strcmp(s->name, "help") == 0) {
        buf_addc(out, ' ');
        command_names(out, table);
    }
    buf_adds(out, "'");
    if (takes_files(s))
        buf_adds(out, "; files=-f");
    buf_adds(out, " ;;\n");
}

static void print_bash(struct buf *out, const struct subcommand *table)
{
    buf_adds(out, "# besom completion bash: source it\n"
                  "_besom() {\n"
                  "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                  "    local words= files=\n"
                  "    COMPREPLY=()\n"
                  "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
                  "        COMPREPLY=($(compgen -W '--help --version ");
    command_names(out, table);
    buf_adds(out, "' -- \"$cur\"))\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
    for (const struct subcommand *s = table; s->name; s++)
        bash_command(out, table, s);
    buf_adds(out, "    esac\n"
                  "    case $cur in -*) files= ;; esac\n"
                  "    COMPREPLY=($(compgen $files -W \"$words\" -- \"$cur\"))\n"
                  "}\n"
                  "complete -o filenames -F _besom besom\n");
}

static void zsh_option(struct buf *out, const struct subcommand_option *o)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "--%s", o->name);
    if (o->argument)
        buf_addc(&text, '=');
    buf_addc(&text, '[');
    for (const char *p = o->help; *p; p++) {
        if (strchr("[]:\\", *p))
            buf_addc(&text, '\\');
        buf_addc(&text, *p);
    }
    buf_addc(&text, ']');
    if (o->argument)
        buf_addf(&text, ":%s:", o->argument);
    if (o->choices)
        buf_addf(&text, "(%s)", o->choices);
    else if (o->argument && strcmp(o->argument, "DIR") == 0)
        buf_adds(&text, "_files -/");
    buf_adds(out, " \\\n            ");
    print_quoted(out, buf_str(&text));
    buf_done(&text);
}

static void zsh_command(struct buf *out, const struct subcommand *table, const struct subcommand *s)
{
    buf_addf(out, "        %s) _arguments", s->name);
    for (const struct subcommand_option *o = s->options; o && o->name; o++)
        zsh_option(out, o);
    zsh_option(out, &subcommand_option_help);
    if (takes_files(s)) {
        buf_adds(out, " \\\n            '*:spec:_files'");
    } else if (argument_words(s)) {
        buf_adds(out, " \\\n            '1:which:(");
        print_spaced(out, s->arguments);
        buf_adds(out, ")'");
    } else if (strcmp(s->name, "help") == 0) {
        buf_adds(out, " \\\n            '1:command:(");
        command_names(out, table);
        buf_adds(out, ")'");
    }
    buf_adds(out, " ;;\n");
}

static void print_zsh(struct buf *out, const struct subcommand *table)
{
    buf_adds(out, "#compdef besom\n"
                  "_besom() {\n"
                  "    local -a commands=(\n");
    for (const struct subcommand *s = table; s->name; s++) {
        struct buf text;
        buf_init(&text, SIZE_MAX);
        buf_addf(&text, "%s:%s", s->name, s->summary);
        buf_adds(out, "        ");
        print_quoted(out, buf_str(&text));
        buf_addc(out, '\n');
        buf_done(&text);
    }
    buf_adds(out, "    )\n"
                  "    if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
                  "    shift words; (( CURRENT-- ))\n"
                  "    case $words[1] in\n");
    for (const struct subcommand *s = table; s->name; s++)
        zsh_command(out, table, s);
    buf_adds(out, "    esac\n}\ncompdef _besom besom\n");
}

static void fish_option(struct buf *out, const struct subcommand *s,
                        const struct subcommand_option *o)
{
    buf_addf(out, "complete -c besom -n '__fish_seen_subcommand_from %s' -l %s", s->name, o->name);
    if (o->letter)
        buf_addf(out, " -s %c", o->letter);
    if (o->choices)
        buf_addf(out, " -x -a '%s'", o->choices);
    else if (o->argument && strcmp(o->argument, "DIR") == 0)
        buf_adds(out, " -x -a '(__fish_complete_directories)'");
    else if (o->argument)
        buf_adds(out, " -x");
    buf_adds(out, " -d ");
    print_quoted(out, o->help);
    buf_addc(out, '\n');
}

static void print_fish(struct buf *out, const struct subcommand *table)
{
    buf_adds(out, "complete -c besom -f\n");
    for (const struct subcommand *s = table; s->name; s++) {
        buf_addf(out, "complete -c besom -n __fish_use_subcommand -a %s -d ", s->name);
        print_quoted(out, s->summary);
        buf_addc(out, '\n');
        for (const struct subcommand_option *o = s->options; o && o->name; o++)
            fish_option(out, s, o);
        if (takes_files(s))
            buf_addf(out, "complete -c besom -n '__fish_seen_subcommand_from %s' -F\n", s->name);
        if (argument_words(s)) {
            buf_addf(out, "complete -c besom -n '__fish_seen_subcommand_from %s' -a '", s->name);
            print_spaced(out, s->arguments);
            buf_adds(out, "'\n");
        }
    }
}

int cmd_completion(struct invocation *inv)
{
    static const struct {
        const char *name;
        void (*print)(struct buf *out, const struct subcommand *table);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    const char *name = invocation_arg(inv, 0);
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(shells[i].name, name) != 0)
            continue;
        struct buf out;
        buf_init(&out, SIZE_MAX);
        shells[i].print(&out, inv->table);
        fwrite(buf_str(&out), 1, out.len, stdout);
        buf_done(&out);
        return COMPLAIN_DONE;
    }
    struct err err = {0};
    err_set(&err, ERR_USAGE, "completion: no shell '%.60s'; there are bash, zsh and fish", name);
    return complain(&err);
}
