/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Answers questions about the files of trials on a thread of its own: a folder may be huge, or on a
 * disk that is slow, and the loop has heartbeats to send. Must not know who asks. */
#include "protocol/message.h"

struct uv_loop_s;
struct files_desk;
/* The answer is a MESSAGE_FILES, and valid during the call. */
typedef void (*files_desk_fn)(void *arg, const struct message *answer);

enum { FILES_DESK_WAITING = 64 };

/* dir: of the agent or the store; it has trials/. */
struct files_desk *files_desk_new(struct uv_loop_s *loop, const char *dir, files_desk_fn answered,
                                  void *arg);
/* Each question gets one answer, in the order of the questions: from the thread, or ERR_BUSY at once if
 * FILES_DESK_WAITING questions wait. ask is copied; all but its type becomes part of the answer. */
void files_desk_ask(struct files_desk *d, const struct message *ask);
/* No answer comes any more. The loop must run until the thread is gone, or worker_has_left(). Both
 * take NULL. */
void files_desk_close(struct files_desk *d);
void files_desk_free(struct files_desk *d);
