/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The completion scripts of bash, zsh and fish, made from the table of subcommands. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/look/complete.h"

/* In single quotes; quotes in the text are escaped. */
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

/* "bash|zsh|fish": the words that an argument may be. NULL: any word. */
static const char *argument_words(const struct subcommand *s)
{
    const char *a = s->arguments;
    return a && strchr(a, '|') && a[strspn(a, "abcdefghijklmnopqrstuvwxyz|")] == '\0' ? a : NULL;
}

/* The kind that besom completion --list takes for an argument; NULL: none. */
static const char *argument_kind(const struct subcommand *s)
{
    if (!s->arguments)
        return NULL;
    return strstr(s->arguments, "PROJECT") ? "projects"
           : strstr(s->arguments, "TRIAL") ? "trials"
           : strstr(s->arguments, "SWEEP") ? "sweeps"
                                           : NULL;
}

/* The kind that besom completion --list takes for an option's value; NULL: none. A FIELD is one of a run, of which there are
 * too many to list. */
static const char *option_kind(const struct subcommand_option *o)
{
    static const char *const kinds[][2] = {
        {"columns", "columns"}, {"sort", "sort"}, {"metric", "metrics"}};
    for (size_t i = 0; o->argument && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(o->name, kinds[i][0]) == 0 && strncmp(o->argument, "FIELD", 5) != 0)
            return kinds[i][1];
    return NULL;
}

/* Whether the argument is a folder: a store, or the place for a copy. */
static bool takes_folders(const struct subcommand *s)
{
    return s->arguments && strncmp(s->arguments, "[STORE]", strlen("[STORE]")) == 0;
}

static void command_names(struct buf *out, const struct subcommand *const *table)
{
    for (const struct subcommand *const *s = table; *s; s++)
        buf_addf(out, "%s%s", s == table ? "" : " ", (*s)->name);
}

static void print_spaced(struct buf *out, const char *words)
{
    for (; *words; words++)
        buf_addc(out, *words == '|' ? ' ' : *words);
}

static void bash_command(struct buf *out, const struct subcommand *const *table,
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
        else if (option_kind(o))
            buf_addf(out, " _besom_list %s \"$sweep\";", option_kind(o));
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
    if (takes_folders(s))
        buf_adds(out, "; files=-d");
    if (argument_kind(s))
        buf_addf(out, "; kind=%s", argument_kind(s));
    buf_adds(out, " ;;\n");
}

