/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/outlook.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number/rng.h"

enum {
    REPEATS_MAX = 200,
    REPEATS_MIN = 16,
    DRAWS_MAX = 50000,  /* of all repetitions: two milliseconds */
    RUNNING_MAX = 4096, /* slots that are told apart */
};

struct outlook_course {
    const struct outlook_input *in;
    struct rng rng;
    double *ends; /* a heap: when each slot is free, the first to be free at the root */
    size_t n;
    double mean, error; /* of the durations; of their mean, relative */
};

static void heap_sink(double *heap, size_t n)
{
    double item = heap[0];
    size_t at = 0, child;
    while ((child = 2 * at + 1) < n) {
        if (child + 1 < n && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= item)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = item;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How many durations are at most this. */
static size_t durations_until(const struct outlook_input *in, double age)
{
    size_t low = 0, high = in->durations_n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (in->durations[middle] <= age)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What is left of a trial of this age. One that is older than all others is taken to be on its way for a
 * tenth of its age. */
static double rest_of(struct outlook_course *f, double age, double scale)
{
    size_t from = durations_until(f->in, age / scale), n = f->in->durations_n - from;
    if (n == 0)
        return age / 10;
    return fmax(0, f->in->durations[from + (size_t)rng_below(&f->rng, n)] * scale - age);
}

/* One course of the rest. Returns when it ends; *ret_work is the time of all slots. */
static double course_run(struct outlook_course *f, uint64_t rest, double *ret_work)
{
    double scale = exp(f->error * rng_normal(&f->rng)), end = 0;
    *ret_work = 0;
    for (size_t i = 0; i < f->n; i++) {
        f->ends[i] = i < f->in->ages_n ? rest_of(f, f->in->ages[i], scale) : 0;
        *ret_work += f->ends[i];
    }
    qsort(f->ends, f->n, sizeof *f->ends, by_value); /* a sorted array is a heap */
    for (uint64_t i = 0; i < rest; i++) {
        size_t at = (size_t)rng_below(&f->rng, f->in->durations_n);
        double took = f->in->durations[at] * scale;
        f->ends[0] += took;
        *ret_work += took;
        heap_sink(f->ends, f->n);
    }
    for (size_t i = 0; i < f->n; i++)
        end = fmax(end, f->ends[i]);
    return end;
}

static void durations_measure(struct outlook_course *f)
{
    const struct outlook_input *in = f->in;
    double sum = 0, squares = 0, n = (double)in->durations_n;
    for (size_t i = 0; i < in->durations_n; i++)
        sum += in->durations[i];
    f->mean = sum / n;
    for (size_t i = 0; i < in->durations_n; i++)
        squares += (in->durations[i] - f->mean) * (in->durations[i] - f->mean);
    f->error = f->mean > 0 ? sqrt(squares / (n - 1) / n) / f->mean : 0;
}

bool outlook_make(const struct outlook_input *in, struct outlook *ret)
{
    if (in->durations_n < OUTLOOK_DURATIONS_MIN || in->slots == 0)
        return false;
    struct outlook_course f = {.in = in};
    double ends[REPEATS_MAX], works[REPEATS_MAX], factor = 1;
    f.n = in->slots < in->ages_n ? in->ages_n : in->slots;
    f.n = f.n < RUNNING_MAX ? f.n : RUNNING_MAX;
    f.ends = mem_alloc(f.n * sizeof *f.ends);
    rng_init(&f.rng, in->rest, in->durations_n, RNG_BOOTSTRAP);
    durations_measure(&f);
    /* Of very many trials a part is drawn, and stands for the whole. */
    uint64_t rest = in->rest, most = DRAWS_MAX / REPEATS_MIN;
    if (rest > most) {
        factor = (double)rest / (double)most;
        rest = most;
    }
    size_t repeats = DRAWS_MAX / (size_t)(rest + f.n);
    repeats = repeats < REPEATS_MIN ? REPEATS_MIN : repeats > REPEATS_MAX ? REPEATS_MAX : repeats;
    for (size_t i = 0; i < repeats; i++) {
        ends[i] = course_run(&f, rest, &works[i]) * factor;
        works[i] *= factor;
    }
    qsort(ends, repeats, sizeof *ends, by_value);
    qsort(works, repeats, sizeof *works, by_value);
    *ret = (struct outlook){ends[repeats / 2], ends[repeats * 9 / 10], works[repeats / 2],
                            works[repeats * 9 / 10]};
    mem_free(f.ends);
    return true;
}
