/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/control_request.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "sweep/tag/tag.h"
#include "sweep/replicate/replicate.h"

enum { QUICK_MAX = 10000 };

/* Also read by people who write to the HTTP API: "op" is part of the path there. */
static int request_refuse(struct err *err, const char *why)
{
    return err_set(err, ERR_USAGE, "%s", why);
}

static int number_compare(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* In order, each once. */
static bool numbers_read(struct arena *a, const struct value *list, const uint64_t **ret,
                         size_t *ret_n)
{
    if (list->kind != VALUE_LIST)
        return false;
    uint64_t *numbers = arena_alloc(a, list->list.n * sizeof *numbers);
    for (size_t i = 0; i < list->list.n; i++) {
        const struct value *number = list->list.items[i];
        if (number->kind != VALUE_INT || number->i < 0)
            return false;
        numbers[i] = (uint64_t)number->i;
    }
    size_t n = 0;
    qsort(numbers, list->list.n, sizeof *numbers, number_compare);
    for (size_t i = 0; i < list->list.n; i++)
        if (n == 0 || numbers[n - 1] != numbers[i])
            numbers[n++] = numbers[i];
    *ret = numbers;
    *ret_n = n;
    return true;
}

static bool retry_read(struct arena *a, const struct value *v, struct event_retry *ret)
{
    const struct value *states = value_get(v, "states"), *trials = value_get(v, "trials");
    int64_t quick = value_get_int(v, "quick", 0);
    if (quick < 0 || quick > QUICK_MAX || (quick > 0 && trials))
        return false;
    ret->quick_n = (uint32_t)quick;
    if (!states || states->kind != VALUE_LIST)
        return false;
    for (size_t i = 0; i < states->list.n; i++) {
        const struct value *word = states->list.items[i];
        int state =
            word->kind == VALUE_STR ? machine_find(trial_states, TRIAL_STATES, word->s.ptr) : -1;
        if (state < 0)
            return false;
        ret->states |= MACHINE_TO(state);
    }
    return !trials || numbers_read(a, trials, &ret->numbers, &ret->numbers_n);
}

static int retry_parse(struct arena *a, const struct value *v, struct control_request *r,
                       struct err *err)
{
    struct event_retry *retry = arena_alloc(a, sizeof *retry);
    *retry = (struct event_retry){0};
    r->event.kind = EVENT_RETRY;
    r->event.retry = retry;
    if (r->event.sweep && retry_read(a, v, retry))
        return 0;
    return request_refuse(err, "\"states\" must be a list such as [\"failed\"]; \"trials\" is "
                               "optional, a list of numbers");
}

static int stop_parse(struct arena *a, const struct value *v, struct control_request *r,
                      struct err *err)
{
    const struct value *trials = value_get(v, "trials");
    int64_t trial = value_get_int(v, "trial", -1);
    r->event.kind = EVENT_STOP;
    r->event.trial = (uint64_t)trial;
    if (r->event.sweep &&
        (trials ? !value_get(v, "trial") &&
                      numbers_read(a, trials, &r->event.trials, &r->event.trials_n) &&
                      r->event.trials_n > 0
                : trial >= 0))
        return 0;
    return request_refuse(err, "\"sweep\" must be an id, and \"trial\" a number of at least 0 or "
                               "\"trials\" a list of them");
}

static int enqueue_parse(struct arena *a, const struct value *v, struct control_request *r,
                         struct err *err)
{
    struct event_enqueue *enqueue = arena_alloc(a, sizeof *enqueue);
    int64_t of = value_get_int(v, "repeats", -1), times = value_get_int(v, "times", 0);
    *enqueue = (struct event_enqueue){.params = value_get(v, "params"),
                                      .by = value_get_str(v, "by", NULL),
                                      .repeats = of >= 0,
                                      .of = of >= 0 ? (uint64_t)of : 0,
                                      .times = (uint32_t)times};
    r->event.kind = EVENT_ENQUEUE;
    r->event.enqueue = enqueue;
    if (value_get(v, "times")) {
        if (r->event.sweep && of >= 0 && times >= 1 && times <= REPLICATE_MAX && !enqueue->params)
            return 0;
        return request_refuse(err,
                              "\"times\" must be a number from 1 to 20, \"repeats\" the number "
                              "of a trial, and \"params\" not there");
    }
    if (r->event.sweep && enqueue->params && enqueue->params->kind == VALUE_DICT)
        return 0;
    return request_refuse(err, "\"params\" must be an object: names and values of parameters");
}

static int agent_parse(struct arena *a, const struct value *v, struct control_request *r,
                       struct err *err)
{
    struct event_agent *agent = arena_alloc(a, sizeof *agent);
    int duty = duty_find(value_get_str(v, "state", ""));
    *agent = (struct event_agent){.name = value_get_str(v, "agent", NULL),
                                  .duty = duty < 0 ? DUTY_UP : (enum duty)duty,
                                  .by = value_get_str(v, "by", NULL),
                                  .text = value_get_str(v, "text", NULL)};
    r->event.kind = EVENT_AGENT;
    r->event.agent = agent;
    if (agent->name && duty >= 0)
        return 0;
    return request_refuse(err, "\"state\" must be up, draining, cordoned or forgotten");
}

/* Each item once: what is said twice does not count twice. */
static const struct value *list_once(struct arena *a, const struct value *list)
{
    struct value *once = value_list(a);
    for (size_t i = 0; list && i < list->list.n; i++) {
        size_t at = 0;
        while (at < once->list.n && !value_same(once->list.items[at], list->list.items[i]))
            at++;
        if (at == once->list.n)
            value_push(a, once, list->list.items[i]);
    }
    return once;
}

static bool tag_read(struct arena *a, const struct value *v, struct event_tag *ret)
{
    const struct value *trials = value_get(v, "trials");
    const struct value *add = value_get(v, "add"), *remove = value_get(v, "remove");
    if ((add && !tag_list_is_clear(add)) || (remove && !tag_list_is_good(remove)))
        return false;
    ret->add = list_once(a, add);
    ret->remove = list_once(a, remove);
    if (ret->add->list.n + ret->remove->list.n == 0)
        return false;
    if (trials &&
        (trials->kind != VALUE_LIST || trials->list.n == 0 || trials->list.n > LIMIT_TAG_TRIALS))
        return false;
    for (size_t i = 0; trials && i < trials->list.n; i++)
        if (trials->list.items[i]->kind != VALUE_INT || trials->list.items[i]->i < 0)
            return false;
    ret->trials = trials ? list_once(a, trials) : NULL;
    return true;
}

static int tag_parse(struct arena *a, const struct value *v, struct control_request *r,
                     struct err *err)
{
    struct event_tag *tag = arena_alloc(a, sizeof *tag);
    *tag = (struct event_tag){0};
    r->event.kind = EVENT_TAG;
    r->event.tag = tag;
    if (r->event.sweep && tag_read(a, v, tag))
        return 0;
    return err_set(
        err, ERR_USAGE,
        "\"add\" and \"remove\" must be lists of tags: 1 to %d bytes each, without "
        "invisible characters or commas; \"trials\" is optional, a list of 1 to %d numbers",
        LIMIT_TAG_BYTES, LIMIT_TAG_TRIALS);
}

/* The id becomes the name of a folder. */
static bool sweep_id_is_plain(const char *id)
{
    return *id && id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789")] == '\0';
}

static int spec_parse(struct arena *a, const struct value *v, enum event_kind kind,
                      struct control_request *r, struct err *err)
{
    enum fact_kind wanted = kind == EVENT_EDIT ? FACT_SWEEP_EDITED : FACT_SWEEP_CREATED;
    const struct value *text = value_get(v, "fact");
    const char *sweep = r->event.sweep;
    struct fact *fact = arena_alloc(a, sizeof *fact);
    struct err why = {0};
    r->event.kind = kind;
    r->event.create = fact;
    if (!sweep || !text || fact_decode(text, fact, &why) != 0 || fact->kind != wanted ||
        fact->content->kind != VALUE_DICT || (kind == EVENT_CREATE && !sweep_id_is_plain(sweep)))
        return request_refuse(err, "\"fact\" must be a spec as besom sweep and besom edit send it");
    fact->sweep = sweep;
    fact->n = 0; /* the store assigns the number */
    return 0;
}

static int grant_parse(struct arena *a, const struct value *v, struct control_request *r,
                       struct err *err)
{
    const struct value *text = value_get(v, "fact");
    struct fact *fact = arena_alloc(a, sizeof *fact);
    struct err why = {0};
    r->event.kind = EVENT_TOKEN_CREATE;
    r->event.create = fact;
    if (!text || fact_decode(text, fact, &why) != 0 || fact->kind != FACT_TOKEN_CREATED)
        return request_refuse(err, "\"fact\" must be a token as besom token create sends it");
    if (fact->scope == CREDENTIAL_TRIAL || fact->form == CREDENTIAL_KEY || fact->replaces)
        return err_set(err, ERR_USAGE, "a token of this scope or form is not made by request");
    r->event.sweep = fact->sweep;
    return 0;
}

static int revoke_parse(const struct value *v, struct control_request *r, struct err *err)
{
    r->event.kind = EVENT_TOKEN_REVOKE;
    r->event.token = value_get_str(v, "token", NULL);
    return r->event.token ? 0 : request_refuse(err, "\"token\" must be the id of a token");
}

static void default_put(struct arena *a, struct value *v, const char *field, int64_t number)
{
    if (!value_get(v, field))
        value_put(a, v, field, value_int(a, number));
}

static const char attempt_missing[] =
    "name an attempt by the numbers \"trial\" and \"attempt\" (1 if it is "
    "left out), and its \"agent\": besom show TRIAL --json has them";

/* The rest of a question that is passed on to an agent. */
static void agent_question(struct arena *a, struct value *v, struct control_request *r,
                           enum message_type type)
{
    r->kind = CONTROL_LOG;
    value_put(a, v, "type", value_str(a, message_name(type)));
    value_put(a, v, "store", value_str(a, ""));
    value_put(a, v, "epoch", value_int(a, 0));
    value_put(a, v, "request", value_int(a, 0));
    default_put(a, v, "attempt", 1);
    default_put(a, v, "from", 0);
}

static int agent_question_end(struct value *v, struct control_request *r, struct err *err)
{
    struct err none = {0};
    if (message_decode(v, &r->log, &none) == 0 && *(r->log.agent = value_get_str(v, "agent", "")))
        return 0;
    return request_refuse(err, attempt_missing);
}

static int files_parse(struct arena *a, struct value *v, struct control_request *r, struct err *err)
{
    agent_question(a, v, r, MESSAGE_FILES_READ);
    default_put(a, v, "max", LIMIT_TRIAL_FILES_PIECE_BYTES);
    if (!value_get(v, "path"))
        value_put(a, v, "path", value_str(a, ""));
    const char *path = value_get_str(v, "path", NULL);
    if (path && strlen(path) > LIMIT_TRIAL_FILES_PATH_BYTES)
        return err_set(err, ERR_USAGE, "\"path\" has more than %d bytes",
                       LIMIT_TRIAL_FILES_PATH_BYTES);
    return agent_question_end(v, r, err);
}

static int log_parse(struct arena *a, struct value *v, struct control_request *r, struct err *err)
{
    agent_question(a, v, r, MESSAGE_LOG_READ);
    default_put(a, v, "to", 0);
    default_put(a, v, "lines", 0);
    default_put(a, v, "fold", 0);
    if (!value_get(v, "find"))
        value_put(a, v, "find", value_str(a, ""));
    default_put(a, v, "max", LIMIT_LOG_PIECE_BYTES);
    const char *find = value_get_str(v, "find", NULL);
    if (find && strlen(find) > LIMIT_LOG_FIND_BYTES)
        return err_set(err, ERR_USAGE, "\"find\" has more than %d bytes", LIMIT_LOG_FIND_BYTES);
    return agent_question_end(v, r, err);
}

static int waits_parse(const struct value *v, struct control_request *r, struct err *err)
{
    r->kind = CONTROL_WAITS;
    r->trial = value_get_int(v, "trial", -1);
    if (r->event.sweep && r->trial >= (value_get(v, "trial") ? 0 : -1))
        return 0;
    return request_refuse(err,
                          "\"sweep\" must be an id; \"trial\" is optional, a number of at least 0");
}

/* Only what asks before it acts can be asked before. */
static bool event_has_dry(enum event_kind kind, enum controller_command command)
{
    return kind == EVENT_COMMAND
               ? command != COMMAND_RUN && command != COMMAND_KEEP
               : kind == EVENT_RETRY || kind == EVENT_STOP || kind == EVENT_ENQUEUE ||
                     kind == EVENT_EDIT || kind == EVENT_AGENT || kind == EVENT_TAG;
}

/* What any action may have beside its own. */
static int caution_parse(const struct value *v, struct control_request *r, struct err *err)
{
    const struct value *dry = value_get(v, "dry_run"), *seen = value_get(v, "revision");
    r->event.dry = dry && dry->kind == VALUE_BOOL && dry->b;
    r->event.seen = seen && seen->kind == VALUE_INT && seen->i > 0 ? (uint64_t)seen->i : 0;
    if ((dry && dry->kind != VALUE_BOOL) || (seen && r->event.seen == 0))
        return request_refuse(err, "\"dry_run\" must be true or false, and \"revision\" the number "
                                   "that a dry run has told");
    if (r->event.dry &&
        (r->kind != CONTROL_EVENT || !event_has_dry(r->event.kind, r->event.command)))
        return request_refuse(err, "this action has no dry run");
    return 0;
}

static int op_parse(struct arena *a, struct value *v, struct control_request *r, struct err *err)
{
    int command = r->op ? event_command_find(r->op) : -1;
    if (r->op && strcmp(r->op, "log") == 0)
        return log_parse(a, v, r, err);
    if (r->op && strcmp(r->op, "files") == 0)
        return files_parse(a, v, r, err);
    if (r->op && strcmp(r->op, "waits") == 0)
        return waits_parse(v, r, err);
    if (r->op && strcmp(r->op, "retry") == 0)
        return retry_parse(a, v, r, err);
    if (r->op && strcmp(r->op, "enqueue") == 0)
        return enqueue_parse(a, v, r, err);
    if (r->op && strcmp(r->op, "tag") == 0)
        return tag_parse(a, v, r, err);
    if (r->op && strcmp(r->op, "agent") == 0)
        return agent_parse(a, v, r, err);
    if (r->op && strcmp(r->op, "agents") == 0) {
        r->kind = CONTROL_AGENTS;
        return 0;
    }
    if (r->op && strcmp(r->op, "token_create") == 0)
        return grant_parse(a, v, r, err);
    if (r->op && strcmp(r->op, "token_revoke") == 0)
        return revoke_parse(v, r, err);
    if (r->op && strcmp(r->op, "edit") == 0)
        return spec_parse(a, v, EVENT_EDIT, r, err);
    if (r->op && strcmp(r->op, "create") == 0)
        return spec_parse(a, v, EVENT_CREATE, r, err);
    if (command == COMMAND_STOP && (value_get(v, "trial") || value_get(v, "trials")))
        return stop_parse(a, v, r, err);
    if (command < 0 || !r->event.sweep)
        return request_refuse(
            err, "the request must be an object with a known \"op\" and the id of a \"sweep\"");
    r->event.kind = EVENT_COMMAND;
    r->event.command = (enum controller_command)command;
    return 0;
}

int control_request_parse(struct arena *a, const char *line, size_t len,
                          struct control_request *ret, struct err *err)
{
    struct value *v = NULL;
    struct err why = {0};
    *ret = (struct control_request){0};
    int parsed = json_parse_within(a, line, len, CONTROL_REQUEST_VALUES, &v, &why);
    if (parsed == ERR_LIMIT)
        return err_set(err, ERR_LIMIT, "%s", why.text);
    if (parsed == 0) {
        ret->op = value_get_str(v, "op", NULL);
        ret->event.sweep = value_get_str(v, "sweep", NULL);
    }
    int rc = op_parse(a, v, ret, err);
    return rc == 0 ? caution_parse(v, ret, err) : rc;
}
