/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/driver.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "net/log.h"
#include "net/turn.h"
#include "orchestrator/control.h"
#include "orchestrator/core/reasons/alerts.h"
#include "orchestrator/core/controller/controller_agent.h"
#include "orchestrator/core/waits.h"
#include "orchestrator/local_user.h"
#include "orchestrator/log_relay.h"
#include "orchestrator/lookup.h"
#include "orchestrator/peers.h"
#include "orchestrator/thinker.h"
#include "orchestrator/writer.h"

enum { TIDY_MS = 2000 };
#define REQUEST_OWN ((uint64_t)1 << 63) /* marks requests of this process, not of the socket */

struct asked {
    driver_reply_fn fn;
    void *arg;
};

struct driver {
    struct driver_config config;
    struct store *store;
    struct controller core;
    struct thinker *thinker;
    struct peers *peers;
    struct control *control;
    struct log_relay *logs;
    struct map asked; /* request of this process -> struct asked * */
    uint64_t last_asked;
    struct turn turn;
    uv_timer_t tidy;
    struct followers *followers;
    struct writer *writer;
    char user[LOCAL_USER_BYTES]; /* that this process runs as */
    bool closing;
};

static void event_stamp(struct driver *s, struct event *ev)
{
    ev->now_ms = turn_now_ms(&s->turn);
    ev->wall_ms = turn_wall_ms();
}

static struct event *event_queue(struct driver *s, enum event_kind kind)
{
    struct event *ev = turn_add(&s->turn);
    ev->kind = kind;
    event_stamp(s, ev);
    return ev;
}

static void driver_on_proposals(void *arg, const struct question_answer *answer)
{
    struct driver *s = arg;
    question_fill_event(event_queue(s, EVENT_PROPOSED), &s->turn.arena, answer);
}

/* Tells the sweep's strategy about a changed trial, with the next question. */
static void driver_tell(struct driver *s, const struct fact *f)
{
    struct question_report report;
    enum question_news news = question_news(&s->core.books, f, &report);
    if (news == QUESTION_REPORT)
        thinker_report(s->thinker, f->sweep, &report);
    else if (news == QUESTION_FORGET)
        thinker_forget(s->thinker, f->sweep);
}

static void reply_own(struct driver *s, uint64_t request, int code, const char *text,
                      const struct value *answer)
{
    struct asked *asked = map_find(&s->asked, &request, sizeof request);
    map_remove(&s->asked, &request, sizeof request);
    asked->fn(asked->arg, code, text, answer);
    mem_free(asked);
}

static void request_reply(struct driver *s, uint64_t request, int code, const char *text)
{
    if (request & REQUEST_OWN)
        reply_own(s, request, code, text, NULL);
    else
        control_reply(s->control, request, code, text);
}

static void request_answer(void *arg, uint64_t request, int code, const char *text,
                           const struct value *answer)
{
    struct driver *s = arg;
    if (code != 0)
        request_reply(s, request, code, text);
    else if (request & REQUEST_OWN)
        reply_own(s, request, 0, NULL, answer);
    else
        control_answer(s->control, request, answer);
}

/* The record of a request that was answered here. */
static struct event *action_refused(struct driver *s, const struct event *ev, const struct err *err)
{
    struct fact *f = arena_alloc(&s->turn.arena, sizeof *f);
    struct event *action = arena_alloc(&s->turn.arena, sizeof *action);
    *f = (struct fact){.kind = FACT_ACTION,
                       .by = ev->by,
                       .address = ev->from,
                       .what = event_what(ev),
                       .subject = ev->sweep,
                       .result = err->code,
                       .text = arena_strdup(&s->turn.arena, err->text)};
    *action = *ev;
    action->kind = EVENT_ACTION;
    action->request = 0; /* it has its reply */
    action->create = f;
    return action;
}

