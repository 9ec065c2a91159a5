/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "base/mem.h"
#include "tests/sim/sim.h"

static bool before(const struct sim_timer *a, const struct sim_timer *b)
{
    if (a->at != b->at)
        return a->at < b->at;
    return a->tie != b->tie ? a->tie < b->tie : a->seq < b->seq;
}

static void swap(struct sim_timer *a, struct sim_timer *b)
{
    struct sim_timer t = *a;
    *a = *b;
    *b = t;
}

void sim_after(struct sim *s, int64_t ms, sim_fn fn, void *who, uint64_t generation)
{
    s->timers = mem_grow(s->timers, &s->timers_cap, s->timers_n + 1, sizeof *s->timers);
    size_t i = s->timers_n++;
    s->timers[i] = (struct sim_timer){.at = s->now + ms,
                                      .tie = rng_u32(&s->rng[SIM_R_TIES]),
                                      .seq = s->timers_seq++,
                                      .fn = fn,
                                      .who = who,
                                      .generation = generation};
    while (i > 0 && before(&s->timers[i], &s->timers[(i - 1) / 2])) {
        swap(&s->timers[i], &s->timers[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

bool sim_next(struct sim *s)
{
    if (s->timers_n == 0)
        return false;
    struct sim_timer t = s->timers[0];
    size_t n = --s->timers_n;
    s->timers[0] = s->timers[n];
    for (size_t i = 0;;) {
        size_t first = i, left = 2 * i + 1;
        for (size_t child = left; child < left + 2 && child < n; child++)
            if (before(&s->timers[child], &s->timers[first]))
                first = child;
        if (first == i)
            break;
        swap(&s->timers[i], &s->timers[first]);
        i = first;
    }
    s->now = t.at;
    s->steps++;
    t.fn(s, t.who, t.generation);
    return true;
}

static void hash(struct sim *s, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++)
        s->hash = (s->hash ^ p[i]) * 0x100000001b3u; /* FNV-1a */
}

void sim_trace(struct sim *s, const char *who, const char *fmt, ...)
{
    char line[1024];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    hash(s, &s->now, sizeof s->now);
    hash(s, line, len);
    if (s->verbose)
        printf("%9.3f %-10s %s\n", (double)s->now / 1000, who, line);
}

void sim_fail(struct sim *s, const char *fmt, ...)
{
    if (s->failed)
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(s->failure, sizeof s->failure, fmt, args);
    va_end(args);
    s->failed = true;
    sim_trace(s, "FAILED", "%s", s->failure);
}
