/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/correlation.h"

#include <math.h>

#include "base/mem.h"
#include "base/number/order.h"

void correlation_init(struct correlation *c, const struct factor *f, size_t rows)
{
    double *known = mem_alloc((rows + 1) * sizeof *known);
    uint32_t *row_of = mem_alloc((rows + 1) * sizeof *row_of);
    size_t *order = mem_alloc((rows + 1) * sizeof *order), n = 0;
    for (size_t i = 0; i < rows; i++)
        if (!isnan(f->values[i])) {
            row_of[n] = (uint32_t)i;
            known[n++] = f->values[i];
        }
    order_ascending(known, n, order);
    *c = (struct correlation){f, n, mem_alloc((n + 1) * sizeof *c->by_value)};
    for (size_t i = 0; i < n; i++)
        c->by_value[i] = row_of[order[i]];
    mem_free(order);
    mem_free(row_of);
    mem_free(known);
}

void correlation_done(struct correlation *c)
{
    mem_free(c->by_value);
    c->by_value = NULL;
}

/* The mean rank of each row, from 1: equal values share theirs. Returns the sum of the weights. */
static double ranks_give(const uint32_t *ascending, size_t n, const double *values,
                         const uint32_t *weights, double *ret)
{
    double before = 0;
    for (size_t i = 0, end; i < n; i = end) {
        double weight = 0;
        for (end = i; end < n && values[ascending[end]] == values[ascending[i]]; end++)
            weight += weights[ascending[end]];
        for (size_t k = i; k < end; k++)
            ret[ascending[k]] = before + (weight + 1) / 2;
        before += weight;
    }
    return before;
}

struct sums {
    double xx, yy, xy;
};

static double share_of_number(const struct correlation_rows *rows, const uint32_t *present,
                              size_t n, double mean, const double *x, const double *y,
                              double *ret_rho)
{
    struct sums s = {0};
    for (size_t i = 0; i < n; i++) {
        uint32_t row = present[i];
        double weight = rows->weights[row], a = x[rows->places[row]] - mean, b = y[row] - mean;
        s.xx += weight * a * a;
        s.yy += weight * b * b;
        s.xy += weight * a * b;
    }
    *ret_rho = s.xx > 0 && s.yy > 0 ? s.xy / sqrt(s.xx) / sqrt(s.yy) : 0;
    *ret_rho = fmin(fmax(*ret_rho, -1), 1);
    return *ret_rho * *ret_rho;
}

static double share_of_list(const struct factor *f, const struct correlation_rows *rows,
                            const uint32_t *present, size_t n, double mean, const double *y)
{
    size_t places = factor_places(f);
    double all = 0, between = 0;
    double *weight = mem_alloc((places + 1) * sizeof *weight);
    double *sum = mem_alloc((places + 1) * sizeof *sum);
    for (size_t i = 0; i < n; i++) {
        uint32_t row = present[i];
        size_t place = (size_t)f->values[rows->places[row]];
        weight[place] += rows->weights[row];
        sum[place] += rows->weights[row] * (y[row] - mean);
        all += rows->weights[row] * (y[row] - mean) * (y[row] - mean);
    }
    for (size_t k = 0; k < places; k++)
        between += weight[k] > 0 ? sum[k] * sum[k] / weight[k] : 0;
    mem_free(sum);
    mem_free(weight);
    return all > 0 ? fmin(between / all, 1) : 0;
}

double correlation_share(const struct correlation *c, const struct correlation_rows *rows,
                         double *ret_rho)
{
    const struct factor *f = c->factor;
    uint32_t *present = mem_alloc((rows->n + 1) * sizeof *present);
    double *x = mem_alloc((rows->n + 1) * sizeof *x), *y = mem_alloc((rows->n + 1) * sizeof *y);
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (!isnan(f->values[rows->places[rows->by_loss[i]]]))
            present[n++] = rows->by_loss[i];
    double mean = (ranks_give(present, n, rows->losses, rows->weights, y) + 1) / 2, share;
    *ret_rho = NAN;
    if (f->scale == FACTOR_CATEGORY) {
        share = share_of_list(f, rows, present, n, mean, y);
    } else {
        (void)ranks_give(c->by_value, c->known, f->values, rows->weights, x);
        share = share_of_number(rows, present, n, mean, x, y, ret_rho);
    }
    mem_free(present);
    mem_free(x);
    mem_free(y);
    return share;
}
