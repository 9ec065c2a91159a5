/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom sweep: creates a sweep on a controller, which runs it on its agents. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "cli/cmd.h"
#include "cli/fleet/upload.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/print/host_code.h"
#include "cli/print/terminal.h"
#include "cli/remote/remote.h"
#include "cli/run/choice/begin.h"
#include "cli/run/choice/project.h"
#include "cli/spec_file.h"
#include "cli/steer/steer_send.h"

enum { AGENT_TRIES = 8, AGENT_WAIT_MS = 250, AGENTS_NAMED = 4 };

/* A relative workdir stays relative: each agent has it below its own. */
static void sweep_workdir(const struct spec *spec, char out[PATH_TEXT_BYTES])
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", spec->workdir ? spec->workdir : ".");
    path_text_print(out, path);
}

/* What the files here are, if the sweep's folder is here. With a snapshot, its trials run these;
 * without one, agents run what their --workdir holds. */
static int sweep_record_project(struct looking *l, const struct begin *b, const char *path,
                                bool says, struct fact *create, struct err *err)
{
    struct code_snapshot pack = {0};
    const struct project p = {b->spec, b->named, path, l->dir, l->remote ? &pack : NULL};
    struct err why = {0};
    int rc = project_begin(&p, &l->arena, create, &why);
    if (rc != 0 && !b->spec->code.snapshot) {
        create->project = NULL;
        return 0;
    }
    if (rc == 0 && l->remote && b->spec->code.snapshot)
        rc = upload_snapshot(l->remote, &pack, says, &why);
    code_gather_done(&pack);
    if (rc != 0)
        *err = why;
    return rc;
}

/* Says if agents would run other code than one another, or than what is here. */
static void sweep_say_code(struct looking *l, const struct value *agents, const struct fact *create)
{
    const char *differ = host_code_differs(&l->arena, agents, "name"), *other = NULL;
    const char *commit = value_get_str(create->project, "commit", NULL);
    for (size_t i = 0; !differ && commit && i < agents->list.n; i++) {
        const char *code = value_get_str(agents->list.items[i], "code", NULL);
        if (code && strncmp(code, commit, strlen(commit)) != 0)
            other = code;
    }
    if (differ)
        terminal_print(stderr, "The agents' folders hold different code: %s.\n", differ);
    else if (other)
        terminal_print(stderr, "The agents' folders hold %s, and this one %.12s.\n",
                       host_code_short(&l->arena, other), commit);
    if (differ || other)
        fputs("To run the files as they are here, use besom sweep --snapshot.\n", stderr);
}

/* How many agents of the controller take trials; -1 if that cannot be told. */
static int agents_up(struct looking *l, const struct value **ret)
{
    struct value *answer = NULL;
    struct err none = {0};
    int up = 0;
    if (!l->remote || remote_get(l->remote, "agents", &l->arena, &answer, &none) != 0)
        return -1;
    const struct value *agents = *ret = value_get(answer, "agents");
    for (size_t i = 0; agents && agents->kind == VALUE_LIST && i < agents->list.n; i++)
        up += strcmp(value_get_str(agents->list.items[i], "state", ""), "up") == 0;
    return up;
}

/* Whether one may come in a moment: it has just been started, or the controller has. */
static bool agents_may_come(const struct value *agents)
{
    size_t n = agents && agents->kind == VALUE_LIST ? agents->list.n : 0;
    for (size_t i = 0; i < n; i++)
        if (strcmp(value_get_str(agents->list.items[i], "state", ""), "away") == 0)
            return true;
    return n == 0;
}

/* The same; waits a moment for one that may come. */
static int sweep_agents(struct looking *l, const struct value **ret)
{
    int up = agents_up(l, ret);
    for (int i = 0; up == 0 && agents_may_come(*ret) && i < AGENT_TRIES; i++) {
        nanosleep(&(struct timespec){.tv_nsec = AGENT_WAIT_MS * 1000000L}, NULL);
        up = agents_up(l, ret);
    }
    return up;
}

static void sweep_say_alone(const struct value *agents)
{
    size_t n = agents && agents->kind == VALUE_LIST ? agents->list.n : 0;
    fputs("No agent is taking trials", stderr);
    for (size_t i = 0; i < n && i < AGENTS_NAMED; i++)
        terminal_print(stderr, "%s%s is %s", i ? ", " : ": ",
                       value_get_str(agents->list.items[i], "name", ""),
                       value_get_str(agents->list.items[i], "state", ""));
    fputs(n ? n > AGENTS_NAMED ? ", …\n" : "\n"
            : ": the sweep waits for one (besom agent --join).\n",
          stderr);
}

static int sweep_create(struct looking *l, const struct invocation *inv, const struct begin *b,
                        const char *path, struct err *err)
{
    struct fact create;
    struct buf message;
    char id[16];
    bool says = !invocation_flag(inv, "quiet") && !l->json;
    int rc = begin_sweep(b, inv, l->view, &l->arena, id, &create, err);
    if (rc == 0)
        rc = sweep_record_project(l, b, path, says, &create, err);
    if (rc != 0)
        return rc;
    buf_init(&message, SIZE_MAX);
    const struct steer_request request = {.op = "create", .sweep = id, .fact = &create};
    rc = steer_send(l, &request, &message, err);
    buf_done(&message);
    if (rc != 0)
        return rc;
    if (l->json)
        buf_addf(&l->out, "{\"ok\":true,\"sweep\":\"%s\"}\n", id);
    else
        buf_addf(&l->out, "%s\n", id);
    if (says) {
        looking_flush(l);
        begin_say(stderr, b, &create, 0);
        project_say(stderr, create.project);
        const struct value *agents = NULL;
        int up = sweep_agents(l, &agents);
        if (up > 0 && !b->spec->code.snapshot && b->workdir[0] != '/')
            sweep_say_code(l, agents, &create);
        if (up == 0)
            sweep_say_alone(agents);
        fprintf(stderr, "Follow it:\n  besom watch %s%s\n", id, looking_store_option(l));
    }
    return 0;
}

static int sweep_of_spec(struct looking *l, const struct invocation *inv, struct err *err)
{
    const char *named = invocation_arg(inv, 0);
    char path[PATH_MAX], workdir[PATH_TEXT_BYTES];
    struct spec_place at;
    struct spec *spec = NULL;
    int rc = spec_file_read_for(named, invocation_option(inv, "root"),
                                looking_is_fleet(l) ? OBEYED_FLEET : OBEYED_RUN, &spec, err);
    if (rc == 0 && !invocation_flag(inv, "quiet") && !l->json)
        rc = spec_file_check_program(named, spec, false, err); /* agents may have other files */
    if (rc == 0 && invocation_flag(inv, "snapshot"))
        spec->code.snapshot = true;
    if (rc == 0 && !realpath(named, path))
        rc = err_set(err, ERR_IO, "%s: %s", named, strerror(errno));
    if (rc == 0) {
        spec_place_find(l->dir, path, &at);
        sweep_workdir(spec, workdir);
        rc = sweep_create(l, inv, &(struct begin){spec, named, &at, workdir}, path, err);
    }
    spec_free(spec);
    return rc;
}

int cmd_sweep(struct invocation *inv)
{
    return looking_run(inv, sweep_of_spec);
}
