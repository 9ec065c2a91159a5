/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom token: creates, lists and revokes the credentials of a store. The secret is created here and
 * printed once; the controller gets only its hash. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/diag/display.h"
#include "cli/cmd.h"
#include "cli/fleet/invitation.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/print/table.h"
#include "cli/print/terminal.h"
#include "cli/steer/steer_request.h"
#include "cli/steer/steer_send.h"
#include "cli/trust/mint.h"
#include "language/duration.h"
#include "orchestrator/view/trust/view_trust.h"

enum { JOIN_S_MAX = 24 * 3600, EXPIRES_S_MAX = 10 * 366 * 24 * 3600 };

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int expiry_read(const char *text, enum credential_scope scope, int64_t *ret, struct err *err)
{
    double most = scope == CREDENTIAL_JOIN ? JOIN_S_MAX : EXPIRES_S_MAX, span = 0;
    if (!text) {
        *ret = scope == CREDENTIAL_JOIN ? now_ms() + CREDENTIAL_JOIN_MS : 0;
        return 0;
    }
    if (!duration_parse(text, &span) || span < 1)
        return err_set(err, ERR_USAGE,
                       "--expires: expected a duration such as 90s, 1h or 30d, got '%s'", text);
    if (span > most)
        return err_set(err, ERR_USAGE, "--expires: %s",
                       scope == CREDENTIAL_JOIN ? "a join token lasts at most 24h"
                                                : "a token lasts at most 10 years");
    *ret = now_ms() + (int64_t)(span * 1000);
    return 0;
}

static int name_check(const char *name, struct err *err)
{
    size_t len = name ? strlen(name) : 1;
    if (len == 0 || len > CREDENTIAL_NAME_BYTES_MAX)
        return err_set(err, ERR_USAGE, "--name must have 1 to %d bytes", CREDENTIAL_NAME_BYTES_MAX);
    if (name && !display_is_clean(name, len))
        return err_set(err, ERR_USAGE, "--name must be text without control characters");
    return 0;
}

/* The token itself stays off the screen where stdout is a file. */
static const char *token_page(struct looking *l, const struct fact *f)
{
    char page[ENDPOINT_BYTES];
    if (!credential_may(f->scope, CREDENTIAL_VIEWER) || !invitation_page(l->dir, page))
        return "";
    return arena_printf(&l->arena, "; in a browser: %s/#token=TOKEN", page);
}

static void token_print(struct looking *l, const char *text, const struct fact *f)
{
    struct arena *a = &l->arena;
    char join[JOIN_TEXT_BYTES];
    bool whole = f->scope == CREDENTIAL_JOIN && invitation_find(l->dir, text, join);
    if (!l->json && whole) {
        buf_addf(&l->out, "%s\n", join);
        looking_flush(l);
        terminal_say("besom: on the new host: besom agent --join STRING, with the string above; "
                     "it works once");
        return;
    }
    if (!l->json) {
        buf_addf(&l->out, "%s\n", text);
        looking_flush(l);
        terminal_say(
            arena_printf(a,
                         "besom: token %s, scope %s: keep it secret; besom does not keep it "
                         "and cannot show it again%s",
                         f->token, credential_scope_name(f->scope), token_page(l, f)));
        return;
    }
    struct value *v = value_dict(a);
    value_put(a, v, "token", value_str(a, text));
    if (f->scope == CREDENTIAL_JOIN)
        value_put(a, v, "join", whole ? value_str(a, join) : value_null(a));
    value_put(a, v, "id", value_str(a, f->token));
    value_put(a, v, "scope", value_str(a, credential_scope_name(f->scope)));
    value_put(a, v, "name", f->name ? value_str(a, f->name) : value_null(a));
    value_put(a, v, "expires",
              f->expires_ms ? value_float(a, (double)f->expires_ms / 1000) : value_null(a));
    looking_json(l, v);
}

static int token_create(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct mint mint;
    struct buf message;
    const char *word = invocation_option(inv, "scope");
    int scope = word ? credential_scope_find(word) : -1;
    if (scope < 0)
        return err_set(err, ERR_USAGE,
                       "--scope is missing: admin, operator, viewer, agent or join");
    struct fact f = {.kind = FACT_TOKEN_CREATED,
                     .time_ms = now_ms(),
                     .scope = (enum credential_scope)scope,
                     .form = CREDENTIAL_SECRET,
                     .name = invocation_option(inv, "name"),
                     .store = "", /* the controller fills in these two */
                     .by = ""};
    int rc = name_check(f.name, err);
    if (rc == 0)
        rc = expiry_read(invocation_option(inv, "expires"), f.scope, &f.expires_ms, err);
    if (rc != 0)
        return rc;
    mint_token(f.scope, &mint);
    f.token = mint.id;
    f.hash = mint.hash;
    buf_init(&message, SIZE_MAX);
    rc = steer_send(l, &(struct steer_request){.op = "token_create", .sweep = "", .fact = &f},
                    &message, err);
    if (rc == 0)
        token_print(l, mint.text, &f);
    buf_done(&message);
    mint_wipe(&mint);
    return rc;
}

static const char *token_state(const struct value *token, double now)
{
    bool join = strcmp(value_get_str(token, "scope", ""), "join") == 0;
    double expires = value_get_float(token, "expires", 0);
    return value_get_float(token, "revoked", 0) > 0         ? "revoked"
           : join && value_get_float(token, "used", 0) > 0  ? "used"
           : expires > 0 && now >= expires                  ? "expired"
           : join && value_get_bool(token, "copied", false) ? "copied"
                                                            : "valid";
}

