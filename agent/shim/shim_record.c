/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const causes[] = {
#define X(name, text) [name] = text,
    SHIM_CAUSE_LIST(X)
#undef X
};

enum { CAUSES = sizeof causes / sizeof *causes };

const char *shim_cause_name(enum shim_cause cause)
{
    return (unsigned)cause < CAUSES ? causes[cause] : "unknown";
}

size_t shim_record_print_claim(char out[SHIM_RECORD_BYTES], const struct shim_record *r)
{
    return (size_t)snprintf(out, SHIM_RECORD_BYTES,
                            "besom-shim 1\npid %" PRId64 "\nstart %" PRIu64
                            "\nboot %s\nnamespace %" PRIu64 "\nfolder %" PRIu64 " %" PRIu64
                            "\nclaimed\n",
                            r->pid, r->start, r->boot, r->pid_namespace, r->device, r->inode);
}

size_t shim_record_print_training(char out[SHIM_RECORD_BYTES], int64_t pid)
{
    return (size_t)snprintf(out, SHIM_RECORD_BYTES, "training %" PRId64 "\n", pid);
}

size_t shim_record_print_end(char out[SHIM_RECORD_BYTES], const struct shim_end *end)
{
    char error[SHIM_ERROR_BYTES];
    snprintf(error, sizeof error, "%s", end->error);
    for (char *p = error; *p; p++)
        if (*p == '\n')
            *p = ' ';
    return (size_t)snprintf(
        out, SHIM_RECORD_BYTES,
        "code %d\nsignal %d\ncause %s\noom %d\nunkillable %d\ndurable %d\nended %" PRId64
        "\nran %" PRId64 "\ndropped %" PRIu64 "\nstdout_dropped %" PRIu64 "\nstdout_lost %" PRIu64
        "\ndisk_full %d\nerror %s\nend\n",
        end->code, end->signal, shim_cause_name(end->cause), end->oom, end->unkillable,
        end->durable, end->ended_ms, end->ran_ms, end->dropped, end->stdout_dropped,
        end->stdout_lost, end->disk_full, error);
}

static bool parse_i64(const char *s, int64_t *ret)
{
    char *rest;
    long long v = strtoll(s, &rest, 10);
    *ret = v;
    return rest != s && *rest == '\0';
}

static bool parse_cause(const char *s, enum shim_cause *ret)
{
    for (unsigned i = 0; i < CAUSES; i++) {
        if (strcmp(s, causes[i]) == 0) {
            *ret = (enum shim_cause)i;
            return true;
        }
    }
    return false;
}

static bool record_parse_u64(const char *s, char after, uint64_t *ret, const char **ret_rest)
{
    char *rest;
    errno = 0;
    *ret = strtoull(s, &rest, 10);
    *ret_rest = rest;
    return *s >= '0' && *s <= '9' && errno == 0 && *rest == after;
}

/* Inodes take all 64 bits on some file systems. */
static bool record_parse_place(const char *key, const char *value, struct shim_record *r)
{
    const char *rest;
    if (strcmp(key, "namespace") == 0)
        return record_parse_u64(value, '\0', &r->pid_namespace, &rest);
    return record_parse_u64(value, ' ', &r->device, &rest) &&
           record_parse_u64(rest + 1, '\0', &r->inode, &rest);
}

enum number_kind { NUMBER_INT, NUMBER_BOOL, NUMBER_64 };

static bool number_take(const char *value, enum number_kind kind, void *to)
{
    int64_t v = 0;
    if (!parse_i64(value, &v) || v < 0 || (kind != NUMBER_64 && v > INT32_MAX))
        return false;
    if (kind == NUMBER_INT)
        *(int *)to = (int)v;
    else if (kind == NUMBER_BOOL)
        *(bool *)to = v != 0;
    else
        memcpy(to, &v, sizeof v); /* signed or not: it is not negative */
    return true;
}

/* A key of a later version is skipped; a value that cannot be parsed makes the record damaged. */
static bool field_take(struct shim_record *r, const char *key, const char *value)
{
    struct shim_end *e = &r->end;
    const struct {
        const char *key;
        enum number_kind kind;
        void *to;
    } numbers[] = {
        {"pid", NUMBER_64, &r->pid},
        {"start", NUMBER_64, &r->start},
        {"training", NUMBER_64, &r->training},
        {"code", NUMBER_INT, &e->code},
        {"signal", NUMBER_INT, &e->signal},
        {"oom", NUMBER_BOOL, &e->oom},
        {"unkillable", NUMBER_BOOL, &e->unkillable},
        {"durable", NUMBER_BOOL, &e->durable},
        {"ended", NUMBER_64, &e->ended_ms},
        {"ran", NUMBER_64, &e->ran_ms},
        {"dropped", NUMBER_64, &e->dropped},
        {"stdout_dropped", NUMBER_64, &e->stdout_dropped},
        {"stdout_lost", NUMBER_64, &e->stdout_lost},
        {"disk_full", NUMBER_BOOL, &e->disk_full},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(key, numbers[i].key) == 0)
            return number_take(value, numbers[i].kind, numbers[i].to);
    if (strcmp(key, "cause") == 0)
        return parse_cause(value, &e->cause);
    if (strcmp(key, "namespace") == 0 || strcmp(key, "folder") == 0)
        return record_parse_place(key, value, r);
    if (strcmp(key, "boot") == 0)
        snprintf(r->boot, sizeof r->boot, "%s", value);
    else if (strcmp(key, "error") == 0)
        snprintf(e->error, sizeof e->error, "%s", value);
    return true;
}

int shim_record_parse(const char *text, size_t len, struct shim_record *ret)
{
    struct shim_record r = {0};
    bool claimed = false;
    static const char magic[] = "besom-shim 1\n";
    if (len >= SHIM_RECORD_BYTES || len < sizeof magic - 1 ||
        memcmp(text, magic, sizeof magic - 1) != 0)
        return ERR_DAMAGED;
    for (size_t at = sizeof magic - 1; at < len && !r.has_end;) {
        const char *newline = memchr(text + at, '\n', len - at);
        if (!newline)
            break;
        char line[SHIM_RECORD_BYTES];
        size_t n = (size_t)(newline - text) - at;
        memcpy(line, text + at, n);
        line[n] = '\0';
        at += n + 1;
        char *space = strchr(line, ' ');
        if (space)
            *space = '\0';
        if (!space && strcmp(line, "claimed") == 0)
            claimed = true;
        else if (!space && strcmp(line, "end") == 0)
            r.has_end = claimed;
        else if (!field_take(&r, line, space ? space + 1 : ""))
            break;
    }
    if (!claimed)
        return ERR_DAMAGED;
    if (!r.has_end)
        r.end = (struct shim_end){0};
    *ret = r;
    return 0;
}
