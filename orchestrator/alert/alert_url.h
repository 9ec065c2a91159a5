/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The URL that alerts are sent to. Pure. It may be a secret: no error has it. */
#include <stdbool.h>
#include "base/err.h"

struct alert_url {
    bool tls;
    char host[272];     /* for the header, with the port if one is given */
    char address[280];  /* HOST:PORT */
    const char *target; /* the path and the query, in the text that was parsed */
};

enum { ALERT_URL_BYTES = 2000 };

NODISCARD int alert_url_parse(const char *text, struct alert_url *ret, struct err *err);