static void driver_step(struct driver *s, struct event *ev)
{
    const struct lookup lookup = {&s->turn.arena, s->config.dir, s->store, &s->core};
    struct err err = {0};
    if (lookup_event(&lookup, ev, &err) != 0) {
        if (ev->kind == EVENT_MESSAGE) { /* a hello: the agent comes again */
            peers_drop(s->peers, ev->link, err.text);
            return;
        }
        request_reply(s, ev->request, err.code, err.text);
        if (ev->dry)
            return;
        ev = action_refused(s, ev, &err);
    }
    struct batches *batches = writer_batches(s->writer);
    struct effects *effects = &batches->open->effects;
    for (size_t i = batches_step(batches, &s->core, ev); i < effects->n; i++) {
        const struct effect *e = &effects->items[i];
        if (e->kind == EFFECT_PROPOSE)
            thinker_ask(s->thinker, books_sweep(&s->core.books, e->sweep), e);
        else if (e->kind == EFFECT_PERSIST)
            driver_tell(s, &e->fact);
    }
}

/* Ends the attempt as if the agent could not launch it: no agent will ever report its end. */
static void launch_failed(struct driver *s, uint32_t peer, const struct message *launch)
{
    struct message *m = arena_alloc(&s->turn.arena, sizeof *m);
    *m = (struct message){.type = MESSAGE_ENDED,
                          .store = arena_strdup(&s->turn.arena, launch->store),
                          .epoch = launch->epoch,
                          .sweep = arena_strdup(&s->turn.arena, launch->sweep),
                          .trial = launch->trial,
                          .attempt = launch->attempt,
                          .cause = "launch",
                          .text = "its configuration is larger than a message can be"};
    struct event *ev = event_queue(s, EVENT_MESSAGE);
    ev->link = peer;
    ev->message = m;
}

static void send_message(struct driver *s, uint32_t peer, const struct message *m)
{
    if (peers_send(s->peers, peer, m) == 0)
        return;
    if (m->type == MESSAGE_LAUNCH)
        launch_failed(s, peer, m);
    else
        peers_drop(s->peers, peer, "a message for the agent is larger than a frame can be");
}

/* An agent whose credential was replaced connects again, with the new one. */
static void sessions_end(struct driver *s, const char *token)
{
    const struct trust_credential *c = trust_find(&s->core.books.trust, token);
    peers_drop_credential(s->peers, token, "its credential was revoked or has expired");
    if (c && s->config.revoked && !s->closing)
        s->config.revoked(s->config.arg, c);
}

static void driver_carry_out(void *arg, const struct effect *e)
{
    struct driver *s = arg;
    switch (e->kind) {
    case EFFECT_PERSIST:
    case EFFECT_PROPOSE:
        return; /* done in the order of steps */
    case EFFECT_SEND:
        send_message(s, e->link, &e->message);
        return;
    case EFFECT_CLOSE:
        peers_refuse(s->peers, e->link, e->text);
        return;
    case EFFECT_REPLY:
        if (e->answer)
            request_answer(s, e->request, 0, NULL, e->answer);
        else
            request_reply(s, e->request, e->code, e->text);
        return;
    case EFFECT_AGENT:
        if (s->config.agent)
            s->config.agent(s->config.arg, e->text, e->news, e->wanted, e->left_out);
        return;
    case EFFECT_GIVEN_UP:
        if (s->config.given_up && !e->silent)
            s->config.given_up(s->config.arg, e->sweep, e->trial, e->attempt, e->text);
        return;
    case EFFECT_REVOKED:
        sessions_end(s, e->text);
        return;
    }
}

static void driver_due(void *arg)
{
    event_queue(arg, EVENT_TICK);
}

static int64_t driver_deadline(void *arg)
{
    const struct driver *s = arg;
    return controller_deadline(&s->core);
}

static void driver_committed(void *arg, const struct fact *f)
{
    struct driver *s = arg;
    thinker_durable(s->thinker, f->seq);
    followers_committed(s->followers, f, 1);
}

static void driver_failed(void *arg, const struct err *err)
{
    struct driver *s = arg;
    s->config.failed(s->config.arg, err);
}

