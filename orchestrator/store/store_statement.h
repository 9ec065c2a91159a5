/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The statements that write and fold, each prepared once for each connection. */
enum store_statement {
    STORE_BEGIN,
    STORE_COMMIT,
    STORE_ADD_FACT,
    STORE_ADD_CHUNK,
    STORE_ADD_SWEEP,
    STORE_ADD_SPEC,
    STORE_PUT_SWEEP,
    STORE_EDIT_SWEEP,
    STORE_EDIT_SPEC,
    STORE_PUT_TRIAL,
    STORE_PUT_ATTEMPT,
    STORE_DROP_ASIDES,
    STORE_PUT_ASIDE,
    STORE_PUT_RUNG,
    STORE_PUT_METRIC,
    STORE_DROP_METRICS,
    STORE_DROP_AGENT,
    STORE_PUT_AGENT,
    STORE_PUT_TOKEN,
    STORE_ADD_TAG,
    STORE_DROP_TAG,
    STORE_FOLD_ORDERED,
    STORE_FOLD_FIND,
    STORE_FOLD_ENDED,
    STORE_FOLD_READ,
    STORE_FOLD_DROP,
    STORE_FOLD_PUT,
    STORE_STATEMENTS
};

/* Its SQL. */
const char *store_statement_sql(enum store_statement statement);
