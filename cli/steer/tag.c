/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom tag: adds and removes tags of sweeps and trials. Sends one request for each sweep, and one for
 * the trials of each sweep, that are named. */
#include <string.h>

#include "base/limits.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/steer/steer_reply.h"
#include "cli/steer/steer_send.h"
#include "sweep/tag/tag.h"

static int tags_read(struct looking *l, const struct invocation *inv, const char *option,
                     const struct value **ret, struct err *err)
{
    *ret = tag_list_of(&l->arena, invocation_option(inv, option));
    bool adds = strcmp(option, "add") == 0;
    return (adds ? tag_list_is_clear(*ret) : tag_list_is_good(*ret))
               ? 0
               : err_set(
                     err, ERR_USAGE,
                     "--%s: a tag has 1 to %d bytes of text that is seen; tags are separated by "
                     "commas",
                     option, LIMIT_TAG_BYTES);
}

/* Puts what is named into `sweeps`: id -> a list of trials, or null for the sweep itself. */
static int thing_add(struct looking *l, const char *what, struct value *sweeps,
                     struct value *trials, struct err *err)
{
    char id[16];
    uint64_t number = 0;
    bool is_trial = false;
    int rc = view_find(l->view, what, id, &is_trial, &number, err);
    if (rc != 0)
        return rc;
    if (!is_trial) {
        value_put(&l->arena, sweeps, id, value_null(&l->arena));
        return 0;
    }
    if (!value_get(trials, id))
        value_put(&l->arena, trials, id, value_list(&l->arena));
    struct value *list = (struct value *)(uintptr_t)value_get(trials, id);
    if (list->list.n == LIMIT_TAG_TRIALS)
        return err_set(err, ERR_USAGE, "at most %d trials of a sweep can be named at once",
                       LIMIT_TAG_TRIALS);
    value_push(&l->arena, list, value_int(&l->arena, (int64_t)number));
    return 0;
}

static int tags_send(struct looking *l, const char *sweep, const struct event_tag *tag,
                     struct err *err)
{
    const struct steer_request request = {.op = "tag", .sweep = sweep, .tag = tag};
    struct buf message;
    buf_init(&message, SIZE_MAX);
    int rc = steer_send(l, &request, &message, err);
    if (rc == 0)
        steer_reply_print(l, "sweep", sweep, &message);
    buf_done(&message);
    looking_flush(l);
    return rc;
}

static int things_send(struct looking *l, const struct value *things, struct event_tag *tag,
                       struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < things->dict.n; i++) {
        const struct value *trials = things->dict.entries[i].value;
        tag->trials = trials->kind == VALUE_LIST ? trials : NULL;
        rc = tags_send(l, things->dict.entries[i].key, tag, err);
    }
    return rc;
}

static int tag_things(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct value *sweeps = value_dict(&l->arena), *trials = value_dict(&l->arena);
    struct event_tag tag = {0};
    int rc = tags_read(l, inv, "add", &tag.add, err);
    if (rc == 0)
        rc = tags_read(l, inv, "remove", &tag.remove, err);
    if (rc == 0 && tag.add->list.n + tag.remove->list.n == 0)
        rc = err_set(err, ERR_USAGE, "name the tags: --add good,final or --remove draft");
    for (size_t i = 0; rc == 0 && invocation_arg(inv, i); i++)
        rc = thing_add(l, invocation_arg(inv, i), sweeps, trials, err);
    if (rc == 0)
        rc = things_send(l, sweeps, &tag, err);
    return rc ? rc : things_send(l, trials, &tag, err);
}

int cmd_tag(struct invocation *inv)
{
    return looking_run(inv, tag_things);
}
