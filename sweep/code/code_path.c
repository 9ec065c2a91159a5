/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/code/code_path.h"

#include <string.h>
#include <strings.h>

static const char *const secrets[] = {
    ".env*",     "*.pem",       "*.key",     "*.p12",        "*.pfx",
    "*.jks",     "*.keystore",  "*.kdbx",    "id_rsa*",      "id_dsa*",
    "id_ecdsa*", "id_ed25519*", ".netrc",    "_netrc",       ".pgpass",
    ".npmrc",    ".pypirc",     ".htpasswd", "credentials*", ".git-credentials",
    "secrets.*", "kaggle.json", ".aws/",     ".ssh/",        ".gnupg/",
    ".kube/",    ".azure/",     ".docker/",  ".besom/",      "wandb/settings",
};
enum { SECRETS = sizeof secrets / sizeof *secrets };

/* The length of the name at the beginning of a path. */
static size_t name_length(const char *path)
{
    return strcspn(path, "/");
}

static bool name_is_dots(const char *name, size_t len)
{
    return len <= 2 && strncmp(name, "..", len) == 0;
}

bool code_path_is_good(const char *path)
{
    if (strlen(path) >= CODE_PATH_BYTES)
        return false;
    for (const char *name = path;;) {
        size_t len = name_length(name);
        if (len == 0 || len >= CODE_PATH_NAME_BYTES || name_is_dots(name, len))
            return false;
        if (name[len] == '\0')
            return true;
        name += len + 1;
    }
}

static unsigned byte_rank(char c)
{
    return c == '\0' ? 0 : c == '/' ? 1 : (unsigned char)c + 1u;
}

int code_path_compare(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    unsigned one = byte_rank(*a), two = byte_rank(*b);
    return (one > two) - (one < two);
}

bool code_path_is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/';
}

bool code_path_link_is_inside(const char *path, const char *target)
{
    size_t folders = 0, len = strlen(target);
    for (const char *c = path; *c; c++)
        folders += *c == '/';
    if (len == 0 || len >= CODE_PATH_BYTES || *target == '/')
        return false;
    while (strncmp(target, "./", 2) == 0)
        target += 2;
    for (; strncmp(target, "../", 3) == 0; target += 3)
        if (folders-- == 0)
            return false;
    if (strcmp(target, "..") == 0)
        return folders > 0;
    if (strcmp(target, ".") == 0 || *target == '\0')
        return true;
    return code_path_is_good(target);
}

/* One name against a pattern with at most one '*' at its beginning or its end. */
static bool name_matches(const char *name, size_t len, const char *pattern, size_t pattern_len)
{
    if (*pattern == '*')
        return len >= pattern_len - 1 &&
               strncasecmp(name + len - (pattern_len - 1), pattern + 1, pattern_len - 1) == 0;
    if (pattern[pattern_len - 1] == '*')
        return len >= pattern_len - 1 && strncasecmp(name, pattern, pattern_len - 1) == 0;
    return len == pattern_len && strncasecmp(name, pattern, len) == 0;
}

static bool path_ends_with(const char *path, const char *end)
{
    size_t len = strlen(path), end_len = strlen(end);
    return len >= end_len && strcasecmp(path + len - end_len, end) == 0 &&
           (len == end_len || path[len - end_len - 1] == '/');
}

static bool path_matches(const char *path, const char *pattern)
{
    size_t pattern_len = strlen(pattern);
    bool folder = pattern[pattern_len - 1] == '/';
    if (!folder && strchr(pattern, '/'))
        return path_ends_with(path, pattern);
    for (const char *name = path;;) {
        size_t len = name_length(name);
        bool last = name[len] == '\0';
        if (folder && !last && name_matches(name, len, pattern, pattern_len - 1))
            return true;
        if (!folder && last)
            return name_matches(name, len, pattern, pattern_len);
        if (last)
            return false;
        name += len + 1;
    }
}

const char *code_path_secret(size_t i)
{
    return i < SECRETS ? secrets[i] : NULL;
}

bool code_path_is_secret(const char *path)
{
    for (size_t i = 0; i < SECRETS; i++)
        if (path_matches(path, secrets[i]))
            return true;
    return false;
}
