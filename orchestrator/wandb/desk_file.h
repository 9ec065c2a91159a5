/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Files of runs: their names, URLs to send and to fetch them, and their content. */
#include "orchestrator/runs/runs_file.h"
#include "orchestrator/wandb/desk_call.h"
#include "orchestrator/wandb/desk_right.h"

/* Operations of GraphQL. */
NODISCARD int desk_file_create(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int desk_file_list(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int desk_file_delete(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int desk_file_uploaded(struct desk_call *c, struct value **ret, struct err *err);
/* Paths. */
NODISCARD int desk_file_put(struct desk_call *c, struct err *err);
NODISCARD int desk_file_get(struct desk_call *c, struct err *err);
/* /artifactsV2/… and /artifacts/…: the content of an artifact's file, by its MD5. */
NODISCARD int desk_file_get_md5(struct desk_call *c, struct err *err);

/* For other operations: a name that a client may give a file. */
NODISCARD int desk_file_check_name(const char *name, struct err *err);
