/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Parts of the answers to wandb's public API (wandb.Api()): nodes of runs, pages of lists. */
#include "orchestrator/runs/runs_run.h"
#include "orchestrator/wandb/desk_call.h"

/* Whether the query asks for a field of this name, by a look for the word: what is much work and not asked for is left
 * out. */
bool api_node_is_asked(const struct desk_call *c, const char *field);
/* A run with its configuration and summary where they are asked for. */
NODISCARD int api_node_run(struct desk_call *c, const struct runs_run *run, struct value **ret,
                           struct err *err);
/* The run that the variables entity, project and name (or run, runName) say; name: NULL where they do not say one. */
NODISCARD int api_node_find(struct desk_call *c, struct runs_run *ret, struct err *err);
const char *api_node_entity(const struct desk_call *c);
const char *api_node_project(const struct desk_call *c);
/* "2026-11-21T08:25:06Z" */
char *api_node_time(struct arena *a, int64_t ms);
struct value *api_node_user(struct arena *a, const char *name);
/* {key: v} */
struct value *api_node_wrap(struct arena *a, const char *key, struct value *v);
/* {"data":{"project":{"id":…,"internalId":…,key: v}}} */
struct value *api_node_in_project(struct arena *a, int64_t project, const char *key,
                                  struct value *v);
/* The same with {"run":{"id":…,key: v}}. */
struct value *api_node_in_run(struct arena *a, const struct runs_run *run, const char *key,
                              struct value *v);

/* The part of a list that cursor and perPage (or after and first) ask for. A cursor is "PLACE:KEY", so a list that has changed
 * since is continued after the same item, or at the same place where that is gone. */
struct api_page {
    size_t from, n;
    bool more;
};
enum { API_PAGE_MAX = 1000, API_PAGE_BYTES = 32 << 20, API_ANSWER_BYTES = 256 << 20 };
struct api_page api_node_page(const struct desk_call *c, const int64_t *keys, size_t n);
char *api_node_cursor(struct arena *a, size_t place, int64_t key);
/* The runs of a page, which ends early where they are long. */
NODISCARD int api_node_runs(struct desk_call *c, struct api_page *page, const int64_t *numbers,
                            struct value ***ret, struct err *err);
/* ERR_LIMIT: the answer is too long to be held in memory. */
NODISCARD int api_node_check_size(const struct desk_call *c, struct err *err);
/* {"edges":[{"node":…,"cursor":…}],"pageInfo":…}; nodes: those of the page. */
struct value *api_node_edges(struct arena *a, const struct api_page *page, const int64_t *keys,
                             struct value *const *nodes);