static void print_bash(struct buf *out, const struct subcommand *const *table)
{
    buf_adds(out,
             "# besom completion bash: source it\n"
             "_besom_list() { # KIND WORD: what the store has, the last of a list with commas\n"
             "    local store=() i\n"
             "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
             "        [ \"${COMP_WORDS[i]}\" = --store ] && store=(--store "
             "\"${COMP_WORDS[i+1]}\")\n"
             "    done\n"
             "    COMPREPLY=($(compgen -P \"${cur%\"${cur##*,}\"}\" -W \"$(besom completion "
             "--list \"$1\" \"${store[@]}\" -- \"$2\" 2>/dev/null)\" -- \"${cur##*,}\"))\n"
             "}\n"
             "_besom() {\n"
             "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
             "    local words= files= kind= sweep=\n"
             "    COMPREPLY=()\n"
             "    case ${COMP_WORDS[2]} in -*) ;; *) [ \"$COMP_CWORD\" != 2 ] && "
             "sweep=${COMP_WORDS[2]} ;; esac\n"
             "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
             "        COMPREPLY=($(compgen -W '--help --version ");
    command_names(out, table);
    buf_adds(out, "' -- \"$cur\"))\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
    for (const struct subcommand *const *s = table; *s; s++)
        bash_command(out, table, *s);
    buf_adds(out, "    esac\n"
                  "    case $cur in -*) files= kind= ;; esac\n"
                  "    [ -n \"$kind\" ] && { _besom_list $kind \"$cur\"; return; }\n"
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
    else if (option_kind(o))
        buf_addf(&text, "{compadd -- ${(f)\"$(besom completion --list %s 2>/dev/null)\"}}",
                 option_kind(o));
    buf_adds(out, " \\\n            ");
    print_quoted(out, buf_str(&text));
    buf_done(&text);
}

static void zsh_command(struct buf *out, const struct subcommand *const *table,
                        const struct subcommand *s)
{
    buf_addf(out, "        %s) _arguments", s->name);
    for (const struct subcommand_option *o = s->options; o && o->name; o++)
        zsh_option(out, o);
    zsh_option(out, &subcommand_option_help);
    if (takes_files(s)) {
        buf_adds(out, " \\\n            '*:spec:_files'");
    } else if (takes_folders(s)) {
        buf_adds(out, " \\\n            '*:store:_files -/'");
    } else if (argument_kind(s)) {
        buf_addf(out,
                 " \\\n            '1:which:{compadd -- ${(f)\"$(besom completion --list %s -- "
                 "\"$PREFIX\" 2>/dev/null)\"}}'",
                 argument_kind(s));
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

static void print_zsh(struct buf *out, const struct subcommand *const *table)
{
    buf_adds(out, "#compdef besom\n"
                  "_besom() {\n"
                  "    local -a commands=(\n");
    for (const struct subcommand *const *s = table; *s; s++) {
        struct buf text;
        buf_init(&text, SIZE_MAX);
        buf_addf(&text, "%s:%s", (*s)->name, (*s)->summary);
        buf_adds(out, "        ");
        print_quoted(out, buf_str(&text));
        buf_addc(out, '\n');
        buf_done(&text);
    }
    buf_adds(out, "    )\n"
                  "    if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
                  "    shift words; (( CURRENT-- ))\n"
                  "    case $words[1] in\n");
    for (const struct subcommand *const *s = table; *s; s++)
        zsh_command(out, table, *s);
    /* If zsh autoloads the file, it is the function's body; if sourced, it registers the
     * function. */
    buf_adds(out,
             "    esac\n}\n"
             "if [ \"${funcstack[1]}\" = _besom ]; then _besom \"$@\"; else compdef _besom besom; "
             "fi\n");
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
    else if (option_kind(o))
        buf_addf(out, " -x -a '(besom completion --list %s 2>/dev/null)'", option_kind(o));
    else if (o->argument)
        buf_adds(out, " -x");
    buf_adds(out, " -d ");
    print_quoted(out, o->help);
    buf_addc(out, '\n');
}

static void fish_command(struct buf *out, const struct subcommand *s)
{
    static const char seen[] = "complete -c besom -n '__fish_seen_subcommand_from";
    buf_addf(out, "complete -c besom -n __fish_use_subcommand -a %s -d ", s->name);
    print_quoted(out, s->summary);
    buf_addc(out, '\n');
    for (const struct subcommand_option *o = s->options; o && o->name; o++)
        fish_option(out, s, o);
    if (takes_files(s))
        buf_addf(out, "%s %s' -F\n", seen, s->name);
    if (argument_words(s)) {
        buf_addf(out, "%s %s' -a '", seen, s->name);
        print_spaced(out, s->arguments);
        buf_adds(out, "'\n");
    }
    if (takes_folders(s))
        buf_addf(out, "%s %s' -a '(__fish_complete_directories)'\n", seen, s->name);
    if (argument_kind(s))
        buf_addf(out, "%s %s' -a '(besom completion --list %s -- (commandline -ct) 2>/dev/null)'\n",
                 seen, s->name, argument_kind(s));
}

static void print_fish(struct buf *out, const struct subcommand *const *table)
{
    buf_adds(out, "complete -c besom -f\n");
    for (const struct subcommand *const *s = table; *s; s++)
        fish_command(out, *s);
}

int cmd_completion(struct invocation *inv)
{
    static const struct {
        const char *name;
        void (*print)(struct buf *out, const struct subcommand *const *table);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    const char *name = invocation_arg(inv, 0);
    if (invocation_option(inv, "list"))
        return complete_list(inv);
    for (size_t i = 0; name && i < sizeof shells / sizeof shells[0]; i++) {
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
    if (name)
        err_set(&err, ERR_USAGE, "completion: no shell '%.60s'; there are bash, zsh and fish",
                name);
    else
        err_set(&err, ERR_USAGE, "completion: name a shell: besom completion bash");
    return complain(&err);
}
