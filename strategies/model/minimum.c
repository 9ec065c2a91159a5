/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/model/minimum.h"

#include <math.h>
#include <nlopt.h>
#include <string.h>

#include "base/mem.h"

struct minimum {
    minimum_fn f;
    void *of;
    size_t d;
    double *best, *gradient;
    double value;
};

/* The optimiser may end at a worse point than it has seen. */
static double minimum_call(unsigned d, const double *x, double *gradient, void *data)
{
    struct minimum *m = data;
    double value = m->f(m->of, x, gradient ? gradient : m->gradient);
    if (value < m->value) {
        m->value = value;
        memcpy(m->best, x, d * sizeof *x);
    }
    return value;
}

double minimum_find(minimum_fn f, void *of, size_t d, const double *low, const double *high,
                    size_t calls, double gain, double *x)
{
    struct minimum m = {.f = f, .of = of, .d = d, .value = INFINITY};
    m.best = mem_alloc(2 * d * sizeof *m.best);
    m.gradient = m.best + d;
    memcpy(m.best, x, d * sizeof *x);
    nlopt_opt opt = nlopt_create(NLOPT_LD_LBFGS, (unsigned)d);
    nlopt_set_min_objective(opt, minimum_call, &m);
    nlopt_set_lower_bounds(opt, low);
    nlopt_set_upper_bounds(opt, high);
    nlopt_set_maxeval(opt, (int)calls);
    nlopt_set_ftol_abs(opt, gain);
    double end;
    (void)nlopt_optimize(opt, x, &end);
    nlopt_destroy(opt);
    memcpy(x, m.best, d * sizeof *x);
    mem_free(m.best);
    return m.value;
}
