/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fleet/join_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int join_source_read(const char *given, struct join_text *ret, struct err *err)
{
    char text[2 * JOIN_TEXT_BYTES];
    if (strncmp(given, "http", strlen("http")) == 0)
        return join_text_parse(given, strlen(given), ret, err);
    if (strncmp(given, "bsm_", strlen("bsm_")) == 0)
        return err_set(err, ERR_USAGE,
                       "--join has a token alone: write the controller's address before it, "
                       "https://HOST:PORT#sha256:…,TOKEN");
    bool standard = strcmp(given, "-") == 0;
    FILE *file = standard ? stdin : fopen(given, "re");
    if (!file)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "--join %s: %s", given,
                       strerror(errno));
    size_t n = fread(text, 1, sizeof text, file);
    bool failed = ferror(file) != 0;
    if (!standard)
        fclose(file);
    if (failed || n == sizeof text)
        return err_set(err, ERR_USAGE, "--join %s: %s", given,
                       failed ? "it cannot be read" : "it is too long for a join string");
    int rc = join_text_parse(text, n, ret, err);
    return rc ? err_wrap(err, "--join %s", standard ? "from standard input" : given) : 0;
}
