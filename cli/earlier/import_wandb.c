/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/earlier/import_wandb.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/wandb/wandb_left.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cli/complain.h"
#include "cli/earlier/wandb_sink.h"
#include "cli/invocation.h"
#include "cli/print/terminal.h"
#include "cli/remote/remote.h"
#include "cli/store_path.h"
#include "protocol/wandb/wandb_operation.h"
#include "protocol/wandb/wandb_replay.h"

#define END ".wandb"
enum { DEPTH = 2 /* of folders below the one that is named */ };

struct importing {
    const struct invocation *inv;
    struct wandb_sink *sink;
    struct arena arena, a;       /* a: of one request */
    struct value *paths, *names; /* files run-ID.wandb; ENTITY/PROJECT/RUN of what was imported */
    const char *files;           /* the folder of the run that is read */
    const char *entity, *project, *run;
    uint64_t rows, uploads, missing;
    struct wandb_replay replay;
    int rc;
    struct err err;
};

static bool name_ends(const char *name)
{
    size_t len = strlen(name);
    return len > strlen(END) && strcmp(name + len - strlen(END), END) == 0;
}

static int path_compare(const void *a, const void *b)
{
    const struct value *const *left = a, *const *right = b;
    return strcmp((*left)->s.ptr, (*right)->s.ptr);
}

/* Adds the files in a folder and in those below it. */
static void folder_look(struct importing *im, const char *path, int depth)
{
    DIR *folder = opendir(path);
    struct stat st;
    for (struct dirent *e; folder && (e = readdir(folder)) != NULL;) {
        const char *inner = arena_printf(&im->arena, "%s/%s", path, e->d_name);
        if (e->d_name[0] == '.' || lstat(inner, &st) != 0)
            continue;
        if (S_ISREG(st.st_mode) && name_ends(e->d_name))
            value_push(&im->arena, im->paths, value_str(&im->arena, inner));
        else if (S_ISDIR(st.st_mode) && depth > 0)
            folder_look(im, inner, depth - 1);
    }
    if (folder)
        closedir(folder);
}

static int argument_look(struct importing *im, const char *path, struct err *err)
{
    struct stat st;
    size_t before = im->paths->list.n;
    if (stat(path, &st) != 0)
        return err_set(err, ERR_NOT_FOUND, "%s: there is no such folder", path);
    if (S_ISREG(st.st_mode))
        value_push(&im->arena, im->paths, value_str(&im->arena, path));
    else
        folder_look(im, path, DEPTH);
    if (im->paths->list.n == before)
        return err_set(
            err, ERR_NOT_FOUND,
            "%s: there is no run of wandb in it, which has a file run-ID.wandb: name the "
            "folder wandb of a script, or one in it",
            path);
    qsort(im->paths->list.items + before, im->paths->list.n - before, sizeof(struct value *),
          path_compare);
    return 0;
}

static const char *text_or(const char *text, const char *other)
{
    return text && *text ? text : other;
}

static void upsert_ask(void *arg, const char *body, size_t len)
{
    struct importing *im = arg;
    struct value *answer;
    if (im->rc == 0)
        im->rc = wandb_sink_post(im->sink, "/graphql", body, len, &im->a, &answer, &im->err);
    if (im->rc == 0) {
        const struct value *bucket =
            value_get(value_get(value_get(answer, "data"), "upsertBucket"), "bucket");
        const struct value *project = value_get(bucket, "project");
        const char *entity = value_get_str(value_get(project, "entity"), "name", "besom");
        im->entity = arena_strdup(&im->arena, entity);
        im->project = arena_strdup(&im->arena, value_get_str(project, "name", "uncategorized"));
        im->run = arena_strdup(&im->arena, value_get_str(bucket, "name", ""));
    }
    arena_clear(&im->a);
}

static void stream_ask(void *arg, const char *body, size_t len)
{
    struct importing *im = arg;
    struct value *answer;
    if (im->rc == 0) {
        const char *path =
            arena_printf(&im->a, "/files/%s/%s/%s/file_stream", im->entity, im->project, im->run);
        im->rc = wandb_sink_post(im->sink, path, body, len, &im->a, &answer, &im->err);
    }
    arena_clear(&im->a);
}

static int file_send(struct importing *im, const char *name, const char *path)
{
    struct arena *a = &im->a;
    struct value *answer, *vars = value_dict(a), *names = value_list(a), *body = value_dict(a);
    value_push(a, names, value_str(a, name));
    value_put(a, vars, "entity", value_str(a, im->entity));
    value_put(a, vars, "project", value_str(a, im->project));
    value_put(a, vars, "run", value_str(a, im->run));
    value_put(a, vars, "files", names);
    value_put(a, body, "query", value_str(a, "mutation CreateRunFiles { createRunFiles { x } }"));
    value_put(a, body, "variables", vars);
    const char *text = json_text(a, body, JSON_PYTHON);
    int rc = wandb_sink_post(im->sink, "/graphql", text, strlen(text), a, &answer, &im->err);
    const struct value *files =
        value_get(value_get(value_get(answer, "data"), "createRunFiles"), "files");
    const char *url = rc == 0 && files && files->kind == VALUE_LIST && files->list.n > 0
                          ? value_get_str(files->list.items[0], "uploadUrl", "")
                          : "";
    return rc ? rc : wandb_sink_put(im->sink, url, path, a, &im->err);
}

