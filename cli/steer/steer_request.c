/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/steer/steer_request.h"

#include <string.h>

#include "base/diag/display.h"

static void retry_put(struct arena *a, struct value *line, const struct event_retry *retry)
{
    struct value *states = value_list(a), *trials = value_list(a);
    for (int state = 0; state < TRIAL_STATES; state++)
        if (retry->states & MACHINE_TO(state))
            value_push(a, states, value_str(a, trial_states[state].name));
    value_put(a, line, "states", states);
    for (size_t i = 0; i < retry->numbers_n; i++)
        value_push(a, trials, value_int(a, (int64_t)retry->numbers[i]));
    if (retry->numbers)
        value_put(a, line, "trials", trials);
    if (retry->quick_n > 0)
        value_put(a, line, "quick", value_int(a, retry->quick_n));
}

static void enqueue_put(struct arena *a, struct value *line, const struct event_enqueue *enqueue)
{
    if (enqueue->times)
        value_put(a, line, "times", value_int(a, enqueue->times));
    else
        value_put(a, line, "params", value_copy(a, enqueue->params));
    if (enqueue->by)
        value_put(a, line, "by", value_str(a, enqueue->by));
    if (enqueue->repeats || enqueue->times)
        value_put(a, line, "repeats", value_int(a, (int64_t)enqueue->of));
}

static void tag_put(struct arena *a, struct value *line, const struct event_tag *tag)
{
    if (tag->trials)
        value_put(a, line, "trials", value_copy(a, tag->trials));
    value_put(a, line, "add", value_copy(a, tag->add));
    value_put(a, line, "remove", value_copy(a, tag->remove));
}

struct value *steer_request_line(struct arena *a, const struct steer_request *request)
{
    struct value *line = value_dict(a);
    value_put(a, line, "op", value_str(a, request->op));
    value_put(a, line, "sweep", value_str(a, request->sweep));
    if (request->one)
        value_put(a, line, "trial", value_int(a, (int64_t)request->trial));
    if (request->retry)
        retry_put(a, line, request->retry);
    if (request->enqueue)
        enqueue_put(a, line, request->enqueue);
    if (request->tag)
        tag_put(a, line, request->tag);
    if (request->token)
        value_put(a, line, "token", value_str(a, request->token));
    if (request->fact)
        value_put(a, line, "fact", fact_encode(a, request->fact));
    return line;
}

int steer_request_message(const struct value *answer, struct buf *message, struct err *err)
{
    const char *text = value_get_str(answer, "message", NULL);
    if (!text)
        return err_set(err, ERR_PROTOCOL, "the answer to the request is malformed");
    display_clean(message, text, strlen(text));
    return 0;
}
