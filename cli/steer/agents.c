/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom agents, drain, cordon, uncordon and forget: the agents of the controller that runs the store. */
#include <inttypes.h>
#include <math.h>
#include <pwd.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/diag/display.h"
#include "base/json.h"
#include "cli/cmd.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/print/elapsed.h"
#include "cli/print/host_code.h"
#include "cli/print/paragraph.h"
#include "cli/print/table.h"
#include "sweep/duty.h"

enum { WAIT_LOOK_MS = 500 };
enum {
    WHY_SHARE = 3
}; /* a reason of more than this part of a line may be too long for the table */

static int agents_ask(struct looking *l, const struct value *request, struct value **ret,
                      struct err *err)
{
    bool nobody = false;
    int rc = looking_ask(l, request, &l->arena, ret, &nobody, err);
    if (rc == 0 && nobody)
        return err_set(err, ERR_UNREACHABLE,
                       "no process runs the sweeps of this store, so no agent is connected");
    return rc;
}

static int agents_list(struct looking *l, const struct value **ret, struct err *err)
{
    struct value *request = value_dict(&l->arena), *answer;
    value_put(&l->arena, request, "op", value_str(&l->arena, "agents"));
    int rc = agents_ask(l, request, &answer, err);
    if (rc != 0)
        return rc;
    *ret = value_get(answer, "agents");
    if (*ret && (*ret)->kind == VALUE_LIST)
        return 0;
    return err_set(err, ERR_PROTOCOL,
                   "the process that runs the sweeps of this store sent a malformed answer");
}

static enum table_tone agent_tone(const char *state)
{
    return strcmp(state, "up") == 0 ? TABLE_GOOD : TABLE_BAD;
}

/* The reason for the agent's state, else why one of its slots is idle; NULL if no reason is given. */
static const char *agent_why(const struct value *agent)
{
    const struct value *slots = value_get(agent, "slots");
    const char *why = value_get_str(agent, "text", NULL);
    for (size_t k = 0; !why && slots && slots->kind == VALUE_LIST && k < slots->list.n; k++)
        why = value_get_str(slots->list.items[k], "why_idle", NULL);
    return why;
}

static bool why_is_long(const struct looking *l, const char *why)
{
    return display_width(why, strlen(why)) > l->columns / WHY_SHARE;
}

static void agent_row(struct looking *l, struct table *t, const struct value *agent, bool below)
{
    const struct value *slots = value_get(agent, "slots");
    const char *state = value_get_str(agent, "state", ""), *why = agent_why(agent);
    double before = value_get_float(agent, "seen_before", NAN);
    double seen = value_get_float(agent, "seen", before);
    size_t n = slots && slots->kind == VALUE_LIST ? slots->list.n : 0;
    int64_t busy = 0;
    char ago[ELAPSED_BYTES] = "";
    for (size_t k = 0; k < n; k++)
        busy += value_get_str(slots->list.items[k], "trial", NULL) != NULL;
    if (isfinite(seen))
        elapsed_format(ago, fmax(0, (double)time(NULL) - seen));
    table_cell(t, value_get_str(agent, "name", ""), TABLE_PLAIN);
    table_cell(t, state, agent_tone(state));
    table_cell(t, arena_printf(&l->arena, "%" PRId64, busy), TABLE_PLAIN);
    table_cell(t, arena_printf(&l->arena, "%zu", n), TABLE_PLAIN);
    table_cell(t, arena_printf(&l->arena, "%s%s", isfinite(before) ? ">" : "", ago), TABLE_PLAIN);
    table_cell(t, why && below && why_is_long(l, why) ? "see below" : why, TABLE_PLAIN);
}

static void table_fill(struct looking *l, struct table *t, const struct value *agents, bool below)
{
    table_init(t, &l->arena);
    table_column(t, "agent", TABLE_SHRINK_LATE);
    table_column(t, "state", 0);
    table_column(t, "busy", TABLE_RIGHT);
    table_column(t, "slots", TABLE_RIGHT);
    table_column(t, "seen", TABLE_RIGHT | TABLE_DROP);
    table_column(t, "why", TABLE_SHRINK | TABLE_DROP_LATE);
    for (size_t i = 0; i < agents->list.n; i++)
        agent_row(l, t, agents->list.items[i], below);
}

