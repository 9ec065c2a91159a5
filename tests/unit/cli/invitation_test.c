/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/invitation.h"

#include <stdio.h>
#include <string.h>

#include "base/number/rng.h"
#include "cli/trust/mint.h"
#include "net/endpoint.h"
#include "tests/test.h"

enum { ADDRESSES = 2000, SEED = 11 };

static struct rng rng;

static uint32_t draw(uint32_t n)
{
    return (uint32_t)rng_below(&rng, n);
}

static void draw_of(const char *chars, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = chars[draw((uint32_t)strlen(chars))];
    out[n] = '\0';
}

/* The address of a controller as besom serve prints it. */
static void draw_address(char out[ENDPOINT_BYTES])
{
    char host[256], pin[65];
    bool tls = draw(4) > 0;
    uint32_t kind = draw(3), port = 1 + draw(65535);
    if (!tls)
        snprintf(host, sizeof host, "%s",
                 kind == 0   ? "localhost"
                 : kind == 1 ? "127.0.0.1"
                             : "[::1]");
    else if (kind == 0)
        draw_of("abcXYZ019.-", 1 + draw(200), host);
    else if (kind == 1)
        snprintf(host, sizeof host, "%u.%u.%u.%u", draw(256), draw(256), draw(256), draw(256));
    else
        snprintf(host, sizeof host, "[fe80::%x:%x]", draw(65536), draw(65536));
    draw_of("0123456789abcdef", 64, pin);
    snprintf(out, ENDPOINT_BYTES, "%s://%s:%u%s%s", tls ? "https" : "http", host, port,
             tls ? "#sha256:" : "", tls ? pin : "");
}

/* What an agent reads from its join string is where the controller is. */
TEST(invitation_leads_to_its_controller)
{
    struct mint mint;
    mint_token(CREDENTIAL_JOIN, &mint);
    rng_init(&rng, SEED, 0, RNG_TEST);
    for (int i = 0; i < ADDRESSES; i++) {
        char address[ENDPOINT_BYTES], again[ENDPOINT_BYTES], text[JOIN_TEXT_BYTES];
        struct endpoint to, from;
        struct join_text join;
        struct err err = {0};
        draw_address(address);
        ASSERT_EQ(endpoint_parse(address, &to, &err), 0);
        invitation_make(&to, mint.text, text);
        ASSERT_EQ(join_text_parse(text, strlen(text), &join, &err), 0);
        invitation_endpoint(&join, &from);
        endpoint_print(&from, again);
        ASSERT_STR(again, address);
        ASSERT_STR(from.host, to.host);
        ASSERT_STR(join.token, mint.text);
    }
    mint_wipe(&mint);
}
