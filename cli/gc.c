/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom gc: removes the content of files that no run and no artifact has any more. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/store_path.h"
#include "orchestrator/runs/files/files.h"
#include "orchestrator/runs/runs_file.h"

static void hash_note(void *arg, const char *hash)
{
    map_put(arg, hash, strlen(hash), arg);
}

static bool hash_is_used(void *arg, const char *hash)
{
    return map_find(arg, hash, strlen(hash)) != NULL;
}

/* All that is referred to, of one state of runs.db. */
static int used_read(const char *dir, struct map *used, struct err *err)
{
    struct runs *runs = NULL;
    if (!runs_is_there(dir))
        return 0;
    int rc = runs_open_to_read(dir, &runs, err);
    if (rc == 0)
        rc = runs_file_each_hash(runs, hash_note, used, err);
    runs_close(runs, false);
    return rc;
}

static void freed_print(const struct files_freed *f, bool dry, bool json)
{
    if (json)
        printf("{\"dry_run\":%s,\"freed\":%" PRIu64 ",\"freed_bytes\":%" PRIu64
               ",\"parts\":%" PRIu64 ",\"part_bytes\":%" PRIu64 ",\"kept\":%" PRIu64
               ",\"kept_bytes\":%" PRIu64 "}\n",
               dry ? "true" : "false", f->freed, f->freed_bytes, f->parts, f->part_bytes, f->kept,
               f->kept_bytes);
    else
        printf("%s %" PRIu64 " file%s (%.1f MB) that nothing uses, and %" PRIu64
               " unfinished upload%s (%.1f MB); kept %" PRIu64 " file%s (%.1f MB)\n",
               dry ? "would remove" : "removed", f->freed, f->freed == 1 ? "" : "s",
               (double)f->freed_bytes / 1e6, f->parts, f->parts == 1 ? "" : "s",
               (double)f->part_bytes / 1e6, f->kept, f->kept == 1 ? "" : "s",
               (double)f->kept_bytes / 1e6);
}

int cmd_gc(struct invocation *inv)
{
    char dir[PATH_MAX];
    struct err err = {0};
    struct map used;
    struct files_freed freed;
    const char *named = invocation_arg(inv, 0);
    bool dry = invocation_flag(inv, "dry-run");
    map_init(&used);
    int rc = store_path_find(named ? named : invocation_option(inv, "store"), dir, &err);
    if (rc == 0)
        rc = used_read(dir, &used, &err);
    if (rc == 0)
        rc = files_collect(dir, hash_is_used, &used, dry, &freed, &err);
    if (rc == 0)
        freed_print(&freed, dry, invocation_flag(inv, "json"));
    map_done(&used);
    return rc ? complain(&err) : COMPLAIN_DONE;
}
