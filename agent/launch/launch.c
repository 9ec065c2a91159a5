/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/launch/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/attempt_log.h"
#include "agent/code/code_copies.h"
#include "agent/launch/launch_program.h"
#include "agent/spare_dir.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/path_text.h"
#include "language/command/command.h"
#include "language/command/wandb_config.h"
#include "language/report.h"
#include "sweep/code/code_path.h"

static int io_code(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG    ? ERR_FULL
           : errno == EMFILE || errno == ENFILE || errno == ENOMEM ? ERR_BUSY
                                                                   : ERR_IO;
}

/* Makes path and any missing folders above it. */
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

/* Overwrites the file of an earlier attempt in place: it keeps its block on the disk. */
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

int launch_command(struct arena *a, const struct launch_context *ctx,
                   const struct launch_attempt *attempt, const struct spec *spec,
                   const struct value *params, const struct environment *environment,
                   struct value **ret, struct err *err)
{
    struct command_context how = {
        .interpreter = ctx->interpreter,
        .params_json = launch_attempt_args(a, ctx, attempt),
        .fill = {environment->names, environment_get, (void *)(uintptr_t)environment}};
    return command_build(a, spec, params, &how, ret, err);
}

static char **argv_of(struct arena *a, const struct launch_context *ctx,
                      const struct launch_attempt *attempt, const char *attempt_dir,
                      const struct message *m, const struct value *command)
{
    size_t n = 0;
    char **argv = arena_alloc(a, (command->list.n + 20) * sizeof *argv);
    argv[n++] = arena_strdup(a, ctx->shim);
    argv[n++] = arena_strdup(a, "--dir");
    argv[n++] = arena_strdup(a, attempt_dir);
    argv[n++] = arena_strdup(a, "--log");
    argv[n++] = attempt_log_path(a, ctx->dir, &attempt->key);
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
    if (environment_share(ctx, attempt, m->env, &cpus) > 0 && cpus.len > 0) {
        argv[n++] = arena_strdup(a, "--cpus");
        argv[n++] = arena_strdup(a, buf_str(&cpus));
    }
    buf_done(&cpus);
    const char *group = cgroup_path(a, &ctx->groups, attempt_dir, attempt->grant);
    if (group) {
        argv[n++] = arena_strdup(a, "--cgroup");
        argv[n++] = arena_strdup(a, group);
    }
    argv[n++] = arena_strdup(a, "--");
    for (size_t i = 0; i < command->list.n; i++)
        argv[n++] = arena_strdup(a, command->list.items[i]->s.ptr);
    return argv;
}

/* A port that was free a moment ago. The kernel assigns ports in turn, so two trials that start
 * together get different ones. */
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

static bool list_holds(const struct value *list, const char *text)
{
    for (size_t i = 0; i < list->list.n; i++)
        if (strstr(list->list.items[i]->s.ptr, text))
            return true;
    return false;
}

static int write_params(struct arena *a, const struct launch_context *ctx,
                        const struct launch_attempt *attempt, const struct value *params,
                        const struct value *command, const struct environment *environment,
                        struct err *err)
{
    const char *args = launch_attempt_args(a, ctx, attempt),
               *wandb = launch_attempt_wandb(a, ctx, attempt);
    int rc =
        write_file(launch_attempt_params(a, ctx, attempt), json_text(a, params, JSON_COMPACT), err);
    if (rc == 0 && environment_is_wandb(environment, wandb))
        rc = write_file(wandb, wandb_config_text(a, params), err);
    if (rc == 0 && list_holds(command, args))
        rc = write_file(args, json_text(a, params, JSON_PYTHON), err);
    return rc;
}

/* The snapshot that the attempt runs is named in its directory, which may be that of an earlier
 * attempt: a copy that one names is not removed. */
static int find_copy(struct arena *a, const struct launch_context *ctx, const char *attempt_dir,
                     const struct message *m, const char **ret, struct err *err)
{
    char *copy = arena_alloc(a, PATH_MAX), folder[PATH_TEXT_PATH_BYTES];
    const char *file = arena_printf(a, "%s/" CODE_COPIES_FILE, attempt_dir);
    if (!m->snapshot[0]) {
        unlink(file);
        return 0;
    }
    int rc = write_file(file, m->snapshot, err);
    if (rc == 0)
        rc = code_copies_use(ctx->dir, m->snapshot, copy, err);
    if (rc != 0)
        return rc;
    if (!path_text_parse(folder, m->workdir) ||
        (strcmp(folder, ".") != 0 && !code_path_is_good(folder)))
        return err_set(err, ERR_SPEC, "the working directory %s is malformed", m->workdir);
    *ret = arena_printf(a, "%s/%s", copy, folder);
    if (access(*ret, X_OK) == 0)
        return 0;
    return err_set(err, ERR_IO, "the snapshot has no folder %s: it has no file there", m->workdir);
}

