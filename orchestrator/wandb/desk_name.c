/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_name.h"

#include <inttypes.h>
#include <string.h>

#include "base/bytes/crc32.h"

static const char *const firsts[] = {
    "amber", "autumn", "azure", "brave", "bright", "calm",   "clear",  "copper", "crisp",
    "dawn",  "deep",   "early", "fresh", "gentle", "glad",   "golden", "grand",  "green",
    "happy", "hidden", "ivory", "jolly", "keen",   "light",  "lively", "lucky",  "mellow",
    "misty", "noble",  "quiet", "rapid", "ruby",   "silver", "smooth", "snowy",  "solar",
    "still", "sunny",  "swift", "tidy",  "vivid",  "warm",   "wild",   "wise",   "young"};
static const char *const seconds[] = {
    "bay",    "bird",  "breeze", "brook",  "cliff",  "cloud",  "dew",   "dune",    "feather",
    "fern",   "field", "fire",   "forest", "frost",  "garden", "glade", "grass",   "grove",
    "harbor", "hill",  "island", "lake",   "leaf",   "meadow", "moon",  "morning", "mountain",
    "oak",    "ocean", "paper",  "pine",   "pond",   "rain",   "river", "rock",    "sea",
    "shadow", "sky",   "snow",   "star",   "stream", "sun",    "tree",  "valley",  "wave"};

char *desk_name(struct arena *a, const char *id, bool sweep, int64_t number)
{
    uint32_t hash = crc32_add(0, id, strlen(id));
    size_t first = hash % (sizeof firsts / sizeof *firsts);
    size_t second = hash / 1000 % (sizeof seconds / sizeof *seconds);
    return arena_printf(a, "%s-%s-%" PRId64, firsts[first], sweep ? "sweep" : seconds[second],
                        number);
}