/* A file that is gone is counted; the run is imported all the same. */
static void file_ask(void *arg, const char *name)
{
    struct importing *im = arg;
    const char *path = arena_printf(&im->a, "%s/%s", im->files, name);
    if (im->rc == 0 && (strstr(name, "..") || access(path, R_OK) != 0))
        im->missing++;
    else if (im->rc == 0 && (im->rc = file_send(im, name, path)) == 0)
        im->uploads++;
    arena_clear(&im->a);
}

static void record_take(void *arg, const void *record, size_t len)
{
    struct importing *im = arg;
    if (im->rc == 0)
        wandb_replay_record(&im->replay, record, len);
}

static const char *folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? arena_strndup(a, path, (size_t)(slash - path)) : ".";
}

static int run_import(struct importing *im, const char *path, struct err *err)
{
    const struct wandb_replay_handler handler = {upsert_ask, stream_ask, file_ask, im};
    const struct wandb_replay_options options = {
        .entity = invocation_option(im->inv, "entity"),
        .project = invocation_option(im->inv, "project"),
        .fallback_entity = "besom",
        .fallback_project = "uncategorized",
    };
    int64_t unread = INT64_MAX;
    im->files = arena_printf(&im->arena, "%s/files", folder_of(&im->arena, path));
    wandb_replay_init(&im->replay, &options, &handler);
    bool cut, is = wandb_left_read(path, &unread, &cut, record_take, im);
    bool named = text_or(im->replay.run.id, NULL) != NULL;
    if (is && named && im->rc == 0)
        wandb_replay_end(&im->replay, 1);
    im->rows += im->replay.row;
    wandb_replay_done(&im->replay);
    if (im->rc != 0)
        return err_set(err, im->rc, "%s: %s", path, im->err.text);
    if (!is || !named)
        return err_set(err, ERR_DAMAGED, "%s: %s", path,
                       is ? "it ends before it names its run" : "not a file of wandb");
    if (cut)
        terminal_print(
            stderr,
            "besom: warning: %s: it is damaged, or longer than %d MiB: what follows is missing\n",
            path, LIMIT_WANDB_FILE_BYTES >> 20);
    value_push(&im->arena, im->names,
               value_str(&im->arena,
                         arena_printf(&im->arena, "%s/%s/%s", im->entity, im->project, im->run)));
    return 0;
}

static void progress_say(const struct importing *im, size_t done)
{
    if (terminal_is(stderr) && im->paths->list.n > 1)
        fprintf(stderr, "\rImporting runs: %zu of %zu", done, im->paths->list.n);
}

static int runs_import(struct importing *im, struct err *err)
{
    const char *address = remote_address(im->inv);
    char dir[PATH_MAX];
    bool fresh;
    int rc = 0;
    if (!address)
        rc = store_path_choose(invocation_option(im->inv, "store"), dir, &fresh, err);
    if (rc == 0)
        rc = wandb_sink_open(address, dir, &im->sink, err);
    for (size_t i = 0; rc == 0 && i < im->paths->list.n; i++) {
        progress_say(im, i);
        rc = run_import(im, im->paths->list.items[i]->s.ptr, err);
    }
    if (terminal_is(stderr) && im->paths->list.n > 1)
        fprintf(stderr, "\r%40s\r", "");
    wandb_sink_close(im->sink);
    return rc;
}

static void result_print(const struct importing *im)
{
    size_t n = im->names->list.n;
    if (invocation_flag(im->inv, "json")) {
        struct buf out;
        buf_init(&out, SIZE_MAX);
        buf_adds(&out, "{\"ok\":true,\"runs\":");
        json_print(&out, im->names, JSON_COMPACT);
        printf("%s,\"rows\":%" PRIu64 ",\"files\":%" PRIu64 ",\"missing_files\":%" PRIu64 "}\n",
               buf_str(&out), im->rows, im->uploads, im->missing);
        buf_done(&out);
        return;
    }
    for (size_t i = 0; i < n; i++)
        terminal_print(stdout, "%s\n", im->names->list.items[i]->s.ptr);
    printf("%zu run%s with %" PRIu64 " row%s and %" PRIu64 " file%s", n, n == 1 ? "" : "s",
           im->rows, im->rows == 1 ? "" : "s", im->uploads, im->uploads == 1 ? "" : "s");
    if (im->missing > 0)
        printf("; %" PRIu64 " file%s missing", im->missing, im->missing == 1 ? " is" : "s are");
    printf("\n");
}

int import_wandb(struct invocation *inv)
{
    struct importing im = {.inv = inv};
    struct err err = {0};
    int rc = 0;
    arena_init(&im.arena);
    arena_init(&im.a);
    im.paths = value_list(&im.arena);
    im.names = value_list(&im.arena);
    for (size_t i = 1; rc == 0 && i < inv->n_args; i++)
        rc = argument_look(&im, invocation_arg(inv, i), &err);
    if (rc == 0 && inv->n_args < 2)
        rc = argument_look(&im, "wandb", &err);
    if (rc == 0)
        rc = runs_import(&im, &err);
    if (rc == 0)
        result_print(&im);
    arena_done(&im.a);
    arena_done(&im.arena);
    return rc ? complain(&err) : COMPLAIN_DONE;
}