static void driver_changed(void *arg)
{
    struct driver *s = arg;
    if (!s->closing)
        s->config.changed(s->config.arg);
}

static void driver_tidy(void *arg)
{
    struct driver *s = arg;
    writer_tidy(s->writer, !followers_are_reading(s->followers));
}

static void on_tidy(uv_timer_t *timer)
{
    driver_tidy(timer->data);
}

static void driver_run(void *arg)
{
    struct driver *s = arg;
    struct event ev;
    while (turn_next(&s->turn, &ev))
        driver_step(s, &ev);
    writer_flush(s->writer);
    peers_resume(s->peers);
    if (!writer_is_writing(s->writer)) /* else the writer calls driver_changed() after its commit */
        driver_changed(s);
}

static void driver_on_message(void *arg, uint32_t peer, const struct message *m)
{
    struct driver *s = arg;
    if ((m->type == MESSAGE_LOG || m->type == MESSAGE_FILES) && !s->closing)
        log_relay_answer(s->logs, peer, m); /* nothing durable depends on it */
    struct event *ev = event_queue(s, EVENT_MESSAGE);
    ev->link = peer;
    ev->message = m;
    if (m->type == MESSAGE_HELLO)
        ev->token = arena_strdup(&s->turn.arena, peers_credential(s->peers, peer));
}

static void driver_on_down(void *arg, uint32_t peer, const char *why, int64_t silent_ms)
{
    struct driver *s = arg;
    struct event *ev = event_queue(s, EVENT_LINK_DOWN);
    (void)why; /* the peers have logged it */
    if (!s->closing)
        log_relay_link_down(s->logs, peer);
    ev->link = peer;
    ev->silent_ms = silent_ms;
}

void driver_found_files(struct driver *s, const struct message *answer)
{
    if (!s->closing)
        log_relay_answer(s->logs, 0, answer);
}

int driver_attach(struct driver *s, int fd, struct err *err)
{
    return peers_attach(s->peers, fd, err);
}

void driver_accept(struct driver *s, struct stream *stream, const char *rest, size_t len,
                   const char *agent, const char *credential, const char *address)
{
    peers_accept(s->peers, stream, rest, len, agent, credential, address);
}

uint32_t driver_seat(struct driver *s, const struct peers_seat *seat)
{
    return peers_seat(s->peers, seat);
}

void driver_hear(struct driver *s, uint32_t seat, const struct message *m)
{
    peers_hear(s->peers, seat, m);
}

void driver_unseat(struct driver *s, uint32_t seat, int64_t silent_ms)
{
    peers_unseat(s->peers, seat, silent_ms);
}

int driver_listen(struct driver *s, const char *address, int *ret_port, struct err *err)
{
    return peers_listen(s->peers, address, ret_port, err);
}

static void agents_answer(struct driver *s, uint64_t request)
{
    struct arena a;
    arena_init(&a);
    struct value *v = value_dict(&a);
    value_put(&a, v, "ok", value_bool(&a, true));
    struct value *agents = driver_agents(s, &a);
    value_put(&a, v, "agents", agents);
    value_put(&a, v, "alerts", alerts_of_agents(agents, &a));
    request_answer(s, request, 0, NULL, v);
    arena_done(&a);
}

static void waits_answer(struct driver *s, uint64_t request, const struct control_request *r)
{
    struct arena a;
    arena_init(&a);
    const char *sweep = r->event.sweep;
    const char *text = r->trial >= 0 ? waits_trial(&s->core, sweep, (uint64_t)r->trial, &a)
                                     : waits_sweep(&s->core, sweep, &a);
    struct value *v = value_dict(&a);
    value_put(&a, v, "waits", text ? value_str(&a, text) : value_null(&a));
    request_answer(s, request, 0, NULL, v);
    arena_done(&a);
}

