/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/bayes/recommend.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/number/order.h"
#include "base/number/rng.h"
#include "strategies/bayes/surrogate.h"
#include "strategies/bayes/terrain.h"
#include "strategies/model/gp_fit.h"
#include "strategies/model/lower.h"

/* Trials with the best means that are drawn: the others are hardly ever the best. */
enum { DRAWN_MAX = 128 };
/* Lengths, amplitude and noise are drawn from their posterior by a random walk (Metropolis et al.,
 * Equation of state calculations, 1953): the most probable ones alone would claim too much. Its
 * models, the steps between them, the most results that the walk and a model see. */
enum { MODELS = 16, STEPS = 24, WALK_POINTS = 128, FIT_CALLS = 40, MODEL_POINTS = 512 };
#define STEP 0.8 /* deviations of the prior, of all coordinates together */
/* The prior's logarithms: wider than in bayes, which would find too little noise in few results. */
#define LENGTH (-0.7)
#define LENGTH_SD 1.0
#define AMPLITUDE_SD 1.0
#define NOISE (-2.0)
#define NOISE_SD 1.5

/* Ten results for each parameter is how many a Gaussian process is commonly fitted to (Loeppky, Sacks and Welch,
 * Choosing the sample size of a computer experiment, 2009). Fewer may follow a curve although they are noisy. */
enum { NEEDED_MIN = 20, NEEDED_EACH = 10 };
/* Another trial is clearly more likely the best. */
#define CLEAR_CHANCE 0.1
#define CLEAR_TIMES 2
/* Another prediction is clearly better, by so many deviations of the difference: near neighbours share P(best), so that
 * none of them has much of it. */
#define CLEAR_DEVIATIONS 2

struct recommender {
    const struct history *h;
    struct results results;
    struct surrogate surrogate;
    size_t n, *places;             /* finished trials among the results */
    double *means, *sds, *chances; /* of those */
    double noise;                  /* variance of a result */
};

static bool is_candidate(const struct history *h, uint64_t trial)
{
    return h->states[trial] == TRIAL_FINISHED && isfinite(h->objectives[trial]);
}

static bool is_same_point(const double *x, const double *y, size_t d)
{
    for (size_t j = 0; j < d; j++)
        if (x[j] != y[j] && !(isnan(x[j]) && isnan(y[j])))
            return false;
    return true;
}

/* Equal points have equal means, so they are neighbours in the order. */
static void candidates_choose(struct recommender *m)
{
    const struct results *r = &m->results;
    double *means = mem_alloc(2 * r->n * sizeof *means), *sds = means + r->n;
    size_t *order = mem_alloc(r->n * sizeof *order);
    for (size_t i = 0; i < r->n; i++)
        surrogate_predict(&m->surrogate, r->x + i * r->d, &means[i], &sds[i]);
    order_ascending(means, r->n, order);
    for (size_t i = 0; i < r->n && m->n < DRAWN_MAX; i++) {
        size_t at = order[i];
        const double *x = r->x + at * r->d;
        if (!is_candidate(m->h, r->trials[at]))
            continue;
        size_t last = m->n > 0 ? m->places[m->n - 1] : 0;
        if (m->n > 0 && is_same_point(r->x + last * r->d, x, r->d)) {
            if (r->losses[at] < r->losses[last])
                m->places[m->n - 1] = at;
            continue;
        }
        m->places[m->n++] = at;
    }
    mem_free(means);
    mem_free(order);
}

/* The best result is judged, however poor its mean is. */
static void observed_include(struct recommender *m)
{
    const struct results *r = &m->results;
    size_t best = m->places[0];
    for (size_t i = 0; i < r->n; i++)
        if (is_candidate(m->h, r->trials[i]) && r->losses[i] < r->losses[best])
            best = i;
    for (size_t i = 0; i < m->n; i++)
        if (r->losses[m->places[i]] <= r->losses[best])
            return;
    m->places[m->n - 1] = best;
}

struct sample {
    size_t n;
    double *x, *y;
};

/* At most `most` results: evenly chosen, as the best of many would look less noisy than all are; or
 * as in bayes, with the best. */
