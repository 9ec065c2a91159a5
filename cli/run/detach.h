/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* besom run --detach: the sweep is run by a child process in a session of its own. The parent
 * waits until the sweep has started, so that errors of the spec are still printed on the
 * terminal. */
#include <stdbool.h>
#include "base/err.h"

/* In the child: returns a descriptor for detach_done(). In the parent: does not return; exits with 0
 * once the sweep runs, or else with the child's exit status. */
int detach_begin(void);
/* ERR_DAMAGED if something else than a file stands where detach_done() would write. */
NODISCARD int detach_check(const char *store, const char *sweep, struct err *err);
/* The sweep runs, here or in another process that this one follows: from now on stdout and stderr go to
 * STORE/run-ID.log. */
void detach_done(int fd, const char *store, const char *sweep, bool here);
