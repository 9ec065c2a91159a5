/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as what `besom plan --params` is given: refused with a word, or nested to a
 * configuration that holds each value given, sorted, and that makes a command line or is told why
 * not. */
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "cli/plan/plan_params.h"
#include "language/command/command.h"
#include "language/spec_read.h"
#include "tests/fuzz/fuzz.h"

static const char text[] =
    "program: x.py\nmethod: random\ncommand: [x, '${args}', '${args_json}', '${args_no_hyphens}']\n"
    "parameters: {a: {values: [1, 2]}, a.b: {value: 1}, \"c\": {parameters: {d: {min: 0.0, max: "
    "1.0}, "
    "e: {parameters: {f: {value: [1]}}}}}, lr: {min: 1, max: 5}}\n";

static size_t leaves(const struct value *v)
{
    size_t n = 0;
    for (size_t i = 0; i < v->dict.n; i++)
        n += v->dict.entries[i].value->kind == VALUE_DICT ? leaves(v->dict.entries[i].value) : 1;
    return n;
}

static void try(struct arena *a, const struct spec *s, const struct value *given)
{
    struct command_context ctx = {.interpreter = "python", .params_json = "flat.json"};
    struct value *nested = NULL, *argv;
    struct err err = {0};
    if (plan_params_nest(a, &s->space, given, &nested, &err) != 0) {
        check(*err.text);
        return;
    }
    check(nested->kind == VALUE_DICT && leaves(nested) == leaves(given));
    for (size_t i = 1; i < nested->dict.n; i++)
        check(strcmp(nested->dict.entries[i - 1].key, nested->dict.entries[i].key) < 0);
    if (command_build(a, s, nested, &ctx, &argv, &err) != 0)
        check(*err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct diags d;
    struct err err = {0};
    struct value *given;
    arena_init(&a);
    diags_init(&d, &a, "fuzz");
    struct spec *s = spec_read(text, strlen(text), &d);
    check(s);
    char *option = arena_strndup(&a, (const char *)data, size);
    /* Of @FILE and - the bytes would come from elsewhere. */
    if (*option != '@' && strcmp(option, "-") != 0) {
        if (plan_params_read(&a, option, &given, &err) == 0)
            try(&a, s, given);
        else
            check(*err.text);
    }
    spec_free(s);
    arena_done(&a);
    return 0;
}
