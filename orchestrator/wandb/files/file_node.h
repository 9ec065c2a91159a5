/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A file as an answer has it: its fields, and URLs to send and to fetch it. */
#include "orchestrator/runs/runs_file.h"
#include "orchestrator/wandb/desk_call.h"

/* A URL that may be used for some hours. */
NODISCARD int file_node_url(struct desk_call *c, bool put, const char *kind, int64_t n,
                            const char *name, const char **ret, struct err *err);
/* The fields of a file: a dict. kind: as in struct desk_right. */
NODISCARD int file_node(struct desk_call *c, const char *kind, const struct runs_file *f,
                        struct value **ret, struct err *err);
struct value *file_node_headers(struct desk_call *c); /* of an upload: none */
