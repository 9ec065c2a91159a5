/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/invocation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static bool is_choice(const char *choices, const char *value)
{
    size_t len = strlen(value);
    for (const char *at = choices;
         len > 0 && !strchr(value, ' ') && (at = strstr(at, value)) != NULL; at += len) {
        bool starts = at == choices || at[-1] == ' ';
        if (starts && (at[len] == ' ' || at[len] == '\0'))
            return true;
    }
    return false;
}

static int add_option(struct invocation *inv, const struct subcommand_option *o, const char *value,
                      struct err *err)
{
    if (inv->n_options == INVOCATION_OPTIONS_MAX)
        return err_set(err, ERR_USAGE, "more than %d options", INVOCATION_OPTIONS_MAX);
    if (o->choices && !is_choice(o->choices, value))
        return err_set(err, ERR_USAGE, "--%s: expected one of %s; got '%.60s'", o->name, o->choices,
                       value);
    inv->options[inv->n_options].option = o;
    inv->options[inv->n_options++].value = value;
    return 0;
}

static int unknown_option(const struct subcommand *s, const char *word, struct err *err)
{
    char name[64];
    size_t len = strcspn(word + 2, "=");
    len = len < sizeof name ? len : sizeof name - 1;
    memcpy(name, word + 2, len);
    name[len] = '\0';
    const char *near = subcommand_option_nearest(s, name);
    if (near)
        return err_set(err, ERR_USAGE, "unknown option --%s: did you mean --%s?", name, near);
    return err_set(err, ERR_USAGE, "unknown option --%s: see besom %s --help", name, s->name);
}

/* "--name", "--name=value", or "--name" whose value is the next word. */
static int long_option(struct invocation *inv, int argc, const char **argv, int *i, struct err *err)
{
    const char *word = argv[*i];
    size_t len = strcspn(word + 2, "=");
    const struct subcommand_option *o = subcommand_option_find(inv->subcommand, word + 2, len);
    if (!o)
        return unknown_option(inv->subcommand, word, err);
    const char *value = word[2 + len] == '=' ? word + 3 + len : NULL;
    if (!o->argument) {
        if (value)
            return err_set(err, ERR_USAGE, "--%s takes no value", o->name);
        return add_option(inv, o, "", err);
    }
    if (!value) {
        if (*i + 1 == argc)
            return err_set(err, ERR_USAGE, "--%s needs a value: --%s %s", o->name, o->name,
                           o->argument);
        value = argv[++*i];
    }
    return add_option(inv, o, value, err);
}

/* "-f", "-fd" and "-n5": switches may be joined, and a value too. */
static int short_options(struct invocation *inv, int argc, const char **argv, int *i,
                         struct err *err)
{
    for (const char *p = argv[*i] + 1; *p; p++) {
        const struct subcommand_option *o = subcommand_option_letter(inv->subcommand, *p);
        if (!o)
            return err_set(err, ERR_USAGE, "unknown option -%.1s: see besom %s --help", p,
                           inv->subcommand->name);
        if (!o->argument) {
            int rc = add_option(inv, o, "", err);
            if (rc)
                return rc;
            continue;
        }
        if (p[1])
            return add_option(inv, o, p + 1, err);
        if (*i + 1 == argc)
            return err_set(err, ERR_USAGE, "-%c needs a value: -%c %s", o->letter, o->letter,
                           o->argument);
        return add_option(inv, o, argv[++*i], err);
    }
    return 0;
}

static int check_count(const struct invocation *inv, struct err *err)
{
    const struct subcommand *s = inv->subcommand;
    if (invocation_flag(inv, "help"))
        return 0;
    if (inv->n_args < (size_t)s->min_args)
        return err_set(err, ERR_USAGE, "%s is missing; usage: besom %s %s", s->arguments, s->name,
                       s->arguments);
    if (inv->n_args > (size_t)s->max_args)
        return err_set(err, ERR_USAGE, "unexpected argument '%.60s'; usage: besom %s%s%s",
                       inv->args[s->max_args], s->name, s->arguments ? " " : "",
                       s->arguments ? s->arguments : "");
    return 0;
}

int invocation_parse(const struct subcommand *s, int argc, const char **argv,
                     struct invocation *ret, struct err *err)
{
    *ret = (struct invocation){.subcommand = s, .args = argv};
    bool only_args = false;
    for (int i = 0; i < argc; i++) {
        int rc = 0;
        if (only_args || argv[i][0] != '-' || argv[i][1] == '\0')
            argv[ret->n_args++] = argv[i];
        else if (strcmp(argv[i], "--") == 0)
            only_args = true;
        else if (argv[i][1] == '-')
            rc = long_option(ret, argc, argv, &i, err);
        else
            rc = short_options(ret, argc, argv, &i, err);
        if (rc)
            return rc;
    }
    argv[ret->n_args] = NULL;
    return check_count(ret, err);
}

const char *invocation_option(const struct invocation *inv, const char *name)
{
    const struct subcommand_option *o = subcommand_option_find(inv->subcommand, name, strlen(name));
    check(o);
    for (size_t i = inv->n_options; i-- > 0;)
        if (inv->options[i].option == o)
            return inv->options[i].value;
    const char *value = o->env ? getenv(o->env) : NULL;
    return value && *value ? value : NULL;
}

bool invocation_flag(const struct invocation *inv, const char *name)
{
    return invocation_option(inv, name) != NULL;
}

int invocation_number(const struct invocation *inv, const char *name, uint64_t min, uint64_t max,
                      uint64_t *ret, struct err *err)
{
    const char *text = invocation_option(inv, name);
    if (!text)
        return 0;
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    bool digits = *text >= '0' && *text <= '9';
    if (!digits || *end || errno || number < min || number > max) {
        if (max == UINT64_MAX)
            return err_set(err, ERR_USAGE,
                           "--%s: expected a whole number of at least %" PRIu64 ", got '%.60s'",
                           name, min, text);
        return err_set(err, ERR_USAGE,
                       "--%s: expected a whole number from %" PRIu64 " to %" PRIu64 ", got '%.60s'",
                       name, min, max, text);
    }
    *ret = number;
    return 0;
}

const char *invocation_arg(const struct invocation *inv, size_t i)
{
    return i < inv->n_args ? inv->args[i] : NULL;
}