static void tokens_print(struct looking *l, const struct value *tokens)
{
    static const char *const times[] = {"created", "expires", "used"};
    struct table t;
    table_init(&t, &l->arena);
    table_column(&t, "token", 0);
    table_column(&t, "scope", 0);
    table_column(&t, "name", TABLE_SHRINK);
    table_column(&t, "state", 0);
    table_column(&t, "created", TABLE_DROP);
    table_column(&t, "expires", TABLE_DROP);
    table_column(&t, "last used", TABLE_DROP);
    table_column(&t, "made by", TABLE_SHRINK | TABLE_DROP);
    for (size_t i = 0; i < tokens->list.n; i++) {
        const struct value *token = tokens->list.items[i];
        const char *state = token_state(token, (double)time(NULL));
        table_cell(&t, value_get_str(token, "id", ""), TABLE_PLAIN);
        table_cell(&t, value_get_str(token, "scope", ""), TABLE_PLAIN);
        table_cell(&t, value_get_str(token, "name", ""), TABLE_PLAIN);
        table_cell(&t, state, strcmp(state, "valid") == 0 ? TABLE_GOOD : TABLE_BAD);
        for (size_t k = 0; k < sizeof times / sizeof *times; k++)
            table_cell(&t, looking_moment(&l->arena, token, times[k]), TABLE_PLAIN);
        table_cell(&t, value_get_str(token, "by", ""), TABLE_PLAIN);
    }
    table_print(&l->out, &t, l->table_columns, l->colour);
    table_done(&t);
}

static int token_list(struct looking *l, struct err *err)
{
    struct value *tokens;
    int rc = view_tokens(l->view, &l->arena, &tokens, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < tokens->list.n; i++) {
        struct value *token = tokens->list.items[i];
        value_put(&l->arena, token, "state",
                  value_str(&l->arena, token_state(token, (double)time(NULL))));
    }
    if (!looking_list(l, tokens, "no token yet: besom token create --scope viewer\n"))
        tokens_print(l, tokens);
    return 0;
}

/* How well a token matches the user's text: by its id (3), by its name if it is not revoked (2), by
 * the beginning of its id (1), or not at all (0). */
static int token_fit(const struct value *token, const char *what)
{
    const char *id = value_get_str(token, "id", "");
    bool revoked = value_get_float(token, "revoked", 0) > 0;
    return strcmp(id, what) == 0                                             ? 3
           : !revoked && strcmp(value_get_str(token, "name", ""), what) == 0 ? 2
           : strncmp(id, what, strlen(what)) == 0                            ? 1
                                                                             : 0;
}

static int token_find(const struct value *tokens, const char *what, const char **ret,
                      struct err *err)
{
    size_t found = 0;
    int best = 1;
    for (size_t i = 0; i < tokens->list.n; i++) {
        int fit = token_fit(tokens->list.items[i], what);
        if (fit < best)
            continue;
        found = fit > best ? 1 : found + 1;
        best = fit;
        *ret = value_get_str(tokens->list.items[i], "id", "");
    }
    if (found == 1)
        return 0;
    if (found > 1)
        return err_set(err, ERR_USAGE, "%s names %zu tokens: give the id, see besom token list",
                       what, found);
    return err_set(err, ERR_NOT_FOUND, "there is no token %s: see besom token list", what);
}

static int token_revoke(struct looking *l, const char *what, struct err *err)
{
    struct value *tokens;
    struct buf message;
    const char *id = "";
    if (!what || !*what)
        return err_set(err, ERR_USAGE, "ID is missing: besom token revoke ID");
    int rc = view_tokens(l->view, &l->arena, &tokens, err);
    if (rc == 0)
        rc = token_find(tokens, what, &id, err);
    if (rc != 0)
        return rc;
    buf_init(&message, SIZE_MAX);
    rc = steer_send(l, &(struct steer_request){.op = "token_revoke", .sweep = "", .token = id},
                    &message, err);
    if (rc == 0 && l->json)
        buf_addf(&l->out, "{\"ok\":true,\"id\":\"%s\",\"message\":\"%s\"}\n", id,
                 buf_str(&message));
    else if (rc == 0)
        buf_addf(&l->out, "token %s %s%s\n", id,
                 strcmp(buf_str(&message), "revoked") == 0 ? "is " : "", buf_str(&message));
    buf_done(&message);
    return rc;
}

static int token_do(struct looking *l, const struct invocation *inv, struct err *err)
{
    static const char *const options[] = {"scope", "name", "expires"};
    const char *word = invocation_arg(inv, 0), *more = invocation_arg(inv, 1);
    bool create = strcmp(word, "create") == 0, revoke = strcmp(word, "revoke") == 0;
    if (!create && !revoke && strcmp(word, "list") != 0)
        return err_set(err, ERR_USAGE, "'%s' is not create, list or revoke", word);
    if (more && !revoke)
        return err_set(err, ERR_USAGE, "besom token %s takes no argument, but '%s' was given", word,
                       more);
    for (size_t i = 0; !create && i < sizeof options / sizeof *options; i++)
        if (invocation_option(inv, options[i]))
            return err_set(err, ERR_USAGE, "--%s is an option of besom token create", options[i]);
    return create   ? token_create(l, inv, err)
           : revoke ? token_revoke(l, more, err)
                    : token_list(l, err);
}

int cmd_token(struct invocation *inv)
{
    return looking_run_fleet(inv, token_do);
}
