/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples of a space with conditions: that none breaks a rule, and that they follow the law of the
 * space among the points that are allowed. The judge is written by hand here: rules as C, and plain
 * rejection with another generator and other formulas. 10^6 samples in a release build
 * (./dev samples), 10^5 under sanitizers. */
#include "strategies/strategy.h"
#include "tests/test.h"
#include "language/spec_read.h"

#ifdef __SANITIZE_ADDRESS__
enum { SAMPLES = 100000 };
#else
enum { SAMPLES = 1000000 };
#endif

static const char SPACE[] =
    "unique: false\n"
    "program: t.py\n"
    "forbid:\n"
    "  - depth * width > 6000\n"
    "  - lr > 0.01 and depth > 8\n"
    "  - dropout + decay > 0.8\n"
    "  - net.heads * 64 > width\n"
    "  - stride >= net.kernel - 2\n"
    "  - not (score < 0)\n"
    "parameters:\n"
    "  model: {values: [mlp, cnn, vit], probabilities: [0.5, 0.3, 0.2]}\n"
    "  lr: {distribution: log_uniform_values, min: 1e-5, max: 0.1}\n"
    "  depth: {min: 1, max: 12}\n"
    "  width: {distribution: q_uniform, min: 32, max: 1056, q: 64}\n"
    "  decay: {distribution: beta, a: 2, b: 1}\n"
    "  dropout: {min: 0.0, max: 0.6, when: {model: [mlp, vit]}}\n"
    "  net:\n"
    "    parameters:\n"
    "      heads: {values: [2, 4, 8, 16], when: {model: vit}}\n"
    "      kernel: {values: [3, 5, 7], when: {model: cnn}}\n"
    "  stride: {min: 1, max: 4, when: {net.kernel: [5, 7]}}\n"
    "  momentum: {distribution: normal, mu: 0.9, sigma: 0.1, when: lr > 0.0001}\n"
    "  score: {expr: log(lr) + 2 * decay}\n"
    "  ratio: {expr: width / (depth - 3)}\n";

enum { MLP, CNN, VIT };

/* What does not exist is -1 or NaN. */
struct sample {
    double lr, decay, dropout, momentum;
    int model, depth, width, heads, kernel, stride;
};

static bool is_allowed(const struct sample *s)
{
    return s->depth * s->width <= 6000 && !(s->lr > 0.01 && s->depth > 8) &&
           !(s->dropout + s->decay > 0.8) && !(s->heads * 64 > s->width) &&
           !(s->stride > 0 && s->stride >= s->kernel - 2) && log(s->lr) + 2 * s->decay < 0 &&
           s->depth != 3; /* no ratio there */
}

static double random_unit(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return ((double)((z ^ z >> 31) >> 11) + 0.5) * 0x1p-53;
}

static int random_int(uint64_t *state, int n)
{
    return (int)(random_unit(state) * n);
}

static void draw_dropout(struct sample *s, uint64_t *r)
{
    s->dropout = s->model == CNN ? NAN : 0.6 * random_unit(r);
}

static void draw(struct sample *s, uint64_t *r)
{
    double u = random_unit(r);
    s->model = u < 0.5 ? MLP : u < 0.8 ? CNN : VIT;
    s->lr = pow(10, -5 + 4 * random_unit(r));
    s->depth = 1 + random_int(r, 12);
    s->width = 64 * (1 + random_int(r, 16));
    s->decay = sqrt(random_unit(r)); /* of beta(2, 1) */
    draw_dropout(s, r);
    s->heads = s->model == VIT ? 2 << random_int(r, 4) : -1;
    s->kernel = s->model == CNN ? 3 + 2 * random_int(r, 3) : -1;
    s->stride = s->kernel >= 5 ? 1 + random_int(r, 4) : -1;
    double box_muller = sqrt(-2 * log(random_unit(r))) * cos(2 * M_PI * random_unit(r));
    s->momentum = s->lr > 0.0001 ? 0.9 + 0.1 * box_muller : NAN;
}

/* The judge's samples; a biased one draws only dropout again where a point is refused for it. */
static void draw_all(struct sample *samples, uint64_t seed, bool biased)
{
    for (int i = 0; i < SAMPLES; i++)
        do {
            draw(&samples[i], &seed);
            for (int again = 0; biased && again < 10 && !is_allowed(&samples[i]); again++)
                draw_dropout(&samples[i], &seed);
        } while (!is_allowed(&samples[i]));
}

static int int_or_none(const struct value *params, const char *key)
{
    const struct value *v = value_get(params, key);
    ASSERT(!v || (value_is_number(v) && value_number(v) == floor(value_number(v))));
    return v ? (int)value_number(v) : -1;
}

static bool exists_as(double x, bool exists)
{
    return isnan(x) != exists;
}

