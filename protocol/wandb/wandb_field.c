/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_field.h"

#include <string.h>

enum { PATH_BYTES_MAX = 1024 };

static const struct field_name {
    const char *name, *key;
    bool is_time;
} names[] = {
    {"state", "state", false},
    {"sweep", "sweep", false},
    {"sweepName", "sweep", false},
    {"display_name", "display", false},
    {"displayName", "display", false},
    {"name", "name", false},
    {"id", "name", false},
    {"tags", "tags", false},
    {"group", "group", false},
    {"jobType", "job_type", false},
    {"job_type", "job_type", false},
    {"username", "by", false},
    {"user", "by", false},
    {"user.username", "by", false},
    {"createdAt", "created", true},
    {"created_at", "created", true},
    {"heartbeatAt", "heartbeat", true},
    {"heartbeat_at", "heartbeat", true},
    {"updatedAt", "heartbeat", true},
    {"updated_at", "heartbeat", true},
    {"host", "host", false},
    {"notes", "notes", false},
    {"entity", "entity", false},
    {"project", "project", false},
    {"commit", "commit", false},
    {"program", "program", false},
    {"repo", "repo", false},
    {"created", "created", true},
    {"heartbeat", "heartbeat", true},
    {"display", "display", false},
    {"ended", "ended", true},
    {"duration", "duration", false},
    {"rows", "rows", false},
    {"exit_code", "exit_code", false},
};

static const struct field_part {
    const char *prefix;
    enum wandb_field_part part;
} parts[] = {
    {"config.", WANDB_FIELD_CONFIG},
    {"summary_metrics.", WANDB_FIELD_SUMMARY},
    {"summaryMetrics.", WANDB_FIELD_SUMMARY},
    {"summary.", WANDB_FIELD_SUMMARY},
};

int wandb_field_parse(struct arena *a, const char *text, struct wandb_field *ret, struct err *err)
{
    if (strlen(text) > PATH_BYTES_MAX)
        return err_set(err, ERR_LIMIT, "the name of a field is longer than %d bytes",
                       PATH_BYTES_MAX);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i].name) == 0) {
            *ret = (struct wandb_field){WANDB_FIELD_RUN, names[i].key, names[i].is_time};
            return 0;
        }
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t len = strlen(parts[i].prefix);
        if (strncmp(text, parts[i].prefix, len) == 0 && text[len]) {
            *ret = (struct wandb_field){parts[i].part, arena_strdup(a, text + len), false};
            return 0;
        }
    }
    return err_set(
        err, ERR_SYNTAX,
        "unknown field '%.100s': use state, name, display_name, tags, created_at, config.NAME, "
        "summary_metrics.NAME …",
        text);
}

static const struct value *entry_find(const struct value *dict, const char *key, size_t len)
{
    for (size_t i = 0; i < dict->dict.n; i++)
        if (strncmp(dict->dict.entries[i].key, key, len) == 0 &&
            dict->dict.entries[i].key[len] == '\0')
            return dict->dict.entries[i].value;
    return NULL;
}

/* Each dict is entered at most once, by the one path that leads to it. */
const struct value *wandb_field_path(const struct value *dict, const char *path)
{
    if (!dict || dict->kind != VALUE_DICT)
        return NULL;
    for (size_t len = strlen(path);; len--) {
        const struct value *v = entry_find(dict, path, len);
        const struct value *found = !path[len] ? v : v ? wandb_field_path(v, path + len + 1) : NULL;
        if (found)
            return found;
        while (len > 0 && path[len - 1] != '.')
            len--;
        if (len == 0)
            return NULL;
    }
}

/* What an entry of a config leads to: `config.opt.lr`, `config.opt.value.lr` and `config.opt.lr.value` are the same. */
static const struct value *entry_path(const struct value *entry, const char *rest)
{
    static const char word[] = "value";
    const size_t len = sizeof word - 1;
    const struct value *v = entry->kind == VALUE_DICT ? value_get(entry, word) : NULL;
    v = v ? v : entry;
    if (!*rest || strcmp(rest, word) == 0)
        return v;
    const struct value *found = wandb_field_path(v, rest);
    if (!found && strncmp(rest, word, len) == 0 && rest[len] == '.')
        found = wandb_field_path(v, rest + len + 1);
    size_t n = strlen(rest);
    if (found || n <= len + 1 || n > PATH_BYTES_MAX || strcmp(rest + n - len - 1, ".value") != 0)
        return found;
    char shorter[PATH_BYTES_MAX + 1];
    memcpy(shorter, rest, n - len - 1);
    shorter[n - len - 1] = '\0';
    return wandb_field_path(v, shorter);
}

static const struct value *config_path(const struct value *config, const char *path)
{
    if (!config || config->kind != VALUE_DICT)
        return NULL;
    for (size_t len = strlen(path);; len--) {
        const struct value *entry = entry_find(config, path, len);
        const struct value *found =
            entry ? entry_path(entry, path + len + (path[len] == '.')) : NULL;
        if (found)
            return found;
        while (len > 0 && path[len - 1] != '.')
            len--;
        if (len == 0)
            return NULL;
    }
}

const struct value *wandb_field_get(const struct wandb_field *f, const struct value *run)
{
    switch (f->part) {
    case WANDB_FIELD_CONFIG:
        return config_path(value_get(run, "config"), f->name);
    case WANDB_FIELD_SUMMARY:
        return wandb_field_path(value_get(run, "summary"), f->name);
    case WANDB_FIELD_RUN:
        break;
    }
    return value_get(run, f->name);
}