/* An event that somebody asks for. */
static void asked_queue(struct driver *s, const struct event *asked, uint64_t request)
{
    struct event *ev = turn_add(&s->turn);
    *ev = *asked;
    event_keep(&s->turn.arena, ev);
    ev->request = request;
    event_stamp(s, ev);
}

static void on_request(void *arg, uint64_t request, const struct control_request *r)
{
    struct driver *s = arg;
    switch (r->kind) {
    case CONTROL_EVENT:
        asked_queue(s, &r->event, request);
        return;
    case CONTROL_AGENTS:
        agents_answer(s, request);
        return;
    case CONTROL_LOG:
        log_relay_ask(s->logs, request, r->sender, &r->log);
        return;
    case CONTROL_WAITS:
        waits_answer(s, request, r);
        return;
    }
}

static int open_books(struct driver *s, const char *sweep, struct err *err)
{
    struct books books;
    books_init(&books);
    int rc = store_load(s->store, sweep, &books, err);
    if (rc == 0)
        rc = controller_init(&s->core, store_id(s->store), store_epoch(s->store),
                             (int64_t)uv_now(s->config.loop), &books, err);
    if (rc == 0 && s->config.lost_ms > 0)
        s->core.lost_ms = s->config.lost_ms;
    books_done(&books);
    return rc;
}

int driver_start(const struct driver_config *config, struct store *store, const char *sweep,
                 struct driver **ret, struct err *err)
{
    struct driver *s = mem_alloc(sizeof *s);
    s->config = *config;
    s->store = store;
    local_user_text(geteuid(), s->user);
    map_init(&s->asked);
    struct writer_config writer = {.loop = config->loop,
                                   .store = store,
                                   .books = &s->core.books,
                                   .handler = {driver_carry_out, driver_committed, s},
                                   .written = driver_changed,
                                   .failed = driver_failed,
                                   .untidy = driver_tidy,
                                   .arg = s};
    int rc = open_books(s, sweep, err);
    if (rc == 0)
        rc = writer_start(&writer, &s->writer, err);
    if (rc == 0)
        rc = control_listen(config->loop, config->dir, &(struct control_handler){on_request, s},
                            &s->control, err);
    if (rc != 0) {
        writer_close(s->writer);
        driver_free(s);
        return rc;
    }
    struct turn_handler turn = {sizeof(struct event), driver_run, driver_deadline, driver_due, s};
    struct peers_config peers = {.message = driver_on_message,
                                 .down = driver_on_down,
                                 .arg = s,
                                 .beat_ms = config->beat_ms,
                                 .silent_ms = config->silent_ms};
    turn_init(&s->turn, config->loop, &turn);
    s->thinker = thinker_new(&(struct thinker_config){
        .loop = config->loop, .dir = config->dir, .answered = driver_on_proposals, .arg = s});
    thinker_durable(s->thinker, s->core.books.seq);
    s->peers = peers_new(config->loop, &s->turn.arena, &peers);
    s->logs = log_relay_new(config->loop, &s->core, s->peers, s->config.dir,
                            &(struct log_relay_handler){.answered = request_answer,
                                                        .arg = s,
                                                        .here = config->log_here,
                                                        .files_here = config->files_here,
                                                        .here_name = config->here_name,
                                                        .here_arg = config->arg},
                            config->log_ms);
    s->followers = followers_new(config->loop, config->dir, s->core.books.seq);
    uv_timer_init(config->loop, &s->tidy);
    s->tidy.data = s;
    uv_timer_start(&s->tidy, on_tidy, TIDY_MS, TIDY_MS);
    struct event *admit = event_queue(s, EVENT_ADMIT);
    admit->sweep = sweep ? arena_strdup(&s->turn.arena, sweep) : NULL;
    admit->most = config->most;
    *ret = s;
    return 0;
}

const struct books *driver_books(const struct driver *s)
{
    return &s->core.books;
}

const char *driver_store_id(const struct driver *s)
{
    return s->core.store;
}

struct driver_size driver_size(const struct driver *s)
{
    const struct fleet *f = &s->core.fleet;
    return (struct driver_size){f->links.live, f->slots_n, f->free_n};
}