/* Fails where a parameter exists that should not, or the other way round, or breaks a rule. */
static void take(struct sample *s, const struct value *params)
{
    const char *model = value_get_str(params, "model", "?");
    const struct value *net = value_get(params, "net");
    *s = (struct sample){
        .model = model[0] == 'm'   ? MLP
                 : model[0] == 'c' ? CNN
                                   : VIT,
        .lr = value_get_float(params, "lr", NAN),
        .decay = value_get_float(params, "decay", NAN),
        .dropout = value_get_float(params, "dropout", NAN),
        .momentum = value_get_float(params, "momentum", NAN),
        .depth = int_or_none(params, "depth"),
        .width = int_or_none(params, "width"),
        .heads = int_or_none(net, "heads"),
        .kernel = int_or_none(net, "kernel"),
        .stride = int_or_none(params, "stride"),
    };
    ASSERT(exists_as(s->dropout, s->model != CNN) && exists_as(s->momentum, s->lr > 0.0001));
    ASSERT((s->heads >= 0) == (s->model == VIT) && (s->kernel >= 0) == (s->model == CNN));
    ASSERT((s->stride >= 0) == (s->kernel >= 5) && (net != NULL) == (s->model != MLP));
    ASSERT(is_allowed(s));
    ASSERT_NEAR(value_get_float(params, "score", NAN), log(s->lr) + 2 * s->decay, 1e-12);
    ASSERT_NEAR(value_get_float(params, "ratio", NAN), (double)s->width / (s->depth - 3), 1e-15);
}

static void propose_all(struct sample *samples, const char *method, uint64_t *ret_refused)
{
    struct arena a, scratch;
    struct diags d;
    struct err err = {0};
    struct strategy *strategy;
    arena_init(&a);
    arena_init(&scratch);
    diags_init(&d, &a, "law");
    const char *text = arena_printf(&a, "method: %s\n%s", method, SPACE);
    struct spec *spec = spec_read(text, strlen(text), &d);
    if (!spec)
        FAIL("%s", d.items[0].message);
    ASSERT_EQ(strategy_new(spec, 20, &strategy, &err), 0);
    *ret_refused = 0;
    for (int i = 0; i < SAMPLES; i++) {
        struct proposal p;
        if (strategy_propose(strategy, &scratch, &p, &err) != 0)
            FAIL("%s", err.text);
        take(&samples[i], p.params);
        *ret_refused += (uint64_t)value_get_int(p.why, "forbidden_passed_over", 0);
        arena_clear(&scratch);
    }
    strategy_free(strategy);
    spec_free(spec);
    arena_done(&scratch);
    arena_done(&a);
}

/* One look at a sample: a number, NaN where it is not looked at. */
typedef double (*look_fn)(const struct sample *s);
struct look {
    const char *name;
    look_fn at;
};

static double lr(const struct sample *s)
{
    return s->lr;
}

static double lr_of_deep(const struct sample *s)
{
    return s->depth > 6 ? s->lr : NAN;
}

static double decay(const struct sample *s)
{
    return s->decay;
}

static double decay_of_vit(const struct sample *s)
{
    return s->model == VIT ? s->decay : NAN;
}

static double dropout(const struct sample *s)
{
    return s->dropout;
}

static double dropout_of_big_decay(const struct sample *s)
{
    return s->decay > 0.5 ? s->dropout : NAN;
}

static double momentum(const struct sample *s)
{
    return s->momentum;
}

static double score(const struct sample *s)
{
    return log(s->lr) + 2 * s->decay;
}

static const struct look CONTINUOUS[] = {
    {"lr", lr},
    {"lr where depth > 6", lr_of_deep},
    {"decay", decay},
    {"decay of a vit", decay_of_vit},
    {"dropout", dropout},
    {"dropout where decay > 0.5", dropout_of_big_decay},
    {"momentum", momentum},
    {"score", score},
};

/* Cells are below CELLS_MAX. */
enum { CELLS_MAX = 1024 };

static double model_and_depth(const struct sample *s)
{
    return s->model * 13 + s->depth;
}

static double depth_and_width(const struct sample *s)
{
    return s->depth * 17 + s->width / 64;
}

static double heads_and_width(const struct sample *s)
{
    return s->heads < 0 ? (double)NAN : s->heads * 17 + s->width / 64;
}

static double kernel_stride_depth(const struct sample *s)
{
    return s->kernel < 0 ? (double)NAN : (s->kernel * 6 + s->stride + 1) * 13 + s->depth;
}

static double lr_decay_model(const struct sample *s)
{
    return floor(-log10(s->lr) * 2) * 30 + floor(s->decay * 10) * 3 + s->model;
}

