/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lint_clock TIMES FILE: reads a spec so many times in this process, as `besom lint` does, and
 * prints the median milliseconds of CPU that one reading takes. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "language/spec_read.h"

enum { TIMES_MAX = 10000, FILE_BYTES_MAX = 1 << 20 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static double read_once(const char *text, size_t len)
{
    struct arena a;
    struct diags d;
    double began = now_ms();
    arena_init(&a);
    diags_init(&d, &a, "s.yaml");
    struct spec *s = spec_look(text, len, NULL, &d);
    bool good = d.errors == 0;
    spec_free(s);
    arena_done(&a);
    return good ? now_ms() - began : -1;
}

static int by_size(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;
    return a < b ? -1 : a > b;
}

int main(int argc, char **argv)
{
    static double took[TIMES_MAX];
    static char text[FILE_BYTES_MAX];
    int times = argc == 3 ? (int)strtol(argv[1], NULL, 10) : 0;
    FILE *f = argc == 3 ? fopen(argv[2], "rb") : NULL;
    if (!f || times < 1 || times > TIMES_MAX) {
        fprintf(stderr, "usage: %s TIMES FILE\n", argv[0]);
        return 2;
    }
    size_t len = fread(text, 1, sizeof text, f);
    fclose(f);
    for (int i = 0; i < times; i++) {
        took[i] = read_once(text, len);
        if (took[i] < 0)
            return 1;
    }
    qsort(took, (size_t)times, sizeof *took, by_size);
    printf("%.4f\n", took[times / 2]);
    return 0;
}
