/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/launch/environment.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/attempt_dir.h"
#include "agent/leftover.h"
#include "agent/wandb/wandb_access.h"
#include "language/command/command_fill.h"
#include "language/spec.h"

extern char **environ;

#define WANDB_VARIABLE "WANDB_SWEEP_PARAM_PATH"

const char *environment_get(void *arg, const char *name)
{
    const struct environment *e = arg;
    const struct value *given = e->variables;
    const char *own = value_get_str(given, name, NULL);
    return own ? own : getenv(name);
}

static bool is_set(struct arena *a, const struct value *set, const char *variable, size_t len)
{
    return value_get(set, arena_strndup(a, variable, len)) != NULL;
}

static void put_number(struct arena *a, struct value *v, const char *name, uint64_t n)
{
    value_put(a, v, name, value_str(a, arena_printf(a, "%" PRIu64, n)));
}

static struct value *names_of(struct arena *a, const struct launch_context *ctx,
                              const struct launch_attempt *attempt)
{
    const struct agent_key *key = &attempt->key;
    struct value *v = value_dict(a);
    value_put(a, v, "${trial_id}",
              value_str(a, arena_printf(a, "%s-%" PRIu64, key->sweep, key->trial)));
    put_number(a, v, "${trial_number}", key->trial);
    value_put(a, v, "${trial_dir}", value_str(a, launch_attempt_trial_dir(a, ctx->dir, key)));
    value_put(a, v, "${sweep_id}", value_str(a, key->sweep));
    put_number(a, v, "${slot}", attempt->slot);
    put_number(a, v, "${attempt}", key->attempt);
    value_put(a, v, "${params_file}", value_str(a, launch_attempt_params(a, ctx, attempt)));
    if (attempt->port)
        put_number(a, v, "${port}", attempt->port);
    return v;
}

/* The texts of a list, with commas between them. */
static struct value *joined_of(struct arena *a, const struct value *list)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < list->list.n; i++) {
        const struct value *item = list->list.items[i];
        if (item->kind == VALUE_STR)
            buf_addf(&text, "%s%s", text.len > 0 ? "," : "", item->s.ptr);
    }
    struct value *ret = value_str(a, buf_str(&text));
    buf_done(&text);
    return ret;
}

/* AMD's libraries count the GPUs that ROCR_VISIBLE_DEVICES leaves from 0. */
static void put_amd(struct arena *a, struct value *v, struct value *seen, size_t n)
{
    struct value *numbers = value_list(a);
    for (size_t i = 0; i < n; i++)
        value_push(a, numbers, value_str(a, arena_printf(a, "%zu", i)));
    value_put(a, v, "ROCR_VISIBLE_DEVICES", seen);
    value_put(a, v, "HIP_VISIBLE_DEVICES", joined_of(a, numbers));
}

/* Shows training the GPUs of its grant alone. One that does not mention GPUs changes nothing. */
static void put_gpus(struct arena *a, struct value *v, const struct launch_context *ctx,
                     const struct value *grant)
{
    const struct value *gpus = value_get(grant, "gpus");
    const char *index = value_get_str(grant, "index", NULL);
    if (!gpus || gpus->kind != VALUE_LIST)
        return;
    size_t n = gpus->list.n;
    bool amd = strcmp(value_get_str(grant, "vendor", ""), "amd") == 0;
    /* AMD's GPU without a unique id is named by its place on the bus, which ROCm does not know. */
    bool unnamed = amd && n > 0 && gpus->list.items[0]->kind == VALUE_STR &&
                   strncmp(gpus->list.items[0]->s.ptr, "GPU-", 4) != 0;
    struct value *names = joined_of(a, gpus);
    struct value *seen =
        index && n > 0 && (ctx->gpu_numbers || unnamed) ? value_str(a, index) : names;
    if (amd || n == 0)
        put_amd(a, v, seen, n);
    if (!amd)
        value_put(a, v, "CUDA_VISIBLE_DEVICES", seen);
    if (!amd && n > 0)
        value_put(a, v, "CUDA_DEVICE_ORDER", value_str(a, "PCI_BUS_ID"));
    value_put(a, v, "BESOM_GPUS", index && n > 0 ? value_str(a, index) : names);
}

