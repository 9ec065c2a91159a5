/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/wandb/wandb_scalar.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/number/civil.h"

/* Reads up to `max` digits, at least `min`. */
static bool digits_read(const char **at, int min, int max, int64_t *ret)
{
    int n = 0;
    *ret = 0;
    for (; n < max && isdigit((unsigned char)**at); n++, (*at)++)
        *ret = *ret * 10 + (**at - '0');
    return n >= min;
}

static bool fraction_read(const char **at, double *seconds)
{
    double unit = 0.1;
    if (**at != '.')
        return true;
    (*at)++;
    if (!isdigit((unsigned char)**at))
        return false;
    for (; isdigit((unsigned char)**at); (*at)++, unit /= 10)
        *seconds += unit * (**at - '0');
    return true;
}

static bool zone_read(const char **at, double *seconds)
{
    int64_t hours = 0, minutes = 0;
    char sign = **at;
    if (sign == 'Z' || sign == 'z') {
        (*at)++;
        return true;
    }
    if (sign != '+' && sign != '-')
        return true;
    (*at)++;
    if (!digits_read(at, 2, 2, &hours))
        return false;
    *at += **at == ':';
    if (isdigit((unsigned char)**at) && !digits_read(at, 2, 2, &minutes))
        return false;
    *seconds -= (double)(hours * 3600 + minutes * 60) * (sign == '+' ? 1 : -1);
    return true;
}

static bool clock_read(const char **at, double *seconds)
{
    int64_t hours, minutes = 0, whole = 0;
    if (**at != 'T' && **at != 't' && **at != ' ')
        return **at == '\0';
    (*at)++;
    if (!digits_read(at, 1, 2, &hours) || *(*at)++ != ':' || !digits_read(at, 2, 2, &minutes))
        return false;
    if (**at == ':') {
        (*at)++;
        if (!digits_read(at, 2, 2, &whole))
            return false;
    }
    *seconds += (double)(hours * 3600 + minutes * 60 + whole);
    return hours < 24 && minutes < 60 && whole <= 60 && fraction_read(at, seconds) &&
           zone_read(at, seconds) && **at == '\0';
}

bool wandb_scalar_time(const char *text, double *ret)
{
    int64_t year, month, day;
    const char *at = text;
    if (!digits_read(&at, 4, 4, &year) || *at++ != '-' || !digits_read(&at, 1, 2, &month) ||
        *at++ != '-' || !digits_read(&at, 1, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    *ret = (double)civil_days((struct civil){year, month, day}) * 86400;
    return clock_read(&at, ret);
}

static struct wandb_scalar text_scalar(const char *text, bool is_time)
{
    struct wandb_scalar ret = {.kind = WANDB_SCALAR_NUMBER, .text = text};
    if (is_time && wandb_scalar_time(text, &ret.number))
        return ret;
    if (strcmp(text, "NaN") == 0)
        ret.number = (double)NAN;
    else if (strcmp(text, "Infinity") == 0)
        ret.number = (double)INFINITY;
    else if (strcmp(text, "-Infinity") == 0)
        ret.number = (double)-INFINITY;
    else
        ret.kind = WANDB_SCALAR_TEXT;
    return ret;
}

struct wandb_scalar wandb_scalar_of(const struct value *v, bool is_time)
{
    struct wandb_scalar ret = {.kind = WANDB_SCALAR_NONE};
    if (!v || v->kind == VALUE_NULL)
        return ret;
    if (v->kind == VALUE_STR)
        return text_scalar(v->s.ptr, is_time);
    if (value_is_number(v)) {
        ret.kind = WANDB_SCALAR_NUMBER;
        ret.number = value_number(v);
    } else if (v->kind == VALUE_BOOL) {
        ret.kind = WANDB_SCALAR_BOOL;
        ret.number = v->b ? 1 : 0;
    } else {
        ret.kind = WANDB_SCALAR_OTHER;
    }
    return ret;
}

bool wandb_scalar_compare(const struct wandb_scalar *a, const struct wandb_scalar *b, int *ret)
{
    if (a->kind != b->kind || a->kind == WANDB_SCALAR_OTHER || a->kind == WANDB_SCALAR_NONE)
        return false;
    if (a->kind == WANDB_SCALAR_TEXT) {
        *ret = strcmp(a->text, b->text);
        return true;
    }
    if (isnan(a->number) || isnan(b->number))
        return false;
    *ret = (a->number > b->number) - (a->number < b->number);
    return true;
}

/* The place of its kind; NaN has the place of a missing value. */
static int kind_place(const struct wandb_scalar *s)
{
    bool nan = s->kind == WANDB_SCALAR_NUMBER && isnan(s->number);
    return nan || s->kind == WANDB_SCALAR_OTHER ? WANDB_SCALAR_NONE : (int)s->kind;
}

int wandb_scalar_order(const struct wandb_scalar *a, const struct wandb_scalar *b, bool descending)
{
    int left = kind_place(a), right = kind_place(b), order = 0;
    if (left == WANDB_SCALAR_NONE || right == WANDB_SCALAR_NONE)
        return (left == WANDB_SCALAR_NONE) - (right == WANDB_SCALAR_NONE);
    if (left != right)
        order = left - right;
    else if (!wandb_scalar_compare(a, b, &order))
        return 0;
    return descending ? -order : order;
}