uint64_t driver_running(const struct driver *s)
{
    return controller_running(&s->core);
}

bool driver_keeps(const struct driver *s)
{
    return controller_keeps(&s->core);
}

bool driver_is_full(const struct driver *s)
{
    return controller_is_full(&s->core);
}

/* The number of a request of this process: 0 if nobody waits for its reply. */
static uint64_t request_add(struct driver *s, const struct driver_asker *asker)
{
    if (!asker->fn)
        return 0;
    struct asked *asked = mem_alloc(sizeof *asked);
    *asked = (struct asked){asker->fn, asker->arg};
    uint64_t request = REQUEST_OWN | ++s->last_asked;
    map_put(&s->asked, &request, sizeof request, asked);
    return request;
}

void driver_request(struct driver *s, const struct control_request *r,
                    const struct driver_asker *asker)
{
    struct control_request by = *r;
    by.event.by = asker->by ? asker->by : s->user;
    by.event.from = asker->by ? asker->from : "this host";
    on_request(s, request_add(s, asker), &by);
}

void driver_ask(struct driver *s, const struct event *ev, const struct driver_asker *asker)
{
    driver_request(s, &(struct control_request){.kind = CONTROL_EVENT, .event = *ev}, asker);
}

const char *driver_user(const struct driver *s)
{
    return s->user;
}

void driver_token_used(struct driver *s, const char *token)
{
    const struct trust_credential *c = trust_find(&s->core.books.trust, token);
    if (c && trust_use_is_news(c, turn_wall_ms()))
        event_queue(s, EVENT_TOKEN_USED)->token = arena_strdup(&s->turn.arena, token);
}

void driver_record(struct driver *s, const char *what, const char *subject, int result,
                   const char *text, const struct driver_asker *asker)
{
    const struct fact f = {.kind = FACT_ACTION,
                           .sweep = "",
                           .by = asker->by ? asker->by : s->user,
                           .address = asker->by ? asker->from : "this host",
                           .what = what,
                           .subject = subject,
                           .result = result,
                           .text = text};
    driver_ask(s, &(struct event){.kind = EVENT_ACTION, .create = &f}, asker);
}

struct value *driver_agents(const struct driver *s, struct arena *a)
{
    return controller_agent_list(&s->core, turn_now_ms(&s->turn), turn_wall_ms(), a);
}

const char *driver_stuck(const struct driver *s, const char *sweep, struct arena *a)
{
    return waits_stuck(&s->core, sweep, a);
}

void driver_shutdown(struct driver *s)
{
    event_queue(s, EVENT_SHUTDOWN);
}

uint64_t driver_follow(struct driver *s, uint64_t from, followers_fn fn,
                       const struct followers_pace *pace, void *arg)
{
    return followers_add(s->followers, from, fn, pace, arg);
}

void driver_follow_on(struct driver *s)
{
    followers_wake(s->followers);
}

void driver_unfollow(struct driver *s, uint64_t follower)
{
    followers_remove(s->followers, follower);
}

bool driver_is_idle(const struct driver *s)
{
    return turn_is_empty(&s->turn) && batches_are_idle(writer_batches(s->writer));
}

void driver_close(struct driver *s)
{
    s->closing = true;
    turn_close(&s->turn);
    uv_close((uv_handle_t *)&s->tidy, NULL);
    writer_close(s->writer);
    control_close(s->control);
    log_relay_close(s->logs);
    followers_close(s->followers);
    peers_close(s->peers);
    thinker_close(s->thinker);
}

void driver_free(struct driver *s)
{
    void *value;
    thinker_free(s->thinker);
    for (size_t at = 0; map_next(&s->asked, &at, &value);)
        mem_free(value);
    map_done(&s->asked);
    followers_free(s->followers);
    controller_done(&s->core);
    writer_free(s->writer);
    peers_free(s->peers);
    turn_done(&s->turn);
    store_close(s->store);
    mem_free(s);
}
