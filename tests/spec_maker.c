/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/spec_maker.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 40, NAME_BYTES = 80 };

struct maker {
    struct buf *out;
    const unsigned char *bytes;
    size_t left;
    char names[NAMES_MAX][NAME_BYTES]; /* flattened */
    size_t names_n;
};

/* Below n; 0 when there are no more bytes, so each choice has its simplest first. */
static unsigned choose(struct maker *m, unsigned n)
{
    if (m->left == 0)
        return 0;
    m->left--;
    return *m->bytes++ % n;
}

static const char *one_of(struct maker *m, const char *const *from, size_t n)
{
    return from[choose(m, (unsigned)n)];
}
#define ONE_OF(m, list) one_of(m, list, sizeof(list) / sizeof *(list))

/* Text in quotes of the bytes to come. */
static void add_bytes(struct maker *m)
{
    buf_addc(m->out, '"');
    for (unsigned n = choose(m, 12); n > 0; n--)
        buf_addf(m->out, "\\x%02x", choose(m, 255) + 1);
    buf_addc(m->out, '"');
}

static void add_integer(struct maker *m)
{
    unsigned long long magnitude = 0;
    for (unsigned n = choose(m, 8); n > 0; n--)
        magnitude = magnitude << 8 | choose(m, 256);
    buf_addf(m->out, "%s%llu", choose(m, 2) ? "-" : "", magnitude >> 1);
}

/* Digits and exponents of all lengths. */
static void add_float(struct maker *m)
{
    buf_addf(m->out, "%s%u.", choose(m, 2) ? "-" : "", choose(m, 256));
    for (unsigned n = choose(m, 20); n > 0; n--)
        buf_addf(m->out, "%u", choose(m, 10));
    if (choose(m, 2))
        buf_addf(m->out, "e%c%u", choose(m, 2) ? '-' : '+', choose(m, 256) + choose(m, 60));
}

static void add_scalar(struct maker *m)
{
    static const char *const odd[] = {
        "1",
        "1.0",
        "-0.0",
        "-0",
        "1e-5",
        "1e300",
        "5e-324",
        ".inf",
        "-.inf",
        ".nan",
        "true",
        "no",
        "null",
        "~",
        "None",
        "'1e-5'",
        "\"\"",
        "'NaN'",
        "Infinity",
        "é",
        "'it''s'",
        "\"\\t\"",
        "0.1",
        "1e16",
        "'null'",
        "'true'",
        "012",
        "0x1F",
        "1:30",
        "1_000",
        "!!str 1",
        "!!float 1",
        "!!int '3'",
        "\"\\U0001F600\"",
        "\"\\e[31m\"",
        "\"\\x7f\"",
        "\"\\N\"",
        "'${args}'",
        "\"\\u2028\"",
        "9223372036854775807",
        "-9223372036854775808",
        "1.7976931348623157e+308",
        "[]",
        "{}",
        "'='",
        "'<<'",
        "\"\\ufeff\"",
    };
    switch (choose(m, 5)) {
    case 0:
    case 1:
        buf_adds(m->out, ONE_OF(m, odd));
        break;
    case 2:
        add_integer(m);
        break;
    case 3:
        add_float(m);
        break;
    default:
        add_bytes(m);
    }
}

static void add_value(struct maker *m, int depth)
{
    static const char *const keys[] = {"a", "b",   "c c",  "'1'",     "1",    "1.0",
                                       "~", "yes", ".nan", "\"\\n\"", "-1e-7"};
    unsigned what = depth > 4 ? 0 : choose(m, 6);
    if (what < 4) {
        add_scalar(m);
        return;
    }
    buf_addc(m->out, what == 4 ? '[' : '{');
    for (unsigned n = choose(m, 5); n > 0; n--) {
        if (what == 5)
            buf_addf(m->out, "%s: ", ONE_OF(m, keys));
        add_value(m, depth + 1);
        buf_adds(m->out, n > 1 ? ", " : "");
    }
    buf_addc(m->out, what == 4 ? ']' : '}');
}

static const char *known_name(struct maker *m)
{
    return m->names_n ? m->names[choose(m, (unsigned)m->names_n)] : "a";
}

