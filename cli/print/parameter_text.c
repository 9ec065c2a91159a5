/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/parameter_text.h"

#include <inttypes.h>
#include <math.h>

#include "base/number/cell.h"
#include "cli/print/configuration.h"

enum { TEXT_BYTES = 1 << 16 }; /* far more than a table's cell can show */

static void print_number(struct buf *out, double f)
{
    struct value v = {.kind = VALUE_FLOAT, .f = f};
    configuration_scalar(out, &v);
}

static void print_list(struct buf *out, const struct value *values, const double *probabilities,
                       const char *last)
{
    for (size_t i = 0; i < values->list.n && !out->overflow; i++) {
        buf_adds(out, i == 0 ? "" : i + 1 == values->list.n ? last : ", ");
        configuration_scalar(out, values->list.items[i]);
        if (probabilities)
            buf_addf(out, " %g%%", 100 * probabilities[i]);
    }
}

static void print_range(struct buf *out, double min, double max)
{
    print_number(out, min);
    buf_adds(out, " to ");
    print_number(out, max);
}

/* Prints the exponents as written, then the range of values that they mean. */
static void print_exponents(struct arena *a, struct buf *out, const struct parameter *p)
{
    double low = exp(p->min), high = exp(p->max);
    if (p->kind == SPACE_INV_LOG_UNIFORM) {
        low = exp(-p->max);
        high = exp(-p->min);
    }
    buf_addf(out, "exp(%g) to exp(%g): %s to %s", p->min, p->max, cell_number(a, low, CELL_DIGITS),
             cell_number(a, high, CELL_DIGITS));
}

static void print_step(struct buf *out, const struct parameter *p)
{
    if (p->q <= 0)
        return;
    buf_adds(out, ", in steps of ");
    if (p->q_int)
        buf_addf(out, "%.0f", p->q);
    else
        print_number(out, p->q);
}

static void print_distribution(struct arena *a, struct buf *out, const struct parameter *p)
{
    switch (p->kind) {
    case SPACE_CONSTANT:
        configuration_scalar(out, p->value);
        return;
    case SPACE_CATEGORICAL:
    case SPACE_CATEGORICAL_P:
        print_list(out, p->values, p->probabilities, ", ");
        return;
    case SPACE_EXPR:
        buf_addf(out, "= %s", p->expr->text);
        return;
    case SPACE_INT_UNIFORM:
        buf_addf(out, "%" PRId64 " to %" PRId64, p->int_min, p->int_max);
        break;
    case SPACE_LOG_UNIFORM:
    case SPACE_INV_LOG_UNIFORM:
    case SPACE_Q_LOG_UNIFORM:
        print_exponents(a, out, p);
        break;
    case SPACE_NORMAL:
    case SPACE_Q_NORMAL:
        buf_addf(out, "around %g, deviation %g", p->mu, p->sigma);
        break;
    case SPACE_LOG_NORMAL:
    case SPACE_Q_LOG_NORMAL:
        buf_addf(out, "exp of a normal distribution around %g, deviation %g", p->mu, p->sigma);
        break;
    case SPACE_BETA:
    case SPACE_Q_BETA:
        buf_addf(out, "0 to 1, a %g, b %g", p->a, p->b);
        break;
    case SPACE_UNIFORM:
    case SPACE_Q_UNIFORM:
    case SPACE_INV_LOG_UNIFORM_VALUES:
    case SPACE_LOG_UNIFORM_VALUES:
    case SPACE_Q_LOG_UNIFORM_VALUES:
        print_range(out, p->min, p->max);
        break;
    }
    print_step(out, p);
}

const char *parameter_text_values(struct arena *a, const struct parameter *p)
{
    struct buf out;
    buf_init(&out, TEXT_BYTES);
    print_distribution(a, &out, p);
    const char *text = arena_strndup(a, buf_peek(&out), out.len);
    buf_done(&out);
    return text;
}

const char *parameter_text_when(struct arena *a, const struct space *s, const struct parameter *p)
{
    struct buf out;
    buf_init(&out, TEXT_BYTES);
    for (size_t i = 0; i < p->when_n; i++) {
        buf_adds(&out, i ? " and " : "");
        if (p->when[i].condition) {
            buf_adds(&out, p->when[i].condition->text);
            continue;
        }
        buf_addf(&out, "%s is ", s->parameters[p->when[i].parent].name);
        print_list(&out, p->when[i].values, NULL, " or ");
    }
    const char *text = arena_strndup(a, buf_peek(&out), out.len);
    buf_done(&out);
    return text;
}
