/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/help/man.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/subcommand/subcommand.h"

/* roff interprets backslashes and a line's first dot or quote, and cannot read UTF-8; a dash must
 * stay a dash. */
static void print_text(struct buf *out, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint32_t c = 0;
        size_t n = utf8_decode(s + i, len - i, &c);
        if (n > 1) {
            buf_addf(out, "\\[u%04" PRIX32 "]", c);
            i += n - 1;
            continue;
        }
        if (i == 0 && (s[i] == '.' || s[i] == '\''))
            buf_adds(out, "\\&");
        if (s[i] == '\\')
            buf_adds(out, "\\e");
        else if (s[i] == '-')
            buf_adds(out, "\\-");
        else
            buf_addc(out, s[i]);
    }
}

static void print_paragraphs(struct buf *out, const char *s)
{
    while (*s) {
        size_t len = strcspn(s, "\n");
        print_text(out, s, len);
        buf_addc(out, '\n');
        s += len;
        if (*s == '\n') {
            buf_adds(out, ".PP\n");
            s++;
        }
    }
}

static void print_verbatim(struct buf *out, const char *s)
{
    buf_adds(out, ".nf\n");
    for (; *s; s += strcspn(s, "\n") + 1) {
        print_text(out, s, strcspn(s, "\n"));
        buf_addc(out, '\n');
    }
    buf_adds(out, ".fi\n");
}

static void print_title(struct buf *out, const char *name)
{
    buf_adds(out, ".TH \"BESOM");
    if (name)
        buf_addc(out, '-');
    for (const char *p = name ? name : ""; *p; p++)
        buf_addc(out, (char)toupper((unsigned char)*p));
    buf_addf(out, "\" 1 \"\" \"besom %s\" \"besom\"\n", BESOM_VERSION);
}

static void print_option(struct buf *out, const struct subcommand_option *o)
{
    struct buf name;
    buf_init(&name, SIZE_MAX);
    subcommand_option_print(&name, o);
    buf_adds(out, ".TP\n.B ");
    print_text(out, buf_str(&name), name.len);
    buf_addc(out, '\n');
    print_text(out, o->help, strlen(o->help));
    if (o->choices)
        buf_addf(out, ": %s", o->choices);
    buf_adds(out, ".\n");
    if (o->env)
        buf_addf(out, "Environment: %s.\n", o->env);
    buf_done(&name);
}

void man_one(struct buf *out, const struct subcommand *s)
{
    print_title(out, s->name);
    buf_addf(out, ".SH NAME\nbesom\\-%s \\- ", s->name);
    print_text(out, s->summary, strlen(s->summary));
    buf_addf(out, "\n.SH SYNOPSIS\n.B besom %s\n", s->name);
    if (s->arguments) {
        print_text(out, s->arguments, strlen(s->arguments));
        buf_addc(out, '\n');
    }
    if (s->options)
        buf_adds(out, "[\\fIoptions\\fR]\n");
    buf_adds(out, ".SH DESCRIPTION\n");
    print_paragraphs(out, s->description);
    buf_adds(out, ".SH OPTIONS\n");
    for (const struct subcommand_option *o = s->options; o && o->name; o++)
        print_option(out, o);
    print_option(out, &subcommand_option_help);
    buf_adds(out, ".SH EXAMPLE\n");
    print_verbatim(out, s->example);
    buf_adds(out, ".SH SEE ALSO\n.BR besom (1)\n");
}

void man_all(struct buf *out, const struct subcommand *const *table)
{
    print_title(out, NULL);
    buf_adds(out, ".SH NAME\nbesom \\- run hyperparameter sweeps\n"
                  ".SH SYNOPSIS\n.B besom\nCOMMAND [\\fIarguments\\fR] [\\fIoptions\\fR]\n"
                  ".SH DESCRIPTION\nA YAML file says which parameters to try and which command "
                  "trains; besom proposes\nconfigurations, runs the command for each, collects the "
                  "metrics and remembers everything.\n"
                  ".PP\nName a sweep by its id, its name or its file, a trial by its id; "
                  "\\fBlast\\fR is the newest sweep.\n.SH COMMANDS\n");
    for (const struct subcommand *const *s = table; *s; s++) {
        buf_addf(out, ".TP\n.BR besom\\-%s (1)\n", (*s)->name);
        print_text(out, (*s)->summary, strlen((*s)->summary));
        buf_addc(out, '\n');
    }
    buf_adds(out, ".SH EXIT STATUS\n"
                  ".TP\n0\nSuccess.\n.TP\n1\nFailure: no trial succeeded, or a check failed.\n"
                  ".TP\n2\nWrong usage, or an error in the spec.\n.TP\n3\nNot found.\n"
                  ".TP\n4\nThe controller cannot be reached, or its answer is "
                  "malformed.\n.TP\n5\nNot allowed.\n"
                  ".TP\n6\nThe store is damaged or in use.\n"
                  ".TP\n128+n\nEnded by signal n; the sweep can be resumed.\n"
                  ".SH ENVIRONMENT\n.TP\n.B BESOM_STORE\nThe store, unless \\-\\-store is given.\n"
                  ".TP\n.B NO_COLOR\nNo colours.\n");
}
