/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/logging.h"

#include "cli/invocation.h"
#include "net/log.h"

int logging_open(const struct invocation *inv, struct err *err)
{
    const char *word = invocation_option(inv, "log-level");
    int level = word ? log_level_find(word) : LOG_WARN;
    if (level < 0) /* from the environment: an option's words are checked as it is read */
        return err_set(err, ERR_USAGE,
                       "BESOM_LOG: expected error, warn, info or debug, got '%.40s'", word);
    return log_open((enum log_level)level, invocation_option(inv, "log-file"), err);
}
