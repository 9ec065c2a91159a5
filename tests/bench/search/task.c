/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/search/task.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double task_number(const struct value *params, size_t i)
{
    char name[8];
    (void)snprintf(name, sizeof name, "x%zu", i);
    return value_get_float(params, name, NAN);
}

static double branin(const struct task *t, const struct value *params)
{
    double x = task_number(params, 0), y = task_number(params, 1);
    (void)t;
    double bent = y - 5.1 / (4 * M_PI * M_PI) * x * x + 5 / M_PI * x - 6;
    return bent * bent + 10 * (1 - 1 / (8 * M_PI)) * cos(x) + 10;
}

static double hart6(const struct task *t, const struct value *params)
{
    static const double a[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                   {.05, 10, 17, .1, 8, 14},
                                   {3, 3.5, 1.7, 10, 17, 8},
                                   {17, 8, .05, 10, .1, 14}};
    static const double p[4][6] = {{1312, 1696, 5569, 124, 8283, 5886},
                                   {2329, 4135, 8307, 3736, 1004, 9991},
                                   {2348, 1451, 3522, 2883, 3047, 6650},
                                   {4047, 8828, 8732, 5743, 1091, 381}};
    static const double c[4] = {1, 1.2, 3, 3.2};
    double sum = 0;
    (void)t;
    for (size_t i = 0; i < 4; i++) {
        double inner = 0;
        for (size_t j = 0; j < 6; j++) {
            double by = task_number(params, j) - 1e-4 * p[i][j];
            inner += a[i][j] * by * by;
        }
        sum -= c[i] * exp(-inner);
    }
    return sum;
}

/* Where the optima lie: fractions of the box. */
static const double shifts[10] = {.37, .62, .21, .74, .45, .58, .29, .68, .52, .33};

static double rosen(const struct task *t, const struct value *params)
{
    double sum = 0, z[TASK_PARAMETERS_MAX];
    for (size_t i = 0; i < t->n; i++)
        z[i] = task_number(params, i) + 0.3 * (shifts[i] - 0.5);
    for (size_t i = 0; i + 1 < t->n; i++)
        sum += 100 * pow(z[i + 1] - z[i] * z[i], 2) + pow(1 - z[i], 2);
    return sum;
}

static double rastrigin(const struct task *t, const struct value *params)
{
    double sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        double z = task_number(params, i) - (-5 + 10 * shifts[i]) * 0.6;
        sum += z * z - 10 * cos(2 * M_PI * z) + 10;
    }
    return sum;
}

static double ackley(const struct task *t, const struct value *params)
{
    double squares = 0, waves = 0, d = (double)t->n;
    for (size_t i = 0; i < t->n; i++) {
        double z = task_number(params, i) - (shifts[i] - 0.5) * 20;
        squares += z * z / d;
        waves += cos(2 * M_PI * z) / d;
    }
    return -20 * exp(-0.2 * sqrt(squares)) - exp(waves) + 20 + M_E;
}

/* Rotated by one rotation in each plane of neighbours, of 1, 2, … radians. */
static double ellips(const struct task *t, const struct value *params)
{
    double z[TASK_PARAMETERS_MAX], sum = 0;
    size_t d = t->n;
    for (size_t i = 0; i < d; i++)
        z[i] = task_number(params, i) - (-5 + 10 * shifts[i]) * 0.7;
    for (size_t i = d - 1; i-- > 0;) {
        double c = cos(1 + (double)i), s = sin(1 + (double)i), a = z[i], b = z[i + 1];
        z[i] = c * a - s * b;
        z[i + 1] = s * a + c * b;
    }
    for (size_t i = 0; i < d; i++)
        sum += pow(10, 3 * (double)i / (double)(d - 1)) * z[i] * z[i];
    return sum;
}

static double levy(const struct task *t, const struct value *params)
{
    double w[TASK_PARAMETERS_MAX], sum = 0;
    size_t d = t->n;
    for (size_t i = 0; i < d; i++)
        w[i] = 1 + (task_number(params, i) - (shifts[i] - 0.5) * 10) / 4;
    for (size_t i = 0; i + 1 < d; i++)
        sum += pow(w[i] - 1, 2) * (1 + 10 * pow(sin(M_PI * w[i] + 1), 2));
    return pow(sin(M_PI * w[0]), 2) + sum +
           pow(w[d - 1] - 1, 2) * (1 + pow(sin(2 * M_PI * w[d - 1]), 2));
}

