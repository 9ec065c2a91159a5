/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lint/lint_print.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "base/diag/diag_print.h"
#include "base/diag/display.h"
#include "base/diag/fix.h"
#include "base/json.h"
#include "cli/print/elapsed.h"
#include "cli/print/shell_word.h"
#include "language/obeyed.h"

static void add_count(struct buf *out, const char *between, size_t n, const char *what)
{
    if (n > 0)
        buf_addf(out, "%s%zu %s%s", between, n, what, n == 1 ? "" : "s");
}

static void add_size(struct buf *out, const struct lint_file *f)
{
    const struct spec *s = f->spec;
    bool repeats = s->method != SPEC_GRID && s->unique == SPEC_UNIQUE_NO;
    uint64_t points = repeats ? 0 : f->points;
    buf_adds(out, spec_method_name(s->method));
    if (points == UINT64_MAX)
        buf_adds(out, " of more points than can be counted");
    else if (points > 0)
        buf_addf(out, " of %" PRIu64 " point%s", points, points == 1 ? "" : "s");
    if (f->listed > points)
        buf_addf(out, " (%" PRIu64 " listed)", f->listed);
    if (s->run_cap > 0 && (points == 0 || points > (uint64_t)s->run_cap))
        buf_addf(out, ", at most %" PRId64 " trial%s", s->run_cap, s->run_cap == 1 ? "" : "s");
}

static void add_time(struct buf *out, const struct lint_file *f)
{
    char all[ELAPSED_BYTES], each[ELAPSED_BYTES];
    if (f->seconds <= 0)
        return;
    elapsed_format(all, f->seconds);
    elapsed_format(each, f->each_s);
    buf_addf(out, ", about %s (%s a trial, as in sweep %s)", all, each, f->like);
}

/* lint checks the language, and also lists what besom run does not support yet. */
static void add_unobeyed(struct buf *out, const struct lint_file *f)
{
    struct arena a;
    struct diags unobeyed;
    arena_init(&a);
    diags_init(&unobeyed, &a, f->named);
    if (!obeyed_check(f->spec, OBEYED_RUN, &unobeyed))
        buf_adds(out, "; not supported by besom run yet: ");
    for (size_t i = 0; i < unobeyed.n; i++) {
        const char *path = unobeyed.items[i].path;
        bool method = strcmp(path, "method") == 0;
        buf_addf(out, "%s%s%s", i ? ", " : "", method ? "method " : "",
                 method ? spec_method_name(f->spec->method) : path);
    }
    arena_done(&a);
}

static void add_counts(struct buf *out, size_t errors, size_t warnings)
{
    add_count(out, "", errors, "error");
    add_count(out, errors ? ", " : "", warnings, "warning");
}

static void add_sum(struct buf *out, const struct lint_file *f)
{
    display_clean(out, f->shown, strlen(f->shown));
    buf_adds(out, ": ");
    add_counts(out, f->diags.errors, f->warnings);
    if (f->diags.errors == 0) {
        buf_adds(out, f->warnings ? ", " : "ok, ");
        add_size(out, f);
        add_time(out, f);
        add_unobeyed(out, f);
    }
    if (f->mendable > 0 && strcmp(f->named, "-") != 0) {
        buf_addf(out, "; besom lint --fix ");
        shell_word(out, f->named);
        if (f->root) {
            buf_adds(out, " --root ");
            shell_word(out, f->root);
        }
        buf_addf(out, " fixes %zu", f->mendable);
    }
    buf_addc(out, '\n');
}

void lint_print_text(struct buf *out, const struct lint_file *f, size_t columns, bool colour)
{
    struct diag_style style = {buf_peek(&f->text), f->text.len, columns, colour};
    diag_print(out, &f->diags, DIAG_NOTE, &style);
    add_sum(out, f);
}

void lint_print_sum(struct buf *out, size_t files, size_t errors, size_t warnings)
{
    buf_addf(out, "%zu files: ", files);
    add_counts(out, errors, warnings);
    buf_adds(out, errors || warnings ? "\n" : "ok\n");
}

static struct value *text_or_null(struct arena *a, const char *text)
{
    return text ? value_str(a, text) : value_null(a);
}

/* The line as --fix would write it or, without one, the text of the fix. */
static const char *corrected_line(struct arena *a, struct source *source, const struct diag *d)
{
    struct buf line;
    size_t from, to;
    const char *text = d->fix;
    buf_init(&line, SIZE_MAX);
    if (d->edits_n > 0 && source_line(source, d->line, &from, &to) &&
        fix_line(&line, source->text + from, to - from, d))
        text = arena_strdup(a, buf_str(&line) + strspn(buf_str(&line), " "));
    buf_done(&line);
    return text;
}

static struct value *diagnostic_value(struct arena *a, struct source *source, const struct diag *d)
{
    static const char *const severities[] = {"note", "warning", "error"};
    struct value *v = value_dict(a);
    value_put(a, v, "severity", value_str(a, severities[d->severity]));
    value_put(a, v, "path", value_str(a, d->path));
    value_put(a, v, "line", value_int(a, d->line));
    value_put(a, v, "column", value_int(a, d->column));
    value_put(a, v, "message", value_str(a, d->message));
    value_put(a, v, "fix", text_or_null(a, corrected_line(a, source, d)));
    return v;
}

/* The number of the grid's points; null for other methods, or if it is unknown or too large. */
static struct value *grid_points(struct arena *a, const struct lint_file *f)
{
    if (!f->counted || f->spec->method != SPEC_GRID || f->points > INT64_MAX)
        return value_null(a);
    return value_int(a, (int64_t)f->points);
}

void lint_print_json(struct buf *out, const struct lint_file *f)
{
    struct arena a;
    arena_init(&a);
    struct source source = source_of(buf_peek(&f->text), f->text.len);
    struct value *v = value_dict(&a), *list = value_list(&a), *parameters = value_dict(&a);
    for (size_t i = 0; i < f->diags.n; i++)
        value_push(&a, list, diagnostic_value(&a, &source, &f->diags.items[i]));
    for (size_t i = 0; i < f->spec->space.n; i++) {
        const struct parameter *p = &f->spec->space.parameters[i];
        value_put(&a, parameters, p->name, value_str(&a, space_kind_name(p->kind)));
    }
    const char *verdict = f->diags.errors ? "error" : f->warnings ? "warn" : "ok";
    value_put(&a, v, "file", value_str(&a, f->named));
    value_put(&a, v, "verdict", value_str(&a, verdict));
    value_put(&a, v, "diagnostics", list);
    value_put(&a, v, "method", text_or_null(&a, value_get_str(f->spec->content, "method", NULL)));
    value_put(&a, v, "parameters", parameters);
    value_put(&a, v, "grid_points", grid_points(&a, f));
    json_print(out, v, JSON_COMPACT);
    buf_addc(out, '\n');
    arena_done(&a);
}