static void sample_init(struct sample *sample, const struct recommender *m, size_t most,
                        bool evenly)
{
    const struct results *r = &m->results;
    size_t *places = mem_alloc(most * sizeof *places), d = r->d, width = m->surrogate.models[0].d;
    sample->n = r->n < most ? r->n : most;
    for (size_t i = 0; i < sample->n; i++)
        places[i] = i * r->n / sample->n;
    if (!evenly)
        (void)results_choose(r, m->surrogate.order, most, places);
    sample->x = mem_alloc(sample->n * (width + 1) * sizeof *sample->x);
    sample->y = sample->x + sample->n * width;
    for (size_t i = 0; i < sample->n; i++) {
        memcpy(sample->x + i * width, r->x + places[i] * d, d * sizeof *sample->x);
        if (r->reached)
            sample->x[i * width + d] = r->reached[places[i]];
        sample->y[i] = m->surrogate.y[places[i]];
    }
    mem_free(places);
}

/* Moves theta by some steps of the walk; *density is that of theta. */
static void theta_walk(const struct gp *g, const struct sample *walk, struct rng *rng,
                       double *theta, double *density)
{
    size_t n = g->d + 2;
    double *next = mem_alloc(2 * n * sizeof *next), *unused = next + n;
    for (size_t k = 0; k < STEPS; k++) {
        for (size_t j = 0; j < n; j++) {
            double sd = j < g->d ? LENGTH_SD : j == g->d ? AMPLITUDE_SD : NOISE_SD;
            next[j] = theta[j] + STEP / sqrt((double)n) * sd * rng_normal(rng);
        }
        double value = gp_fit_density(g, walk->x, walk->y, walk->n, next, unused);
        if (log(rng_unit(rng)) >= *density - value)
            continue;
        *density = value;
        memcpy(theta, next, n * sizeof *theta);
    }
    mem_free(next);
}

/* One model's part: means, variances, and how often each candidate is the least of the draws
 * f = mean + L z. */
static void draws_count(struct recommender *m, const struct gp *g, const double *inputs,
                        size_t draws, struct rng *rng)
{
    size_t n = m->n;
    double *factor = mem_alloc((n * n + 2 * n) * sizeof *factor), *means = factor + n * n;
    double *z = means + n;
    gp_joint(g, inputs, n, means, factor);
    for (size_t i = 0; i < n; i++) {
        m->means[i] += means[i] / MODELS;
        m->sds[i] += (means[i] * means[i] + factor[i * n + i]) / MODELS;
        factor[i * n + i] += GP_JITTER;
    }
    bool positive = lower_factor(factor, n, n);
    for (size_t k = 0; k < draws; k++) {
        size_t least = 0;
        double value = INFINITY;
        for (size_t i = 0; i < n; i++)
            z[i] = rng_normal(rng);
        for (size_t i = 0; i < n; i++) {
            double f = means[i];
            for (size_t j = 0; j <= i && positive; j++)
                f += factor[i * n + j] * z[j];
            least = f < value ? i : least;
            value = fmin(value, f);
        }
        m->chances[least] += 1.0 / RECOMMEND_DRAWS;
    }
    mem_free(factor);
}

static void models_draw(struct recommender *m, struct rng *rng)
{
    const struct results *r = &m->results;
    struct gp *g = &m->surrogate.models[0];
    struct sample walk, model;
    size_t d = r->d;
    double *x = mem_alloc((m->n * d + g->d + 2) * sizeof *x), *theta = x + m->n * d, density;
    for (size_t i = 0; i < m->n; i++)
        memcpy(x + i * d, r->x + m->places[i] * d, d * sizeof *x);
    double *inputs = acquisition_inputs(&m->surrogate.acquisition, x, m->n);
    sample_init(&walk, m, WALK_POINTS, true);
    sample_init(&model, m, MODEL_POINTS, false);
    g->belief = (struct gp_belief){.length = LENGTH + 0.5 * log((double)d),
                                   .length_sd = LENGTH_SD,
                                   .amplitude_sd = AMPLITUDE_SD,
                                   .noise = NOISE,
                                   .noise_sd = NOISE_SD,
                                   .resource = g->belief.resource,
                                   .resource_sd = g->belief.resource_sd};
    gp_fit(g, walk.x, walk.y, walk.n, FIT_CALLS);
    memcpy(theta, g->theta, (g->d + 2) * sizeof *theta);
    density = INFINITY; /* the first step is always taken */
    for (size_t k = 0; k < MODELS; k++) {
        theta_walk(g, &walk, rng, theta, &density);
        gp_set_theta(g, theta);
        gp_condition(g, model.x, model.y, model.n);
        m->noise += g->noise / MODELS;
        draws_count(m, g, inputs, RECOMMEND_DRAWS / MODELS, rng);
    }
    mem_free(walk.x);
    mem_free(model.x);
    mem_free(inputs);
    mem_free(x);
}

