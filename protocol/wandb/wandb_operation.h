/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A GraphQL request as wandb's clients send it: {"query":…,"variables":{…},"operationName":…}. Its
 * operation is known by the name alone, so GraphQL is never parsed: the clients accept answers with
 * more fields than they asked for. */
#include "base/value.h"
#include "base/err.h"

struct wandb_operation {
    const char *name;              /* "UpsertBucket"; "" where it has none */
    const struct value *variables; /* NULL: none */
};

/* What it points to lives in the arena. ERR_SYNTAX: the body is not such a request. */
NODISCARD int wandb_operation_parse(struct arena *a, const char *body, size_t len,
                                    struct wandb_operation *ret, struct err *err);
