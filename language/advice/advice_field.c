/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/diag/nearest.h"
#include "language/advice/advice_dashes.h"
#include "language/advice/advice_meant.h"
#include "language/advice/advice_edit.h"
#include "language/advice/advice_part.h"
#include "language/moment.h"
#include "language/report.h"
#include "language/reader/spec_flow.h"
#include "language/reader/spec_source.h"

static bool small_scalar(const struct spec_node *n)
{
    enum value_kind kind = spec_node_kind(n);
    return kind == VALUE_INT || kind == VALUE_FLOAT || kind == VALUE_STR || kind == VALUE_BOOL;
}

static bool is_stopper(const char *text)
{
    for (size_t i = 0; language_stoppers[i]; i++)
        if (strcmp(language_stoppers[i], text) == 0)
            return true;
    return false;
}

/* YAML reads `until: 18:00` as 1080, a number of base 60: only the quotes are missing. */
static bool is_moment(const struct spec_reader *r, const struct spec_node *n)
{
    enum { BYTES_MAX = 32 };
    size_t len;
    const char *text = spec_source_of(r, n, &len);
    char copy[BYTES_MAX];
    if (!text || len >= sizeof copy)
        return false;
    snprintf(copy, sizeof copy, "%.*s", (int)len, text);
    return moment_valid(copy);
}

/* The word that was probably meant; NULL if none is near. */
static const char *word_near(const struct language_field *f, const struct value *v)
{
    size_t count = 0;
    while (f->words[count])
        count++;
    if (v->kind == VALUE_BOOL && !v->b && count > 0 && strcmp(f->words[count - 1], "false") == 0)
        return "'false'";
    if (v->kind != VALUE_STR)
        return NULL;
    const char *near = nearest_name(v->s.ptr, f->words, count, sizeof *f->words);
    for (size_t i = 0; i < count && !near && v->s.len >= 3; i++)
        if (strncmp(v->s.ptr, f->words[i], 3) == 0)
            near = f->words[i];
    return near;
}

/* The boolean meant by 1, 'true' or 'No'; NULL for anything else. */
static const char *truth_meant(const struct value *v)
{
    static const char *const words[] = {"true",  "yes", "on",  "y", "1",
                                        "false", "no",  "off", "n", "0"};
    enum { TRUE_WORDS = 5, WORDS = sizeof words / sizeof *words };
    if (v->kind == VALUE_INT && (v->i == 0 || v->i == 1))
        return v->i ? "true" : "false";
    for (int i = 0; v->kind == VALUE_STR && i < WORDS; i++)
        if (strcasecmp(v->s.ptr, words[i]) == 0)
            return i < TRUE_WORDS ? "true" : "false";
    return NULL;
}

/* `report: keras` means the reader `keras` on stdout. */
static const char *report_line(struct spec_reader *r, const char *text)
{
    if (report_reader_find(text) || strcmp(text, REPORT_JSON) == 0)
        return arena_printf(r->arena, "report: {stdout: %s}", text);
    return report_is_pattern(text) && !strpbrk(text, "'\n")
               ? arena_printf(r->arena, "report: {stdout: '%s'}", text)
               : language_report.example;
}

