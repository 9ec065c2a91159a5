/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What an open page would still ask for when the process that served it has ended: the sweep, the
 * list of sweeps, and its newest trials, each as the document that the server would have sent; and the command
 * that serves the store.
 * Of a long sweep only a part, since nobody waits for it. */
#include "base/buf.h"

/* Appends {"serve": "besom serve --store DIR", path: document}; what cannot be read is left out. */
void last_words_write(const char *dir, const char *sweep, struct buf *out);
