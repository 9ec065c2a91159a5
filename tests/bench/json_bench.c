/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast a metric line is read and printed. */
#include <stdio.h>
#include <time.h>

#include "base/json.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const char line[] =
    "{\"step\": 1234, \"time\": 1763720000.123456, \"train/loss\": 0.4736281930471234, "
    "\"val/loss\": "
    "0.51, \"val/accuracy\": 0.8731, \"lr\": 0.001, \"epoch\": 3, \"best\": false}";

enum { ROUNDS = 1000000 };

int main(void)
{
    struct arena a;
    struct buf out;
    struct err err;
    struct value *v = NULL;
    arena_init(&a);
    buf_init(&out, SIZE_MAX);
    double begin = now();
    for (long i = 0; i < ROUNDS; i++) {
        arena_clear(&a);
        if (json_parse(&a, line, sizeof line - 1, &v, &err) < 0)
            return 1;
    }
    double parsed = now();
    for (long i = 0; i < ROUNDS; i++) {
        buf_clear(&out);
        json_print(&out, v, JSON_COMPACT);
    }
    double printed = now();
    printf("JSON: metric lines of %zu bytes read\t%.0f\ta second\t400000\n", sizeof line - 1,
           ROUNDS / (parsed - begin));
    printf("JSON: the same printed\t%.0f\ta second\n", ROUNDS / (printed - parsed));
    buf_done(&out);
    arena_done(&a);
    return 0;
}
