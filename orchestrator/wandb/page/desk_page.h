/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The page's own documents, views and reports (orchestrator/runs/runs_page.h), over HTTP. KIND is views or reports:
 *   GET  /api/v1/KIND            {"views":[…]}: all, by name; of reports without their bodies
 *   GET  /api/v1/KIND/ID         one
 *   POST /api/v1/KIND/new        {"name","sweep","body"}: makes one, and answers it
 *   POST /api/v1/KIND/ID         the same with "revision", that of the document that was changed: refused where somebody
 *                                else has changed it since
 *   POST /api/v1/KIND/ID/remove
 * A document: {"id","name","sweep","by","made","changed_by","changed","revision","body"}. */
#include "orchestrator/wandb/desk_call.h"

NODISCARD int desk_page_get(struct desk_call *c, struct err *err);
NODISCARD int desk_page_post(struct desk_call *c, struct err *err);
