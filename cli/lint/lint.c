/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom lint: reports errors and likely mistakes in sweep files. */
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/lint/lint_file.h"
#include "cli/lint/lint_judge.h"
#include "cli/lint/lint_mend.h"
#include "cli/lint/lint_print.h"
#include "cli/lint/lint_time.h"
#include "cli/print/terminal.h"
#include "language/language_schema.h"

struct totals {
    size_t errors, warnings;
};

static void print_file(const struct invocation *inv, const struct lint_file *f, FILE *to)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    if (invocation_flag(inv, "json"))
        lint_print_json(&out, f);
    else
        lint_print_text(&out, f, terminal_columns(to), terminal_colour(to));
    fwrite(buf_str(&out), 1, out.len, to);
    buf_done(&out);
}

/* With --fix, stdin's fixed text goes to stdout, so the diagnostics go to stderr. */
static int lint_one(const struct invocation *inv, const char *named,
                    const struct lint_options *options, struct totals *sum, struct err *err)
{
    struct lint_file f;
    bool fix = invocation_flag(inv, "fix"), is_stdin = strcmp(named, "-") == 0;
    lint_file_open(&f, named);
    int rc = fix && f.diags.errors == 0
                 ? lint_mend(&f, options->root, invocation_flag(inv, "json"), err)
                 : 0;
    lint_judge(&f, options);
    if (!invocation_flag(inv, "json"))
        lint_time_estimate(&f);
    print_file(inv, &f, fix && is_stdin ? stderr : stdout);
    sum->errors += f.diags.errors;
    sum->warnings += f.warnings;
    lint_file_close(&f);
    return rc;
}

static void print_totals(const struct invocation *inv, const struct totals *sum)
{
    struct buf out;
    if (inv->n_args < 2 || invocation_flag(inv, "json"))
        return;
    buf_init(&out, SIZE_MAX);
    lint_print_sum(&out, inv->n_args, sum->errors, sum->warnings);
    fputs(buf_str(&out), stdout);
    buf_done(&out);
}

static int print_schema(void)
{
    struct arena a;
    arena_init(&a);
    fputs(language_schema_text(&a), stdout);
    arena_done(&a);
    return COMPLAIN_DONE;
}

int cmd_lint(struct invocation *inv)
{
    struct lint_options options = {.root = invocation_option(inv, "root"),
                                   .strict = invocation_flag(inv, "strict")};
    struct totals sum = {0};
    struct err err = {0};
    int rc = 0;
    if (invocation_flag(inv, "schema"))
        return print_schema();
    if (inv->n_args == 0) {
        err_set(&err, ERR_USAGE, "SPEC is missing; usage: besom lint SPEC...");
        return complain(&err);
    }
    for (size_t i = 0; i < inv->n_args && rc == 0; i++)
        rc = lint_one(inv, invocation_arg(inv, i), &options, &sum, &err);
    print_totals(inv, &sum);
    if (rc != 0)
        return complain(&err);
    return sum.errors > 0 ? COMPLAIN_USAGE : COMPLAIN_DONE;
}
