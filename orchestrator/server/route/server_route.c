/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/route/server_route.h"

#include <string.h>

const struct server_route server_routes[] = {
#define X(method, path, need, part, op, key, query) \
    {HTTP_METHOD_##method, path, need, part, op, key, query},
    SERVER_ROUTES(X)
#undef X
};

const size_t server_routes_n = sizeof server_routes / sizeof *server_routes;

static bool route_matches(const char *pattern, const char *path, char name[SERVER_NAME_BYTES])
{
    bool named = false;
    while (*pattern && *path) {
        if (strcmp(pattern, "/**") == 0)
            return path[1] != '\0';
        size_t want = strcspn(pattern + 1, "/") + 1, have = strcspn(path + 1, "/") + 1;
        bool any = want == 2 && pattern[1] == '*';
        if (any ? have < 2 : want != have || memcmp(pattern, path, want) != 0)
            return false;
        if (any && !named) {
            size_t len = have - 1 < SERVER_NAME_BYTES - 1 ? have - 1 : SERVER_NAME_BYTES - 1;
            memcpy(name, path + 1, len);
            name[len] = '\0';
            named = true;
        }
        pattern += want;
        path += have;
    }
    return *pattern == *path;
}

static size_t first_part(const char *path)
{
    return strcspn(path + 1, "/") + 1;
}

/* Whether a route begins with the first part of the path, so it is not the name of an entity. */
static bool first_is_taken(const char *path)
{
    size_t len = first_part(path);
    for (size_t i = 0; i < server_routes_n; i++)
        if (first_part(server_routes[i].path) == len &&
            memcmp(server_routes[i].path, path, len) == 0)
            return true;
    return false;
}

static bool route_is_link(const char *pattern)
{
    return pattern[1] == '*';
}

const struct server_route *server_route_find(enum http_head_method method, const char *path,
                                             char name[SERVER_NAME_BYTES], bool *ret_known)
{
    *ret_known = false;
    name[0] = '\0';
    if (method == HTTP_METHOD_HEAD)
        method = HTTP_METHOD_GET;
    for (size_t i = 0; path[0] == '/' && i < server_routes_n; i++) {
        const char *pattern = server_routes[i].path;
        bool link = route_is_link(pattern);
        if (!route_matches(pattern, path, name) || (link && first_is_taken(path)))
            continue;
        if (server_routes[i].method == method)
            return &server_routes[i];
        *ret_known = *ret_known || !link;
    }
    return NULL;
}
