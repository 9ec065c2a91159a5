/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sweep files that other people wrote, and what W&B's own code makes of each: they are not ours to
 * ship, so they are read where they lie ($BESOM_SHARED, or shared/ beside the checkout), or the
 * test is skipped. Each is read as it is written. */
#include <limits.h>
#include "base/json.h"
#include "language/command/command.h"
#include "language/spec_read.h"
#include "tests/test.h"

enum { FILE_BYTES_MAX = 8 << 20 };

static struct {
    int files, verdicts, parameters, grids, argvs, differences;
} count;

static char *read_file(const char *folder, const char *name, const char *suffix, size_t *len)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/corpus/%s%s", folder, name, suffix);
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *text = malloc(FILE_BYTES_MAX);
    ASSERT(text);
    *len = fread(text, 1, FILE_BYTES_MAX - 1, f);
    text[*len] = '\0';
    fclose(f);
    return text;
}

static void differ(const char *id, const char *what, const char *got, const char *want)
{
    count.differences++;
    fprintf(stderr, "%s: %s: got %s, want %s\n", id, what, got, want);
}

static const struct value *core12(const struct value *expect, const char *core, const char *plain)
{
    const struct value *v = value_get(expect, core);
    return v ? v : value_get(expect, plain);
}

static void compare_parameters(const char *id, const struct spec *s, const struct value *expect)
{
    const struct value *want = core12(expect, "params_core12", "params");
    if (want && want->dict.n != s->space.n)
        differ(id, "parameters", "another number of them", "");
    for (size_t i = 0; want && i < s->space.n; i++) {
        const struct parameter *p = &s->space.parameters[i];
        const char *kind = value_get_str(want, p->name, "(none)");
        count.parameters++;
        if (strcmp(kind, space_kind_name(p->kind)) != 0)
            differ(id, p->name, space_kind_name(p->kind), kind);
    }
}

static void compare_grid(const char *id, const struct spec *s, const struct value *expect)
{
    const struct value *want = core12(expect, "grid_points_unique_core12", "grid_points_unique");
    if (!want || want->kind != VALUE_INT || s->method != SPEC_GRID)
        return;
    count.grids++;
    uint64_t got = space_grid_total(&s->space);
    char texts[2][32];
    snprintf(texts[0], sizeof texts[0], "%" PRIu64, got);
    snprintf(texts[1], sizeof texts[1], "%" PRId64, want->i);
    if (strcmp(texts[0], texts[1]) != 0)
        differ(id, "distinct grid points", texts[0], texts[1]);
}

static bool all_text(const struct value *list)
{
    for (size_t i = 0; i < list->list.n; i++)
        if (list->list.items[i]->kind != VALUE_STR)
            return false;
    return true;
}

static void compare_argv(struct arena *a, const char *id, const struct spec *s,
                         const struct value *expect)
{
    const struct value *probe = value_get(expect, "probe"), *want = value_get(expect, "probe_argv");
    const struct value *sci = value_get(expect, "sci_strings");
    if (!probe || !want || want->kind != VALUE_LIST || !all_text(want) || (sci && sci->list.n > 0))
        return;
    struct command_context ctx = {.interpreter = "python", .params_json = ""};
    struct value **values = arena_alloc(a, (s->space.n + 1) * sizeof *values), *argv;
    struct err err = {0};
    for (size_t i = 0; i < s->space.n; i++) {
        const struct parameter *p = &s->space.parameters[i];
        const struct value *v = value_get(probe, p->name);
        if (!v)
            v = space_lookup(probe, p);
        if (!v) {
            differ(id, "probe", p->name, "a value for it");
            return;
        }
        values[i] = (struct value *)v;
    }
    count.argvs++;
    if (command_build(a, s, space_nest(a, &s->space, values), &ctx, &argv, &err) != 0)
        differ(id, "argv", err.text, json_text(a, want, JSON_PYTHON));
    else if (!value_same(argv, want))
        differ(id, "argv", json_text(a, argv, JSON_PYTHON), json_text(a, want, JSON_PYTHON));
}

static const char *first_error(const struct diags *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].severity == DIAG_ERROR)
            return d->items[i].message;
    return "no error";
}

static void compare(struct arena *a, const char *folder, const struct value *expect)
{
    const char *id = value_get_str(expect, "id", "?");
    const char *valid = value_get_str(expect, "valid_core12", "?");
    size_t len = 0;
    char *text = read_file(folder, id, ".yaml", &len);
    ASSERT(text);
    struct diags d;
    diags_init(&d, a, id);
    struct spec *s = spec_read(text, len, &d);
    count.files++;
    if ((s != NULL) == (strcmp(valid, "no") != 0))
        count.verdicts++;
    else
        differ(id, "verdict", first_error(&d), valid);
    if (s) {
        compare_parameters(id, s, expect);
        compare_grid(id, s, expect);
        compare_argv(a, id, s, expect);
    }
    spec_free(s);
    free(text);
}

TEST(specs_from_the_web_are_read_as_wandb_reads_them)
{
    const char *folder = getenv("BESOM_SHARED");
    if (!folder)
        folder = TEST_SOURCE_DIR "/../shared";
    size_t len;
    char *lines = read_file(folder, "expect", ".jsonl", &len);
    if (!lines)
        test_skip(
            "no corpus of other people's specs: set BESOM_SHARED to the folder that has corpus/");
    struct arena a;
    arena_init(&a);
    for (const char *line = lines; *line;) {
        struct value *expect;
        struct err err = {0};
        size_t bytes = strcspn(line, "\n");
        if (json_parse(&a, line, bytes, &expect, &err) != 0)
            FAIL("%s", err.text);
        compare(&a, folder, expect);
        arena_clear(&a);
        line += bytes + (line[bytes] == '\n');
    }
    printf("%d files, %d verdicts as W&B's, %d parameters, %d grids, %d command lines; %d "
           "differences\n",
           count.files, count.verdicts, count.parameters, count.grids, count.argvs,
           count.differences);
    free(lines);
    arena_done(&a);
    ASSERT_EQ(count.differences, 0);
}
