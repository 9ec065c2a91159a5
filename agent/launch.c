/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/attempt_dir.h"
#include "agent/attempt_log.h"
#include "agent/leftover.h"
#include "agent/spare_dir.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path_text.h"
#include "language/command/command.h"
#include "language/command/wandb_config.h"
#include "language/report.h"

#define PARAMS_FILE "params.json"
#define ARGS_FILE "args.json" /* as json.dumps prints it */
#define WANDB_FILE "wandb.yaml"
#define WANDB_VARIABLE "WANDB_SWEEP_PARAM_PATH"

extern char **environ;

char *launch_attempt_dir(struct arena *a, const char *dir, const struct agent_key *key)
{
    return arena_printf(a, "%s/run/%s-%" PRIu64 "-%" PRIu64, dir, key->sweep, key->trial,
                        key->attempt);
}

char *launch_trial_dir(struct arena *a, const char *dir, const struct agent_key *key)
{
    return arena_printf(a, "%s/trials/%s/%" PRIu64, dir, key->sweep, key->trial);
}

static bool read_digits(const char **at, uint64_t max, uint64_t *ret)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    errno = 0;
    *ret = strtoull(*at, &end, 10);
    *at = end;
    return errno == 0 && *ret <= max;
}

bool launch_key_of_name(const char *name, struct agent_key *ret)
{
    struct agent_key key = {0};
    size_t len = strcspn(name, "-");
    if (len == 0 || len >= sizeof key.sweep || name[len] != '-')
        return false;
    memcpy(key.sweep, name, len);
    const char *at = name + len + 1;
    if (!read_digits(&at, UINT64_MAX, &key.trial) || *at++ != '-')
        return false;
    if (!read_digits(&at, UINT32_MAX, &key.attempt) || *at != '\0')
        return false;
    *ret = key;
    return true;
}

static int io_code(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG    ? ERR_FULL
           : errno == EMFILE || errno == ENFILE || errno == ENOMEM ? ERR_BUSY
                                                                   : ERR_IO;
}

/* Makes path and, where they are missing, the folders above it. */
static int make_folder(struct arena *a, const char *path, struct err *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return 0;
    if (errno == ENOENT) {
        char *up = arena_strdup(a, path);
        char *slash = strrchr(up, '/');
        if (slash && slash != up) {
            *slash = '\0';
            int rc = make_folder(a, up, err);
            if (rc != 0)
                return rc;
            if (mkdir(path, 0777) == 0 || errno == EEXIST)
                return 0;
        }
    }
    return err_set(err, io_code(), "the folder %s cannot be made: %s", path, strerror(errno));
}

static int make_log_folder(struct arena *a, char *log, struct err *err)
{
    *strrchr(log, '/') = '\0';
    return make_folder(a, log, err);
}

static int make_trial_dir(struct arena *a, const char *path, struct err *err)
{
    int rc = spare_dir_take(path, NULL);
    return rc == ERR_NOT_FOUND ? make_folder(a, path, err) : rc == ERR_EXISTS ? 0 : rc;
}

