/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Trials by several objectives: which of them no other one beats, and how much they dominate
 * together. Values are rows of m finite numbers. Pure numbers; knows nothing of trials or specs. */
#include <stdbool.h>
#include <stddef.h>

#define PARETO_OBJECTIVES_MAX 4

/* Whether a is at least as good as b in each objective, and better in one. maximize: m of them. */
bool pareto_dominates(const double *a, const double *b, size_t m, const bool *maximize);
/* The places of those of n rows (n x m) that no other row dominates, in their order. Of equal rows
 * all are among them. ret: room for n. Returns how many. O(n * front * m). */
size_t pareto_front(const double *rows, size_t n, size_t m, const bool *maximize, size_t *ret);
/* The volume between the rows and a reference point (m) that is to be worse than each of them; a row
 * that is not better than it in each objective adds nothing. Exact, by slices along the last
 * objective (Zitzler and Thiele, Multiobjective evolutionary algorithms, 1999, section 3; Knowles,
 * Local-search and hybrid evolutionary algorithms for Pareto optimization, 2002, section 4.3.2):
 * O(n^(m-1)), so give it the front alone. */
double pareto_hypervolume(const double *rows, size_t n, size_t m, const bool *maximize,
                          const double *reference);
