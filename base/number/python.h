/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Values as Python prints them, byte for byte: what W&B's users see on command lines. */
#include "base/buf.h"
#include "base/value.h"

void python_repr(struct buf *out,
                 const struct value *v); /* 'a', True, None, 1e-05, {'a': [1, 2.0]} */
void python_str(struct buf *out, const struct value *v); /* as repr, but a top-level string bare */
enum { PYTHON_FLOAT_BYTES = 40 };
void python_float(char out[PYTHON_FLOAT_BYTES],
                  double f); /* repr(float): 1e-05, 0.1, 1e+16, 3.0, inf, nan */
