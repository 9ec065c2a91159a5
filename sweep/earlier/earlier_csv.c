/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comma-separated values (RFC 4180), with a line of names: besom export --csv, the table of runs of
 * W&B, and others. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "sweep/earlier/earlier.h"
#include "sweep/trial.h"

struct csv {
    const char *p, *end;
    size_t line;        /* of p, from 1 */
    const char **names; /* NULL: the column is not used */
    size_t names_n, names_cap;
    struct buf cell;
};

/* Reads one cell; false at the end of the line. *ret_bad: a quote is missing. */
static bool cell_read(struct csv *c, struct buf *cell, bool *ret_bad)
{
    buf_clear(cell);
    bool quoted = c->p < c->end && *c->p == '"';
    c->p += quoted;
    for (; c->p < c->end; c->p++) {
        char x = *c->p;
        c->line += quoted && x == '\n';
        if (quoted && x == '"') {
            if (c->p + 1 == c->end || c->p[1] != '"') {
                c->p++;
                quoted = false;
                break;
            }
            c->p++;
        } else if (!quoted && (x == ',' || x == '\n')) {
            break;
        }
        buf_addc(cell, x);
    }
    while (c->p < c->end && *c->p != ',' && *c->p != '\n')
        c->p++;
    *ret_bad = quoted;
    if (cell->len > 0 && buf_peek(cell)[cell->len - 1] == '\r')
        cell->len--;
    bool more = c->p < c->end && *c->p == ',';
    c->p += c->p < c->end && *c->p == ',';
    return more;
}

static bool cell_is_text(const struct buf *cell)
{
    return !cell->overflow && utf8_valid_prefix(buf_peek(cell), cell->len) == cell->len &&
           !memchr(buf_peek(cell), '\0', cell->len);
}

/* As in JSON, the last of several values with the same name is used. */
static void header_note_repeats(struct earlier *e, struct csv *c)
{
    struct map seen;
    map_init(&seen);
    for (size_t i = c->names_n; i-- > 0;) {
        const char *name = c->names[i];
        void *before = map_put(&seen, name, strlen(name), c);
        if (before && !earlier_is_about_run(name))
            earlier_note(e, "it has several columns %.100s: the last one is used", name);
        if (before)
            c->names[i] = NULL;
    }
    map_done(&seen);
}

static int header_read(struct earlier *e, struct csv *c, struct err *err)
{
    bool more = true, bad = false;
    const char *begin = c->p;
    while (more && !bad) {
        more = cell_read(c, &c->cell, &bad);
        bad = bad || !cell_is_text(&c->cell) || c->cell.len > LIMIT_YAML_KEY_BYTES;
        c->names = mem_grow(c->names, &c->names_cap, c->names_n + 1, sizeof *c->names);
        c->names[c->names_n++] =
            bad ? NULL : arena_strndup(e->arena, buf_peek(&c->cell), c->cell.len);
        bad = bad || c->p - begin > LIMIT_IMPORT_ROW_BYTES;
    }
    if (bad)
        return err_set(err, ERR_SYNTAX,
                       "line 1: not a line of names, each of up to %d bytes, together up to %d KiB",
                       LIMIT_YAML_KEY_BYTES, LIMIT_IMPORT_ROW_BYTES >> 10);
    header_note_repeats(e, c);
    return 0;
}

static void cell_take(struct earlier *e, const char *name, const struct buf *cell,
                      struct earlier_row *row, const char **state)
{
    struct arena *a = &e->scratch;
    struct value *v = earlier_scalar(a, buf_peek(cell), cell->len);
    bool objective = v && strcmp(name, "objective") == 0 && earlier_number(a, v);
    if (v && (strcmp(name, "state") == 0 || strcmp(name, "State") == 0))
        *state = arena_strndup(a, buf_peek(cell), cell->len);
    else if (objective)
        value_put(a, row->metrics, name, (struct value *)earlier_number(a, v));
    else if (v && !earlier_is_about_run(name))
        value_put(a, row->params, name, v);
}

static int row_read(struct earlier *e, struct csv *c, struct err *err)
{
    struct arena *a = &e->scratch;
    arena_clear(a);
    struct earlier_row row = {.line = c->line,
                              .params = value_dict(a),
                              .metrics = value_dict(a),
                              .state = TRIAL_FINISHED,
                              .mixed = true};
    const char *state = NULL, *begin = c->p;
    bool more = true, bad = false;
    size_t i = 0;
    for (; more && !bad; i++) {
        more = cell_read(c, &c->cell, &bad);
        bad = bad || !cell_is_text(&c->cell);
        if (!bad && i < c->names_n && c->names[i] && c->p - begin <= LIMIT_IMPORT_ROW_BYTES)
            cell_take(e, c->names[i], &c->cell, &row, &state);
    }
    if (bad)
        return err_set(err, ERR_SYNTAX,
                       "line %zu: a cell is not text, is longer than %d KiB, or its quote is "
                       "missing",
                       row.line, LIMIT_METRIC_LINE_BYTES >> 10);
    if (i == 1 && row.params->dict.n + row.metrics->dict.n == 0 && !state)
        return 0; /* an empty line */
    row.state = state ? earlier_state(state) : row.state;
    if (c->p - begin > LIMIT_IMPORT_ROW_BYTES)
        earlier_fault(e, row.line, "it is longer than %d KiB", LIMIT_IMPORT_ROW_BYTES >> 10);
    else if (i != c->names_n)
        earlier_fault(e, row.line, "it has %zu cells, not %zu", i, c->names_n);
    else if (row.state < 0)
        earlier_fault(e, row.line, "its state is %.40s: it has not ended", state);
    else
        return earlier_give(e, &row, err);
    return 0;
}

int earlier_csv_read(struct earlier *e, const char *text, size_t len, struct err *err)
{
    struct csv c = {.p = text, .end = text + len, .line = 1};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        c.p += 3;
    buf_init(&c.cell, LIMIT_METRIC_LINE_BYTES);
    int rc = header_read(e, &c, err);
    for (; rc == 0 && c.p < c.end;) {
        c.line += *c.p == '\n';
        c.p += *c.p == '\n';
        if (c.p < c.end)
            rc = row_read(e, &c, err);
    }
    buf_done(&c.cell);
    mem_free(c.names);
    return rc;
}
