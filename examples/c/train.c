/* SPDX-License-Identifier: MIT */
/* Walks down Rosenbrock's valley with momentum; every 100 steps, one JSON line reports the loss.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One fprintf and one flush make one write, which is never mixed with lines that others append. */
static void report(FILE *metrics, int step, double loss)
{
    if (isfinite(loss))
        fprintf(metrics, "{\"step\": %d, \"loss\": %.17g}\n", step, loss);
    else
        fprintf(metrics, "{\"step\": %d, \"loss\": \"NaN\"}\n", step);
    fflush(metrics);
}

int main(int argc, char **argv)
{
    double lr = 0.001, momentum = 0.5;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--lr=", 5) == 0)
            lr = strtod(argv[i] + 5, NULL);
        else if (strncmp(argv[i], "--momentum=", 11) == 0)
            momentum = strtod(argv[i] + 11, NULL);
    }
    const char *path = getenv("BESOM_METRICS");
    FILE *metrics = path ? fopen(path, "a") : stdout;
    if (!metrics) {
        perror(path);
        return 1;
    }
    double x = -1, y = 1, vx = 0, vy = 0;
    for (int step = 0; step <= 1000; step++) {
        double a = 1 - x, b = y - x * x;
        if (step % 100 == 0)
            report(metrics, step, a * a + 100 * b * b);
        vx = momentum * vx - lr * (-2 * a - 400 * x * b);
        vy = momentum * vy - lr * 200 * b;
        x += vx;
        y += vy;
    }
    return 0;
}
