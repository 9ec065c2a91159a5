/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "language/report.h"

enum { NUMBER_BYTES_MAX = 64, SHOWN_BYTES_MAX = 40, GROUPS_MAX = 256 };
static const double STEP_MAX = 9007199254740992; /* the integers that a double holds */

const char *const patterns_streams[PATTERNS_STREAMS] = {"stdout", "stderr"};

/* A pattern. The patterns of one choice are combined; the first choice that gives a metric
 * counts. */
struct rule {
    struct regex *line;  /* NULL: JSON lines */
    struct regex *pairs; /* what follows, name by name; NULL: nothing */
    const char *name;    /* the metric that the first group is; NULL: each named group is one */
    unsigned choice;
    bool step; /* it gives the step of the next line alone */
};

struct rules {
    struct rule *items;
    size_t n;
    unsigned choices;
};

struct patterns {
    struct arena kept;
    struct rules streams[PATTERNS_STREAMS];
};

/* The metrics found in one line. */
struct finding {
    struct arena arena;
    struct value *metrics;
    struct buf why; /* a line for each value that is not a number */
    bool any;       /* more than the step */
};

static struct rule *rules_add(struct rules *rs, unsigned choice)
{
    rs->items = mem_resize(rs->items, (rs->n + 1) * sizeof *rs->items);
    rs->items[rs->n] = (struct rule){.choice = choice};
    return &rs->items[rs->n++];
}

static int rule_compile(struct rule *rule, const char *text, const char *name, struct err *err)
{
    int rc = report_pattern(text, name != NULL, &rule->line, err);
    if (rc != 0)
        return err_wrap(err, "report: %s", text);
    rule->name = name;
    regex_speed_up(rule->line);
    return 0;
}

static int regex_make(const char *text, struct regex **ret, struct err *err)
{
    int rc = regex_new(text, ret, err);
    if (rc == 0)
        regex_speed_up(*ret);
    return rc;
}

static int rules_add_reader(struct rules *rs, const struct report_reader *reader, struct err *err)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < REPORT_RULES_MAX && reader->rules[i].line; i++) {
        struct rule *rule = rules_add(rs, rs->choices++);
        rule->step = !reader->rules[i].pairs;
        rc = regex_make(reader->rules[i].line, &rule->line, err);
        if (rc == 0 && reader->rules[i].pairs)
            rc = regex_make(reader->rules[i].pairs, &rule->pairs, err);
    }
    return rc;
}

static int rules_add_item(struct arena *a, struct rules *rs, const struct value *item,
                          struct err *err)
{
    int rc = 0;
    if (item->kind == VALUE_DICT) {
        unsigned choice = rs->choices++;
        for (size_t i = 0; rc == 0 && i < item->dict.n; i++)
            rc = rule_compile(rules_add(rs, choice), item->dict.entries[i].value->s.ptr,
                              arena_strdup(a, item->dict.entries[i].key), err);
        return rc;
    }
    const struct report_reader *reader = report_reader_find(item->s.ptr);
    if (reader)
        return rules_add_reader(rs, reader, err);
    struct rule *rule = rules_add(rs, rs->choices++);
    return strcmp(item->s.ptr, REPORT_JSON) == 0 ? 0 : rule_compile(rule, item->s.ptr, NULL, err);
}

static bool is_item(const struct value *item)
{
    bool good = item->kind == VALUE_STR || item->kind == VALUE_DICT;
    for (size_t i = 0; good && item->kind == VALUE_DICT && i < item->dict.n; i++)
        good = item->dict.entries[i].value->kind == VALUE_STR;
    return good;
}

static int stream_read(struct patterns *p, struct rules *rs, const struct value *of,
                       struct err *err)
{
    int rc = 0;
    size_t n = of->kind == VALUE_LIST ? of->list.n : 1;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        const struct value *item = of->kind == VALUE_LIST ? of->list.items[i] : of;
        rc = is_item(item) ? rules_add_item(&p->kept, rs, item, err)
                           : err_set(err, ERR_SPEC, "report: neither text nor a mapping of text");
    }
    return rc;
}

int patterns_new(const struct value *report, struct patterns **ret, struct err *err)
{
    struct patterns *p = mem_alloc(sizeof *p);
    int rc = 0;
    *p = (struct patterns){0};
    arena_init(&p->kept);
    for (int i = 0; rc == 0 && i < PATTERNS_STREAMS; i++) {
        const struct value *of = value_get(report, patterns_streams[i]);
        if (of)
            rc = stream_read(p, &p->streams[i], of, err);
    }
    if (rc == 0)
        *ret = p;
    else
        patterns_free(p);
    return rc;
}

void patterns_free(struct patterns *p)
{
    if (!p)
        return;
    for (int i = 0; i < PATTERNS_STREAMS; i++) {
        for (size_t k = 0; k < p->streams[i].n; k++) {
            regex_free(p->streams[i].items[k].line);
            regex_free(p->streams[i].items[k].pairs);
        }
        mem_free(p->streams[i].items);
    }
    arena_done(&p->kept);
    mem_free(p);
}

