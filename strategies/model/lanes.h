/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* LANES before a function with loops over numbers: it is compiled twice, and the program takes the
 * form for wide registers where the processor has them. Not with sanitizers, which are not ready when
 * that is decided. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LANES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define LANES
#endif
