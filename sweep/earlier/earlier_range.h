/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which values a parameter of an Optuna study may have, from the distributions that the study
 * records with each of them. If a study changed a range, the range is all of its ranges together. */
#include "base/map.h"
#include "base/value.h"

enum earlier_range_kind { EARLIER_FLOAT, EARLIER_INT, EARLIER_CHOICES };

struct earlier_range {
    const char *name;
    enum earlier_range_kind kind;
    double low, high, step; /* step 0: none */
    bool log;
    struct value *choices;
    char *text; /* the distribution that was read last */
};

struct earlier_ranges {
    struct arena *arena;
    struct map of;        /* name -> struct earlier_range * */
    size_t choices_bytes; /* of their texts */
};

/* The arena must outlive them. */
void earlier_range_init(struct earlier_ranges *ranges, struct arena *a);
void earlier_range_done(struct earlier_ranges *ranges);
/* The range of a parameter, which is extended by this distribution, a JSON text. NULL if that cannot
 * be used: then *ret_why is a clause whose subject is the parameter. */
const struct earlier_range *earlier_range_read(struct earlier_ranges *ranges, const char *name,
                                               const char *distribution, const char **ret_why);
/* NULL if the file does not say which values it may have. */
const struct earlier_range *earlier_range_find(const struct earlier_ranges *ranges,
                                               const char *name);
/* The value for Optuna's number; NULL if there is none. */
struct value *earlier_range_value(const struct earlier_range *r, struct arena *a, double number);
/* The range as a parameter of a spec. */
struct value *earlier_range_parameter(const struct earlier_range *r, struct arena *a);
