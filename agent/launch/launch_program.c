/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/launch/launch_program.h"

#include <string.h>
#include <unistd.h>

static const char *program_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool program_is_there(struct arena *a, const char *cwd, const char *path, int how)
{
    return access(path[0] == '/' ? path : arena_printf(a, "%s/%s", cwd, path), how) == 0;
}

static bool program_is_on_path(struct arena *a, const char *name, const char *cwd, const char *path,
                               int how)
{
    for (const char *at = path; at; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
        const char *folder = arena_strndup(a, at, strcspn(at, ":"));
        if (program_is_there(a, cwd, arena_printf(a, "%s/%s", *folder ? folder : ".", name), how))
            return true;
    }
    return false;
}

static bool program_is_shell(const char *name)
{
    return strcmp(name, "sh") == 0 || strcmp(name, "bash") == 0 || strcmp(name, "dash") == 0;
}

/* An option of Python that takes no argument: the script may follow. */
static bool program_is_switch(const char *argument)
{
    return argument[0] == '-' && argument[1] &&
           strspn(argument + 1, "uBOEsISq") == strlen(argument + 1);
}

int launch_program_check(struct arena *a, const struct value *command, const char *cwd,
                         const char *path, const char *host, const char *advice, struct err *err)
{
    size_t n = command->list.n, i = 0;
    struct value *const *args = command->list.items;
    bool by_env = n > 0 && strcmp(program_base(args[0]->s.ptr), "env") == 0;
    if (by_env)
        for (i = 1; i < n && strchr(args[i]->s.ptr, '='); i++)
            continue;
    if (i >= n || args[i]->s.ptr[0] == '-')
        return 0;
    const char *name = args[i]->s.ptr;
    bool there = strchr(name, '/') ? program_is_there(a, cwd, name, X_OK)
                                   : program_is_on_path(a, name, cwd, path, X_OK);
    if (by_env && !there)
        return err_set(err, ERR_NOT_FOUND, "%s cannot be found %s: $PATH is %.150s", name, host,
                       path);
    bool python = strncmp(program_base(name), "python", 6) == 0;
    if (!python && !program_is_shell(program_base(name)))
        return 0;
    for (i++; python && i < n && program_is_switch(args[i]->s.ptr); i++)
        continue;
    const char *script = i < n ? args[i]->s.ptr : "-";
    /* Some shells look for a script on the path as well. */
    if (script[0] == '-' || program_is_there(a, cwd, script, F_OK) ||
        (!python && !strchr(script, '/') && program_is_on_path(a, script, cwd, path, F_OK)))
        return 0;
    return err_set(err, ERR_NOT_FOUND, "%s is not in %s %s%s", script, cwd, host, advice);
}
