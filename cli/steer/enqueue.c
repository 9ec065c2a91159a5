/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom enqueue: adds a configuration to a sweep, as its next trial. */
#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "base/yaml/yaml.h"
#include "cli/cmd.h"
#include "cli/print/configuration.h"
#include "cli/invocation.h"
#include "cli/print/terminal.h"
#include "cli/steer/edit.h"
#include "cli/steer/steer_reply.h"
#include "language/spec_read.h"
#include "orchestrator/view/view_proposals.h"
#include "sweep/completion.h"
#include "sweep/replicate/replicate.h"

enum { SHOWN_BYTES = 200 }; /* of a value, and about as much of a name */

struct repeat { /* looks for an earlier trial with these params */
    const struct value *params;
    bool found;
    uint64_t number;
};

/* One NAME=VALUE, the value as YAML reads it. */
static int pair_read(struct arena *a, const char *text, struct value *params, struct err *err)
{
    const char *equals = strchr(text, '=');
    struct diags d;
    if (!equals || equals == text)
        return err_set(err, ERR_USAGE, "'%.200s' is not NAME=VALUE, such as lr=0.1", text);
    const char *name = arena_strndup(a, text, (size_t)(equals - text));
    if (value_get(params, name))
        return err_set(err, ERR_USAGE, "%.200s is given twice", name);
    diags_init(&d, a, NULL);
    const struct yaml_node *node = yaml_read(a, equals + 1, strlen(equals + 1), &d);
    if (d.errors > 0 || !node)
        return err_set(err, ERR_USAGE, "%.200s: %s; put the value in quotes twice: \"%.200s='…'\"",
                       name, d.n > 0 ? d.items[0].message : "the value cannot be read", name);
    value_put(a, params, name, value_copy(a, node->value));
    return 0;
}

/* A long text is cut: it only has to be recognised. */
static void drawn_add(struct buf *drawn, const struct value *v)
{
    struct buf text;
    buf_init(&text, SHOWN_BYTES);
    configuration_scalar(&text, v);
    buf_add(drawn, buf_peek(&text), utf8_valid_prefix(buf_peek(&text), text.len));
    buf_adds(drawn, text.overflow ? "…" : "");
    buf_done(&text);
}

/* The whole configuration; what was not given is drawn, and printed. */
static int enqueue_complete(struct looking *l, const struct spec *spec, const struct value *params,
                            uint64_t seed, uint64_t number, struct value **ret, struct err *err)
{
    struct arena *a = &l->arena;
    const struct space *space = &spec->space;
    struct value **values = arena_alloc(a, (space->n + 1) * sizeof *values);
    int rc = completion_read(a, space, spec->method == SPEC_GRID, params, seed, number, values, ret,
                             err);
    if (rc != 0 || completion_is_whole(space, values))
        return rc;
    struct buf drawn;
    buf_init(&drawn, SIZE_MAX);
    for (size_t i = 0; i < space->n; i++) {
        const struct value *v = space_lookup(*ret, &space->parameters[i]);
        if (!v || values[i] || space->parameters[i].kind == SPACE_EXPR)
            continue;
        buf_addf(&drawn,
                 "%s%s=", drawn.len ? ", " : "besom: drawn at random: ", space->parameters[i].name);
        drawn_add(&drawn, v);
    }
    terminal_say(buf_str(&drawn));
    buf_done(&drawn);
    return 0;
}

static void repeat_look(void *arg, const struct view_proposal *p)
{
    struct repeat *r = arg;
    if (r->found || !value_same(p->params, r->params))
        return;
    r->found = true;
    r->number = p->number;
}

static int enqueue_send(struct looking *l, const char *id, const struct value *params,
                        struct err *err)
{
    struct repeat repeat = {.params = params};
    uint64_t seq;
    const struct passwd *user = getpwuid(geteuid());
    int rc = view_proposals(l->view, id, NULL, &seq, repeat_look, &repeat, err);
    if (rc != 0)
        return rc;
    if (repeat.found)
        terminal_say(arena_printf(&l->arena,
                                  "besom: warning: trial %s-%" PRIu64 " has the same configuration",
                                  id, repeat.number));
    const struct event_enqueue enqueue = {.params = params,
                                          .by = user ? user->pw_name : NULL,
                                          .repeats = repeat.found,
                                          .of = repeat.number};
    return steer_reply_ask(
        l, &(struct steer_request){.op = "enqueue", .sweep = id, .enqueue = &enqueue}, err);
}

