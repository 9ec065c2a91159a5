/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/advice_folder.h"

#include <string.h>

/* Names that suggest that the script writes to that folder. */
static bool names_output(const char *name, size_t len)
{
    static const char *const names[] = {"output_dir",  "out_dir",   "outdir",         "save_dir",
                                        "log_dir",     "logdir",    "checkpoint_dir", "ckpt_dir",
                                        "output_path", "save_path", "hydra.run.dir"};
    char plain[32];
    while (len > 0 && (*name == '-' || *name == '+')) {
        name++;
        len--;
    }
    if (len >= sizeof plain)
        return false;
    for (size_t i = 0; i < len; i++)
        plain[i] = (char)(name[i] == '-'                     ? '_'
                          : name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20
                                                             : name[i]);
    plain[len] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(plain, names[i]) == 0)
            return true;
    return false;
}

/* Whether all trials get the same folder. The trial's names, and anything else that a program may
 * substitute for ${…}, make folders differ; Hydra's ${now:…} resolves to seconds, and two trials
 * may start in the same second. */
static bool is_fixed_folder(const char *text)
{
    if (!*text || *text == '-' || strncmp(text, "/dev/", 5) == 0 || strstr(text, "BESOM_"))
        return false;
    for (const char *p = text; (p = strstr(p, "${")); p += 2)
        if (strncmp(p, "${now:", 6) != 0 && strncmp(p, "${envvar:", 9) != 0 &&
            strncmp(p, "${sweep_id}", 11) != 0)
            return false;
    return true;
}

bool advice_folder_is_shared(const char *name, size_t len, const char *folder)
{
    return names_output(name, len) && is_fixed_folder(folder);
}
