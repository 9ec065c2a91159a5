/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A view of a store that is served elsewhere gives what a view of the store itself gives. The
 * transport here is a call. */
#include "orchestrator/view/view_remote.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/view/view_answer.h"
#include "orchestrator/view/view_proposals.h"
#include "orchestrator/view/view_retry.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/scratch.h"
#include "tests/unit/orchestrator/view_kit.h"

static void query_unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        char hex[3] = {0};
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        memcpy(hex, from + 1, 2);
        *to++ = (char)strtol(hex, NULL, 16);
        from += 2;
    }
    *to = '\0';
}

/* Cuts the query off the path, and returns it as a dict, as a server reads it. */
static struct value *query_read(struct arena *a, char *path)
{
    struct value *query = value_dict(a);
    for (char *at = strchr(path, '?'), *next; at; at = next) {
        *at++ = '\0';
        next = strchr(at, '&');
        char *value = strchr(at, '=');
        if (next)
            *next = '\0';
        *value++ = '\0';
        query_unescape(value);
        value_put(a, query, at, value_str(a, value));
    }
    return query;
}

static int call(void *arg, const char *path, struct arena *a, struct value **ret, struct err *err)
{
    struct buf out;
    char *copy = arena_strdup(a, path);
    const struct value *query = query_read(a, copy);
    buf_init(&out, SIZE_MAX);
    int rc = view_answer(arg, copy, query, &out, err);
    if (rc == 0)
        rc = json_parse(a, buf_str(&out), out.len, ret, err);
    buf_done(&out);
    return rc;
}

static int row_add(void *arg, const struct value *row)
{
    struct value *list = arg;
    value_push(&kit_arena, list, value_copy(&kit_arena, row));
    return 0;
}

static int row_add_three(void *arg, const struct value *row)
{
    struct value *list = arg;
    row_add(arg, row);
    return list->list.n == 3;
}

static void proposal_add(void *arg, const struct view_proposal *p)
{
    row_add(arg, p->params);
    value_push(&kit_arena, arg, value_int(&kit_arena, (int64_t)(p->number + 1000 * p->cursor)));
    value_push(&kit_arena, arg, value_float(&kit_arena, p->fate.objective));
    value_push(&kit_arena, arg, value_int(&kit_arena, p->fate.state));
}

/* The answer of one query, as text; an error as its name. */
static const char *ask(struct view *v, int query)
{
    struct value *ret = NULL, *list = value_list(&kit_arena);
    struct err err = {0};
    uint64_t n = 0;
    bool trial = false;
    char id[16] = "";
    int rc = 0;
    const struct view_query queries[] = {{0},
                                         {.descending = true, .limit = 4},
                                         {.sort = "objective", .descending = true},
                                         {.sort = "loss", .skip = 2, .limit = 5},
                                         {.sort = "lr%&=", .limit = 5},
                                         {.state = "running"},
                                         {.state = "no such"},
                                         {.skip = 5}};
    switch (query) {
    case 0:
        rc = view_sweeps(v, &kit_arena, &ret, &err);
        break;
    case 1:
        rc = view_sweep(v, &kit_arena, "abd456", &ret, &err);
        break;
    case 2:
        rc = view_sweep(v, &kit_arena, "zzz", &ret, &err);
        break;
    case 3:
        rc = view_trial(v, &kit_arena, "abd456", 3, &ret, &err);
        break;
    case 4:
        rc = view_columns(v, &kit_arena, "abd456", &ret, &err);
        break;
    case 5:
        rc = view_best(v, &kit_arena, "abd456", &ret, &err);
        break;
    case 6:
        rc = view_best(v, &kit_arena, "abc123", &ret, &err);
        break;
    case 7:
        rc = view_losses(v, &kit_arena, "abd456", &ret, &err);
        break;
    case 8:
        rc = view_size(v, "abd456", &n, &err);
        break;
    case 9:
        rc = view_retry_count(v, "abd456", &n, &err);
        break;
    case 10:
        rc = view_points(v, "abd456", 3, 0, row_add, list, &err);
        break;
    case 11:
        rc = view_points(v, "abd456", 3, 9, row_add, list, &err);
        break;
    case 12:
        rc = view_proposals(v, "abd456", NULL, &n, proposal_add, list, &err);
        n = 0;
        break;
    case 13:
        rc = view_find(v, "abd456-3", id, &trial, &n, &err);
        break;
    case 14:
        rc = view_find(v, "ab", id, &trial, &n, &err);
        break;
    case 15:
        rc = view_find_trial(v, "7", id, &n, &err);
        break;
    case 16:
        rc = view_find_sweep(v, NULL, id, &err);
        break;
    case 17:
        rc = view_trials(v, "abd456", &queries[0], row_add_three, list, &err);
        break;
    default:
        rc = view_trials(v, "abd456", &queries[query - 18], row_add, list, &err);
    }
    if (rc != 0)
        return err_name(rc);
    return arena_printf(&kit_arena, "%s %s %s%s %llu", ret ? kit_json(ret) : "null", kit_json(list),
                        id, trial ? "-" : "", (unsigned long long)n);
}

enum { QUERIES = 26 };

TEST(a_served_store_answers_as_the_store_itself)
{
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *here = kit_open(dir), *served = kit_open(dir);
    const struct view_transport transport = {call, served};
    struct view *there = view_remote_open(&transport, "http://127.0.0.1");
    for (int i = 0; i < QUERIES; i++)
        ASSERT_STR(ask(there, i), ask(here, i));
    view_close(there);
    view_close(served);
    kit_end(here);
}

TEST(a_name_that_is_a_path_is_not_looked_up_on_the_server)
{
    const char *dir = scratch_dir();
    struct err err = {0};
    char id[16];
    kit_fill(dir);
    struct view *served = kit_open(dir);
    const struct view_transport transport = {call, served};
    struct view *there = view_remote_open(&transport, "http://127.0.0.1");
    ASSERT_EQ(view_find_sweep(there, "/etc/passwd", id, &err), ERR_NOT_FOUND);
    ASSERT(strstr(err.text, "no sweep of /etc/passwd is in the store"));
    view_close(there);
    kit_end(served);
}

TEST(a_malformed_question_is_refused)
{
    static const struct {
        const char *path;
        int rc;
    } asked[] = {{"", ERR_NOT_FOUND},
                 {"sweeps/", ERR_NOT_FOUND},
                 {"sweeps/abd456/nothing", ERR_NOT_FOUND},
                 {"sweeps/abd456/trials/1", ERR_NOT_FOUND},
                 {"trials/abd456", ERR_USAGE},
                 {"trials/abd456-3/points?limit=10001", ERR_USAGE},
                 {"trials/abd456-3/points?limit=", ERR_USAGE},
                 {"trials/abd456-3/points?skip=-1", ERR_USAGE},
                 {"trials/abd456-3/points?skip=99999999999999999999999", ERR_USAGE}};
    const char *dir = scratch_dir();
    kit_fill(dir);
    struct view *v = kit_open(dir);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct value *ret = NULL;
        struct err err = {0};
        ASSERT_EQ(call(v, asked[i].path, &kit_arena, &ret, &err), asked[i].rc);
        ASSERT(err.text[0]);
    }
    kit_end(v);
}