static void put_own(struct arena *a, struct value *v, const struct launch_context *ctx,
                    const struct launch_attempt *attempt)
{
    const struct agent_key *key = &attempt->key;
    const char *attempt_dir = launch_attempt_dir(a, ctx->dir, key);
    value_put(a, v, "BESOM_SWEEP", value_str(a, key->sweep));
    value_put(a, v, "BESOM_TRIAL",
              value_str(a, arena_printf(a, "%s-%" PRIu64, key->sweep, key->trial)));
    put_number(a, v, "BESOM_ATTEMPT", key->attempt);
    put_number(a, v, "BESOM_SLOT", attempt->slot);
    if (attempt->port)
        put_number(a, v, "BESOM_PORT", attempt->port);
    value_put(a, v, "BESOM_PARAMS", value_str(a, launch_attempt_params(a, ctx, attempt)));
    value_put(a, v, "BESOM_METRICS",
              value_str(a, arena_printf(a, "%s/" ATTEMPT_DIR_METRICS_FILE, attempt_dir)));
    value_put(a, v, "BESOM_DIR", value_str(a, launch_attempt_trial_dir(a, ctx->dir, key)));
    value_put(a, v, LEFTOVER_TAG, value_str(a, attempt_dir));
    put_gpus(a, v, ctx, attempt->grant);
}

/* The variables from which numeric libraries take their number of threads. Every library reads the
 * first; some prefer a variable of their own. */
static const char *const threads[] = {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS",
                                      "NUMEXPR_NUM_THREADS"};

/* If the user sets one of them, besom does not divide the processors. */
static bool threads_are_set(const struct value *spec_env)
{
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++)
        if (getenv(threads[i]) || (spec_env && value_get(spec_env, threads[i])))
            return true;
    return false;
}

uint32_t environment_share(const struct launch_context *ctx, const struct launch_attempt *attempt,
                           const struct value *spec_env, struct buf *list)
{
    if (attempt->cpus) {
        buf_adds(list, attempt->cpus->list);
        return attempt->cpus->n;
    }
    return threads_are_set(spec_env) ? 0 : cpu_share_of(&ctx->cpus, attempt->slot, list);
}

static void put_threads(struct arena *a, struct value *v, const struct launch_context *ctx,
                        const struct launch_attempt *attempt, const struct value *spec_env)
{
    struct buf list;
    buf_init(&list, SIZE_MAX);
    uint32_t n = threads_are_set(spec_env) ? 0 : environment_share(ctx, attempt, spec_env, &list);
    for (size_t i = 0; n > 0 && i < sizeof threads / sizeof *threads; i++)
        put_number(a, v, threads[i], n);
    buf_done(&list);
}

static bool is_given(const struct value *spec_env, const char *name)
{
    return getenv(name) || (spec_env && value_get(spec_env, name));
}

/* Whoever sets one of these has decided where wandb reports to. */
static bool wandb_is_set(const struct value *spec_env)
{
    return is_given(spec_env, "WANDB_BASE_URL") || is_given(spec_env, "WANDB_API_KEY") ||
           is_given(spec_env, "WANDB_DISABLED") || is_given(spec_env, "WANDB_MODE");
}

/* Then it reports nowhere, and the agent reads its files. */
static bool wandb_is_offline(const struct value *spec_env)
{
    const char *own = getenv("WANDB_MODE"),
               *mode = spec_env ? value_get_str(spec_env, "WANDB_MODE", own) : own;
    return mode && strcmp(mode, "offline") == 0;
}

static void put_unset(struct arena *a, struct value *v, const char *name, const char *text)
{
    if (!getenv(name))
        value_put(a, v, name, value_str(a, text));
}

