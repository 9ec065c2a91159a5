/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_spec.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/yaml/yaml_print.h"
#include "language/moment.h"
#include "language/obeyed.h"
#include "language/spec_read.h"
#include "net/turn.h"
#include "orchestrator/server/reply/server_reply.h"
#include "orchestrator/view/view.h"
#include "strategies/strategy.h"
#include "sweep/fact.h"

static struct spec *yaml_look(const char *yaml, struct arena *a, struct diags *d)
{
    diags_init(d, a, NULL);
    struct spec *spec = spec_look(yaml, strlen(yaml), NULL, d);
    if (d->errors == 0)
        (void)obeyed_check(spec, OBEYED_FLEET, d);
    return spec;
}

static struct value *finding_value(struct arena *a, const struct diag *d)
{
    static const char *const severities[] = {
        [DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_NOTE] = "note"};
    struct value *v = value_dict(a);
    value_put(a, v, "severity", value_str(a, severities[d->severity]));
    value_put(a, v, "line", value_int(a, d->line));
    value_put(a, v, "column", value_int(a, d->column));
    value_put(a, v, "path", value_str(a, d->path ? d->path : ""));
    value_put(a, v, "message", value_str(a, d->message));
    value_put(a, v, "fix", d->fix ? value_str(a, d->fix) : value_null(a));
    return v;
}

static int sweep_find(struct server *s, const char *id, struct arena *a, const struct value **ret,
                      struct err *err)
{
    struct view *view = NULL;
    struct value *sweep = NULL;
    int rc = view_open(s->config.dir, &view, err);
    if (rc == 0)
        rc = view_sweep(view, a, id, &sweep, err);
    view_close(view);
    *ret = sweep;
    return rc;
}

static bool diags_have(const struct diags *d, const struct diag *one)
{
    for (size_t i = 0; i < d->n; i++)
        if (strcmp(d->items[i].message, one->message) == 0 &&
            strcmp(d->items[i].path ? d->items[i].path : "", one->path ? one->path : "") == 0)
            return true;
    return false;
}

/* A warning that the sweep's spec does not have yet is an error of its edit: most say that a value is ignored,
 * and `run_cap: 90x` would take the limit away from a sweep that runs. */
static void warnings_refuse(const struct value *sweep, struct arena *a, struct diags *d)
{
    struct diags old;
    struct buf text;
    buf_init(&text, SIZE_MAX);
    yaml_print(&text, value_get(sweep, "spec"));
    spec_free(yaml_look(buf_str(&text), a, &old));
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].severity == DIAG_WARNING && !diags_have(&old, &d->items[i])) {
            d->items[i].severity = DIAG_ERROR;
            d->errors++;
        }
    buf_done(&text);
}

/* *ret: the moment of a changed `budget.until`; 0: it is the same, which the controller keeps, or there is
 * none. A moment without a zone would be in that of this machine, which is not that of the person. */
static int until_judge(const struct value *sweep, const struct spec *spec, int64_t *ret,
                       struct err *err)
{
    const char *old = value_get_str(value_get(value_get(sweep, "spec"), "budget"), "until", "");
    const char *text = spec->budget.until ? spec->budget.until : "";
    struct moment m;
    *ret = 0;
    if (!*text || strcmp(old, text) == 0)
        return 0;
    if (!moment_parse(text, &m) || !m.has_zone)
        return err_set(err, ERR_SPEC,
                       "`budget.until` needs its date and time zone here: write it as "
                       "'2026-12-31T18:00+01:00'");
    *ret = moment_ms(&m);
    return *ret > turn_wall_ms()
               ? 0
               : err_set(err, ERR_SPEC, "`budget.until` is in the past: besom stop ends the sweep");
}

static int line_of(const char *yaml, const char *key)
{
    const char *at = strstr(yaml, key);
    int line = 1;
    for (const char *p = yaml; at && p < at; p++)
        line += *p == '\n';
    return line;
}

/* What only an edit of this sweep has to mind. */
static void lint_edit(struct server *s, const char *id, const char *yaml, const struct spec *spec,
                      struct arena *a, struct diags *d)
{
    const struct value *sweep = NULL;
    struct err err = {0};
    int64_t until_ms;
    if (sweep_find(s, id, a, &sweep, &err) != 0) {
        diags_add(d, DIAG_ERROR, 1, 1, "", NULL, "%s", err.text);
        return;
    }
    warnings_refuse(sweep, a, d);
    if (until_judge(sweep, spec, &until_ms, &err) != 0)
        diags_add(d, DIAG_ERROR, line_of(yaml, "until:"), 1, "budget.until", NULL, "%s", err.text);
}

