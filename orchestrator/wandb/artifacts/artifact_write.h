/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Artifacts as wandb's clients make and change them. A version begins as pending: its files and its manifest
 * are announced, sent, and then it is committed, gets its number and its aliases. */
#include "orchestrator/wandb/desk_call.h"

NODISCARD int artifact_write_create(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_write_manifest(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_write_manifest_again(struct desk_call *c, struct value **ret,
                                            struct err *err);
NODISCARD int artifact_write_files(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_write_commit(struct desk_call *c, struct value **ret, struct err *err);
