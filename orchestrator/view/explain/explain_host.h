/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether besom cordoned a host after attempts of a trial had failed or were lost there. Must not be asked of another
 * machine's controller. */
#include "base/value.h"
#include "orchestrator/view/view.h"

/* "agent gpu1 is cordoned since 2026-11-29 12:03:41 +0100: …; to undo it: besom uncordon gpu1"; NULL: it is not. */
const char *explain_host(struct view *v, struct arena *a, const struct value *trial);
