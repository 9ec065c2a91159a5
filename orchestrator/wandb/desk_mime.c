/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_mime.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *end, *type;
} types[] = {
    {"bmp", "image/bmp"},         {"csv", "text/csv"},          {"gif", "image/gif"},
    {"gz", "application/gzip"},   {"html", "text/html"},        {"ipynb", "application/json"},
    {"jpeg", "image/jpeg"},       {"jpg", "image/jpeg"},        {"json", "application/json"},
    {"jsonl", "text/plain"},      {"log", "text/plain"},        {"md", "text/markdown"},
    {"mp3", "audio/mpeg"},        {"mp4", "video/mp4"},         {"ogg", "audio/ogg"},
    {"pdf", "application/pdf"},   {"png", "image/png"},         {"py", "text/x-python"},
    {"svg", "image/svg+xml"},     {"tar", "application/x-tar"}, {"txt", "text/plain"},
    {"wav", "audio/wav"},         {"webm", "video/webm"},       {"webp", "image/webp"},
    {"yaml", "application/yaml"}, {"yml", "application/yaml"},  {"zip", "application/zip"},
};

const char *desk_mime(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcasecmp(dot + 1, types[i].end) == 0)
            return types[i].type;
    return "application/octet-stream";
}