/* A categorical parameter chooses the basin; one parameter has no effect. */
static double mix(const struct task *t, const struct value *params)
{
    static const double offsets[4] = {0, .25, .6, .9}, exponents[4] = {-3, -2, -4, -1.5};
    int opt = value_get_str(params, "opt", "a")[0] - 'a';
    double lr = log10(value_get_float(params, "lr", NAN)) - exponents[opt];
    double layers = value_get_float(params, "layers", NAN) - (opt == 0 ? 6 : 3);
    double drop = value_get_float(params, "drop", NAN) - 0.3;
    (void)t;
    return offsets[opt] + 0.5 * lr * lr + 0.02 * layers * layers + 2 * drop * drop +
           0.15 * fabs(log2(value_get_float(params, "bs", NAN)) - 5) +
           (opt != 0 && value_get_bool(params, "aug", false) ? 0.3 : 0);
}

static const struct task all[] = {
    {.name = "branin2",
     .class = "lowd",
     .best = 0.397887,
     .noise = 0,
     .batch = 1,
     .f = branin,
     .n = 2,
     .parameters = {{"x0", TASK_REAL, -5, 10, 0, {}}, {"x1", TASK_REAL, 0, 15, 0, {}}}},
    {.name = "hart6",
     .class = "lowd",
     .best = -3.32237,
     .noise = 0,
     .batch = 1,
     .f = hart6,
     .n = 6,
     .parameters = {{"x0", TASK_REAL, 0, 1, 0, {}},
                    {"x1", TASK_REAL, 0, 1, 0, {}},
                    {"x2", TASK_REAL, 0, 1, 0, {}},
                    {"x3", TASK_REAL, 0, 1, 0, {}},
                    {"x4", TASK_REAL, 0, 1, 0, {}},
                    {"x5", TASK_REAL, 0, 1, 0, {}}}},
    {.name = "rosen5",
     .class = "lowd",
     .best = 0,
     .noise = 0,
     .batch = 1,
     .f = rosen,
     .n = 5,
     .parameters = {{"x0", TASK_REAL, -2, 2, 0, {}},
                    {"x1", TASK_REAL, -2, 2, 0, {}},
                    {"x2", TASK_REAL, -2, 2, 0, {}},
                    {"x3", TASK_REAL, -2, 2, 0, {}},
                    {"x4", TASK_REAL, -2, 2, 0, {}}}},
    {.name = "rastr5",
     .class = "lowd",
     .best = 0,
     .noise = 0,
     .batch = 1,
     .f = rastrigin,
     .n = 5,
     .parameters = {{"x0", TASK_REAL, -5, 5, 0, {}},
                    {"x1", TASK_REAL, -5, 5, 0, {}},
                    {"x2", TASK_REAL, -5, 5, 0, {}},
                    {"x3", TASK_REAL, -5, 5, 0, {}},
                    {"x4", TASK_REAL, -5, 5, 0, {}}}},
    {.name = "svm2",
     .class = "lowd",
     .best = 0.018549285714285716,
     .noise = 0,
     .batch = 1,
     .f = forest_value,
     .forest = "svm2",
     .n = 2,
     .parameters = {{"C", TASK_LOG, 0.01, 1000.0, 0, {}}, {"gamma", TASK_LOG, 1e-06, 10.0, 0, {}}}},
    {.name = "ackley10",
     .class = "highd",
     .best = 0,
     .noise = 0,
     .batch = 1,
     .f = ackley,
     .n = 10,
     .parameters = {{"x0", TASK_REAL, -15, 15, 0, {}},
                    {"x1", TASK_REAL, -15, 15, 0, {}},
                    {"x2", TASK_REAL, -15, 15, 0, {}},
                    {"x3", TASK_REAL, -15, 15, 0, {}},
                    {"x4", TASK_REAL, -15, 15, 0, {}},
                    {"x5", TASK_REAL, -15, 15, 0, {}},
                    {"x6", TASK_REAL, -15, 15, 0, {}},
                    {"x7", TASK_REAL, -15, 15, 0, {}},
                    {"x8", TASK_REAL, -15, 15, 0, {}},
                    {"x9", TASK_REAL, -15, 15, 0, {}}}},
    {.name = "ellip10",
     .class = "highd",
     .best = 0,
     .noise = 0,
     .batch = 1,
     .f = ellips,
     .n = 10,
     .parameters = {{"x0", TASK_REAL, -5, 5, 0, {}},
                    {"x1", TASK_REAL, -5, 5, 0, {}},
                    {"x2", TASK_REAL, -5, 5, 0, {}},
                    {"x3", TASK_REAL, -5, 5, 0, {}},
                    {"x4", TASK_REAL, -5, 5, 0, {}},
                    {"x5", TASK_REAL, -5, 5, 0, {}},
                    {"x6", TASK_REAL, -5, 5, 0, {}},
                    {"x7", TASK_REAL, -5, 5, 0, {}},
                    {"x8", TASK_REAL, -5, 5, 0, {}},
                    {"x9", TASK_REAL, -5, 5, 0, {}}}},
    {.name = "levy10",
     .class = "highd",
     .best = 0,
     .noise = 0,
     .batch = 1,
     .f = levy,
     .n = 10,
     .parameters = {{"x0", TASK_REAL, -10, 10, 0, {}},
                    {"x1", TASK_REAL, -10, 10, 0, {}},
                    {"x2", TASK_REAL, -10, 10, 0, {}},
                    {"x3", TASK_REAL, -10, 10, 0, {}},
                    {"x4", TASK_REAL, -10, 10, 0, {}},
                    {"x5", TASK_REAL, -10, 10, 0, {}},
                    {"x6", TASK_REAL, -10, 10, 0, {}},
                    {"x7", TASK_REAL, -10, 10, 0, {}},
                    {"x8", TASK_REAL, -10, 10, 0, {}},
                    {"x9", TASK_REAL, -10, 10, 0, {}}}},
    {.name = "branin2_n",
     .class = "noisy",
     .best = 0.397887,
     .noise = 5,
     .batch = 1,
     .f = branin,
     .n = 2,
     .parameters = {{"x0", TASK_REAL, -5, 10, 0, {}}, {"x1", TASK_REAL, 0, 15, 0, {}}}},
    {.name = "hart6_n",
     .class = "noisy",
     .best = -3.32237,
     .noise = 0.2,
     .batch = 1,
     .f = hart6,
     .n = 6,
     .parameters = {{"x0", TASK_REAL, 0, 1, 0, {}},
                    {"x1", TASK_REAL, 0, 1, 0, {}},
                    {"x2", TASK_REAL, 0, 1, 0, {}},
                    {"x3", TASK_REAL, 0, 1, 0, {}},
                    {"x4", TASK_REAL, 0, 1, 0, {}},
                    {"x5", TASK_REAL, 0, 1, 0, {}}}},
    {.name = "mlp_n",
     .class = "noisy",
     .best = 0.02684571428571429,
     .noise = 0.02,
     .batch = 1,
     .f = forest_value,
     .forest = "mlp",
     .n = 8,
     .parameters = {{"lr", TASK_LOG, 0.0001, 0.1, 0, {}},
                    {"alpha", TASK_LOG, 1e-06, 10.0, 0, {}},
                    {"units", TASK_INT, 4, 64, 0, {}},
                    {"layers", TASK_INT, 1, 3, 0, {}},
                    {"act", TASK_CHOICE, 0, 0, 0, {"relu", "tanh", "logistic"}},
                    {"solver", TASK_CHOICE, 0, 0, 0, {"adam", "sgd"}},
                    {"batch", TASK_CHOICE, 0, 0, 0, {"16", "32", "64", "128"}},
                    {"momentum", TASK_REAL, 0, 0.99, 0, {}}}},
    {.name = "mix7",
     .class = "mixed",
     .best = 0,
     .noise = 0,
     .batch = 1,
     .f = mix,
     .n = 7,
     .parameters = {{"opt", TASK_CHOICE, 0, 0, 0, {"a", "b", "c", "d"}},
                    {"lr", TASK_LOG, 1e-06, 1, 0, {}},
                    {"layers", TASK_INT, 1, 12, 0, {}},
                    {"drop", TASK_REAL, 0, 0.9, 0, {}},
                    {"bs", TASK_CHOICE, 0, 0, 0, {"8", "16", "32", "64", "128", "256"}},
                    {"aug", TASK_CHOICE, 0, 0, 0, {"true", "false"}},
                    {"dead", TASK_REAL, 0, 1, 0, {}}}},
    {.name = "svmmix",
     .class = "mixed",
     .best = 0.027263571428571425,
     .noise = 0,
     .batch = 1,
     .f = forest_value,
     .forest = "svmmix",
     .n = 6,
     .parameters = {{"C", TASK_LOG, 0.01, 1000.0, 0, {}},
                    {"gamma", TASK_LOG, 1e-05, 10.0, 0, {}},
                    {"kernel", TASK_CHOICE, 0, 0, 0, {"linear", "poly", "rbf", "sigmoid"}},
                    {"degree", TASK_INT, 1, 5, 0, {}},
                    {"coef0", TASK_STEPS, -1, 1, 0.1, {}},
                    {"shrinking", TASK_CHOICE, 0, 0, 0, {"true", "false"}}}},
    {.name = "gbm",
     .class = "mixed",
     .best = 56.38346428571429,
     .noise = 0,
     .batch = 1,
     .f = forest_value,
     .forest = "gbm",
     .n = 7,
     .parameters = {{"lr", TASK_LOG, 0.001, 1, 0, {}},
                    {"n_estimators", TASK_INT, 5, 120, 0, {}},
                    {"max_depth", TASK_INT, 1, 8, 0, {}},
                    {"subsample", TASK_REAL, 0.3, 1, 0, {}},
                    {"min_leaf", TASK_INT, 1, 40, 0, {}},
                    {"max_features", TASK_REAL, 0.1, 1, 0, {}},
                    {"loss",
                     TASK_CHOICE,
                     0,
                     0,
                     0,
                     {"squared_error", "absolute_error", "huber", "quantile"}}}},
    {.name = "mlp",
     .class = "mixed",
     .best = 0.02684571428571429,
     .noise = 0,
     .batch = 1,
     .f = forest_value,
     .forest = "mlp",
     .n = 8,
     .parameters = {{"lr", TASK_LOG, 0.0001, 0.1, 0, {}},
                    {"alpha", TASK_LOG, 1e-06, 10.0, 0, {}},
                    {"units", TASK_INT, 4, 64, 0, {}},
                    {"layers", TASK_INT, 1, 3, 0, {}},
                    {"act", TASK_CHOICE, 0, 0, 0, {"relu", "tanh", "logistic"}},
                    {"solver", TASK_CHOICE, 0, 0, 0, {"adam", "sgd"}},
                    {"batch", TASK_CHOICE, 0, 0, 0, {"16", "32", "64", "128"}},
                    {"momentum", TASK_REAL, 0, 0.99, 0, {}}}},
    {.name = "gbm_b8",
     .class = "batch",
     .best = 56.38346428571429,
     .noise = 0,
     .batch = 8,
     .f = forest_value,
     .forest = "gbm",
     .n = 7,
     .parameters = {{"lr", TASK_LOG, 0.001, 1, 0, {}},
                    {"n_estimators", TASK_INT, 5, 120, 0, {}},
                    {"max_depth", TASK_INT, 1, 8, 0, {}},
                    {"subsample", TASK_REAL, 0.3, 1, 0, {}},
                    {"min_leaf", TASK_INT, 1, 40, 0, {}},
                    {"max_features", TASK_REAL, 0.1, 1, 0, {}},
                    {"loss",
                     TASK_CHOICE,
                     0,
                     0,
                     0,
                     {"squared_error", "absolute_error", "huber", "quantile"}}}},
    {.name = "mlp_b8",
     .class = "batch",
     .best = 0.02684571428571429,
     .noise = 0,
     .batch = 8,
     .f = forest_value,
     .forest = "mlp",
     .n = 8,
     .parameters = {{"lr", TASK_LOG, 0.0001, 0.1, 0, {}},
                    {"alpha", TASK_LOG, 1e-06, 10.0, 0, {}},
                    {"units", TASK_INT, 4, 64, 0, {}},
                    {"layers", TASK_INT, 1, 3, 0, {}},
                    {"act", TASK_CHOICE, 0, 0, 0, {"relu", "tanh", "logistic"}},
                    {"solver", TASK_CHOICE, 0, 0, 0, {"adam", "sgd"}},
                    {"batch", TASK_CHOICE, 0, 0, 0, {"16", "32", "64", "128"}},
                    {"momentum", TASK_REAL, 0, 0.99, 0, {}}}},
    {.name = "hart6_b8",
     .class = "batch",
     .best = -3.32237,
     .noise = 0,
     .batch = 8,
     .f = hart6,
     .n = 6,
     .parameters = {{"x0", TASK_REAL, 0, 1, 0, {}},
                    {"x1", TASK_REAL, 0, 1, 0, {}},
                    {"x2", TASK_REAL, 0, 1, 0, {}},
                    {"x3", TASK_REAL, 0, 1, 0, {}},
                    {"x4", TASK_REAL, 0, 1, 0, {}},
                    {"x5", TASK_REAL, 0, 1, 0, {}}}},
    {.name = "mix7_b8",
     .class = "batch",
     .best = 0,
     .noise = 0,
     .batch = 8,
     .f = mix,
     .n = 7,
     .parameters = {{"opt", TASK_CHOICE, 0, 0, 0, {"a", "b", "c", "d"}},
                    {"lr", TASK_LOG, 1e-06, 1, 0, {}},
                    {"layers", TASK_INT, 1, 12, 0, {}},
                    {"drop", TASK_REAL, 0, 0.9, 0, {}},
                    {"bs", TASK_CHOICE, 0, 0, 0, {"8", "16", "32", "64", "128", "256"}},
                    {"aug", TASK_CHOICE, 0, 0, 0, {"true", "false"}},
                    {"dead", TASK_REAL, 0, 1, 0, {}}}},
    {.name = "lcb167168",
     .class = "hold",
     .best = 0.18849249999999995,
     .noise = 0,
     .batch = 1,
     .f = forest_value,
     .forest = "lcb167168",
     .n = 7,
     .parameters = {{"batch_size", TASK_LOG, 16, 512, 0, {}},
                    {"learning_rate", TASK_LOG, 0.0001, 0.1, 0, {}},
                    {"momentum", TASK_REAL, 0.1, 0.99, 0, {}},
                    {"weight_decay", TASK_REAL, 1e-05, 0.1, 0, {}},
                    {"num_layers", TASK_INT, 1, 5, 0, {}},
                    {"max_units", TASK_LOG, 64, 1024, 0, {}},
                    {"max_dropout", TASK_REAL, 0, 1, 0, {}}}},
    {.name = "lcb189866",
     .class = "hold",
     .best = 0.2521425000000001,
     .noise = 0,
     .batch = 1,
     .f = forest_value,
     .forest = "lcb189866",
     .n = 7,
     .parameters = {{"batch_size", TASK_LOG, 16, 512, 0, {}},
                    {"learning_rate", TASK_LOG, 0.0001, 0.1, 0, {}},
                    {"momentum", TASK_REAL, 0.1, 0.99, 0, {}},
                    {"weight_decay", TASK_REAL, 1e-05, 0.1, 0, {}},
                    {"num_layers", TASK_INT, 1, 5, 0, {}},
                    {"max_units", TASK_LOG, 64, 1024, 0, {}},
                    {"max_dropout", TASK_REAL, 0, 1, 0, {}}}},
    {.name = "lcb189866_b8",
     .class = "hold",
     .best = 0.2521425000000001,
     .noise = 0,
     .batch = 8,
     .f = forest_value,
     .forest = "lcb189866",
     .n = 7,
     .parameters = {{"batch_size", TASK_LOG, 16, 512, 0, {}},
                    {"learning_rate", TASK_LOG, 0.0001, 0.1, 0, {}},
                    {"momentum", TASK_REAL, 0.1, 0.99, 0, {}},
                    {"weight_decay", TASK_REAL, 1e-05, 0.1, 0, {}},
                    {"num_layers", TASK_INT, 1, 5, 0, {}},
                    {"max_units", TASK_LOG, 64, 1024, 0, {}},
                    {"max_dropout", TASK_REAL, 0, 1, 0, {}}}},
    {.name = "br_e",
     .class = "edge",
     .best = 0.397887,
     .noise = 0,
     .batch = 1,
     .f = branin,
     .n = 2,
     .parameters = {{"x0", TASK_REAL, 2.791592653589793, 9.791592653589793, 0, {}},
                    {"x1", TASK_REAL, -4.375, 2.625, 0, {}}}},
    {.name = "hart6_e",
     .class = "edge",
     .best = -3.32237,
     .noise = 0,
     .batch = 1,
     .f = hart6,
     .n = 6,
     .parameters = {{"x0", TASK_REAL, 0.17669, 0.67669, 0, {}},
                    {"x1", TASK_REAL, -0.324989, 0.17501100000000003, 0, {}},
                    {"x2", TASK_REAL, 0.451874, 0.951874, 0, {}},
                    {"x3", TASK_REAL, -0.19966799999999996, 0.30033200000000004, 0, {}},
                    {"x4", TASK_REAL, 0.28665199999999996, 0.7866519999999999, 0, {}},
                    {"x5", TASK_REAL, 0.18230000000000002, 0.6823, 0, {}}}},
    {.name = "rosen5_e",
     .class = "edge",
     .best = 0.0,
     .noise = 0,
     .batch = 1,
     .f = rosen,
     .n = 5,
     .parameters = {{"x0", TASK_REAL, 0.939, 2.939, 0, {}},
                    {"x1", TASK_REAL, -0.9359999999999999, 1.064, 0, {}},
                    {"x2", TASK_REAL, 0.987, 2.987, 0, {}},
                    {"x3", TASK_REAL, -0.9719999999999999, 1.028, 0, {}},
                    {"x4", TASK_REAL, 0.9149999999999999, 2.915, 0, {}}}},
    {.name = "ellip10_e",
     .class = "edge",
     .best = 0.0,
     .noise = 0,
     .batch = 1,
     .f = ellips,
     .n = 10,
     .parameters = {{"x0", TASK_REAL, -1.21, 4.79, 0, {}},
                    {"x1", TASK_REAL, -4.859999999999999, 1.1400000000000006, 0, {}},
                    {"x2", TASK_REAL, -2.33, 3.67, 0, {}},
                    {"x3", TASK_REAL, -4.02, 1.9800000000000004, 0, {}},
                    {"x4", TASK_REAL, -0.65, 5.35, 0, {}},
                    {"x5", TASK_REAL, -5.14, 0.8600000000000003, 0, {}},
                    {"x6", TASK_REAL, -1.77, 4.23, 0, {}},
                    {"x7", TASK_REAL, -4.439999999999999, 1.5600000000000014, 0, {}},
                    {"x8", TASK_REAL, -0.15999999999999992, 5.84, 0, {}},
                    {"x9", TASK_REAL, -6.889999999999999, -0.8899999999999988, 0, {}}}},
    {.name = "levy10_e",
     .class = "edge",
     .best = 0.0,
     .noise = 0,
     .batch = 1,
     .f = levy,
     .n = 10,
     .parameters = {{"x0", TASK_REAL, -1.8, 8.2, 0, {}},
                    {"x1", TASK_REAL, -8.3, 1.6999999999999993, 0, {}},
                    {"x2", TASK_REAL, -3.4000000000000004, 6.6, 0, {}},
                    {"x3", TASK_REAL, -7.1, 2.9000000000000004, 0, {}},
                    {"x4", TASK_REAL, -0.9999999999999999, 9.0, 0, {}},
                    {"x5", TASK_REAL, -8.700000000000001, 1.299999999999999, 0, {}},
                    {"x6", TASK_REAL, -2.6, 7.4, 0, {}},
                    {"x7", TASK_REAL, -7.699999999999999, 2.3000000000000007, 0, {}},
                    {"x8", TASK_REAL, -0.2999999999999998, 9.7, 0, {}},
                    {"x9", TASK_REAL, -11.2, -1.1999999999999993, 0, {}}}},
    {.name = "ackley10_e",
     .class = "edge",
     .best = 0.0,
     .noise = 0,
     .batch = 1,
     .f = ackley,
     .n = 10,
     .parameters = {{"x0", TASK_REAL, -3.35, 11.65, 0, {}},
                    {"x1", TASK_REAL, -11.85, 3.1500000000000004, 0, {}},
                    {"x2", TASK_REAL, -6.550000000000001, 8.45, 0, {}},
                    {"x3", TASK_REAL, -9.45, 5.550000000000001, 0, {}},
                    {"x4", TASK_REAL, -1.7499999999999998, 13.25, 0, {}},
                    {"x5", TASK_REAL, -12.65, 2.3499999999999996, 0, {}},
                    {"x6", TASK_REAL, -4.95, 10.05, 0, {}},
                    {"x7", TASK_REAL, -10.649999999999999, 4.350000000000001, 0, {}},
                    {"x8", TASK_REAL, -0.34999999999999964, 14.65, 0, {}},
                    {"x9", TASK_REAL, -17.65, -2.6499999999999986, 0, {}}}},
    {.name = "mix7_e",
     .class = "edge",
     .best = 0.0,
     .noise = 0,
     .batch = 1,
     .f = mix,
     .n = 7,
     .parameters = {{"opt", TASK_CHOICE, 0, 0, 0, {"a", "b", "c", "d"}},
                    {"lr", TASK_LOG, 0.0006, 1, 0, {}},
                    {"layers", TASK_INT, 6, 12, 0, {}},
                    {"drop", TASK_REAL, 0.27, 0.9, 0, {}},
                    {"bs", TASK_CHOICE, 0, 0, 0, {"8", "16", "32", "64", "128", "256"}},
                    {"aug", TASK_CHOICE, 0, 0, 0, {"true", "false"}},
                    {"dead", TASK_REAL, 0, 1, 0, {}}}},
};

