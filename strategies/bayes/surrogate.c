/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/bayes/surrogate.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/number/order.h"
#include "strategies/model/gp_fit.h"

/* Evaluations of the likelihood in a fit, and the most results that a fit and a model see. */
enum { FIT_CALLS = 15, FIT_POINTS = 128, MODEL_POINTS = 512 };
/* The most trials without a result that a model sees. */
enum { WAITING_POINTS = 128 };
/* Spaces of more parameters are wide: a model sees fewer points of them, and there is one model, so
 * that a proposal takes about as long as with this many. */
enum { WIDE = 200 };
/* With more noise than this part of the amplitude, a single result is not trusted. */
#define NOISY 0.01
/* With more than this part, which is above what is believed before any result, noise is certain. */
#define CERTAINLY_NOISY 0.03
#define BETA 1.8 /* standard deviations of the confidence bound */
/* How much worse losses are believed to be at the faces of the space than in its middle. */
#define DEPTH 0.1
#define DEPTH_SD 0.3
/* With stopped trials, whose losses are those of short trainings, it is not learnt: two of four models
 * believe in this much, the others in none. */
#define DEPTH_STOPPED 0.3
/* The logarithm of the length of the resource: losses at the beginning of a training and at its end
 * (a distance of 1) are alike, with a correlation of 0.8. */
#define RESOURCE 0.5
#define RESOURCE_SD 0.7

/* The models take turns with three beliefs about the logarithm of a length: short, medium and
 * vague. This is a cheap substitute for averaging over the posterior of lengths (docs/search.md).
 */
static const struct {
    double length, sd;
} beliefs[ACQUISITION_MODELS_MAX] = {{-1.2, 0.7}, {-0.7, 0.7}, {0.5, 1.5}};

static void models_init(struct surrogate *s, size_t width)
{
    for (size_t k = 0; k < ACQUISITION_MODELS_MAX; k++) {
        gp_init(&s->models[k], width, s->kinds);
        gp_init(&s->coarse[k], width, s->kinds);
    }
}

static void models_done(struct surrogate *s)
{
    for (size_t k = 0; k < ACQUISITION_MODELS_MAX; k++) {
        gp_done(&s->models[k]);
        gp_done(&s->coarse[k]);
    }
}

void surrogate_init(struct surrogate *s, size_t d, const unsigned char *kinds)
{
    *s = (struct surrogate){.d = d, .kinds = mem_alloc(d + 1)};
    memcpy(s->kinds, kinds, d);
    s->kinds[d] = FEATURE_RESOURCE;
    models_init(s, d);
}

void surrogate_done(struct surrogate *s)
{
    models_done(s);
    mem_free(s->kinds);
    mem_free(s->y);
    mem_free(s->order);
    *s = (struct surrogate){0};
}

static bool is_wide(const struct results *r)
{
    return r->d > WIDE;
}

/* The work of a fit is quadratic in the points, and linear in the parameters. */
static size_t fit_points(const struct results *r)
{
    return is_wide(r) ? (size_t)(FIT_POINTS * sqrt(WIDE / (double)r->d)) : FIT_POINTS;
}

static size_t model_points(const struct results *r)
{
    size_t fit = fit_points(r), most = MODEL_POINTS;
    most = is_wide(r) ? most * WIDE / r->d : most;
    return most > fit ? most : fit;
}

/* Trial i of at most `most` that wait: half of them are the latest, the others evenly from the rest. */
static size_t waiting_place(const struct results *r, size_t most, size_t i)
{
    size_t latest = most / 2, others = most - latest;
    if (r->pending <= most)
        return i;
    return i < others ? i * (r->pending - latest) / others : r->pending - most + i;
}

struct sample {
    size_t n;
    double *x, *y;
};

static void sample_init(struct sample *sample, const struct surrogate *s, const struct results *r,
                        size_t most)
{
    size_t *places = mem_alloc(most * sizeof *places), width = r->d + (r->reached != NULL);
    sample->n = results_choose(r, s->order, most, places);
    sample->x = mem_alloc(sample->n * (width + 1) * sizeof *sample->x);
    sample->y = sample->x + sample->n * width;
    for (size_t i = 0; i < sample->n; i++) {
        memcpy(sample->x + i * width, r->x + places[i] * r->d, r->d * sizeof *r->x);
        if (r->reached)
            sample->x[i * width + r->d] = r->reached[places[i]];
        sample->y[i] = s->y[places[i]];
    }
    mem_free(places);
}

static void sample_done(struct sample *sample)
{
    mem_free(sample->x);
}

static void learn_model(struct surrogate *s, size_t which, const struct results *r,
                        const struct sample *fit, const struct sample *model)
{
    struct gp *g = &s->models[which];
    size_t turn = (r->n + which) % ACQUISITION_MODELS_MAX;
    g->belief = (struct gp_belief){
        .length = beliefs[turn].length + 0.5 * log((double)r->d),
        .length_sd = beliefs[turn].sd,
        .resource = RESOURCE,
        .resource_sd = RESOURCE_SD,
        .amplitude_sd = 0.5,
        .noise = -4,
        .noise_sd = 1,
        .depth = !r->reached    ? DEPTH
                 : r->n / 2 % 2 ? 0
                                : DEPTH_STOPPED,
        .depth_sd = r->reached ? 0 : DEPTH_SD,
    };
    gp_fit(g, fit->x, fit->y, fit->n, FIT_CALLS);
    gp_condition(g, model->x, model->y, model->n);
    if (fit->n == model->n)
        return;
    struct gp *coarse = &s->coarse[which];
    coarse->belief = g->belief;
    gp_set_theta(coarse, g->theta);
    gp_condition(coarse, fit->x, fit->y, fit->n);
}

