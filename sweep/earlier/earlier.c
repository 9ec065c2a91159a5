/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/earlier/earlier.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/yaml/yaml_scalar.h"
#include "sweep/trial.h"

enum { FAULT_BYTES = 300 };

void earlier_init(struct earlier *e, struct arena *a)
{
    *e = (struct earlier){.arena = a, .maximize = -1};
}

void earlier_done(struct earlier *e)
{
    mem_free(e->rows);
}

int earlier_add(struct earlier *e, const struct earlier_row *row, struct err *err)
{
    if (e->n >= LIMIT_IMPORT_ROWS)
        return err_set(err, ERR_LIMIT, "more than %d trials are not supported", LIMIT_IMPORT_ROWS);
    e->rows = mem_grow(e->rows, &e->cap, e->n + 1, sizeof *e->rows);
    e->rows[e->n++] = *row;
    return 0;
}

void earlier_fault(struct earlier *e, size_t line, const char *fmt, ...)
{
    char text[FAULT_BYTES];
    va_list ap;
    if (e->faults_n++ >= EARLIER_FAULTS_SHOWN)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    e->faults[e->faults_n - 1] = (struct earlier_fault){line, arena_strdup(e->arena, text)};
}

int earlier_state(const char *word)
{
    static const struct {
        const char *word;
        enum trial_state state;
    } words[] = {{"finished", TRIAL_FINISHED}, {"complete", TRIAL_FINISHED},
                 {"failed", TRIAL_FAILED},     {"fail", TRIAL_FAILED},
                 {"crashed", TRIAL_FAILED},    {"killed", TRIAL_FAILED},
                 {"stopped", TRIAL_STOPPED},   {"pruned", TRIAL_STOPPED}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i].word, word) == 0)
            return (int)words[i].state;
    return -1;
}

struct value *earlier_scalar(struct arena *a, const char *text, size_t len)
{
    if (len == 0)
        return NULL;
    struct yaml_scalar s = yaml_scalar_plain(text, len);
    switch (s.kind) {
    case YAML_SCALAR_NULL:
        return value_null(a);
    case YAML_SCALAR_BOOL:
        return value_bool(a, s.b);
    case YAML_SCALAR_INT:
        return s.base == YAML_SCALAR_DECIMAL ? value_int(a, s.i) : value_strn(a, text, len);
    case YAML_SCALAR_FLOAT:
        return s.base == YAML_SCALAR_DECIMAL ? value_float(a, s.f) : value_strn(a, text, len);
    default:
        return value_strn(a, text, len);
    }
}

bool earlier_is_about_run(const char *name)
{
    static const char *const names[] = {
        "Name",      "State",    "Notes",    "User",        "Tags",           "Created",
        "Runtime",   "Sweep",    "ID",       "Group",       "Job Type",       "Host",
        "Commit",    "Updated",  "number",   "reason",      "step",           "attempts",
        "agent",     "slot",     "created",  "started",     "ended",          "duration",
        "id",        "sweep",    "dir",      "state",       "name",           "objective",
        "GPU Count", "GPU Type", "End Time", "Description", "datetime_start", "datetime_complete"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return name[0] == '_' || name[0] == '\0';
}
