/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The users of this machine, as the record of actions names them. */
#include <sys/types.h>

enum { LOCAL_USER_BYTES = 80 };

/* "local user NAME", or "local user 1000" if the user has no name. May ask the directory of users,
 * so it may take a while; the user of this process is remembered. */
const char *local_user_text(uid_t uid, char ret[LOCAL_USER_BYTES]);
