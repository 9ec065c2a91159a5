/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a spec: refused with an error that has a message and a place inside the text, or
 * read to a spec whose content goes round: printed, parsed and read again it prints the same, and
 * whose strategy proposes points that are JSON and make command lines. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "language/command/command.h"
#include "strategies/strategy.h"
#include "tests/fuzz/fuzz.h"
#include "language/spec_read.h"

enum { PROPOSALS = 3 };

static void check_diags(const struct diags *d, size_t size)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct diag *item = &d->items[i];
        check(item->message && *item->message && item->path);
        check(item->line >= 0 && (size_t)item->line <= size + 1);
        check(item->column >= 0 && (size_t)item->column <= size + 1);
    }
}

static const char *get_variable(void *arg, const char *name)
{
    (void)arg;
    return *name == 'A' ? "${args}" : *name == 'P' ? "${program}" : NULL;
}

static void build_command(struct arena *a, const struct spec *s, const struct value *params)
{
    struct command_context ctx = {
        .interpreter = "python", .params_json = "params.json", .fill = {.getenv = get_variable}};
    struct value *argv, *names = value_dict(a);
    struct err err = {0};
    for (size_t i = 0; command_fill_name(i); i++)
        value_put(a, names, command_fill_name(i), value_str(a, "x-0"));
    ctx.fill.names = names;
    if (command_build(a, s, params, &ctx, &argv, &err) == 0)
        check(argv->list.n > 0 && command_check(s, &err) == 0);
}

static void propose(struct arena *a, const struct spec *s)
{
    struct strategy *strategy = NULL;
    struct proposal proposal;
    struct err err = {0};
    if (strategy_new(s, 1, &strategy, &err) != 0)
        return;
    for (int i = 0; i < PROPOSALS && strategy_propose(strategy, a, &proposal, &err) == 0; i++) {
        struct value *back = NULL;
        const char *text = json_text(a, proposal.params, JSON_COMPACT);
        check(json_parse(a, text, strlen(text), &back, &err) == 0);
        build_command(a, s, proposal.params);
    }
    strategy_free(strategy);
}

static void go_round(const struct spec *s)
{
    struct arena a;
    struct diags d;
    struct err err = {0};
    struct value *content;
    arena_init(&a);
    diags_init(&d, &a, NULL);
    const char *text = spec_content_text(&a, s);
    check(json_parse(&a, text, strlen(text), &content, &err) == 0);
    struct spec *again = spec_read_content(content, &d);
    check(again && again->space.n == s->space.n && again->method == s->method);
    check(strcmp(text, spec_content_text(&a, again)) == 0);
    for (size_t i = 0; i < s->space.n; i++)
        check(s->space.parameters[i].kind == again->space.parameters[i].kind);
    spec_free(again);
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a, "fuzz.yaml");
    struct spec *s = spec_read((const char *)data, size, &d);
    check((s != NULL) == (d.errors == 0));
    check_diags(&d, size);
    if (s) {
        go_round(s);
        propose(&a, s);
    }
    spec_free(s);
    arena_done(&a);
    return 0;
}
