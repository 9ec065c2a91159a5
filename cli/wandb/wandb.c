/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom wandb: prints the variables with which wandb's client reports to a controller, as lines for a
 * shell. What people read goes to stderr. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/complain.h"
#include "cli/invocation.h"
#include "cli/print/shell_word.h"
#include "cli/print/terminal.h"
#include "cli/remote/remote.h"
#include "cli/wandb/trusted.h"
#include "net/endpoint.h"
#include "sweep/trust/credential.h"

enum { NAME_CHARS = 16 /* of a fingerprint, for the name of a file */ };

static void export_add(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "export %s=", name);
    shell_word(out, value);
    buf_adds(out, "\n");
}

/* Scripts with a viewer's token can read, and that may be all they do. */
static int token_judge(struct remote *r, struct err *err)
{
    struct value *session;
    struct arena a;
    arena_init(&a);
    int rc = remote_get(r, "session", &a, &session, err);
    int scope = rc == 0 ? credential_scope_find(value_get_str(session, "scope", "")) : -1;
    if (scope >= 0 && !credential_may((enum credential_scope)scope, CREDENTIAL_OPERATOR))
        terminal_say(
            "besom: this token has the scope viewer: scripts can read what is recorded, but "
            "not report; besom token create --scope operator makes one that can");
    arena_done(&a);
    return rc;
}

static int trust_add(const struct remote *r, const struct endpoint *e, struct buf *out,
                     struct err *err)
{
    struct remote_certificate certificate;
    char path[PATH_MAX];
    struct buf pem;
    bool bare = false;
    buf_init(&pem, SIZE_MAX);
    int rc = remote_certificate(r, &certificate, &pem, err);
    if (rc == 0 && !certificate.named)
        rc = err_set(
            err, ERR_IDENTITY,
            "the controller's certificate is not for %s, so wandb's client would refuse it: %s%s",
            e->host,
            certificate.own ? "start the controller with besom serve --host "
                            : "use a name that the certificate is for in $BESOM_SERVER",
            certificate.own ? e->host : "");
    /* Without a fingerprint, what this machine trusts has been enough to connect. */
    bool own = rc == 0 && certificate.own && e->pin[0];
    if (own) {
        char name[NAME_CHARS + 1];
        snprintf(name, sizeof name, "%s", e->pin);
        rc = trusted_write(buf_str(&pem), name, path, &bare, err);
    }
    if (rc == 0 && own) {
        export_add(out, "SSL_CERT_FILE", path);
        export_add(out, "REQUESTS_CA_BUNDLE", path);
    }
    if (bare)
        terminal_say("besom: no certificate authorities are installed here (package "
                     "ca-certificates): with these variables, Python and wandb trust this "
                     "controller alone");
    buf_done(&pem);
    return rc;
}

static int wandb_find(const struct invocation *inv, struct buf *out, struct err *err)
{
    const char *address = invocation_option(inv, "server"), *token = getenv("BESOM_TOKEN");
    struct endpoint e;
    struct remote *r = NULL;
    char url[ENDPOINT_BYTES];
    if (!address)
        return err_set(err, ERR_USAGE,
                       "set $BESOM_SERVER to the controller's address, as besom serve prints it");
    if (!token || !*token)
        return err_set(err, ERR_PERMISSION,
                       "set $BESOM_TOKEN to a token of the controller: besom token create --scope "
                       "operator");
    int rc = endpoint_parse(address, &e, err);
    if (rc == 0)
        rc = remote_open_as(&e, token, NULL, &r, err);
    if (rc == 0)
        rc = token_judge(r, err);
    if (rc == 0) {
        struct endpoint place = e;
        place.pin[0] = '\0';
        endpoint_print(&place, url);
        export_add(out, "WANDB_BASE_URL", url);
        export_add(out, "WANDB_API_KEY", token);
    }
    if (rc == 0 && e.tls)
        rc = trust_add(r, &e, out, err);
    remote_close(r);
    return rc;
}

int cmd_wandb(struct invocation *inv)
{
    struct err err = {0};
    struct buf out;
    buf_init(&out, SIZE_MAX);
    int rc = wandb_find(inv, &out, &err);
    /* The status of a command is lost in eval "$(…)", but not that of the last line. */
    fputs(rc == 0 ? buf_str(&out) : "false\n", stdout);
    if (rc == 0 && terminal_is(stdout))
        terminal_say("besom: these lines are for the shell: eval \"$(besom wandb)\"");
    buf_done(&out);
    return rc ? complain(&err) : COMPLAIN_DONE;
}
