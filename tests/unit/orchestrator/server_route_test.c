/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_route.h"

#include <string.h>

#include "tests/test.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

TEST(routes_are_found_by_method_and_path)
{
    static const struct {
        enum http_head_method method;
        const char *path, *route, *name;
        bool known;
    } asked[] = {
        {HTTP_METHOD_GET, "/healthz", "/healthz", "", true},
        {HTTP_METHOD_HEAD, "/healthz", "/healthz", "", true},
        {HTTP_METHOD_POST, "/healthz", NULL, "", true},
        {HTTP_METHOD_GET, "/api/v1/sweeps", "/api/v1/sweeps", "", true},
        {HTTP_METHOD_GET, "/api/v1/sweeps/", NULL, "", false},
        {HTTP_METHOD_GET, "/api/v1/sweeps/a3", "/api/v1/sweeps/*", "a3", true},
        {HTTP_METHOD_GET, "/api/v1/sweeps/a3/trials", "/api/v1/sweeps/*/*", "a3", true},
        {HTTP_METHOD_GET, "/api/v1/sweeps/a3/trials/1", NULL, "", false},
        {HTTP_METHOD_POST, "/api/v1/sweeps/a3/pause", "/api/v1/sweeps/*/pause", "a3", true},
        {HTTP_METHOD_GET, "/api/v1/sweeps/a3/log", "/api/v1/sweeps/*/log", "a3", true},
        {HTTP_METHOD_GET, "/api/v1/trials/a3-1/points", "/api/v1/trials/*/*", "a3-1", true},
        {HTTP_METHOD_POST, "/api/v1/sweeps/a3/nothing", NULL, "a3", true},
        {HTTP_METHOD_GET, "/", "/", "", true},
        {HTTP_METHOD_GET, "/s/k3f9", "/s/*", "k3f9", true},
        {HTTP_METHOD_GET, "/assets/page.js", "/assets/*", "page.js", true},
        {HTTP_METHOD_GET, "/assets", NULL, "", false},
        {HTTP_METHOD_POST, "/assets/page.js", NULL, "page.js", true},
        {HTTP_METHOD_DELETE, "/api/v1/session", "/api/v1/session", "", true},
        {HTTP_METHOD_GET, "", NULL, "", false},
        {HTTP_METHOD_GET, "/agent/v1", "/agent/v1", "", true},
        {HTTP_METHOD_GET, "/agent/v10", NULL, "", false},
        {HTTP_METHOD_POST, "/agent/v1/wandb/a3/1/2/graphql", "/agent/v1/wandb/*/*/*/**", "a3",
         true},
        {HTTP_METHOD_POST, "/agent/v1/wandb/a3/1/2/files/e/p/r/file_stream",
         "/agent/v1/wandb/*/*/*/**", "a3", true},
        {HTTP_METHOD_POST, "/agent/v1/wandb/a3/1/2", NULL, "", false},
        {HTTP_METHOD_POST, "/api/v1/code/" HASH, "/api/v1/code/*", HASH, true},
        {HTTP_METHOD_GET, "/agent/v1/code/" HASH, "/agent/v1/code/*", HASH, true},
    };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        char name[SERVER_NAME_BYTES];
        bool known;
        const struct server_route *r =
            server_route_find(asked[i].method, asked[i].path, name, &known);
        ASSERT_STR(r ? r->path : "none", asked[i].route ? asked[i].route : "none");
        if (r)
            ASSERT_STR(name, asked[i].name);
        ASSERT_EQ(r || known, asked[i].known);
    }
}

/* Every route that changes something, or shows something, needs a credential. What wandb's clients ask
 * for is judged by the desk, operation by operation. */
TEST(routes_need_a_credential)
{
    for (size_t i = 0; i < server_routes_n; i++) {
        const struct server_route *r = &server_routes[i];
        bool sign_in = r->part == SERVER_PLAIN && r->method == HTTP_METHOD_POST;
        bool harmless = r->part == SERVER_HEALTH || r->part == SERVER_SWALLOW ||
                        r->part == SERVER_PAGE || sign_in;
        ASSERT_EQ(r->need == SERVER_ANYBODY, harmless);
        ASSERT_EQ(r->need == SERVER_SIGNED, strncmp(r->path, "/storage/", 9) == 0);
        if (r->method != HTTP_METHOD_GET && !harmless && r->part != SERVER_WANDB &&
            r->part != SERVER_SESSION)
            ASSERT(r->need != CREDENTIAL_VIEWER);
    }
}
