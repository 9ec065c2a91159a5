/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/bayes/acquisition.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/model/improvement.h"

/* log(e^x + e^y) */
static double log_add(double x, double y)
{
    double larger = fmax(x, y);
    return larger == -INFINITY ? larger : larger + log1p(exp(fmin(x, y) - larger));
}

static const struct gp *models_of(const struct acquisition *a, bool coarse)
{
    return coarse && a->coarse ? a->coarse : a->models;
}

double *acquisition_inputs(const struct acquisition *a, const double *z, size_t m)
{
    size_t width = a->models[0].d, d = width - a->at_full;
    double *inputs = mem_resize(NULL, m * width * sizeof *inputs);
    for (size_t i = 0; i < m; i++) {
        memcpy(inputs + i * width, z + i * d, d * sizeof *z);
        if (a->at_full)
            inputs[i * width + d] = 1;
    }
    return inputs;
}

void acquisition_values(const struct acquisition *a, bool coarse, const double *z, size_t m,
                        double *ret)
{
    double *mean = mem_resize(NULL, 2 * m * sizeof *mean), *sd = mean + m;
    double *inputs = acquisition_inputs(a, z, m);
    for (size_t i = 0; i < m; i++)
        ret[i] = a->bound ? 0 : -INFINITY;
    for (size_t k = 0; k < a->n; k++) {
        gp_predict(&models_of(a, coarse)[k], inputs, m, mean, sd);
        for (size_t i = 0; i < m; i++)
            if (a->bound)
                ret[i] += (a->beta * sd[i] - mean[i]) / (double)a->n;
            else
                ret[i] = log_add(ret[i], improvement_log_value(a->best[k], mean[i], sd[i]));
    }
    for (size_t i = 0; i < m && !a->bound; i++)
        ret[i] -= log((double)a->n);
    mem_free(mean);
    mem_free(inputs);
}

double acquisition_slope(const struct acquisition *a, bool coarse, const double *z, double *ret)
{
    size_t width = a->models[0].d, d = width - a->at_full;
    double *by_mean = mem_alloc(2 * width * sizeof *by_mean), *by_sd = by_mean + width;
    double *inputs = acquisition_inputs(a, z, 1);
    double total = a->bound ? 0 : -INFINITY;
    memset(ret, 0, d * sizeof *ret);
    for (size_t k = 0; k < a->n; k++) {
        double mean, sd, of_mean = -1 / (double)a->n, of_sd = a->beta / (double)a->n, share = 1;
        gp_slope(&models_of(a, coarse)[k], inputs, &mean, &sd, by_mean, by_sd);
        if (a->bound) {
            total += (a->beta * sd - mean) / (double)a->n;
        } else {
            double value = improvement_log(a->best[k], mean, sd, &of_mean, &of_sd);
            double sum = log_add(total, value);
            for (size_t j = 0; j < d; j++)
                ret[j] *= total == -INFINITY ? 0 : exp(total - sum);
            share = exp(value - sum);
            total = sum;
        }
        for (size_t j = 0; j < d; j++)
            ret[j] += share * (of_mean * by_mean[j] + of_sd * by_sd[j]);
    }
    mem_free(by_mean);
    mem_free(inputs);
    return a->bound ? total : total - log((double)a->n);
}