static bool number_read(const char *at, size_t len, double *ret)
{
    char text[NUMBER_BYTES_MAX], *end;
    if (len == 0 || len >= sizeof text)
        return false;
    memcpy(text, at, len);
    text[len] = '\0';
    *ret = strtod(text, &end);
    return end != text && *end == '\0';
}

static void finding_put(struct finding *f, const char *name, const char *line,
                        const struct regex_span *span)
{
    double x;
    bool is_step = strcmp(name, REPORT_STEP) == 0;
    size_t len = span->to - span->from;
    if (!span->set)
        return;
    if (!number_read(line + span->from, len, &x) || (is_step && !(fabs(x) < STEP_MAX))) {
        buf_addf(&f->why, "%s is \"%.*s%s\", which is not a %s\n", name,
                 len < SHOWN_BYTES_MAX ? (int)len : SHOWN_BYTES_MAX, line + span->from,
                 len <= SHOWN_BYTES_MAX ? "" : "…", is_step ? "step" : "number");
        return;
    }
    value_put(&f->arena, f->metrics, name,
              is_step ? value_int(&f->arena, (int64_t)x) : value_float(&f->arena, x));
    f->any |= !is_step;
}

static void rule_find_names(const struct rule *rule, const char *line,
                            const struct regex_span *spans, struct finding *f)
{
    const char *name;
    size_t group;
    for (size_t i = 0; (name = regex_name(rule->line, i, &group)); i++)
        if (group < GROUPS_MAX)
            finding_put(f, name, line, &spans[group]);
}

static void rule_find_pairs(const struct regex *pairs, const char *line, size_t len, size_t at,
                            struct finding *f)
{
    size_t of_name = 0, of_value = 0, group;
    const char *name;
    struct regex_span spans[8];
    for (size_t i = 0; (name = regex_name(pairs, i, &group)); i++)
        *(strcmp(name, "name") == 0 ? &of_name : &of_value) = group;
    while (at < len && regex_match(pairs, line, len, at, spans, 8) > 0 && spans[0].to > at) {
        name = arena_strndup(&f->arena, line + spans[of_name].from,
                             spans[of_name].to - spans[of_name].from);
        finding_put(f, name, line, &spans[of_value]);
        at = spans[0].to;
    }
}

static void rule_find(const struct rule *rule, const char *line, size_t len, struct finding *f)
{
    struct regex_span spans[GROUPS_MAX];
    size_t n = regex_groups(rule->line) + 1;
    int rc = regex_match(rule->line, line, len, 0, spans, n < GROUPS_MAX ? n : GROUPS_MAX);
    if (rc < 0)
        buf_adds(&f->why, "a pattern takes too many steps to match\n");
    if (rc <= 0)
        return;
    if (rule->name)
        finding_put(f, rule->name, line, &spans[1]);
    else
        rule_find_names(rule, line, spans, f);
    if (rule->pairs)
        rule_find_pairs(rule->pairs, line, len, spans[0].to, f);
    f->any |= rule->step;
}

static bool is_json(const char *line, size_t len)
{
    size_t n = 0;
    while (n < len && (line[n] == ' ' || line[n] == '\t'))
        n++;
    return n < len && line[n] == '{';
}

/* Applies the rules of the choice that begins at rule i; returns the first rule of the next
 * choice. */
static size_t choice_find(const struct rules *rs, size_t i, const char *line, size_t len,
                          struct finding *f)
{
    unsigned choice = rs->items[i].choice;
    f->metrics = value_dict(&f->arena);
    for (; i < rs->n && rs->items[i].choice == choice; i++)
        rule_find(&rs->items[i], line, len, f);
    return i;
}

void patterns_apply(const struct patterns *p, enum patterns_stream stream, const char *line,
                    size_t len, struct buf *out)
{
    const struct rules *rs = &p->streams[stream];
    struct finding f = {0};
    size_t kept = 0;
    bool json = false;
    arena_init(&f.arena);
    buf_init(&f.why, SIZE_MAX);
    for (size_t i = 0; i < rs->n && !f.any && !json;) {
        kept = f.why.len;
        json = !rs->items[i].line && is_json(line, len);
        i = rs->items[i].line ? choice_find(rs, i, line, len, &f) : i + 1;
    }
    /* If one choice gave metrics, the faults of the other choices do not matter. */
    if (json || f.any)
        buf_drop(&f.why, kept);
    if (json)
        buf_add(out, line, len);
    else if (f.any)
        json_print(out, f.metrics, JSON_COMPACT);
    if (json || f.any)
        buf_addc(out, '\n');
    buf_add(out, buf_peek(&f.why), f.why.len);
    buf_done(&f.why);
    arena_done(&f.arena);
}