/* Over what an earlier attempt left there, if it did: the file keeps its block on the disk. */
static int write_file(const char *path, const char *text, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0666);
    size_t len = strlen(text), done = 0;
    while (fd >= 0 && done < len) {
        ssize_t n = write(fd, text + done, len - done);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    int rc = fd >= 0 && done == len && ftruncate(fd, (off_t)len) == 0
                 ? 0
                 : err_set(err, io_code(), "%s cannot be written: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return rc;
}

const char *launch_getenv(void *arg, const char *name)
{
    (void)arg;
    return getenv(name);
}

/* Of the trial's own environment: what it is given, and what is inherited from here. */
static const char *variable_get(void *arg, const char *name)
{
    const struct value *given = arg;
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

static char *params_path(struct arena *a, const struct launch_context *ctx,
                         const struct agent_key *key)
{
    return arena_printf(a, "%s/" PARAMS_FILE, launch_attempt_dir(a, ctx->dir, key));
}

static char *wandb_path(struct arena *a, const struct launch_context *ctx,
                        const struct agent_key *key)
{
    return arena_printf(a, "%s/" WANDB_FILE, launch_attempt_dir(a, ctx->dir, key));
}

static struct value *names_of(struct arena *a, const struct launch_context *ctx,
                              const struct launch_attempt *attempt)
{
    const struct agent_key *key = &attempt->key;
    struct value *v = value_dict(a);
    value_put(a, v, "${trial_id}",
              value_str(a, arena_printf(a, "%s-%" PRIu64, key->sweep, key->trial)));
    put_number(a, v, "${trial_number}", key->trial);
    value_put(a, v, "${trial_dir}", value_str(a, launch_trial_dir(a, ctx->dir, key)));
    value_put(a, v, "${sweep_id}", value_str(a, key->sweep));
    put_number(a, v, "${slot}", attempt->slot);
    put_number(a, v, "${attempt}", key->attempt);
    value_put(a, v, "${params_file}", value_str(a, params_path(a, ctx, key)));
    if (attempt->port)
        put_number(a, v, "${port}", attempt->port);
    return v;
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
    value_put(a, v, "BESOM_PARAMS", value_str(a, params_path(a, ctx, key)));
    value_put(a, v, "BESOM_METRICS",
              value_str(a, arena_printf(a, "%s/" ATTEMPT_DIR_METRICS_FILE, attempt_dir)));
    value_put(a, v, "BESOM_DIR", value_str(a, launch_trial_dir(a, ctx->dir, key)));
    value_put(a, v, LEFTOVER_TAG, value_str(a, attempt_dir));
}

/* What numeric libraries take for the number of threads to use. Each of them looks at the first, some
 * at one of their own before. */
static const char *const threads[] = {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS",
                                      "NUMEXPR_NUM_THREADS"};

/* Who sets one of them decides about the processors: then besom leaves them alone. */
static bool threads_are_set(const struct value *spec_env)
{
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++)
        if (getenv(threads[i]) || (spec_env && value_get(spec_env, threads[i])))
            return true;
    return false;
}

/* The slot's share of the processors as shim and libraries want it; 0 where it is not parted. */
static uint32_t share_of(const struct launch_context *ctx, uint32_t slot,
                         const struct value *spec_env, struct buf *list)
{
    return threads_are_set(spec_env) ? 0 : cpu_share_of(&ctx->cpus, slot, list);
}

static void put_threads(struct arena *a, struct value *v, const struct launch_context *ctx,
                        uint32_t slot, const struct value *spec_env)
{
    struct buf list;
    buf_init(&list, SIZE_MAX);
    uint32_t n = share_of(ctx, slot, spec_env, &list);
    for (size_t i = 0; n > 0 && i < sizeof threads / sizeof *threads; i++)
        put_number(a, v, threads[i], n);
    buf_done(&list);
}

struct value *launch_variables(struct arena *a, const struct launch_context *ctx,
                               const struct launch_attempt *attempt, const struct value *spec_env)
{
    struct value *v = value_dict(a);
    struct command_fill fill = {names_of(a, ctx, attempt), variable_get, v};
    if (!getenv("PYTHONUNBUFFERED")) /* so that its lines are there when they happen */
        value_put(a, v, "PYTHONUNBUFFERED", value_str(a, "1"));
    if (!getenv(WANDB_VARIABLE))
        value_put(a, v, WANDB_VARIABLE, value_str(a, wandb_path(a, ctx, &attempt->key)));
    put_threads(a, v, ctx, attempt->slot, spec_env);
    put_own(a, v, ctx, attempt); /* the spec's may name them */
    for (size_t i = 0; spec_env && spec_env->kind == VALUE_DICT && i < spec_env->dict.n; i++) {
        const struct value_entry *e = &spec_env->dict.entries[i];
        size_t len;
        const char *text = command_fill_text(a, e->value->s.ptr, &fill, &len);
        value_put(a, v, e->key, value_str(a, text));
    }
    put_own(a, v, ctx, attempt);
    /* Last, so that `besom report` is found and nothing of the user's is hidden. */
    const char *inherited = getenv("PATH");
    const char *path = value_get_str(v, "PATH", inherited ? inherited : "/usr/bin:/bin");
    value_put(a, v, "PATH", value_str(a, arena_printf(a, "%s:%s", path, ctx->bin)));
    return v;
}

int launch_command(struct arena *a, const struct launch_context *ctx,
                   const struct launch_attempt *attempt, const struct spec *spec,
                   const struct value *params, const struct value *variables, struct value **ret,
                   struct err *err)
{
    struct command_context how = {
        .interpreter = ctx->interpreter,
        .params_json =
            arena_printf(a, "%s/" ARGS_FILE, launch_attempt_dir(a, ctx->dir, &attempt->key)),
        .fill = {names_of(a, ctx, attempt), variable_get, (void *)(uintptr_t)variables}};
    return command_build(a, spec, params, &how, ret, err);
}

/* What nobody sets is passed on as it stands: it is most of it, and this is done for every attempt.
 */
static char **environment_of(struct arena *a, const struct value *set)
{
    size_t n = 0, inherited_n = 0;
    while (environ[inherited_n])
        inherited_n++;
    char **env = arena_alloc(a, (inherited_n + set->dict.n + 1) * sizeof *env);
    for (char **e = environ; *e; e++) {
        const char *equals = strchr(*e, '=');
        if (equals && equals != *e && !is_set(a, set, *e, (size_t)(equals - *e)))
            env[n++] = *e;
    }
    for (size_t i = 0; i < set->dict.n; i++)
        env[n++] =
            arena_printf(a, "%s=%s", set->dict.entries[i].key, set->dict.entries[i].value->s.ptr);
    return env;
}

static char **argv_of(struct arena *a, const struct launch_context *ctx,
                      const struct agent_key *key, const char *attempt_dir, const struct message *m,
                      const struct value *command)
{
    size_t n = 0;
    char **argv = arena_alloc(a, (command->list.n + 16) * sizeof *argv);
    argv[n++] = arena_strdup(a, ctx->shim);
    argv[n++] = arena_strdup(a, "--dir");
    argv[n++] = arena_strdup(a, attempt_dir);
    argv[n++] = arena_strdup(a, "--log");
    argv[n++] = attempt_log_path(a, ctx->dir, key);
    argv[n++] = arena_strdup(a, "--grace-ms");
    argv[n++] = arena_printf(a, "%" PRId64, ctx->grace_ms);
    if (m->time_ms > 0) {
        argv[n++] = arena_strdup(a, "--time-ms");
        argv[n++] = arena_printf(a, "%" PRIu64, m->time_ms);
    }
    for (size_t i = 0; i < m->report->dict.n; i++) {
        const struct value_entry *of = &m->report->dict.entries[i];
        bool json = of->value->kind == VALUE_STR && strcmp(of->value->s.ptr, REPORT_JSON) == 0;
        argv[n++] = arena_printf(a, "--%s", of->key);
        argv[n++] = arena_strdup(a, json ? "json" : "all");
    }
    struct buf cpus;
    buf_init(&cpus, SIZE_MAX);
    if (share_of(ctx, (uint32_t)m->slot, m->env, &cpus) > 0 && cpus.len > 0) {
        argv[n++] = arena_strdup(a, "--cpus");
        argv[n++] = arena_strdup(a, buf_str(&cpus));
    }
    buf_done(&cpus);
    argv[n++] = arena_strdup(a, "--");
    for (size_t i = 0; i < command->list.n; i++)
        argv[n++] = arena_strdup(a, command->list.items[i]->s.ptr);
    return argv;
}

/* A port that was free a moment ago; the kernel deals them out in turn, so that two trials begun
 * together get two. */
static int port_find(uint16_t *ret, struct err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
                     getsockname(fd, (struct sockaddr *)&address, &len) != 0
                 ? err_set(err, io_code(), "no port is free for ${port}: %s", strerror(errno))
                 : 0;
    if (fd >= 0)
        close(fd);
    *ret = ntohs(address.sin_port);
    return rc;
}

int launch_prepare(struct arena *a, const struct launch_context *ctx, const struct agent_key *key,
                   const struct message *m, struct launch_plan *ret, struct err *err)
{
    const char *attempt_dir = launch_attempt_dir(a, ctx->dir, key);
    const char *params = params_path(a, ctx, key);
    const char *params_python = arena_printf(a, "%s/" ARGS_FILE, attempt_dir);
    struct launch_attempt attempt = {.key = *key, .slot = (uint32_t)m->slot};
    struct spec spec = {.command = m->command,
                        .flags = m->flags,
                        .program = m->program[0] ? m->program : NULL,
                        .env = m->env};
    struct value *command = NULL, *variables = NULL;
    int rc = command_fill_check(&spec, launch_getenv, NULL, err);
    if (rc == 0 && command_fill_is_used(&spec, "${port}"))
        rc = port_find(&attempt.port, err);
    if (rc == 0) {
        variables = launch_variables(a, ctx, &attempt, m->env);
        rc = launch_command(a, ctx, &attempt, &spec, m->params, variables, &command, err);
    }
    char *cwd = arena_alloc(a, PATH_TEXT_PATH_BYTES);
    if (rc == 0 && !path_text_parse(cwd, m->workdir))
        rc = err_set(err, ERR_SPEC, "the working directory %s is malformed", m->workdir);
    if (rc == 0 && access(cwd, X_OK) != 0)
        rc = err_set(err, ERR_IO, "the working directory %s cannot be entered: %s", m->workdir,
                     strerror(errno));
    if (rc == 0)
        rc = write_file(params, json_text(a, m->params, JSON_COMPACT), err);
    const char *wandb = wandb_path(a, ctx, key);
    if (rc == 0 && strcmp(value_get_str(variables, WANDB_VARIABLE, ""), wandb) == 0)
        rc = write_file(wandb, wandb_config_text(a, m->params), err);
    for (size_t i = 0; rc == 0 && i < command->list.n; i++)
        if (strstr(command->list.items[i]->s.ptr, params_python)) {
            rc = write_file(params_python, json_text(a, m->params, JSON_PYTHON), err);
            break;
        }
    if (rc == 0)
        rc = make_trial_dir(a, launch_trial_dir(a, ctx->dir, key), err);
    if (rc == 0)
        rc = make_log_folder(a, attempt_log_path(a, ctx->dir, key), err);
    if (rc != 0)
        return rc;
    ret->cwd = cwd;
    ret->argv = argv_of(a, ctx, key, attempt_dir, m, command);
    ret->command = ret->argv;
    while (*ret->command)
        ret->command++;
    ret->command -= command->list.n;
    ret->env = environment_of(a, variables);
    return 0;
}

/* posix_spawn, since a fork of this process would copy its page tables for each trial. */
int launch_spawn(const struct launch_plan *plan, pid_t *ret, struct err *err)
{
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t files;
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&files, plan->cwd);
    int rc = posix_spawn(ret, plan->argv[0], &files, &attr, plan->argv, plan->env);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    bool busy = rc == EAGAIN || rc == ENOMEM || rc == EMFILE || rc == ENFILE;
    return rc == 0 ? 0
                   : err_set(err, busy ? ERR_BUSY : ERR_IO, "%s cannot be started: %s",
                             plan->argv[0], strerror(rc));
}