static struct recommend_trial recommend_trial(const struct recommender *m, size_t i)
{
    const struct warp *w = &m->surrogate.warp;
    double sign = m->h->rule.maximize ? -1 : 1;
    double low = sign * warp_invert(w, m->means[i] - m->sds[i]);
    double high = sign * warp_invert(w, m->means[i] + m->sds[i]);
    return (struct recommend_trial){.trial = m->results.trials[m->places[i]],
                                    .expected = sign * warp_invert(w, m->means[i]),
                                    .low = fmin(low, high),
                                    .high = fmax(low, high),
                                    .chance = m->chances[i]};
}

static void recommend_candidates(struct recommender *m, uint64_t seed, struct recommend *ret)
{
    struct rng rng;
    size_t observed = 0, order[DRAWN_MAX];
    rng_init(&rng, seed, 0, RNG_RECOMMEND);
    models_draw(m, &rng);
    for (size_t i = 0; i < m->n; i++) {
        m->sds[i] = sqrt(fmax(m->sds[i] - m->means[i] * m->means[i], 0));
        if (m->results.losses[m->places[i]] < m->results.losses[m->places[observed]])
            observed = i;
    }
    ret->observed = recommend_trial(m, observed);
    ret->noise = 0.5 * fabs(warp_invert(&m->surrogate.warp, m->means[observed] + sqrt(m->noise)) -
                            warp_invert(&m->surrogate.warp, m->means[observed] - sqrt(m->noise)));
    order_ascending(m->means, m->n, order);
    for (; ret->n < m->n && ret->n < RECOMMEND_TOP; ret->n++)
        ret->top[ret->n] = recommend_trial(m, order[ret->n]);
}

void recommend_trials(const struct history *h, const struct spec *spec, uint64_t seed,
                      struct recommend *ret)
{
    struct recommender m = {.h = h};
    size_t d = h->dims, candidates = 0;
    unsigned char *kinds = mem_alloc(d + 1);
    *ret = (struct recommend){
        .noise = NAN, .needed = NEEDED_EACH * d > NEEDED_MIN ? NEEDED_EACH * d : NEEDED_MIN};
    for (size_t j = 0; j < d; j++)
        kinds[j] = terrain_kind(&h->coordinates.items[j]);
    results_init(&m.results, h, spec, kinds);
    results_drop_failed(&m.results); /* a failure by chance would look like noise */
    m.results.pending = 0;           /* trials without a result say nothing here */
    for (size_t i = 0; i < m.results.n; i++)
        candidates += is_candidate(h, m.results.trials[i]);
    ret->results = candidates;
    if (d > 0 && candidates >= RECOMMEND_RESULTS_MIN) {
        gsl_set_error_handler_off();
        surrogate_init(&m.surrogate, d, kinds);
        surrogate_learn(&m.surrogate, &m.results, SURROGATE_BY_TURNS);
        m.places = mem_alloc(DRAWN_MAX * sizeof *m.places);
        m.means = mem_alloc(3 * DRAWN_MAX * sizeof *m.means);
        m.sds = m.means + DRAWN_MAX;
        m.chances = m.sds + DRAWN_MAX;
        if (m.surrogate.noisy) {
            candidates_choose(&m);
            observed_include(&m);
            recommend_candidates(&m, seed, ret);
        }
        surrogate_done(&m.surrogate);
        mem_free(m.places);
        mem_free(m.means);
    }
    results_done(&m.results);
    mem_free(kinds);
}

static bool is_clearly_worse(const struct recommend_trial *own, const struct recommend_trial *top)
{
    double deviation = hypot(own->high - own->low, top->high - top->low) / 2;
    return fabs(own->expected - top->expected) > CLEAR_DEVIATIONS * deviation;
}

enum recommend_verdict recommend_verdict(const struct recommend *r)
{
    const struct recommend_trial *top = &r->top[0], *own = &r->observed;
    if (r->n == 0)
        return RECOMMEND_UNKNOWN;
    if (top->trial == own->trial)
        return RECOMMEND_BEST;
    if ((top->chance >= CLEAR_CHANCE && top->chance >= CLEAR_TIMES * own->chance) ||
        is_clearly_worse(own, top))
        return RECOMMEND_LUCK;
    return own->expected >= top->low && own->expected <= top->high ? RECOMMEND_TIE : RECOMMEND_OPEN;
}