/* --repeat: a number, SWEEP-NUMBER, or "best". */
static int repeated_find(struct looking *l, const char *word, const char *id,
                         const struct value *sweep, uint64_t *ret, struct err *err)
{
    char of[16];
    const struct value *best = value_get(sweep, "best");
    if (strcmp(word, "best") != 0) {
        bool numbered = strchr(word, '-') == NULL;
        const char *name = numbered ? arena_printf(&l->arena, "%s-%s", id, word) : word;
        int rc = view_find_trial(l->view, name, of, ret, err);
        return rc == 0 && strcmp(of, id) != 0
                   ? err_set(err, ERR_USAGE, "--repeat %.80s: that is a trial of another sweep",
                             word)
                   : rc;
    }
    if (!best || best->kind != VALUE_DICT)
        return err_set(err, ERR_NOT_FOUND, "sweep %s has no best trial", id);
    *ret = (uint64_t)value_get_int(best, "number", 0);
    return 0;
}

/* The first NAME=VALUE: 0 if no sweep is named before it. */
static size_t pairs_from(const struct invocation *inv)
{
    const char *first = invocation_arg(inv, 0);
    return first && !strchr(first, '=');
}

static int enqueue_repeat(struct looking *l, const struct invocation *inv, const char *id,
                          const struct value *sweep, struct err *err)
{
    uint64_t times = 3, of = 0;
    const struct passwd *user = getpwuid(geteuid());
    int rc =
        invocation_arg(inv, pairs_from(inv))
            ? err_set(err, ERR_USAGE, "--repeat takes the values of a trial: give no NAME=VALUE")
            : invocation_number(inv, "times", 1, REPLICATE_MAX, &times, err);
    if (rc == 0)
        rc = repeated_find(l, invocation_option(inv, "repeat"), id, sweep, &of, err);
    const struct event_enqueue enqueue = {
        .by = user ? user->pw_name : NULL, .repeats = true, .of = of, .times = (uint32_t)times};
    return rc != 0
               ? rc
               : steer_reply_ask(
                     l, &(struct steer_request){.op = "enqueue", .sweep = id, .enqueue = &enqueue},
                     err);
}

static int enqueue_sweep(struct looking *l, const struct invocation *inv, struct err *err)
{
    char id[16];
    struct arena *a = &l->arena;
    const struct value *sweep;
    const char *fault = NULL;
    struct value *params = value_dict(a), *whole = NULL;
    size_t first = pairs_from(inv);
    int rc = looking_sweep(l, first ? invocation_arg(inv, 0) : NULL, id, &sweep, err);
    if (rc == 0 && invocation_option(inv, "repeat"))
        return enqueue_repeat(l, inv, id, sweep, err);
    if (rc == 0 && (!invocation_arg(inv, first) || invocation_option(inv, "times")))
        return err_set(err, ERR_USAGE, "give NAME=VALUE, or --repeat TRIAL with --times N");
    for (size_t i = first; rc == 0 && invocation_arg(inv, i); i++)
        rc = pair_read(a, invocation_arg(inv, i), params, err);
    if (rc != 0)
        return rc;
    struct spec *spec = spec_read_stored(value_get(sweep, "spec"), a, &fault);
    if (fault)
        rc = err_set(err, ERR_SPEC, "this version of besom cannot read the spec of sweep %s: %s",
                     id, fault);
    if (rc == 0)
        rc = enqueue_complete(l, spec, params, edit_number(value_get(sweep, "seed")),
                              edit_number(value_get(sweep, "proposed")), &whole, err);
    if (rc == 0)
        rc = enqueue_send(l, id, value_whole_as_int(a, whole), err);
    spec_free(spec);
    return rc;
}

int cmd_enqueue(struct invocation *inv)
{
    return looking_run(inv, enqueue_sweep);
}