static void add_operand(struct maker *m, int depth);

static void add_expr(struct maker *m, int depth)
{
    static const char *const binary[] = {
        "+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or"};
    add_operand(m, depth);
    for (unsigned n = depth > 3 ? 0 : choose(m, 3); n > 0; n--) {
        buf_addf(m->out, " %s ", ONE_OF(m, binary));
        add_operand(m, depth + 1);
    }
}

static void add_operand(struct maker *m, int depth)
{
    static const char *const literals[] = {"1", "2", "0.5", "1e-3", "'x'", "true", "0", "3", "16"};
    static const char *const calls[] = {"log", "exp", "abs", "sqrt", "round", "min", "max", "pow"};
    switch (depth > 3 ? choose(m, 2) : choose(m, 8)) {
    case 0:
    case 2:
        buf_addf(m->out, "`%s`", known_name(m));
        break;
    case 1:
        buf_adds(m->out, ONE_OF(m, literals));
        break;
    case 3:
        buf_adds(m->out, "not ");
        add_operand(m, depth + 1);
        break;
    case 4:
        buf_addf(m->out, "%s(", ONE_OF(m, calls));
        add_expr(m, depth + 1);
        buf_adds(m->out, choose(m, 2) ? ")" : ", 2)");
        break;
    case 5:
        buf_addf(m->out, "`%s` in [", known_name(m));
        add_expr(m, depth + 1);
        buf_adds(m->out, ", 1]");
        break;
    case 6:
        buf_adds(m->out, "-");
        add_operand(m, depth + 1);
        break;
    default:
        buf_addc(m->out, '(');
        add_expr(m, depth + 1);
        buf_addc(m->out, ')');
    }
}

static void add_when(struct maker *m)
{
    if (choose(m, 2)) {
        buf_adds(m->out, "\"");
        add_expr(m, 1);
        buf_adds(m->out, "\"");
        return;
    }
    buf_addf(m->out, "{%s: ", known_name(m));
    add_value(m, 3);
    buf_addc(m->out, '}');
}

static void add_parameter(struct maker *m, const char *prefix, int depth);

static void add_parameters(struct maker *m, const char *prefix, int depth)
{
    static const char *const names[] = {"a",     "b-b", "c.d",  "_e", "Lr", "f",
                                        "group", "x1",  "when", "é",  "''"};
    char name[NAME_BYTES];
    buf_adds(m->out, "{");
    for (unsigned n = choose(m, depth ? 3 : 6) + 1; n > 0; n--) {
        const char *own = ONE_OF(m, names);
        buf_addf(m->out, "%s: {", own);
        snprintf(name, sizeof name, "%s%s%s", prefix, *prefix ? "." : "", own);
        add_parameter(m, name, depth);
        if (choose(m, 5) == 4) {
            buf_adds(m->out, ", when: ");
            add_when(m);
        }
        buf_adds(m->out, n > 1 ? "}, " : "}");
        if (m->names_n < NAMES_MAX)
            memcpy(m->names[m->names_n++], name, sizeof name);
    }
    buf_adds(m->out, "}");
}

static void add_range(struct maker *m)
{
    static const char *const kinds[] = {"uniform",
                                        "int_uniform",
                                        "q_uniform",
                                        "log_uniform",
                                        "q_log_uniform",
                                        "inv_log_uniform",
                                        "log_uniform_values",
                                        "q_log_uniform_values",
                                        "inv_log_uniform_values",
                                        "normal",
                                        "q_normal",
                                        "log_normal",
                                        "q_log_normal",
                                        "beta",
                                        "q_beta"};
    static const char *const bounds[] = {"1", "0", "0.5", "-3", "1e-5", "'1e-3'", "1.0"};
    static const char *const tops[] = {"5", "7.5", "100", "1e2", "'20'", "16"};
    static const char *const steps[] = {"1", "2", "0.25", "1e-1", "3.0"};
    if (choose(m, 3))
        buf_addf(m->out, "distribution: %s, ", ONE_OF(m, kinds));
    buf_addf(m->out, "min: %s, max: %s", ONE_OF(m, bounds), ONE_OF(m, tops));
    if (choose(m, 3) == 2)
        buf_addf(m->out, ", q: %s", ONE_OF(m, steps));
}

