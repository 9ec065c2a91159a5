/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom rerun: runs a trial's command in the foreground, as the agent would, outside the store. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/attempt_dir.h"
#include "agent/code/code_copies.h"
#include "agent/launch/interpreter.h"
#include "agent/launch/launch.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path_text.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/place.h"
#include "base/number/cell.h"
#include "cli/print/shell_word.h"
#include "cli/print/terminal.h"
#include "cli/run/child.h"
#include "language/spec_read.h"
#include "sweep/point.h"

enum { METRICS_BYTES_MAX = 64 << 20 };

struct rerun {
    struct looking *l;
    struct agent_key key;
    char folder[64]; /* holds the trial's files, as a store does */
    struct launch_plan plan;
};

/* Reads the trial's configuration and its sweep's spec, and prepares what the agent would start. */
static int rerun_prepare(struct rerun *r, struct err *err)
{
    struct looking *l = r->l;
    struct arena *a = &l->arena;
    const struct value *sweep;
    struct value *trial;
    const char *fault = NULL;
    char bin[PATH_MAX], id[16];
    int rc = view_trial(l->view, a, r->key.sweep, r->key.trial, &trial, err);
    if (rc == 0)
        rc = looking_sweep(l, r->key.sweep, id, &sweep, err);
    if (rc == 0)
        rc = place_bin(bin, err);
    if (rc != 0)
        return rc;
    struct spec *s = spec_read_stored(value_get(sweep, "spec"), a, &fault);
    if (!s || fault)
        return err_set(err, ERR_SPEC, "the sweep's spec in the store cannot be read: %s",
                       fault ? fault : "no reason given");
    r->key.attempt = (uint64_t)value_get_int(trial, "attempt", 1);
    const char *attempt_dir = launch_attempt_dir(a, r->folder, &r->key);
    char *runs = arena_printf(a, "%s/run", r->folder);
    if (mkdir(runs, 0700) != 0 || mkdir(attempt_dir, 0700) != 0)
        return err_set(err, ERR_IO, "cannot create %s: %s", attempt_dir, strerror(errno));
    struct launch_context ctx = {
        .dir = r->folder, .shim = "", .bin = bin, .interpreter = interpreter_find()};
    struct message m = {.type = MESSAGE_LAUNCH,
                        .command = s->command,
                        .flags = s->flags,
                        .program = s->program ? s->program : "",
                        .env = s->env,
                        .params = value_get(trial, "params"),
                        .workdir = value_get_str(sweep, "workdir", ""),
                        .snapshot = "",
                        .report = value_dict(a)};
    const struct value *code = value_get(sweep, "code");
    m.snapshot = value_get_str(code, "snapshot", "");
    if (m.snapshot[0]) {
        m.workdir = value_get_str(code, "folder", ".");
        rc = code_copies_copy(l->dir, m.snapshot, r->folder, err);
    }
    if (rc == 0)
        rc = launch_prepare(a, &ctx, &r->key, &m, NULL, &r->plan, err);
    spec_free(s);
    return rc;
}

static void command_print(const struct rerun *r)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "$ cd ");
    shell_word(&text, r->plan.cwd);
    buf_adds(&text, " &&");
    for (char **word = r->plan.command; *word; word++) {
        buf_addc(&text, ' ');
        shell_word(&text, *word);
    }
    fprintf(stderr, "%s\n", buf_str(&text));
    buf_done(&text);
}

static char *metrics_read(const char *path, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    *ret_len = 0;
    if (fd < 0)
        return NULL;
    char *text = NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        size_t want = st.st_size < METRICS_BYTES_MAX ? (size_t)st.st_size : METRICS_BYTES_MAX;
        text = mem_alloc(want);
        ssize_t n = read(fd, text, want);
        *ret_len = n > 0 ? (size_t)n : 0;
    }
    close(fd);
    return text;
}

static void last_values(struct arena *a, struct value *last, const char *text, size_t len)
{
    struct point_names names = {0};
    struct points points = {0};
    int64_t next_step = 0, now_ms = (int64_t)time(NULL) * 1000;
    for (size_t at = 0, taken = 1; at < len && taken > 0; at += taken) {
        taken = points_parse(a, text + at, len - at, now_ms, &names, &next_step, &points);
        for (size_t i = 0; i < points.n; i++)
            for (size_t k = 0; k < points.items[i].n; k++)
                value_put(a, last, points.items[i].keys[k],
                          value_float(a, points.items[i].values[k]));
    }
}

/* Prints the last value of each metric of the rerun, beside the trial's value in the store. */
static void metrics_print(struct rerun *r)
{
    struct arena *a = &r->l->arena;
    struct value *last = value_dict(a);
    const char *path =
        arena_printf(a, "%s/" ATTEMPT_DIR_METRICS_FILE, launch_attempt_dir(a, r->folder, &r->key));
    size_t len;
    char *text = metrics_read(path, &len);
    if (text)
        last_values(a, last, text, len);
    mem_free(text);
    if (last->dict.n > 0)
        terminal_say(arena_printf(a, "it reported: %s", cell_value(a, last)));
    terminal_print(stderr, "its files are in %s\n", r->folder);
}

static int rerun_show(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct rerun r = {.l = l};
    const char *tmp = getenv("TMPDIR");
    int rc = view_find_trial(l->view, invocation_arg(inv, 0), r.key.sweep, &r.key.trial, err);
    if (rc != 0)
        return rc;
    int n =
        snprintf(r.folder, sizeof r.folder, "%s/besom-rerun-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (n >= (int)sizeof r.folder || !mkdtemp(r.folder))
        return err_set(err, ERR_IO, "cannot create a folder in %s: %s", tmp && *tmp ? tmp : "/tmp",
                       strerror(errno));
    if ((rc = rerun_prepare(&r, err)) != 0)
        return rc;
    command_print(&r);
    const struct child training = {r.plan.cwd, r.plan.command, r.plan.env};
    if ((rc = child_run(&training, &l->exit_code, err)) == 0)
        metrics_print(&r);
    return rc;
}

int cmd_rerun(struct invocation *inv)
{
    return looking_run(inv, rerun_show);
}