static const struct look DISCRETE[] = {
    {"model, depth", model_and_depth},    {"depth, width", depth_and_width},
    {"heads, width", heads_and_width},    {"kernel, stride, depth", kernel_stride_depth},
    {"lr, decay, model", lr_decay_model},
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t look(const struct sample *samples, look_fn at, double *ret)
{
    size_t n = 0;
    for (int i = 0; i < SAMPLES; i++) {
        double x = at(&samples[i]);
        if (!isnan(x))
            ret[n++] = x;
    }
    qsort(ret, n, sizeof *ret, compare);
    return n;
}

/* Kolmogorov-Smirnov of two samples: D sqrt(nm / (n + m)). */
static double kolmogorov(const double *a, size_t n, const double *b, size_t m)
{
    double worst = 0;
    for (size_t i = 0, j = 0; i < n && j < m;) {
        double x = fmin(a[i], b[j]);
        while (i < n && a[i] <= x)
            i++;
        while (j < m && b[j] <= x)
            j++;
        worst = fmax(worst, fabs((double)i / (double)n - (double)j / (double)m));
    }
    return worst * sqrt((double)n * (double)m / (double)(n + m));
}

/* Chi-square of homogeneity, rare cells put together, as a normal deviate (Wilson and Hilferty). */
static double chi_square(const struct sample *a, const struct sample *b, look_fn cell)
{
    static double counts[2][CELLS_MAX];
    double n[2] = {0}, rare[2] = {0}, sum = 0, freedom = -1;
    memset(counts, 0, sizeof counts);
    for (int i = 0; i < 2 * SAMPLES; i++) {
        double at = cell(i < SAMPLES ? &a[i] : &b[i - SAMPLES]);
        if (isnan(at))
            continue;
        ASSERT(at >= 0 && at < CELLS_MAX);
        counts[i >= SAMPLES][(int)at]++;
        n[i >= SAMPLES]++;
    }
    for (int c = 0; c <= CELLS_MAX; c++) {
        double x = c < CELLS_MAX ? counts[0][c] : rare[0];
        double y = c < CELLS_MAX ? counts[1][c] : rare[1];
        if (c < CELLS_MAX && x + y < 40) {
            rare[0] += x;
            rare[1] += y;
        } else if (x + y > 0) {
            sum += pow(sqrt(n[1] / n[0]) * x - sqrt(n[0] / n[1]) * y, 2) / (x + y);
            freedom++;
        }
    }
    double spread = 2 / (9 * freedom);
    return (cbrt(sum / freedom) - (1 - spread)) / sqrt(spread);
}

/* How many of the looks tell a from b. By chance one does in 10^4: 2 exp(-2 * 2.23^2), and the tail
 * of the normal law beyond 3.72. */
static int differences(const struct sample *a, const struct sample *b, bool say)
{
    double *x = malloc(SAMPLES * sizeof *x), *y = malloc(SAMPLES * sizeof *y);
    int found = 0;
    for (size_t i = 0; i < sizeof CONTINUOUS / sizeof *CONTINUOUS; i++) {
        size_t n = look(a, CONTINUOUS[i].at, x), m = look(b, CONTINUOUS[i].at, y);
        double distance = kolmogorov(x, n, y, m);
        if (say)
            printf("%-28s KS %7.3f of 2.23   %zu and %zu\n", CONTINUOUS[i].name, distance, n, m);
        found += distance > 2.23;
    }
    for (size_t i = 0; i < sizeof DISCRETE / sizeof *DISCRETE; i++) {
        double deviate = chi_square(a, b, DISCRETE[i].at);
        if (say)
            printf("%-28s chi-square, as a normal deviate %7.3f of 3.72\n", DISCRETE[i].name,
                   deviate);
        found += deviate > 3.72;
    }
    free(x);
    free(y);
    return found;
}

static void check_method(const char *method)
{
    struct sample *ours = malloc(SAMPLES * sizeof *ours), *judge = malloc(SAMPLES * sizeof *judge);
    uint64_t refused;
    propose_all(ours, method, &refused);
    ASSERT(refused > SAMPLES / 2);
    draw_all(judge, 7, false);
    ASSERT_EQ(differences(ours, judge, true), 0);
    printf("%d samples of %s, none against a rule; %" PRIu64 " draws were refused\n", SAMPLES,
           method, refused);
    free(ours);
    free(judge);
}

TEST(random_under_conditions_keeps_the_distribution)
{
    check_method("random");
}

TEST(sobol_under_conditions_keeps_the_distribution)
{
    check_method("sobol");
}

/* What these tests are for: a sampler that mends a refused draw instead of dropping it. */
TEST(a_biased_sampler_is_caught)
{
    struct sample *biased = malloc(SAMPLES * sizeof *biased);
    struct sample *judge = malloc(SAMPLES * sizeof *judge);
    draw_all(judge, 7, false);
    draw_all(biased, 8, false);
    ASSERT_EQ(differences(biased, judge, false), 0);
    draw_all(biased, 8, true);
    ASSERT(differences(biased, judge, true) >= 4);
    free(biased);
    free(judge);
}
