/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/peers_log.h"

#include <string.h>

#include "net/log.h"

void peers_log_init(struct peers_log *l)
{
    fleet_lines_init(&l->lines);
}

void peers_log_done(struct peers_log *l)
{
    fleet_lines_done(&l->lines);
}

void peers_log_refused(struct peers_log *l, const char *who, uint32_t peer, const char *why,
                       int64_t now_ms)
{
    peers_log_tick(l, now_ms);
    bool apart =
        l->lines.names.live < PEERS_LOG_MAX || map_find(&l->lines.names, who, strlen(who)) != NULL;
    if (fleet_lines_may(&l->lines, apart ? who : "others", now_ms))
        LOG(LOG_WARN, "peer.refused", log_text("who", who), log_int("peer", peer),
            log_text("why", why));
}

bool peers_log_tick(struct peers_log *l, int64_t now_ms)
{
    char who[FLEET_LINES_NAME_BYTES];
    uint32_t left_out;
    while (fleet_lines_end(&l->lines, now_ms, who, &left_out))
        if (left_out > 0)
            LOG(LOG_WARN, "peer.refused", log_text("who", who), log_int("left_out", left_out));
    return l->lines.names.live > 0;
}
