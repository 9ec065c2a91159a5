/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Artifacts, collections and their runs as parts of answers to wandb's clients: with all fields that any of
 * their questions asks for. */
#include "orchestrator/runs/runs_artifact.h"
#include "orchestrator/wandb/desk_call.h"

struct value *artifact_node_project(struct desk_call *c, const struct runs_collection *of);
struct value *artifact_node_collection(struct desk_call *c, const struct runs_collection *of);
struct value *artifact_node_type(struct desk_call *c, const struct runs_collection *of);
/* Without whom it was made and used by, and its manifest. */
NODISCARD int artifact_node(struct desk_call *c, const struct runs_artifact *v, struct value **ret,
                            struct err *err);
/* With these. */
NODISCARD int artifact_node_whole(struct desk_call *c, const struct runs_artifact *v,
                                  struct value **ret, struct err *err);
/* The place of a version in its collection. */
NODISCARD int artifact_node_membership(struct desk_call *c, const struct runs_artifact *v,
                                       struct value **ret, struct err *err);
/* A JSON list of texts; empty where it is none. */
const struct value *artifact_node_texts(struct desk_call *c, const char *json);
/* The artifact that an id of an answer, or of its creator ("clientID"), means. */
NODISCARD int artifact_node_find(struct desk_call *c, const char *id, struct runs_artifact *ret,
                                 struct err *err);