/* wandb's client in training reports to this agent: at once, and to nobody else. */
static void put_wandb(struct arena *a, struct value *v, const struct launch_context *ctx,
                      const struct launch_attempt *attempt, const struct value *spec_env)
{
    const struct agent_key *key = &attempt->key;
    const struct value *wandb = attempt->wandb;
    char secret[WANDB_KEY_BYTES], run[WANDB_RUN_BYTES];
    bool offline = wandb_is_offline(spec_env);
    if (!ctx->wandb || !wandb || wandb->kind != VALUE_DICT || (wandb_is_set(spec_env) && !offline))
        return;
    wandb_access_key(ctx->wandb, key, secret);
    wandb_access_run(key, run);
    if (!offline) {
        value_put(a, v, "WANDB_BASE_URL", value_str(a, ctx->wandb->url));
        value_put(a, v, "WANDB_API_KEY", value_str(a, secret));
    }
    value_put(a, v, "WANDB_SWEEP_ID", value_str(a, key->sweep));
    value_put(a, v, "WANDB_RUN_ID", value_str(a, run));
    put_unset(a, v, "WANDB_ENTITY", value_get_str(wandb, "entity", "besom"));
    put_unset(a, v, "WANDB_PROJECT", value_get_str(wandb, "project", "uncategorized"));
    put_unset(a, v, "WANDB_DIR", launch_attempt_trial_dir(a, ctx->dir, key));
    put_unset(a, v, "WANDB_X_FILE_STREAM_TRANSMIT_INTERVAL", "1");
    put_unset(a, v, "WANDB_ERROR_REPORTING", "false");
}

struct environment environment_of(struct arena *a, const struct launch_context *ctx,
                                  const struct launch_attempt *attempt,
                                  const struct value *spec_env)
{
    struct environment ret = {names_of(a, ctx, attempt), value_dict(a)};
    struct command_fill fill = {ret.names, environment_get, &ret};
    struct value *v = ret.variables;
    if (!getenv("PYTHONUNBUFFERED")) /* so that training's lines appear at once */
        value_put(a, v, "PYTHONUNBUFFERED", value_str(a, "1"));
    if (!getenv(WANDB_VARIABLE))
        value_put(a, v, WANDB_VARIABLE, value_str(a, launch_attempt_wandb(a, ctx, attempt)));
    put_wandb(a, v, ctx, attempt, spec_env);
    put_threads(a, v, ctx, attempt, spec_env);
    put_own(a, v, ctx, attempt); /* the spec's variables may refer to them */
    for (size_t i = 0; spec_env && spec_env->kind == VALUE_DICT && i < spec_env->dict.n; i++) {
        const struct value_entry *e = &spec_env->dict.entries[i];
        size_t len;
        const char *text = command_fill_text(a, e->value->s.ptr, &fill, &len);
        value_put(a, v, e->key, value_str(a, text));
    }
    put_own(a, v, ctx, attempt);
    /* Last, so that `besom report` is found without hiding the user's programs. */
    const char *inherited = getenv("PATH");
    const char *path = value_get_str(v, "PATH", inherited ? inherited : "/usr/bin:/bin");
    value_put(a, v, "PATH", value_str(a, arena_printf(a, "%s:%s", path, ctx->bin)));
    return ret;
}

bool environment_is_wandb(const struct environment *e, const char *path)
{
    return strcmp(value_get_str(e->variables, WANDB_VARIABLE, ""), path) == 0;
}

int environment_check(const struct environment *e, const struct spec *s, struct err *err)
{
    return command_fill_check(s, environment_get, (void *)(uintptr_t)e, err);
}

int environment_check_spec(const struct launch_context *ctx, const struct spec *s, struct err *err)
{
    struct launch_attempt sample = {.key = {.sweep = "SWEEP", .attempt = 1},
                                    .port = command_fill_is_used(s, "${port}")};
    struct arena a;
    arena_init(&a);
    const struct environment e = environment_of(&a, ctx, &sample, s->env);
    int rc = environment_check(&e, s, err);
    arena_done(&a);
    return rc;
}

/* The credential of whoever started besom: training must not act for that person. */
#define SECRET "BESOM_TOKEN="

/* Inherited variables that nobody sets are not copied: they are many, and every attempt needs
 * them. */
char **environment_list(struct arena *a, const struct environment *e)
{
    const struct value *set = e->variables;
    size_t n = 0, inherited_n = 0;
    while (environ[inherited_n])
        inherited_n++;
    char **env = arena_alloc(a, (inherited_n + set->dict.n + 1) * sizeof *env);
    for (char **own = environ; *own; own++) {
        const char *equals = strchr(*own, '=');
        bool secret = strncmp(*own, SECRET, strlen(SECRET)) == 0;
        if (equals && equals != *own && !secret && !is_set(a, set, *own, (size_t)(equals - *own)))
            env[n++] = *own;
    }
    for (size_t i = 0; i < set->dict.n; i++)
        env[n++] =
            arena_printf(a, "%s=%s", set->dict.entries[i].key, set->dict.entries[i].value->s.ptr);
    return env;
}
