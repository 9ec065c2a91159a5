/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Losses as a Gaussian process can learn them: the bad tail is capped, and the rest is made as
 * normal as a power transform can (Yeo and Johnson, Biometrika 87(4), 2000, eq. 2.1, with the lambda
 * of the highest profile likelihood). Knows nothing of trials. */
#include <stddef.h>

struct warp {
    double scale, median, cap; /* of the losses; cap is scaled and relative to the median */
    double deviation;          /* of the capped losses; 0: all losses are equal */
    double lambda;
    double warped_mean, warped_deviation;
};

/* The least lambda there is. With 1 as the least, low losses are not stretched, nor their noise. */
#define WARP_LEAST (-1.0)

/* y: n >= 1 finite losses. least: the least lambda to choose, at most 2. ret: n numbers of mean 0 and
 * deviation 1, in the order of the losses but for ties above the cap; all 0 where the losses are
 * equal. */
void warp_losses(struct warp *w, const double *y, size_t n, double least, double *ret);
/* The loss whose number is z; numbers beyond the transform's range give its end, and
 * those beyond what a double can hold the largest double. */
double warp_invert(const struct warp *w, double z);