size_t tasks_load(const char *folder, struct task *ret, size_t cap, size_t *ret_missing)
{
    size_t n = 0;
    char path[4096];
    *ret_missing = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all && n < cap; i++) {
        ret[n] = all[i];
        if (all[i].forest) {
            (void)snprintf(path, sizeof path, "%s/surr_%s.json", folder, all[i].forest);
            ret[n].trees = forest_read(path);
            if (!ret[n].trees) {
                ++*ret_missing;
                continue;
            }
        }
        n++;
    }
    return n;
}

static void print_parameter(const struct task_parameter *p, struct buf *ret)
{
    static const char *const kinds[] = {"uniform", "log_uniform_values", "int_uniform",
                                        "q_uniform"};
    if (p->kind == TASK_CHOICE) {
        buf_addf(ret, "  %s: {values: [", p->name);
        for (size_t i = 0; p->choices[i]; i++)
            buf_addf(ret, "%s%s", i ? ", " : "", p->choices[i]);
        buf_addf(ret, "]}\n");
        return;
    }
    bool whole = p->kind == TASK_INT;
    buf_addf(ret,
             whole ? "  %s: {distribution: %s, min: %.0f, max: %.0f"
                   : "  %s: {distribution: %s, min: %.20f, max: %.20f",
             p->name, kinds[p->kind], p->min, p->max);
    if (p->kind == TASK_STEPS)
        buf_addf(ret, ", q: %.20f", p->q);
    buf_addf(ret, "}\n");
}

