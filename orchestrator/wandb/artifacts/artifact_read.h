/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Artifacts as wandb's clients read them. */
#include "orchestrator/wandb/desk_call.h"

/* By its name, "COLLECTION:ALIAS", in a project. */
NODISCARD int artifact_read_named(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_read_type_of(struct desk_call *c, struct value **ret, struct err *err);
/* By its id: also who made and used it, and its manifest. */
NODISCARD int artifact_read_one(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_read_entries(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_read_client(struct desk_call *c, struct value **ret, struct err *err);
/* The files of a version, by collection and alias. */
NODISCARD int artifact_read_files(struct desk_call *c, struct value **ret, struct err *err);
/* Types, collections and versions of a project. */
NODISCARD int artifact_read_types(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_read_collections(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_read_versions(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_read_aliases(struct desk_call *c, struct value **ret, struct err *err);
/* Made, and used, by a run. */
NODISCARD int artifact_read_outputs(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int artifact_read_inputs(struct desk_call *c, struct value **ret, struct err *err);
