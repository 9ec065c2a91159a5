/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/local_user.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/diag/display.h"

enum { ENTRY_BYTES = 16 << 10 };

static void user_look_up(uid_t uid, char ret[LOCAL_USER_BYTES])
{
    char entry[ENTRY_BYTES];
    struct passwd user, *found = NULL;
    snprintf(ret, LOCAL_USER_BYTES, "local user %lu", (unsigned long)uid);
    if (getpwuid_r(uid, &user, entry, sizeof entry, &found) != 0 || !found)
        return;
    size_t len = strlen(found->pw_name);
    if (len > 0 && len < LOCAL_USER_BYTES / 2 && display_is_clean(found->pw_name, len))
        snprintf(ret, LOCAL_USER_BYTES, "local user %s", found->pw_name);
}

const char *local_user_text(uid_t uid, char ret[LOCAL_USER_BYTES])
{
    static char own[LOCAL_USER_BYTES];
    if (uid != geteuid()) {
        user_look_up(uid, ret);
        return ret;
    }
    if (!own[0])
        user_look_up(uid, own);
    snprintf(ret, LOCAL_USER_BYTES, "%s", own);
    return ret;
}
