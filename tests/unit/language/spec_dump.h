/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Everything that a spec says, as text: two specs that print the same are the same. */
#include <inttypes.h>
#include "base/buf.h"
#include "language/spec.h"

void spec_dump(struct buf *out, const struct spec *s);
void spec_dump_diags(struct buf *out, const struct diags *d);
/* A point of the space for trying commands: constants, first values, lower bounds, else 0.5. */
struct value *spec_dump_probe(struct arena *a, const struct space *space);
/* What command_build() gives for params, as a JSON list, or the error. */
void spec_dump_argv(struct buf *out, const struct spec *s, const struct value *params);
/* Ends the test unless the content of s, printed and parsed, reads back as the same spec. */
void spec_dump_check_content(const struct spec *s);
