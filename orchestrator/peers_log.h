/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Why peers are refused, in the log: as many lines a minute of each one as fleet_lines.h allows, then how many were
 * left out. So one that connects again and again neither fills the log nor hides the others. */
#include "orchestrator/core/fleet/fleet_lines.h"

enum { PEERS_LOG_MAX = 1024 /* who is counted apart within a minute; further ones together */ };

struct peers_log {
    struct fleet_lines lines;
};

void peers_log_init(struct peers_log *l);
void peers_log_done(struct peers_log *l);
/* who: AGENT@ADDRESS, less than FLEET_LINES_NAME_BYTES; "": not known. */
void peers_log_refused(struct peers_log *l, const char *who, uint32_t peer, const char *why,
                       int64_t now_ms);
/* Logs, for each peer whose minute is over, how many lines were left out. False: no minute is running. */
bool peers_log_tick(struct peers_log *l, int64_t now_ms);
