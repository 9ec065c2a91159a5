/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comma-separated values (RFC 4180), with a line of names: besom export --csv, the table of runs of
 * W&B, and others. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "sweep/earlier/earlier.h"
#include "sweep/trial.h"

struct csv {
    const char *p, *end;
    size_t line; /* of p, from 1 */
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

static int header_read(struct csv *c, struct arena *a, const char ***ret, size_t *ret_n,
                       struct err *err)
{
    struct buf cell;
    bool more = true, bad = false;
    const char **names = arena_alloc(a, LIMIT_PARAMETERS * sizeof *names);
    size_t n = 0;
    buf_init(&cell, LIMIT_YAML_KEY_BYTES);
    for (; more && !bad && n < LIMIT_PARAMETERS; n++) {
        more = cell_read(c, &cell, &bad);
        bad = bad || cell.overflow || utf8_valid_prefix(buf_peek(&cell), cell.len) != cell.len ||
              memchr(buf_peek(&cell), '\0', cell.len) != NULL;
        names[n] = bad ? "" : arena_strndup(a, buf_peek(&cell), cell.len);
    }
    buf_done(&cell);
    *ret = names;
    *ret_n = n;
    if (bad || more)
        return err_set(err, ERR_SYNTAX, "line 1: not a line of at most %d names", LIMIT_PARAMETERS);
    return 0;
}

static void cell_take(struct earlier *e, const char *name, const struct buf *cell,
                      struct earlier_row *row, const char **state)
{
    struct value *v = earlier_scalar(e->arena, buf_peek(cell), cell->len);
    if (v && (strcmp(name, "state") == 0 || strcmp(name, "State") == 0))
        *state = arena_strndup(e->arena, buf_peek(cell), cell->len);
    else if (v && strcmp(name, "objective") == 0 && value_is_number(v))
        value_put(e->arena, row->metrics, name, v);
    else if (v && !earlier_is_about_run(name))
        value_put(e->arena, row->params, name, v);
}

static int row_read(struct earlier *e, struct csv *c, const char **names, size_t n,
                    struct buf *cell, struct err *err)
{
    struct earlier_row row = {.line = c->line,
                              .params = value_dict(e->arena),
                              .metrics = value_dict(e->arena),
                              .state = TRIAL_FINISHED};
    const char *state = NULL;
    bool more = true, bad = false;
    size_t i = 0;
    for (; more && !bad; i++) {
        more = cell_read(c, cell, &bad);
        if (cell->overflow || utf8_valid_prefix(buf_peek(cell), cell->len) != cell->len ||
            memchr(buf_peek(cell), '\0', cell->len))
            bad = true;
        else if (i < n)
            cell_take(e, names[i], cell, &row, &state);
    }
    if (bad)
        return err_set(err, ERR_SYNTAX, "line %zu: a cell is not text, or its quote is missing",
                       row.line);
    if (i == 1 && row.params->dict.n + row.metrics->dict.n == 0 && !state)
        return 0; /* an empty line */
    row.state = state ? earlier_state(state) : row.state;
    if (i != n)
        earlier_fault(e, row.line, "it has %zu cells, not %zu", i, n);
    else if (row.state < 0)
        earlier_fault(e, row.line, "its state is %.40s: it has not ended", state);
    else
        return earlier_add(e, &row, err);
    return 0;
}

int earlier_csv_read(struct earlier *e, const char *text, size_t len, struct err *err)
{
    struct csv c = {text, text + len, 1};
    const char **names;
    size_t n;
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        c.p += 3;
    e->mixed = true;
    int rc = header_read(&c, e->arena, &names, &n, err);
    struct buf cell;
    buf_init(&cell, LIMIT_METRIC_LINE_BYTES);
    for (; rc == 0 && c.p < c.end;) {
        c.line += *c.p == '\n';
        c.p += *c.p == '\n';
        if (c.p < c.end)
            rc = row_read(e, &c, names, n, &cell, err);
    }
    buf_done(&cell);
    return rc;
}
