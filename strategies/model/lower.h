/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Lower triangular matrices, row by row, of the few hundred rows that a model has: Cholesky's factor,
 * what is solved with it, the inverse. OpenBLAS would make the program
 * eight times as large and no faster (docs/DEPENDENCIES.md). A matrix of n rows has `stride` numbers from row to row. */
#include <stdbool.h>
#include <stddef.h>

/* a, symmetric, of which the lower half is read, becomes its factor L, a = L L^T, in the lower half
 * (Golub and Van Loan, Matrix computations, 2013, section 4.2). False where a is not positive
 * definite; then it is spoilt. */
bool lower_factor(double *a, size_t n, size_t stride);
/* b (n x m, m numbers from row to row) becomes L^-1 b. */
void lower_solve(const double *l, size_t n, size_t stride, double *b, size_t m);
/* v becomes L^-1 v, and L^-T v. */
void lower_solve_vector(const double *l, size_t n, size_t stride, double *v);
void lower_solve_transposed(const double *l, size_t n, size_t stride, double *v);
/* l becomes (L L^T)^-1, both halves. room: n x (n + 7) numbers. */
void lower_invert(double *l, size_t n, size_t stride, double *room);
