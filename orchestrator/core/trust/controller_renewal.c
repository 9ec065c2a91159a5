/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/trust/controller_renewal.h"

#include <stdio.h>
#include <string.h>

#include "orchestrator/core/trust/controller_trust.h"

static const struct trust_credential *renewal_of(const struct controller *c,
                                                 const struct fleet_agent *agent)
{
    return agent->credential[0] ? trust_find(&c->books.trust, agent->credential) : NULL;
}

void controller_renewal_joined(struct controller *c, const struct event *ev,
                               struct fleet_agent *agent)
{
    snprintf(agent->credential, sizeof agent->credential, "%s", ev->token ? ev->token : "");
    const struct trust_credential *one = renewal_of(c, agent);
    agent->renew_ms = one ? trust_renewal_ms(one) : INT64_MAX;
    if (agent->renew_ms < c->renewal_ms)
        c->renewal_ms = agent->renew_ms;
}

static void renewal_send(const struct controller *c, uint32_t link, const struct message *m,
                         struct effects *out)
{
    struct effect *e = effects_add(out, EFFECT_SEND);
    e->link = link;
    e->message = *m;
    e->message.store = c->store;
    e->message.epoch = c->epoch;
    e->message.token = m->token ? arena_strdup(out->arena, m->token) : NULL;
}

void controller_renewal_ask(struct controller *c, const struct event *ev, struct effects *out)
{
    void *value;
    if (ev->wall_ms < c->renewal_ms)
        return;
    c->renewal_ms = INT64_MAX;
    for (size_t at = 0; map_next(&c->fleet.links, &at, &value);) {
        struct fleet_agent *agent = value;
        if (agent->renew_ms <= ev->wall_ms) {
            renewal_send(c, agent->link, &(struct message){.type = MESSAGE_RENEW}, out);
            agent->renew_ms = ev->wall_ms + CONTROLLER_RENEWAL_AGAIN_MS;
        }
        if (agent->renew_ms < c->renewal_ms)
            c->renewal_ms = agent->renew_ms;
    }
}

/* What the agent asks for may be done. A compromised agent must not fill the store, and not make
 * the key of another agent its own. */
static int renewal_judge(const struct controller *c, const struct event *ev,
                         const struct trust_credential *old, const struct fact *f, struct err *err)
{
    const struct trust_credential *next = trust_successor(&c->books.trust, old, ev->wall_ms);
    int rc = controller_trust_judge(c, ev, f, err);
    if (rc != 0)
        return rc;
    if (ev->wall_ms < trust_renewal_ms(old))
        return err_set(err, ERR_STATE, "it is not time yet");
    if (next && ev->wall_ms - next->created_ms < CONTROLLER_RENEWAL_AGAIN_MS)
        return err_set(err, ERR_BUSY, "another key was accepted within the last hour");
    if (map_find(&c->books.trust.keys, f->hash, CREDENTIAL_HASH_CHARS))
        return err_set(err, ERR_EXISTS, "the key is known already");
    return 0;
}

/* As long as the old one lasted. */
static void renewal_record(struct controller *c, const struct event *ev,
                           const struct trust_credential *old, struct fact *f, struct effects *out)
{
    const struct trust_credential *unused = trust_successor(&c->books.trust, old, ev->wall_ms);
    if (unused) /* the agent has lost that key */
        controller_trust_revoke(c, ev, unused, old->id, out);
    f->expires_ms = ev->wall_ms + (old->expires_ms - old->created_ms);
    controller_trust_grant(c, ev, f, old->id, out);
}

void controller_renewal(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct message *m = ev->message;
    const struct trust_credential *old = renewal_of(c, fleet_of_link(&c->fleet, ev->link));
    struct message answer = {.type = MESSAGE_RENEWED, .token = m->token};
    struct err err = {0};
    if (!old || old->revoked_ms || !old->expires_ms || ev->wall_ms >= old->expires_ms)
        return; /* its link is about to be closed */
    const struct trust_credential *next = trust_successor(&c->books.trust, old, ev->wall_ms);
    struct fact f = {.token = m->token,
                     .hash = m->hash,
                     .scope = CREDENTIAL_AGENT,
                     .form = old->form,
                     .name = old->name};
    if (next && strcmp(next->hash, m->hash) == 0) /* the answer was lost */
        answer.token = next->id;
    else if (renewal_judge(c, ev, old, &f, &err) != 0)
        answer.text = arena_strdup(out->arena, err.text);
    else
        renewal_record(c, ev, old, &f, out);
    renewal_send(c, ev->link, &answer, out);
}
