/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Media that scripts logged with wandb: it describes an image, a histogram or a table by a dict with
 * `_type`, whose other values (bins, sizes, hashes) no person reads. Pure. */
#include "base/value.h"

/* A copy of the dict in which each of these is one text, such as "images/separated, count 4". */
const struct value *run_media_fold(struct arena *a, const struct value *dict);
