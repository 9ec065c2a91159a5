/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_date.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* How many characters of a kind s begins with. */
static size_t count_characters(const char *s, size_t len, bool (*of)(char c))
{
    size_t n = 0;
    while (n < len && of(s[n]))
        n++;
    return n;
}

/* n digits at s, then the character `after`; moves *at past both. */
static bool digits_then(const char *s, size_t len, size_t *at, size_t least, size_t most,
                        char after)
{
    size_t n = count_characters(s + *at, len - *at, is_digit);
    if (n < least || n > most)
        return false;
    *at += n;
    if (!after)
        return true;
    if (*at == len || s[*at] != after)
        return false;
    ++*at;
    return true;
}

static bool is_zone(const char *s, size_t len)
{
    size_t at = count_characters(s, len, is_blank);
    if (at == len)
        return at == 0;
    if (s[at] == 'Z')
        return at + 1 == len;
    if (s[at] != '+' && s[at] != '-')
        return false;
    at++;
    if (!digits_then(s, len, &at, 1, 2, '\0'))
        return false;
    if (at == len)
        return true;
    return s[at++] == ':' && digits_then(s, len, &at, 2, 2, '\0') && at == len;
}

bool yaml_date_is(const char *s, size_t len)
{
    size_t at = 0;
    if (!digits_then(s, len, &at, 4, 4, '-'))
        return false;
    size_t month = at;
    if (!digits_then(s, len, &at, 1, 2, '-'))
        return false;
    bool month_two = at - month == 3;
    size_t day = at;
    if (!digits_then(s, len, &at, 1, 2, '\0'))
        return false;
    if (at == len)
        return month_two && at - day == 2;
    if (s[at] == 'T' || s[at] == 't')
        at++;
    else if (is_blank(s[at]))
        at += count_characters(s + at, len - at, is_blank);
    else
        return false;
    if (!digits_then(s, len, &at, 1, 2, ':') || !digits_then(s, len, &at, 2, 2, ':') ||
        !digits_then(s, len, &at, 2, 2, '\0'))
        return false;
    if (at < len && s[at] == '.')
        at += 1 + count_characters(s + at + 1, len - at - 1, is_digit);
    return is_zone(s + at, len - at);
}