/* The value to improve on: without noise the best result, with noise the best prediction at a
 * result. */
static void settle_best(struct surrogate *s, const struct results *r)
{
    struct acquisition *a = &s->acquisition;
    if (!s->noisy && !a->at_full) {
        a->best[0] = s->y[s->order[0]];
        return;
    }
    size_t n = is_wide(r) && model_points(r) < r->n ? model_points(r) : r->n;
    size_t *places = mem_alloc(n * sizeof *places);
    double *means = mem_alloc(3 * r->n * sizeof *means), *sds = means + r->n, *keys = sds + r->n;
    double *x = mem_alloc(n * r->d * sizeof *x);
    n = results_choose(r, s->order, n, places);
    for (size_t i = 0; i < n; i++)
        memcpy(x + i * r->d, r->x + places[i] * r->d, r->d * sizeof *x);
    for (size_t i = 0; i < r->n; i++)
        keys[i] = n < r->n ? INFINITY : 0;
    double *inputs = acquisition_inputs(a, x, n);
    for (size_t k = 0; k < a->n; k++) {
        gp_predict(&s->models[k], inputs, n, means, sds);
        a->best[k] = INFINITY;
        for (size_t i = 0; i < n; i++) {
            a->best[k] = fmin(a->best[k], means[i]);
            keys[places[i]] = (k > 0 ? keys[places[i]] : 0) + means[i];
        }
    }
    order_ascending(keys, r->n, s->order);
    mem_free(places);
    mem_free(means);
    mem_free(x);
    mem_free(inputs);
}

/* Trials that wait are believed to have the predicted result. */
static void expect_waiting(struct surrogate *s, const struct results *r)
{
    struct acquisition *a = &s->acquisition;
    size_t most = is_wide(r) ? WAITING_POINTS * WIDE / r->d : WAITING_POINTS,
           n = r->pending < most ? r->pending : most;
    for (size_t i = 0; i < n; i++) {
        double *input = acquisition_inputs(a, r->waiting + waiting_place(r, most, i) * r->d, 1);
        for (size_t k = 0; k < a->n; k++) {
            gp_expect(&s->models[k], input);
            if (a->coarse)
                gp_expect(&s->coarse[k], input);
        }
        mem_free(input);
    }
}

static void see_losses(struct surrogate *s, const struct results *r, double least_lambda,
                       struct sample *fit, struct sample *model)
{
    warp_losses(&s->warp, r->losses, r->n, least_lambda, s->y);
    order_ascending(s->y, r->n, s->order);
    sample_init(fit, s, r, fit_points(r));
    sample_init(model, s, r, model_points(r));
}

void surrogate_learn(struct surrogate *s, const struct results *r, enum surrogate_choice choice)
{
    struct acquisition *a = &s->acquisition;
    struct sample fit, model;
    size_t width = r->d + (r->reached != NULL);
    if (s->models[0].d != width) {
        models_done(s);
        models_init(s, width);
    }
    s->n = r->n;
    s->y = mem_resize(s->y, r->n * sizeof *s->y);
    s->order = mem_resize(s->order, r->n * sizeof *s->order);
    see_losses(s, r, WARP_LEAST, &fit, &model);
    *a = (struct acquisition){
        .models = s->models, .n = 1, .beta = BETA, .at_full = r->reached != NULL};
    a->coarse = fit.n < model.n ? s->coarse : NULL;
    a->bound = choice == SURROGATE_BY_TURNS ? r->n % 2 == 1 : choice == SURROGATE_BOUND;
    learn_model(s, 0, r, &fit, &model);
    double noise = s->models[0].noise / s->models[0].amplitude;
    s->noisy = noise > NOISY;
    if (noise > CERTAINLY_NOISY) {
        a->bound |= choice == SURROGATE_BY_TURNS;
        sample_done(&fit);
        sample_done(&model);
        see_losses(s, r, 1, &fit, &model);
        learn_model(s, 0, r, &fit, &model);
    }
    for (; s->noisy && a->n < ACQUISITION_MODELS_MAX && !is_wide(r); a->n++)
        learn_model(s, a->n, r, &fit, &model);
    settle_best(s, r);
    expect_waiting(s, r);
    sample_done(&fit);
    sample_done(&model);
}

double surrogate_length(const struct surrogate *s, size_t j)
{
    double sum = 0;
    for (size_t k = 0; k < s->acquisition.n; k++)
        sum += s->models[k].theta[j];
    return exp(sum / (double)s->acquisition.n);
}

void surrogate_predict(const struct surrogate *s, const double *x, double *ret_mean, double *ret_sd)
{
    double n = (double)s->acquisition.n, sum = 0, squares = 0;
    double *inputs = acquisition_inputs(&s->acquisition, x, 1);
    for (size_t k = 0; k < s->acquisition.n; k++) {
        double mean, sd;
        gp_predict(&s->models[k], inputs, 1, &mean, &sd);
        sum += mean / n;
        squares += (mean * mean + sd * sd) / n;
    }
    mem_free(inputs);
    *ret_mean = sum;
    *ret_sd = sqrt(fmax(squares - sum * sum, 0));
}
