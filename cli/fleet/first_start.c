/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/first_start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/fleet/invitation.h"
#include "cli/print/shell_word.h"
#include "cli/print/terminal.h"
#include "cli/trust/mint.h"
#include "orchestrator/core/books.h"
#include "sweep/trust/join_text.h"

struct first_start {
    struct driver *driver;
    struct endpoint endpoint;
    char url[ENDPOINT_BYTES];
    const char *dir;
    bool json;
    char admin[TOKEN_TEXT_BYTES], join[TOKEN_TEXT_BYTES]; /* "": nothing to print */
    int waiting;                                          /* for credentials to be durable */
};

static bool trust_has_admin(const struct trust *t)
{
    void *value;
    for (size_t at = 0; map_next(&t->ids, &at, &value);) {
        const struct trust_credential *c = value;
        if (c->scope == CREDENTIAL_ADMIN && c->revoked_ms == 0)
            return true;
    }
    return false;
}

static void first_start_json(const struct first_start *f, const char *link, const char *join)
{
    struct arena a;
    arena_init(&a);
    struct value *v = value_dict(&a);
    value_put(&a, v, "url", value_str(&a, f->url));
    value_put(&a, v, "store", value_str(&a, f->dir));
    value_put(&a, v, "admin", f->admin[0] ? value_str(&a, f->admin) : value_null(&a));
    value_put(&a, v, "link", f->admin[0] ? value_str(&a, link) : value_null(&a));
    value_put(&a, v, "join", f->join[0] ? value_str(&a, join) : value_null(&a));
    puts(json_text(&a, v, JSON_COMPACT));
    arena_done(&a);
}

static void first_start_print(const struct first_start *f)
{
    char page[ENDPOINT_BYTES], link[ENDPOINT_BYTES + TOKEN_TEXT_BYTES + 16];
    char join[JOIN_TEXT_BYTES] = "";
    struct buf dir;
    buf_init(&dir, SIZE_MAX);
    shell_word(&dir, f->dir);
    endpoint_page(&f->endpoint, page);
    snprintf(link, sizeof link, "%s/#token=%s", page, f->admin);
    if (f->join[0])
        invitation_make(&f->endpoint, f->join, join);
    if (f->json) {
        first_start_json(f, link, join);
    } else {
        printf("besom serves %s; its store is %s\n"
               "  commands elsewhere need:  export BESOM_SERVER='%s'\n"
               "  scripts that use wandb need it too, and:  eval \"$(besom wandb)\"\n",
               page, buf_str(&dir), f->url);
        if (f->admin[0])
            printf("This is its first start. Keep these two; later starts do not show them:\n"
                   "  admin link:  %s\n"
                   "  on each GPU host, within an hour:  besom agent --join '%s'\n",
                   link, join);
        printf("  for another agent:  besom token create --scope join --store %s\n"
               "  to look at it in a browser:  besom token create --scope viewer --store %s\n",
               buf_str(&dir), buf_str(&dir));
    }
    fflush(stdout);
    buf_done(&dir);
}

static void token_granted(void *arg, int code, const char *text, const struct value *answer)
{
    struct first_start *f = arg;
    (void)answer;
    if (code != 0)
        terminal_print(stderr, "besom: the first tokens cannot be made: %s\n", text);
    if (--f->waiting == 0)
        first_start_print(f);
}

static void token_grant(struct first_start *f, enum credential_scope scope,
                        char out[TOKEN_TEXT_BYTES])
{
    struct mint mint;
    mint_token(scope, &mint);
    memcpy(out, mint.text, TOKEN_TEXT_BYTES);
    const struct fact grant = {.kind = FACT_TOKEN_CREATED,
                               .sweep = "",
                               .token = mint.id,
                               .scope = scope,
                               .form = CREDENTIAL_SECRET,
                               .hash = mint.hash,
                               .name = scope == CREDENTIAL_ADMIN ? "first start" : NULL,
                               .expires_ms = scope == CREDENTIAL_JOIN
                                                 ? (int64_t)time(NULL) * 1000 + CREDENTIAL_JOIN_MS
                                                 : 0};
    const struct driver_asker asker = {NULL, NULL, token_granted, f};
    f->waiting++;
    driver_ask(f->driver, &(struct event){.kind = EVENT_TOKEN_CREATE, .create = &grant}, &asker);
    mint_wipe(&mint);
}

struct first_start *first_start_begin(struct driver *driver, const struct endpoint *endpoint,
                                      const char *dir, bool json)
{
    struct first_start *f = mem_alloc(sizeof *f);
    *f = (struct first_start){.driver = driver, .endpoint = *endpoint, .dir = dir, .json = json};
    endpoint_print(endpoint, f->url);
    if (trust_has_admin(&driver_books(driver)->trust)) {
        first_start_print(f);
        return f;
    }
    token_grant(f, CREDENTIAL_ADMIN, f->admin);
    token_grant(f, CREDENTIAL_JOIN, f->join);
    return f;
}

void first_start_free(struct first_start *f)
{
    if (!f)
        return;
    secret_wipe(f->admin, sizeof f->admin);
    secret_wipe(f->join, sizeof f->join);
    mem_free(f);
}