static const char *host_words(const struct launch_context *ctx)
{
    return ctx->workdir ? "on the host of the agent" : "on this machine";
}

/* What helps where a sweep of a controller finds no project in this working directory of its spec. */
static const char *workdir_advice(const struct launch_context *ctx, const char *text)
{
    return !ctx->workdir ? ""
           : text[0] == '/'
               ? ": copy the project there, or send it with besom sweep --snapshot"
               : ": start the agent with --workdir FOLDER, or send the project with besom sweep "
                 "--snapshot";
}

/* What helps where the working directory has no such script. */
static const char *script_advice(const struct launch_context *ctx, const char *workdir)
{
    return !ctx->workdir       ? ""
           : workdir[0] == '/' ? ": check its name, or send the project with besom sweep --snapshot"
                               : ": check its name, start the agent with --workdir FOLDER, or send "
                                 "the project with "
                                 "besom sweep --snapshot";
}

/* A path without "." at its end. */
static const char *path_below(struct arena *a, const char *folder, const char *path)
{
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return *path && strcmp(path, ".") != 0 ? arena_printf(a, "%s/%s", folder, path) : folder;
}

/* A relative one, of a sweep that was sent to a controller, is below the agent's own. */
static int find_workdir(struct arena *a, const struct launch_context *ctx, const char *text,
                        const char **ret, struct err *err)
{
    char *path = arena_alloc(a, PATH_TEXT_PATH_BYTES);
    if (!path_text_parse(path, text))
        return err_set(err, ERR_SPEC, "the working directory %s is malformed", text);
    *ret = path[0] == '/' || !ctx->workdir ? path : path_below(a, ctx->workdir, path);
    if (access(*ret, X_OK) == 0)
        return 0;
    return err_set(err, ERR_IO, "the working directory %s cannot be entered %s (%s)%s", *ret,
                   host_words(ctx), strerror(errno), workdir_advice(ctx, path));
}

int launch_prepare(struct arena *a, const struct launch_context *ctx, const struct agent_key *key,
                   const struct message *m, const struct launch_cpus *cpus, struct launch_plan *ret,
                   struct err *err)
{
    const char *attempt_dir = launch_attempt_dir(a, ctx->dir, key);
    struct launch_attempt attempt = {
        .key = *key, .slot = (uint32_t)m->slot, .grant = m->grant, .cpus = cpus, .wandb = m->wandb};
    struct spec spec = {.command = m->command,
                        .flags = m->flags,
                        .program = m->program[0] ? m->program : NULL,
                        .env = m->env};
    struct environment environment = {0};
    struct value *command = NULL;
    int rc = command_fill_is_used(&spec, "${port}") ? port_find(&attempt.port, err) : 0;
    if (rc == 0) {
        environment = environment_of(a, ctx, &attempt, m->env);
        rc = environment_check(&environment, &spec, err);
    }
    if (rc == 0)
        rc = launch_command(a, ctx, &attempt, &spec, m->params, &environment, &command, err);
    const char *cwd = NULL;
    if (rc == 0)
        rc = find_copy(a, ctx, attempt_dir, m, &cwd, err);
    const char *advice = cwd ? "" : script_advice(ctx, m->workdir);
    if (rc == 0 && !cwd)
        rc = find_workdir(a, ctx, m->workdir, &cwd, err);
    if (rc == 0)
        rc = launch_program_check(a, command, cwd, value_get_str(environment.variables, "PATH", ""),
                                  host_words(ctx), advice, err);
    if (rc == 0)
        rc = write_params(a, ctx, &attempt, m->params, command, &environment, err);
    if (rc == 0)
        rc = make_trial_dir(a, launch_attempt_trial_dir(a, ctx->dir, key), err);
    if (rc == 0)
        rc = make_log_folder(a, attempt_log_path(a, ctx->dir, key), err);
    if (rc != 0)
        return rc;
    ret->cwd = cwd;
    ret->argv = argv_of(a, ctx, &attempt, attempt_dir, m, command);
    ret->command = ret->argv;
    while (*ret->command)
        ret->command++;
    ret->command -= command->list.n;
    ret->env = environment_list(a, &environment);
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
