/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom tag: adds and removes tags of sweeps and trials. Sends one request for each sweep, and one for
 * the trials of each sweep, that are named. */
#include <string.h>

#include "base/limits.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/steer/named.h"
#include "cli/steer/steer_reply.h"
#include "sweep/tag/tag.h"

static int tags_read(struct looking *l, const struct invocation *inv, const char *option,
                     const struct value **ret, struct err *err)
{
    *ret = tag_list_of(&l->arena, invocation_option(inv, option));
    bool adds = strcmp(option, "add") == 0;
    return (adds ? tag_list_is_clear(*ret) : tag_list_is_good(*ret))
               ? 0
               : err_set(err, ERR_USAGE,
                         "--%s: a tag has 1 to %d bytes without invisible characters; tags are "
                         "separated by "
                         "commas",
                         option, LIMIT_TAG_BYTES);
}

/* trials: a list of their numbers; NULL: the sweep itself. */
static int named_tag(struct looking *l, const struct named *one, const struct value *trials,
                     struct event_tag *tag, struct err *err)
{
    tag->trials = trials;
    return steer_reply_ask(l, &(struct steer_request){.op = "tag", .sweep = one->sweep, .tag = tag},
                           err);
}

static const struct value *numbers_value(struct arena *a, const struct named *one)
{
    struct value *list = value_list(a);
    for (size_t i = 0; i < one->n; i++)
        value_push(a, list, value_int(a, (int64_t)one->numbers[i]));
    return list;
}

static int tag_things(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct named_list list = {0};
    struct event_tag tag = {0};
    int rc = tags_read(l, inv, "add", &tag.add, err);
    if (rc == 0)
        rc = tags_read(l, inv, "remove", &tag.remove, err);
    if (rc == 0 && tag.add->list.n + tag.remove->list.n == 0)
        rc = err_set(err, ERR_USAGE, "name the tags: --add good,final or --remove draft");
    for (size_t i = 0; rc == 0 && invocation_arg(inv, i); i++)
        rc = named_add(l, invocation_arg(inv, i), LIMIT_TAG_TRIALS, &list, err);
    for (size_t i = 0; rc == 0 && i < list.n; i++)
        if (list.items[i].itself)
            rc = named_tag(l, &list.items[i], NULL, &tag, err);
    for (size_t i = 0; rc == 0 && i < list.n; i++)
        if (list.items[i].n > 0)
            rc = named_tag(l, &list.items[i], numbers_value(&l->arena, &list.items[i]), &tag, err);
    named_done(&list);
    return rc;
}

int cmd_tag(struct invocation *inv)
{
    return looking_run(inv, tag_things);
}
