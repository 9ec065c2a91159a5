/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/missing_metric.h"

#include <string.h>

#include "base/diag/nearest.h"

enum { NAMES_SHOWN = 8 };

/* The only name that contains the other or is contained in it, as val_loss and loss; NULL if
 * several do or none does. */
static const char *only_part(const char *metric, const char *const *names, size_t n)
{
    const char *found = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!strstr(names[i], metric) && !strstr(metric, names[i]))
            continue;
        if (found)
            return NULL;
        found = names[i];
    }
    return found;
}

const char *missing_metric_meant(const char *metric, const char *const *names, size_t n)
{
    const char *near = n > 0 ? nearest_name(metric, names, n, sizeof *names) : NULL;
    if (!near)
        near = only_part(metric, names, n);
    return near || n != 1 ? near : names[0];
}

void missing_metric_print(struct buf *out, const char *metric, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], metric) == 0) {
            buf_addf(out, "reported only NaN or infinite values of %s", metric);
            return;
        }
    const char *meant = missing_metric_meant(metric, names, n);
    size_t shown = n <= NAMES_SHOWN ? n : NAMES_SHOWN - 1;
    buf_adds(out, n == 0 ? "reported no metric" : "reported ");
    for (size_t i = 0; i < shown; i++)
        buf_addf(out, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " and ", names[i]);
    if (shown < n)
        buf_addf(out, " and %zu more", n - shown);
    if (meant)
        buf_addf(out, "; did you mean %s?", meant);
}

const char *missing_metric_no_report(void)
{
    return "Without `report` in the sweep file, besom reads nothing from the script's output. Add "
           "`report: {stdout: json}`, or the name of a reader, or patterns (besom try-report SPEC "
           "< LOG shows what would be read), or call besom.log() in the script. besom reads what "
           "the script logs with wandb, unless `wandb: off`, WANDB_API_KEY, WANDB_BASE_URL or "
           "WANDB_MODE is set.";
}
