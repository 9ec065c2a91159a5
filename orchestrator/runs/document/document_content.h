/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The content behind a name: of a file of a run, or of an artifact, also where another artifact has it. */
#include "orchestrator/runs/runs_artifact.h"
#include "orchestrator/runs/runs_file.h"
#include "orchestrator/runs/runs_run.h"

/* ERR_NOT_FOUND: there is none, or its content has not come. */
NODISCARD int document_content_of_run(struct runs *r, struct arena *a, const struct runs_run *run,
                                      const char *name, struct runs_file *ret, struct err *err);
NODISCARD int document_content_of_artifact(struct runs *r, struct arena *a, const char *dir,
                                           int64_t artifact, const char *name,
                                           struct runs_file *ret, struct err *err);
/* The artifact and the name in it of "wandb-client-artifact://CLIENT[:ALIAS]/NAME" or
 * "wandb-artifact://ID/NAME". False where there is no such artifact. */
bool document_content_refers(struct runs *r, struct arena *a, const char *text,
                             int64_t *ret_artifact, const char **ret_name);
/* The text of a file, of at most `max` bytes: mem_free it. */
NODISCARD int document_content_read(const char *dir, const struct runs_file *f, uint64_t max,
                                    char **ret, uint64_t *ret_size, struct err *err);
