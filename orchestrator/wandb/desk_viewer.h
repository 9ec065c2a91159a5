/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Who asks, and what this server is. */
#include "orchestrator/wandb/desk_call.h"

NODISCARD int desk_viewer(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int desk_viewer_features(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int desk_viewer_server(struct desk_call *c, struct value **ret, struct err *err);
/* What older clients ask to know what they may ask for. */
NODISCARD int desk_viewer_probe(struct desk_call *c, struct value **ret, struct err *err);
/* For what the client tells its maker. */
NODISCARD int desk_viewer_organization(struct desk_call *c, struct value **ret, struct err *err);