/* A reason that is too long for the table is in lines of its own below it. */
static void agents_print(struct looking *l, const struct value *agents)
{
    struct table t;
    table_fill(l, &t, agents, false);
    bool below = !table_is_whole(&t, l->columns);
    if (below) {
        table_done(&t);
        table_fill(l, &t, agents, true);
    }
    table_print(&l->out, &t, l->table_columns, l->colour);
    table_done(&t);
    for (size_t i = 0; below && i < agents->list.n; i++) {
        const struct value *agent = agents->list.items[i];
        const char *why = agent_why(agent);
        struct buf clean;
        if (!why || !why_is_long(l, why))
            continue;
        const char *text = arena_printf(&l->arena, "%s: %s", value_get_str(agent, "name", ""), why);
        buf_init(&clean, SIZE_MAX);
        display_clean(&clean, text, strlen(text));
        paragraph_wrap(&l->out, buf_str(&clean), 0, 2, l->columns);
        buf_done(&clean);
    }
}

static int agents_show(struct looking *l, const struct invocation *inv, struct err *err)
{
    const struct value *agents = NULL;
    (void)inv;
    int rc = agents_list(l, &agents, err);
    if (rc != 0)
        return rc;
    if (looking_list(l, agents, "no agent is connected\n"))
        return 0;
    agents_print(l, agents);
    const char *differ = host_code_differs(&l->arena, agents, "name");
    if (differ)
        buf_addf(&l->out,
                 "Their folders hold different code: %s. A sweep without a snapshot runs different "
                 "code there.\n",
                 differ);
    return 0;
}

/* The whole name of the agent that the word names, as the controller resolved it. */
static const struct value *agent_named(const struct value *agents, const char *word)
{
    const struct value *found = NULL;
    for (size_t i = 0; i < agents->list.n; i++) {
        const char *name = value_get_str(agents->list.items[i], "name", "");
        if (strcmp(name, word) == 0)
            return agents->list.items[i];
        if (strncmp(name, word, strlen(word)) == 0)
            found = agents->list.items[i];
    }
    return found;
}

/* Until its process has ended. */
static int drain_wait(struct looking *l, const char *word, struct err *err)
{
    for (;;) {
        const struct value *agents = NULL;
        struct err why = {0};
        int rc = agents_list(l, &agents, &why);
        if (rc != 0 && looking_wait(l, &why))
            continue;
        if (rc != 0) {
            *err = why;
            return rc;
        }
        looking_resume(l);
        const struct value *agent = agent_named(agents, word);
        const char *state = agent ? value_get_str(agent, "state", "gone") : "gone";
        const char *duty = agent ? value_get_str(agent, "duty", "up") : "up";
        if (strcmp(state, "gone") == 0)
            return 0;
        if (strcmp(duty, "draining") != 0)
            return err_set(err, ERR_STATE, "agent %s is %s: somebody ended the drain", word, duty);
        nanosleep(&(struct timespec){.tv_nsec = WAIT_LOOK_MS * 1000000L}, NULL);
    }
}

static enum duty agent_duty_of(const char *command)
{
    return strcmp(command, "drain") == 0    ? DUTY_DRAINING
           : strcmp(command, "cordon") == 0 ? DUTY_CORDONED
           : strcmp(command, "forget") == 0 ? DUTY_FORGOTTEN
                                            : DUTY_UP;
}

static int agent_steer(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct arena *a = &l->arena;
    const char *name = invocation_arg(inv, 0), *op = inv->subcommand->name;
    const struct passwd *user = getpwuid(geteuid());
    enum duty duty = agent_duty_of(op);
    if (!*name)
        return err_set(err, ERR_USAGE, "the name of the agent is empty: besom agents lists them");
    struct value *request = value_dict(a), *answer;
    value_put(a, request, "op", value_str(a, "agent"));
    value_put(a, request, "agent", value_str(a, name));
    value_put(a, request, "state", value_str(a, duty_name(duty)));
    if (user)
        value_put(a, request, "by", value_str(a, user->pw_name));
    int rc = agents_ask(l, request, &answer, err);
    if (rc == 0 && duty == DUTY_DRAINING && invocation_flag(inv, "wait"))
        rc = drain_wait(l, name, err);
    if (rc != 0)
        return rc;
    const char *text = value_get_str(answer, "message", "");
    if (l->json) {
        buf_adds(&l->out, "{\"ok\":true,\"message\":");
        json_print_str(&l->out, text, strlen(text));
        buf_addc(&l->out, '}');
    } else {
        display_clean(&l->out, text, strlen(text));
    }
    buf_addc(&l->out, '\n');
    return 0;
}

int cmd_agents(struct invocation *inv)
{
    return looking_run_fleet(inv, agents_show);
}

int cmd_agents_steer(struct invocation *inv)
{
    return looking_run_fleet(inv, agent_steer);
}
