/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How a command reports its failure: one message on stderr, and the exit code of its kind. */
#include "base/err.h"

enum complain_exit {
    COMPLAIN_DONE = 0,
    COMPLAIN_FAILED = 1, /* it ran, but did not succeed */
    COMPLAIN_USAGE = 2,  /* the call or the spec is wrong */
    COMPLAIN_NOT_FOUND = 3,
    COMPLAIN_UNREACHABLE = 4,
    COMPLAIN_NOT_ALLOWED = 5,
    COMPLAIN_STORE = 6, /* damaged or in use */
};

/* Prints "besom: text" and returns the exit code. */
int complain(const struct err *err);
