/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { GRACE_MS = 30000 };

static int parse_number(const char *s, int64_t *ret)
{
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    if (end == s || *end || errno || v < 0)
        return ERR_USAGE;
    *ret = v;
    return 0;
}

/* Parses the number of a processor; NULL if s does not begin with one. */
static const char *parse_cpu(const char *s, unsigned *ret)
{
    const char *at = s;
    for (*ret = 0; *at >= '0' && *at <= '9' && *ret < CPU_SETSIZE; at++)
        *ret = *ret * 10 + (unsigned)(*at - '0');
    return at > s && *ret < CPU_SETSIZE ? at : NULL;
}

/* "0-3,8" */
static int parse_cpus(struct shim_arguments *a, const char *list)
{
    CPU_ZERO(&a->cpus);
    for (const char *at = list;; at++) {
        unsigned first, last;
        at = parse_cpu(at, &first);
        last = first;
        if (at && *at == '-')
            at = parse_cpu(at + 1, &last);
        if (!at || last < first || (*at && *at != ','))
            return ERR_USAGE;
        for (; first <= last; first++)
            CPU_SET(first, &a->cpus);
        if (!*at)
            break;
    }
    a->cpus_given = true;
    return 0;
}

static int parse_mode(const char *s, enum shim_line_mode *ret)
{
    *ret = strcmp(s, "all") == 0    ? SHIM_LINE_ALL
           : strcmp(s, "json") == 0 ? SHIM_LINE_JSON
                                    : SHIM_LINE_NONE;
    return *ret == SHIM_LINE_NONE ? ERR_USAGE : 0;
}

static int parse_one(struct shim_arguments *a, const char *option, const char *value)
{
    if (strcmp(option, "--dir") == 0)
        a->dir = value;
    else if (strcmp(option, "--log") == 0)
        a->log = value;
    else if (strcmp(option, "--log-bytes") == 0)
        return parse_number(value, &a->log_bytes);
    else if (strcmp(option, "--grace-ms") == 0)
        return parse_number(value, &a->core.grace_ms);
    else if (strcmp(option, "--time-ms") == 0)
        return parse_number(value, &a->core.time_ms);
    else if (strcmp(option, "--stdout") == 0)
        return parse_mode(value, &a->capture[SHIM_CAPTURE_OUT]);
    else if (strcmp(option, "--stderr") == 0)
        return parse_mode(value, &a->capture[SHIM_CAPTURE_ERR]);
    else if (strcmp(option, "--cgroup") == 0)
        a->cgroup = value;
    else if (strcmp(option, "--cpus") == 0)
        return parse_cpus(a, value);
    else
        return ERR_USAGE;
    return 0;
}

int shim_options_parse(int argc, char **argv, struct shim_arguments *ret)
{
    *ret = (struct shim_arguments){.log_bytes = LIMIT_LOG_BYTES, .core.grace_ms = GRACE_MS};
    int i = 1;
    while (i < argc && strcmp(argv[i], "--") != 0) {
        if (i + 1 >= argc || parse_one(ret, argv[i], argv[i + 1]) != 0)
            return ERR_USAGE;
        i += 2;
    }
    ret->argv = argv + i + 1;
    return i + 1 < argc && ret->dir && ret->log ? 0 : ERR_USAGE;
}
