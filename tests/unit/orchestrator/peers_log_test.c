/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/peers_log.h"

#include <stdlib.h>
#include <unistd.h>

#include "net/log.h"
#include "tests/test.h"

static struct peers_log l;
static char text[1 << 20], name[] = "/tmp/besom-log-XXXXXX";

static void log_begin(void)
{
    int fd = mkstemp(name);
    ASSERT(fd >= 0);
    close(fd);
    ASSERT_EQ(log_open(LOG_WARN, name, NULL), 0);
    peers_log_init(&l);
}

static void log_end(void)
{
    peers_log_done(&l);
    log_close();
    FILE *f = fopen(name, "r");
    ASSERT(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    unlink(name);
}

static size_t count_of(const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

TEST(peers_log_counts_each_apart_for_a_minute)
{
    log_begin();
    for (int i = 0; i < 3 * FLEET_LINES_MAX; i++)
        peers_log_refused(&l, "a@10.0.0.7", 1, "no", 1000);
    peers_log_refused(&l, "b@10.0.0.7", 2, "no", 2000);
    ASSERT(peers_log_tick(&l, 1000 + FLEET_LINES_MS));
    ASSERT(!peers_log_tick(&l, 2000 + FLEET_LINES_MS)); /* nothing of b was left out */
    peers_log_refused(&l, "a@10.0.0.7", 3, "again", 2000 + FLEET_LINES_MS);
    log_end();
    ASSERT_EQ(count_of("warn peer.refused who=a@10.0.0.7 peer=1 why=no\n"), FLEET_LINES_MAX);
    ASSERT_EQ(count_of("who=b@10.0.0.7 peer=2 why=no\n"), 1);
    ASSERT_EQ(count_of("who=a@10.0.0.7 left_out=32\n"), 1);
    ASSERT_EQ(count_of("who=a@10.0.0.7 peer=3 why=again\n"), 1);
    ASSERT_EQ(count_of("\n"), FLEET_LINES_MAX + 3);
}

TEST(peers_log_counts_so_many_apart_and_the_others_together)
{
    log_begin();
    for (uint32_t i = 0; i < 2 * PEERS_LOG_MAX; i++) {
        char who[32];
        snprintf(who, sizeof who, "a@%u", i);
        peers_log_refused(&l, who, i, "no", 1000);
    }
    peers_log_refused(&l, "a@7", 1, "no", 1000);
    peers_log_tick(&l, 1000 + FLEET_LINES_MS);
    log_end();
    ASSERT_EQ(count_of("why=no\n"), PEERS_LOG_MAX + FLEET_LINES_MAX + 1);
    ASSERT_EQ(count_of("who=others left_out=1008\n"), 1);
}
