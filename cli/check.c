/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom check: whether a store is sound. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "base/diag/display.h"
#include "cli/invocation.h"
#include "cli/print/terminal.h"
#include "cli/store_path.h"
#include "orchestrator/runs/runs_check.h"
#include "orchestrator/store/check/store_check.h"

struct checking {
    bool json;
    struct buf problems, notes; /* JSON lists without their brackets */
};

static void on_finding(void *arg, bool counts, const char *problem)
{
    struct checking *c = arg;
    struct buf *list = counts ? &c->problems : &c->notes;
    if (c->json) {
        buf_adds(list, list->len ? "," : "");
        json_print_str(list, problem, strlen(problem));
        return;
    }
    struct buf line;
    buf_init(&line, SIZE_MAX);
    display_clean(&line, problem, strlen(problem));
    printf("%s\n", buf_str(&line));
    buf_done(&line);
}

static void print_runs(const struct checking *c, const struct runs_check *runs)
{
    if (!c->json && runs->runs > 0)
        printf("runs.db: %" PRIu64 " runs with %" PRIu64 " lines: %" PRIu64 " problem%s\n",
               runs->runs, runs->lines, runs->problems, runs->problems == 1 ? "" : "s");
}

static void print_check(const struct checking *c, const char *dir, const struct store_check *found)
{
    if (c->json)
        printf("{\"ok\":%s,\"facts\":%" PRIu64 ",\"chunks\":%" PRIu64 ",\"points\":%" PRIu64
               ",\"trials\":%" PRIu64 ",\"problems\":[%s],\"notes\":[%s]}\n",
               found->problems ? "false" : "true", found->facts, found->chunks, found->points,
               found->trials, buf_str(&c->problems), buf_str(&c->notes));
    else
        terminal_print(stdout,
                       "%s: %" PRIu64 " trials, %" PRIu64 " facts, %" PRIu64 " points in %" PRIu64
                       " chunks: %" PRIu64 " problem%s\n",
                       dir, found->trials, found->facts, found->points, found->chunks,
                       found->problems, found->problems == 1 ? "" : "s");
}

int cmd_check(struct invocation *inv)
{
    struct err err = {0};
    struct store_check found = {0};
    struct runs_check runs = {0};
    struct checking c = {.json = invocation_flag(inv, "json")};
    char dir[PATH_MAX];
    const char *named = invocation_arg(inv, 0);
    buf_init(&c.problems, SIZE_MAX);
    buf_init(&c.notes, SIZE_MAX);
    int rc = store_path_find(named ? named : invocation_option(inv, "store"), dir, &err);
    if (rc == 0)
        rc = store_check(dir, on_finding, &c, &found, &err);
    bool whole = rc == 0 || found.problems > 0;
    int runs_rc = whole ? runs_check(dir, on_finding, &c, &runs, &err) : 0;
    if (runs_rc != 0) {
        on_finding(&c, true, err.text);
        runs.problems++;
    }
    found.problems += runs.problems;
    if (whole) {
        print_runs(&c, &runs);
        print_check(&c, dir, &found);
    }
    buf_done(&c.problems);
    buf_done(&c.notes);
    if (found.problems > 0)
        return COMPLAIN_FAILED;
    return rc == 0 ? COMPLAIN_DONE : complain(&err);
}