static void add_parameter(struct maker *m, const char *name, int depth)
{
    static const char *const shapes[] = {"distribution: normal, mu: 1",
                                         "distribution: q_normal, mu: 0.5, sigma: 2, q: 0.5",
                                         "distribution: q_beta, q: 1",
                                         "values: [a, b], probabilities: [0.1, 0.9]",
                                         "distribution: beta, a: 2, b: 5.5",
                                         "distribution: log_normal",
                                         "distribution: constant, value: 3",
                                         "values: [true, 1e5, .nan, ~, x], flag: {true: --a, 1e5: "
                                         "[b, 1], .nan: '', ~: c, 'x': }",
                                         "distribution: categorical, values: [1, 1.0, '1', true]"};
    switch (choose(m, depth < 3 ? 7 : 6)) {
    case 0:
        buf_adds(m->out, "values: [x, 1, 2.5");
        for (unsigned n = choose(m, 5); n > 0; n--) {
            buf_adds(m->out, ", ");
            add_value(m, 0);
        }
        buf_adds(m->out, "]");
        break;
    case 1:
        buf_adds(m->out, "value: ");
        add_value(m, 0);
        break;
    case 2:
    case 3:
        add_range(m);
        break;
    case 4:
        buf_adds(m->out, ONE_OF(m, shapes));
        break;
    case 5:
        buf_adds(m->out, "expr: \"");
        add_expr(m, 0);
        buf_adds(m->out, "\"");
        break;
    default:
        buf_adds(m->out, "parameters: ");
        add_parameters(m, name, depth + 1);
    }
}

static void add_extra(struct maker *m)
{
    static const char *const extras[] = {
        "name: 3",
        "description: \"a\\nb\"",
        "seed: 5",
        "seed: 9223372036854775807",
        "unique: true",
        "order: random",
        "max_parallel: 2",
        "run_cap: '5'",
        "metric: {name: acc, goal: maximize, target: 1, reduce: last}",
        "metric: {name: val/loss, impute: best, impute_while_running: latest}",
        "metrics: [{name: a}, {name: b, goal: maximize}]",
        "early_terminate: {type: hyperband, min_iter: 3}",
        "early_terminate: {type: hyperband, max_iter: 27, s: 2, eta: 3}",
        "early_terminate: {type: median, min_trials: 4}",
        "env: {A: 1, B: 0.10, C: '1e-5', D: 'yes'}",
        "workdir: ../x",
        "command: [a, 1e-5, null, '${args}', 1.0, 1]",
        "command: ['${env}', python, '${program}', '${args_json}', '${args_no_hyphens}']",
        "resources: {cpus: 2, time: 1h, memory: 2GiB}",
        "retry: {failed: 1, host: 0}",
        "report: {stdout: json}",
        "report: {stdout: ['loss=(?<loss>\\\\S+)']}",
        "budget: {wall: 2h, trials: 30}",
        "strategy: {name: tpe, startup: 5}",
        "project: p",
        "entity: e",
        "unknown: {a: [1, .inf, ~]}",
    };
    buf_addf(m->out, "%s\n", ONE_OF(m, extras));
}

void spec_maker_make(struct buf *out, const unsigned char *bytes, size_t len)
{
    static const char *const methods[] = {"random", "grid", "sobol", "bayes", "custom"};
    struct maker m = {.out = out, .bytes = bytes, .left = len};
    buf_addf(out, "method: %s\nprogram: t.py\n", ONE_OF(&m, methods));
    if (choose(&m, 4) > 0)
        buf_adds(out, "metric: {name: loss}\n");
    for (unsigned n = choose(&m, 5); n > 0; n--)
        add_extra(&m);
    buf_adds(out, "parameters: ");
    add_parameters(&m, "", 0);
    buf_adds(out, "\n");
    if (choose(&m, 4) == 3) {
        buf_adds(out, "forbid:\n");
        for (unsigned n = choose(&m, 3) + 1; n > 0; n--) {
            buf_adds(out, "- ");
            add_when(&m);
            buf_addc(out, '\n');
        }
    }
}
