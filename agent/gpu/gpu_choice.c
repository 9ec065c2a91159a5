/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_choice.h"

#include <string.h>

enum { NONE = GPU_MAX };

static bool choice_has(const struct gpu_choice *c, size_t gpu)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->gpus[i] == gpu)
            return true;
    return false;
}

static void choice_add(struct gpu_choice *c, size_t gpu)
{
    if (!choice_has(c, gpu))
        c->gpus[c->n++] = (uint16_t)gpu;
}

static bool gpu_is_of(const struct gpu *g, const char *vendor)
{
    return !vendor || strcmp(g->vendor, vendor) == 0;
}

/* The GPU that a word names; NONE if no GPU, or more than one, matches it. Numbers count the GPUs of
 * the vendor; MIG devices have no number. */
static size_t choice_find(const struct gpu_reading *r, const char *vendor, const char *word,
                          size_t len)
{
    size_t found = NONE;
    if (len == 0)
        return NONE;
    for (size_t i = 0; i < r->n; i++) {
        const struct gpu *g = &r->gpus[i];
        if (!gpu_is_of(g, vendor))
            continue;
        if (strlen(g->index) == len && memcmp(g->index, word, len) == 0)
            return i;
        if (len < 5 || strncmp(g->uuid, word, len) != 0) /* "GPU-" alone names nothing */
            continue;
        if (g->uuid[len] == '\0')
            return i;
        if (found != NONE)
            return NONE;
        found = i;
    }
    return found;
}

/* The length of the next word of a list, without the spaces around it. */
static size_t choice_word(const char **at)
{
    *at += strspn(*at, " \t");
    size_t len = strcspn(*at, ",");
    while (len > 0 && strchr(" \t", (*at)[len - 1]))
        len--;
    return len;
}

static const char *choice_next(const char *at)
{
    const char *comma = strchr(at, ',');
    return comma ? comma + 1 : NULL;
}

static void choice_of_vendor(struct gpu_choice *ret, const struct gpu_reading *r,
                             const char *vendor, const char *list)
{
    if (!list) {
        for (size_t i = 0; i < r->n; i++)
            if (gpu_is_of(&r->gpus[i], vendor))
                choice_add(ret, i);
        return;
    }
    for (const char *at = list; at; at = choice_next(at)) {
        size_t len = choice_word(&at), gpu = choice_find(r, vendor, at, len);
        if (gpu == NONE)
            return;
        choice_add(ret, gpu);
    }
}

void gpu_choice_visible(struct gpu_choice *ret, const struct gpu_reading *r,
                        const struct gpu_visible *visible)
{
    const char *amd = visible->rocr ? visible->rocr : visible->hip ? visible->hip : visible->cuda;
    *ret = (struct gpu_choice){0};
    choice_of_vendor(ret, r, "nvidia", visible->cuda);
    choice_of_vendor(ret, r, "amd", amd);
}

int gpu_choice_limit(struct gpu_choice *c, const struct gpu_reading *r, const char *list,
                     struct err *err)
{
    struct gpu_choice ret = {0};
    if (strcmp(list, "all") == 0)
        return 0;
    for (const char *at = strcmp(list, "none") == 0 ? NULL : list; at; at = choice_next(at)) {
        size_t len = choice_word(&at);
        size_t gpu = choice_find(r, NULL, at, len);
        if (gpu == NONE)
            return err_set(err, ERR_USAGE, "--gpus: no GPU '%.*s' here: besom gpus lists them",
                           (int)(len < 60 ? len : 60), at);
        if (!choice_has(c, gpu))
            return err_set(err, ERR_USAGE,
                           "--gpus: GPU '%.*s' is hidden by CUDA_VISIBLE_DEVICES or a variable of "
                           "its kind",
                           (int)(len < 60 ? len : 60), at);
        choice_add(&ret, gpu);
    }
    *c = ret;
    return 0;
}
