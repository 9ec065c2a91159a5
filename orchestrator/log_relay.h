/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Passes questions about logs and trials' files from clients of the controller to the agents that have them,
 * and the answers back. Each question gets an answer: from the agent, or an error after its link
 * is down or its time is up. Questions are not facts and do not wait for facts. */
#include "orchestrator/core/controller/controller.h"
#include "orchestrator/peers.h"

struct log_relay;

enum { LOG_RELAY_MS = 5000 };

/* Answers a question from a log that this machine has, as `besom run` leaves it in the store's folder:
 * *m becomes the answer, whose data is in the arena. False: there is none. */
typedef bool (*log_relay_here_fn)(void *arg, struct arena *a, struct message *m);
/* Finds the files that this machine has of a trial. log_relay_answer() with the link 0 gets the answer, later
 * or during the call. */
typedef void (*log_relay_files_fn)(void *arg, const struct message *ask);

struct log_relay_handler {
    /* The answer, or else code and text of an error. */
    void (*answered)(void *arg, uint64_t client, int code, const char *text,
                     const struct value *answer);
    void *arg;
    log_relay_here_fn here; /* NULL: nothing ran here */
    log_relay_files_fn files_here;
    const char *here_name; /* of the agent that ran trials here; NULL: none */
    void *here_arg;
};

/* The core knows which agent has which link. dir: the store's, with the
 * ends of logs (log_tail.h). wait_ms: for an agent's answer; 0: LOG_RELAY_MS. */
struct log_relay *log_relay_new(struct uv_loop_s *loop, const struct controller *core,
                                struct peers *peers, const char *dir,
                                const struct log_relay_handler *handler, int64_t wait_ms);
/* ask: a MESSAGE_LOG_READ or MESSAGE_FILES_READ for the agent that it names. It is sent at once, or refused: sender has
 * LOG_REQUESTS_OF_ONE that are not answered (log_requests.h). */
void log_relay_ask(struct log_relay *r, uint64_t client, uint64_t sender,
                   const struct message *ask);
void log_relay_answer(struct log_relay *r, uint32_t link, const struct message *answer);
void log_relay_link_down(struct log_relay *r, uint32_t link);
void log_relay_close(struct log_relay *r); /* frees itself from the loop; takes NULL */
