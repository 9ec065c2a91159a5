/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Expected improvement as its logarithm, which keeps its gradient where the improvement itself is
 * too small for a double (Ament et al., Unexpected improvements to expected improvement, NeurIPS
 * 2023, eq. 9 and 14). Losses are minimised. */

/* log E[max(best - Y, 0)] of Y ~ N(mean, sd^2), sd > 0. Its derivatives by mean and sd. */
double improvement_log(double best, double mean, double sd, double *ret_by_mean, double *ret_by_sd);
/* The value alone. */
double improvement_log_value(double best, double mean, double sd);
/* log(phi(z) + z Phi(z)), finite for every finite z. */
double improvement_log_h(double z);