static const char *line_of(struct spec_reader *r, const struct language_field *f,
                           const struct spec_node *n)
{
    const struct value *v = n->yaml->value;
    if (f->type == LANGUAGE_WORD) {
        const char *word = word_near(f, v) ? word_near(f, v) : f->fallback;
        return word ? arena_printf(r->arena, "%s: %s", f->name, word) : f->example;
    }
    if (!small_scalar(n) && f->fault != LANGUAGE_ERROR && f->type == LANGUAGE_TEXT)
        return NULL;
    if (f->type == LANGUAGE_TEXT && small_scalar(n) && v->kind != VALUE_STR)
        return arena_printf(r->arena, "%s: '%s'", f->name, spec_node_shown(r, n));
    if (f->type == LANGUAGE_INT && v->kind == VALUE_FLOAT && floor(v->f) == v->f &&
        v->f >= f->least && v->f < 1e15)
        return arena_printf(r->arena, "%s: %.0f", f->name, v->f);
    if (f->type == LANGUAGE_INT && v->kind == VALUE_INT && f->fault == LANGUAGE_ERROR)
        return arena_printf(r->arena, "%s: %.0f", f->name, f->least);
    if (f->type == LANGUAGE_BOOL && truth_meant(v))
        return arena_printf(r->arena, "%s: %s", f->name, truth_meant(v));
    struct spec_number number;
    if (f->type == LANGUAGE_INT && v->kind == VALUE_STR && spec_node_as_number(n, &number) &&
        number.is_int && number.f >= f->least)
        return arena_printf(r->arena, "%s: %lld", f->name, (long long)number.i);
    const char *meant = f->type == LANGUAGE_MOMENT   ? advice_meant_moment(r->arena, v)
                        : f->type == LANGUAGE_SPAN   ? advice_meant_span(r->arena, v)
                        : f->type == LANGUAGE_MEMORY ? advice_meant_memory(r->arena, v)
                                                     : NULL;
    if (meant)
        return arena_printf(r->arena, "%s: %s", f->name, meant);
    if (f->type == LANGUAGE_MAP && f->object == &language_stopper && v->kind == VALUE_STR &&
        is_stopper(v->s.ptr))
        return arena_printf(r->arena, "early_terminate: {type: %s, min_iter: 3}", v->s.ptr);
    if (f->type == LANGUAGE_MAP && f->object == &language_metric && v->kind == VALUE_STR)
        return arena_printf(r->arena, "metric: {name: %s, goal: minimize}", spec_node_yaml(r, n));
    if (f->type == LANGUAGE_MAP && f->object == &language_report && v->kind == VALUE_STR)
        return report_line(r, v->s.ptr);
    return f->example;
}

/* A mapping that dashes or brackets made a list. */
static void advise_dashed(struct spec_reader *r, struct diag *said, const struct spec_node *n,
                          const char *line)
{
    const char *how = n->line == n->yaml->line ? "brackets" : "dashes";
    said->message = arena_printf(r->diags->arena, "%s: leave out the %s", said->message, how);
    diags_fix(r->diags, said, line);
}

void advice_on_wrong_value(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct language_field *field = f->field;
    const struct spec_node *n = f->node;
    const char *dashed = field->type == LANGUAGE_MAP ? advice_dashes_line(r, field->name, n) : NULL;
    if (dashed)
        advise_dashed(r, said, n, dashed);
    else
        diags_fix(r->diags, said, line_of(r, field, n));
    const char *word = field->type == LANGUAGE_WORD ? word_near(field, n->yaml->value) : NULL;
    if (word && strcmp(word, "false") == 0 && !spec_node_quoted(n))
        word = "'false'"; /* without quotes YAML reads false as a boolean */
    if (word)
        advice_edit_name(r, said, n, word);
    if (field->type == LANGUAGE_MOMENT && is_moment(r, n))
        advice_edit_around(r, said, n, "'", "'");
    if (field->type == LANGUAGE_TEXT && small_scalar(n) && spec_node_kind(n) != VALUE_STR)
        advice_edit_around(r, said, n, "'", "'");
}

/* The key's line under another name; it includes the value only if that fits. */
static const char *renamed_line(struct spec_reader *r, const char *name, const struct spec_node *n)
{
    const char *value = spec_flow_text(r->arena, n->yaml);
    return arena_printf(r->arena, "%s:%s%s", name, value ? " " : "", value ? value : "");
}

void advice_on_unknown_key(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct language_object *o = f->object;
    if (f->text)
        diags_fix(r->diags, said, renamed_line(r, f->text, f->node));
    if (f->sure)
        advice_edit_slip(r, said, f->node, o->fields, o->n, sizeof *o->fields);
}

void advice_on_outside(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said,
              arena_printf(r->arena, "parameters: {%s}", renamed_line(r, f->node->key, f->node)));
}

void advice_on_example(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, f->object ? f->object->example : NULL);
}

void advice_on_no_text(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct spec_node *n = f->node;
    enum value_kind kind = spec_node_kind(n);
    if (kind < VALUE_STR && kind != VALUE_NULL)
        diags_fix(r->diags, said,
                  arena_printf(r->arena, "%s: '%s'", n->key ? n->key : "-", spec_node_shown(r, n)));
}