void task_spec(const struct task *t, const char *method, struct buf *ret)
{
    buf_addf(ret, "method: %s\nmetric: {name: loss, goal: minimize}\nparameters:\n", method);
    for (size_t i = 0; i < t->n; i++)
        print_parameter(&t->parameters[i], ret);
}

static double level_unit(double level, double n)
{
    return (level + 0.5) / n;
}

double task_unit(const struct task_parameter *p, const struct value *v)
{
    double x = v && value_is_number(v) ? value_number(v) : NAN;
    switch (p->kind) {
    case TASK_REAL:
        return (x - p->min) / (p->max - p->min);
    case TASK_LOG:
        return log(x / p->min) / log(p->max / p->min);
    case TASK_INT:
        return level_unit(x - p->min, p->max - p->min + 1);
    case TASK_STEPS:
        return level_unit(round((x - p->min) / p->q), round((p->max - p->min) / p->q) + 1);
    case TASK_CHOICE:
        break;
    }
    size_t n = 0, at = 0;
    char text[32];
    if (v->kind == VALUE_BOOL)
        (void)snprintf(text, sizeof text, "%s", v->b ? "true" : "false");
    else if (v->kind == VALUE_STR)
        (void)snprintf(text, sizeof text, "%s", v->s.ptr);
    else
        (void)snprintf(text, sizeof text, "%.0f", x);
    for (; p->choices[n]; n++)
        if (strcmp(p->choices[n], text) == 0)
            at = n;
    return level_unit((double)at, (double)n);
}
