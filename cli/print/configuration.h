/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One configuration for people: lines of YAML to copy. */
#include "base/buf.h"
#include "base/value.h"

/* Nested params as YAML that reads back as the same values. */
void configuration_yaml(struct buf *out, const struct value *params, size_t indent);
/* One value on one line, as YAML reads it back: text in quotes only where it needs them. */
void configuration_scalar(struct buf *out, const struct value *v);
