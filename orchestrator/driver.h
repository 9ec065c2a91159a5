/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's shell: executes the decisions of orchestrator/core/controller/controller.h on
 * the loop: the store, links to agents, strategies, the control socket. All events of one turn of
 * the loop share one commit; their effects leave the process only after it. It decides nothing
 * itself. */
#include <stdbool.h>
#include "orchestrator/core/controller/controller.h"
#include "orchestrator/followers.h"
#include "orchestrator/log_relay.h"
#include "orchestrator/store/store.h"

struct control_request;
struct peers_seat;
struct stream;
struct uv_loop_s;
struct driver;

struct driver_config {
    struct uv_loop_s *loop;
    const char *dir;            /* absolute: the store's */
    void (*changed)(void *arg); /* after each commit, when followers have had its facts */
    /* The store cannot be written any more. Must not return: events that were not acknowledged
     * will come again. */
    void (*failed)(void *arg, const struct err *err);
    /* What the agent of an attempt had not sent of it is lost, and why. May be NULL. */
    void (*given_up)(void *arg, const char *sweep, uint64_t trial, uint64_t attempt,
                     const char *why);
    /* The sessions of this credential end: it was revoked or has expired. May be NULL. */
    void (*revoked)(void *arg, const struct trust_credential *c);
    /* What became of an agent, and how many slots it has or trials it had; left_out: how many lines about
     * it were not printed, because there were too many. May be NULL. */
    void (*agent)(void *arg, const char *name, enum effect_news news, uint32_t n,
                  uint32_t left_out);
    log_relay_here_fn log_here; /* of agents that are not connected; may be NULL */
    /* Files of trials that the agent here_name ran on this machine, while no such agent is connected: the
     * answer goes to driver_found_files(). NULL: none. */
    log_relay_files_fn files_here;
    const char *here_name;
    void *arg;
    uint32_t beat_ms, silent_ms; /* of links to agents; 0: those of net/link.h */
    uint64_t most;               /* how many trials of each sweep to run; 0: no bound */
    int64_t lost_ms;             /* an agent away for longer is lost; 0: CONTROLLER_LOST_MS */
    int64_t log_ms;              /* for an answer about a log; 0: LOG_RELAY_MS */
};

/* Takes ownership of the store, which is open for writing, and loads its unfinished sweeps.
 * Launches trials of the named sweep, or of all sweeps if it is NULL, and of sweeps created later;
 * running trials of all sweeps are handled. */
NODISCARD int driver_start(const struct driver_config *config, struct store *store,
                           const char *sweep, struct driver **ret, struct err *err);
const char *driver_store_id(const struct driver *s);
const char *driver_user(const struct driver *s); /* of this process: "local user NAME" */

struct driver_size {
    uint64_t agents, slots, free; /* that are connected */
};
struct driver_size driver_size(const struct driver *s);
const struct books *driver_books(const struct driver *s);
uint64_t driver_running(const struct driver *s); /* trials of the sweeps that it launches */
/* Whether another process exited and left a sweep to this one, and it is not finished. */
bool driver_keeps(const struct driver *s);
bool driver_is_full(const struct driver *s); /* agents offer slots, and none is free */
/* Takes over fd, a connected stream socket to an agent. */
NODISCARD int driver_attach(struct driver *s, int fd, struct err *err);
/* The answer to driver_config.files_here. */
void driver_found_files(struct driver *s, const struct message *answer);
/* Takes over an agent's stream that was upgraded (peers_accept). */
void driver_accept(struct driver *s, struct stream *stream, const char *rest, size_t len,
                   const char *agent, const char *credential, const char *address);
/* An agent in this process (peers_seat). What it is told comes from the loop, after the facts that
 * it follows from are durable. */
uint32_t driver_seat(struct driver *s, const struct peers_seat *seat);
void driver_hear(struct driver *s, uint32_t seat, const struct message *m);
void driver_unseat(struct driver *s, uint32_t seat, int64_t silent_ms);
/* Accepts agents that connect to HOST:PORT or unix:PATH, from now on. Returns the port. */
NODISCARD int driver_listen(struct driver *s, const char *address, int *ret_port, struct err *err);
/* Called with the reply: 0 or an ERR_*, and a text or, to a question, a document; it must copy
 * either. */
typedef void (*driver_reply_fn)(void *arg, int code, const char *text, const struct value *answer);
/* Who asks, and where the reply goes. */
struct driver_asker {
    const char *by;     /* as in struct event; NULL: the user of this process */
    const char *from;   /* its address; may be NULL */
    driver_reply_fn fn; /* may be NULL */
    void *arg;
};
/* Takes effect in the next turn of the loop. The event has its kind, and what that kind asks for
 * (orchestrator/core/event.h), which is copied. Credentials: driver_books(s)->trust judges them, and
 * such events change them. The reply to EVENT_JOIN is the id of the agent's credential: of the one there
 * is, if only the reply was lost. */
void driver_ask(struct driver *s, const struct event *ev, const struct driver_asker *asker);
/* Does or answers what a request over the control socket asks for. */
void driver_request(struct driver *s, const struct control_request *r,
                    const struct driver_asker *asker);
/* All agents that are known, as `besom agents --json` prints them; lives in the arena. */
struct value *driver_agents(const struct driver *s, struct arena *a);
/* Why no agent could run the sweep's trials, in the arena; NULL: one could (waits_stuck). */
const char *driver_stuck(const struct driver *s, const char *sweep, struct arena *a);
/* A credential was accepted. Recorded once an hour, so it may be called for each request. */
void driver_token_used(struct driver *s, const char *token);
/* Records an action that was done elsewhere (result 0), or refused before it came here, by somebody with
 * a credential. The reply comes when the record is durable. */
void driver_record(struct driver *s, const char *what, const char *subject, int result,
                   const char *text, const struct driver_asker *asker);
/* Ends the running trials of the sweeps that it launches; with `again`, kills them. Trials of
 * other sweeps, left by an earlier process, continue. */
void driver_shutdown(struct driver *s);
/* Calls fn for each fact whose number is at least `from`, stored ones and later ones, each once
 * and in order, from the next turn of the loop on (orchestrator/followers.h). */
uint64_t driver_follow(struct driver *s, uint64_t from, followers_fn fn,
                       const struct followers_pace *pace, void *arg);
void driver_follow_on(struct driver *s); /* a follower that had no room has some */
void driver_unfollow(struct driver *s, uint64_t follower); /* what driver_follow returned */
bool driver_is_idle(const struct driver *s);               /* no event waits */
void driver_close(struct driver *s);
void driver_free(struct driver *s); /* after the loop has run on: closes the store */
