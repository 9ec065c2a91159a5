/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/route/server_query.h"

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
        {HTTP_METHOD_GET, "/api/v1/sweeps/a3/trials", "/api/v1/sweeps/*/trials", "a3", true},
        {HTTP_METHOD_GET, "/api/v1/sweeps/a3/trials/1", NULL, "", false},
        {HTTP_METHOD_POST, "/api/v1/sweeps/a3/pause", "/api/v1/sweeps/*/pause", "a3", true},
        {HTTP_METHOD_GET, "/api/v1/sweeps/a3/log", "/api/v1/sweeps/*/log", "a3", true},
        {HTTP_METHOD_GET, "/api/v1/trials/a3-1/points", "/api/v1/trials/*/points", "a3-1", true},
        {HTTP_METHOD_GET, "/api/v1/trials/a3-1/nothing", NULL, "", false},
        {HTTP_METHOD_POST, "/api/v1/sweeps/a3/nothing", NULL, "", false},
        {HTTP_METHOD_POST, "/api/v1/sweeps/a3/trials", NULL, "a3", true},
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

TEST(names_of_a_query_are_known)
{
    static const struct server_route takes = {.query = "state filter skip#"}, none = {.query = ""},
                                     any = {.query = NULL};
    static const struct {
        const struct server_route *route;
        const char *query, *says; /* NULL: nothing is wrong */
    } asked[] = {
        {&takes, "", NULL},
        {&takes, "&&", NULL},
        {&takes, "state=a&filter=b%26skip=&skip=0", NULL},
        {&takes, "%73kip=7", NULL},
        {&takes, "fliter=x",
         "parameter: 'fliter' is unknown: did you mean 'filter'?\nknown: state, "
         "filter, skip"},
        {&takes, "filter=x&Filter=x", "did you mean 'filter'"},
        {&takes, "%1b[1m=x", "parameter: '"},
        {&takes, "=x", "parameter: '' is unknown"},
        {&takes, "skip=1&state=a&skip=1", "duplicate skip="},
        {&takes, "skip=", "skip= is not a whole number"},
        {&takes, "skip", "skip= is not a whole number"},
        {&takes, "skip=-1", "skip=-1 is not a whole number"},
        {&takes, "skip=1e3", "skip=1e3 is not a whole number"},
        {&takes, "skip=999999999999999999", NULL},
        {&takes, "skip=1000000000000000000", "skip=1000000000000000000 is not a whole number"},
        {&takes, "skip=1%00", "skip= is not UTF-8 text"},
        {&takes, "skip=0&filter=tag:%00", "filter= is not UTF-8 text"},
        {&takes, "state=%ff", "state= is not UTF-8 text"},
        {&none, "x", "there are no parameters here"},
        {&any, "x=1&x=2", NULL},
    };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct err err = {0};
        int rc = server_query_check(asked[i].route, asked[i].query, &err);
        ASSERT_EQ(rc, asked[i].says ? ERR_USAGE : 0);
        if (asked[i].says && !strstr(err.text, asked[i].says))
            ASSERT_STR(err.text, asked[i].says);
        ASSERT(!strchr(err.text, '\x1b'));
    }
}

TEST(a_query_is_read_by_its_names)
{
    static const struct server_route takes = {.query = "state skip#"};
    struct arena a;
    arena_init(&a);
    const struct value *v = server_query_read(&takes, "skip=12&state=a%20b", false, &a);
    ASSERT_STR(value_get_str(v, "skip", ""), "12");
    ASSERT_STR(value_get_str(v, "state", ""), "a b");
    v = server_query_read(&takes, "skip=12", true, &a);
    ASSERT_EQ(value_get_int(v, "skip", 0), 12);
    ASSERT(!value_get(v, "state"));
    ASSERT_EQ(server_query_number("a=1&skip=3", "skip", 9), 3);
    ASSERT_EQ(server_query_number("a=1", "skip", 9), 9);
    arena_done(&a);
}