void server_spec_lint(struct server *s, const struct server_request *r)
{
    struct arena a;
    struct value *body = NULL;
    struct err err = {0};
    arena_init(&a);
    const char *yaml = json_parse(&a, r->http->body, r->http->body_len, &body, &err) == 0
                           ? value_get_str(body, "yaml", NULL)
                           : NULL;
    if (!yaml || strlen(yaml) > LIMIT_SPEC_BYTES) {
        server_reply_error(s, r->http->id, 400, ERR_USAGE,
                           "\"yaml\" must be the text of a spec, of at most 1 MiB");
    } else {
        struct diags d;
        struct value *answer = value_dict(&a), *findings = value_list(&a);
        struct spec *spec = yaml_look(yaml, &a, &d);
        const char *sweep = value_get_str(body, "sweep", NULL);
        if (sweep && d.errors == 0)
            lint_edit(s, sweep, yaml, spec, &a, &d);
        for (size_t i = 0; i < d.n; i++)
            value_push(&a, findings, finding_value(&a, &d.items[i]));
        spec_free(spec);
        value_put(&a, answer, "findings", findings);
        server_reply_value(s, r->http->id, answer);
    }
    arena_done(&a);
}

/* A name set by `besom rename` stays until the spec's name changes. */
static const char *name_after(const struct value *sweep, const struct spec *spec)
{
    const char *old = value_get_str(value_get(sweep, "spec"), "name", "");
    return strcmp(old, spec->name ? spec->name : "") == 0 ? value_get_str(sweep, "name", NULL)
                                                          : spec->name;
}

static int spec_count(const struct spec *spec, const struct value *sweep, uint64_t *ret,
                      struct err *err)
{
    const struct value *seed = value_get(sweep, "seed");
    uint64_t number = seed && seed->kind == VALUE_STR   ? strtoull(seed->s.ptr, NULL, 10)
                      : seed && seed->kind == VALUE_INT ? (uint64_t)seed->i
                                                        : 0;
    struct strategy *strategy = NULL;
    int rc = strategy_new(spec, number, &strategy, err);
    if (rc != 0)
        return rc;
    uint64_t total = strategy_total(strategy), cap = (uint64_t)spec->run_cap;
    *ret = total == 0 || (cap > 0 && cap < total) ? cap : total;
    strategy_free(strategy);
    return 0;
}

int server_spec_edit(struct server *s, const char *id, const char *yaml, struct arena *a,
                     struct value **ret, struct err *err)
{
    const struct value *sweep = NULL;
    struct diags d;
    uint64_t total = 0;
    int64_t until_ms = 0;
    if (strlen(yaml) > LIMIT_SPEC_BYTES)
        return err_set(err, ERR_LIMIT, "a spec has at most 1 MiB");
    struct spec *spec = yaml_look(yaml, a, &d);
    int rc = sweep_find(s, id, a, &sweep, err);
    if (rc == 0)
        warnings_refuse(sweep, a, &d);
    for (size_t i = 0; rc == 0 && d.errors > 0 && i < d.n; i++)
        if (d.items[i].severity == DIAG_ERROR)
            rc = err_set(err, ERR_SPEC, "line %d: %s", d.items[i].line, d.items[i].message);
    if (rc == 0)
        rc = until_judge(sweep, spec, &until_ms, err);
    if (rc == 0)
        rc = spec_count(spec, sweep, &total, err);
    if (rc == 0) {
        const struct fact f = {.kind = FACT_SWEEP_EDITED,
                               .sweep = id,
                               .name = name_after(sweep, spec),
                               .path = value_get_str(sweep, "path", ""),
                               .place = value_get_str(sweep, "place", NULL),
                               .workdir = value_get_str(sweep, "workdir", ""),
                               .content = spec->content,
                               .total = total,
                               .until_ms = until_ms};
        *ret = value_copy(a, fact_encode(a, &f));
    }
    spec_free(spec);
    return rc;
}
