/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The configuration of a sweep, as wandb's client sends it, as a spec whose trials are for that
 * sweep's own agents: they need the label wandb:SWEEP. */
#include "base/value.h"
#include "language/spec.h"

struct wandb_spec {
    const char *sweep, *entity, *project;
    const char *name;          /* instead of the one in the text; NULL */
    const struct value *prior; /* a list of texts: where results that were known come from; NULL */
};

/* warnings: a list, to which texts are added. ERR_SPEC names what W&B would refuse too, or what besom does
 * not support. */
NODISCARD int wandb_spec_read(struct arena *a, const char *yaml, const struct wandb_spec *as,
                              struct value *warnings, struct spec **ret, struct err *err);
