/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/wandb_desk_table.h"

#include <string.h>

#include "orchestrator/wandb/desk_bucket.h"
#include "orchestrator/wandb/desk_stream.h"
#include "orchestrator/wandb/desk_viewer.h"

static const struct wandb_desk_operation operations[] = {
    {"Viewer", DESK_READS, desk_viewer, NULL},
    {"GetViewer", DESK_READS, desk_viewer, NULL},
    {"GetDefaultEntity", DESK_READS, desk_viewer, NULL},
    {"ServerFeaturesQuery", DESK_READS, desk_viewer_features, NULL},
    {"UpsertBucket", DESK_WRITES, desk_bucket_upsert, NULL},
};

static const struct wandb_desk_path paths[] = {
    {WANDB_POST, "/files/", "/file_stream", DESK_WRITES, desk_stream},
};

const struct wandb_desk_operation *wandb_desk_table_find(const char *name)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    return NULL;
}

const struct wandb_desk_path *wandb_desk_table_find_path(enum wandb_verb verb, const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const struct wandb_desk_path *p = &paths[i];
        size_t begin = strlen(p->begin), end = strlen(p->end);
        if (p->verb == verb && len >= begin + end && memcmp(path, p->begin, begin) == 0 &&
            strcmp(path + len - end, p->end) == 0)
            return p;
    }
    return NULL;
}
