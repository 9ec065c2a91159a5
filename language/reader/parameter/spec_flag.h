/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A parameter's `flag`: what the command line gets for each of its values. */
#include "language/reader/parameter/spec_draft.h"
#include "language/spec.h"

/* p has its values and path; the command has been read. Adds to s->flags; reports what is wrong. */
void spec_flag_read(struct spec_reader *r, const struct spec_draft *d, const struct parameter *p,
                    struct spec *s);
