/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/space.h"
#include "tests/spaces.h"

static const double QUANTILES[] = {0x1p-20, 0.03, 0.2, 0.37, 0.5, 0.77, 0.999};
enum { N_QUANTILES = sizeof QUANTILES / sizeof *QUANTILES };

/* Continuous kinds: computed by mpmath 1.3 with 40 digits from the formulas of the distributions,
 * the beta by bisection of its distribution function. Quantised kinds: numpy 2.4's round applied to
 * those. */
static const struct {
    struct parameter p;
    double want[N_QUANTILES];
} golden[] = {
    {{.kind = SPACE_LOG_UNIFORM, .min = -7, .max = -1},
     {0.0009118871833999054, 0.0010917209222795112, 0.003027554745375815, 0.008395998967491472,
      0.01831563888873418, 0.09255057751034329, 0.36567877313053654}},
    {{.kind = SPACE_INV_LOG_UNIFORM, .min = -7, .max = -1},
     {2.7182973826369334, 3.2543742028896707, 9.025013499434122, 25.02812018133781,
      54.598150033144236, 275.8893832347824, 1090.073059455093}},
    {{.kind = SPACE_LOG_UNIFORM_VALUES, .min = 1e-5, .max = 0.1},
     {1.0000087837036346e-05, 1.3182567385564073e-05, 6.309573444801933e-05, 0.00030199517204020164,
      0.001, 0.012022644346174132, 0.09908319448927676}},
    {{.kind = SPACE_INV_LOG_UNIFORM_VALUES, .min = 1e-5, .max = 0.1},
     {1.0000087837036346e-05, 1.3182567385564073e-05, 6.309573444801933e-05, 0.00030199517204020164,
      0.001, 0.012022644346174132, 0.09908319448927676}},
    {{.kind = SPACE_NORMAL, .mu = -2, .sigma = 0.5},
     {-4.381500517133907, -2.9403968040756254, -2.420810616786457, -2.1659266732184084, -2.0,
      -1.630576575407393, -0.45488384691609335}},
    {{.kind = SPACE_LOG_NORMAL, .mu = 0.25, .sigma = 1.5},
     {0.001013341947544748, 0.07644449078188047, 0.3633343296192919, 0.7805316260101263,
      1.2840254166877414, 3.8894597793284738, 132.33657120339663}},
    {{.kind = SPACE_BETA, .a = 0.5, .b = 3},
     {2.5870071517105546e-13, 0.00025608742684611824, 0.011554488147974147, 0.04113896206344358,
      0.079032767076173, 0.22926619197967021, 0.855447776691985}},
    {{.kind = SPACE_UNIFORM, .min = 0.1, .max = 0.7},
     {0.10000057220458985, 0.11800000000000001, 0.22, 0.322, 0.4, 0.5619999999999999,
      0.6993999999999999}},
    {{.kind = SPACE_Q_UNIFORM, .min = -1, .max = 2, .q = 0.1},
     {-1.0, -0.9, -0.4, 0.1, 0.5, 1.3, 2.0}},
    {{.kind = SPACE_Q_LOG_UNIFORM, .min = 0, .max = 6, .q = 5},
     {0.0, 0.0, 5.0, 10.0, 20.0, 100.0, 400.0}},
    {{.kind = SPACE_Q_LOG_UNIFORM_VALUES, .min = 0.01, .max = 4, .q = 0.05},
     {0.0, 0.0, 0.05, 0.1, 0.2, 1.0, 4.0}},
    {{.kind = SPACE_Q_NORMAL, .mu = 1, .sigma = 3, .q = 0.5},
     {-13.5, -4.5, -1.5, 0.0, 1.0, 3.0, 10.5}},
    {{.kind = SPACE_Q_LOG_NORMAL, .mu = 1, .sigma = 1, .q = 0.25},
     {0.0, 0.5, 1.25, 2.0, 2.75, 5.75, 59.75}},
    {{.kind = SPACE_Q_BETA, .a = 2, .b = 2, .q = 0.125}, {0.0, 0.125, 0.25, 0.375, 0.5, 0.75, 1.0}},
};

TEST(quantiles_of_numbers)
{
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
        for (size_t j = 0; j < N_QUANTILES; j++) {
            const struct parameter *p = &golden[i].p;
            struct value *v = space_ppf(&a, p, QUANTILES[j]);
            bool to_the_bit = p->kind == SPACE_UNIFORM || p->q > 0;
            double want = golden[i].want[j];
            ASSERT_EQ(v->kind, VALUE_FLOAT);
            if (to_the_bit ? v->f != want : !(fabs(v->f - want) <= 1e-12 * fabs(want)))
                FAIL("%s at %g: %.17g, want %.17g", space_kind_name(p->kind), QUANTILES[j], v->f,
                     want);
        }
    arena_done(&a);
}

/* scipy 1.17's randint.ppf, its answer at u = 0 apart. */
TEST(quantiles_of_integers)
{
    static const double u[] = {0, 0x1p-20, .0625, .1, .2, .3, .30000000000000004, .5, .7, .999, 1};
    static const struct {
        int64_t min, max, want[11];
    } rows[] = {
        {-3, 12, {-3, -3, -3, -2, 0, 1, 1, 4, 8, 12, 12}},
        {1, 10, {1, 1, 1, 1, 2, 3, 3, 5, 7, 10, 10}},
        {5, 5, {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}},
        {0, 6, {0, 0, 0, 0, 1, 2, 2, 3, 4, 6, 6}},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t j = 0; j < sizeof u / sizeof *u; j++) {
            struct parameter p = {
                .kind = SPACE_INT_UNIFORM, .int_min = rows[i].min, .int_max = rows[i].max};
            ASSERT_EQ(space_ppf(&a, &p, u[j])->i, rows[i].want[j]);
        }
    arena_done(&a);
}

/* Where u * n is rounded up past a whole number, scipy puts it right. */
TEST(quantiles_of_integers_at_their_steps)
{
    struct parameter p = {.kind = SPACE_INT_UNIFORM, .int_min = 0, .int_max = 24};
    ASSERT_EQ(space_int(&p, 7 / 25.0), 6);
    ASSERT_EQ(space_int(&p, 14 / 25.0), 13);
    p.int_max = 40;
    ASSERT_EQ(space_int(&p, 7 / 41.0), 6);
}

TEST(integers_of_64_bits)
{
    struct parameter p = {.kind = SPACE_INT_UNIFORM, .int_min = INT64_MIN, .int_max = INT64_MAX};
    ASSERT(space_int(&p, 0) == INT64_MIN);
    ASSERT(space_int(&p, 1) <= INT64_MAX && space_int(&p, 1) > INT64_MAX - 4096);
    ASSERT_EQ(space_int(&p, 0.5), 0);
    ASSERT(space_parameter_points(&p) == UINT64_MAX);
}

TEST(quantiles_of_categories)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_RANDOM);
    static const double chances[] = {0, 0.25, 0.5, 0.25, 0};
    spaces_values(&s, "plain", spaces_letters(&s, "abcd"), NULL);
    spaces_values(&s, "weighted", spaces_letters(&s, "vwxyz"), chances);
    static const struct {
        double u;
        const char *plain, *weighted;
    } rows[] = {{0, "a", "w"},   {0.25, "a", "x"}, {0.26, "b", "x"},
                {0.5, "b", "x"}, {0.75, "c", "y"}, {1, "d", "y"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ASSERT_STR(space_ppf(&s.arena, &s.parameters[0], rows[i].u)->s.ptr, rows[i].plain);
        ASSERT_STR(space_ppf(&s.arena, &s.parameters[1], rows[i].u)->s.ptr, rows[i].weighted);
    }
    ASSERT_EQ(space_parameter_points(&s.parameters[1]), 3);
    spaces_done(&s);
}

TEST(an_integer_q_gives_integers)
{
    struct arena a;
    arena_init(&a);
    struct parameter p = {.kind = SPACE_Q_UNIFORM, .max = 10, .q = 2, .q_int = true};
    ASSERT_EQ(space_ppf(&a, &p, 0.5)->kind, VALUE_INT);
    ASSERT_EQ(space_ppf(&a, &p, 0.5)->i, 4); /* 5 / 2 is a half: to even */
    p.q_int = false;
    ASSERT_EQ(space_ppf(&a, &p, 0.5)->kind, VALUE_FLOAT);
    arena_done(&a);
}

/* Expected lists: numpy 2.4's arange, printed by repr. */
TEST(grid_of_q_uniform_is_aranges)
{
    static const struct {
        double min, max, q;
        size_t n;
        double want[10];
    } rows[] = {
        {0,
         1,
         0.1,
         10,
         {0.0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6000000000000001, 0.7000000000000001, 0.8,
          0.9}},
        {0.1, 1, 0.3, 3, {0.1, 0.4, 0.7000000000000001}},
        {-1,
         1,
         0.2,
         10,
         {-1.0, -0.8, -0.6000000000000001, -0.40000000000000013, -0.20000000000000018,
          -2.220446049250313e-16, 0.19999999999999973, 0.3999999999999997, 0.5999999999999996,
          0.7999999999999996}},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct parameter p = {
            .kind = SPACE_Q_UNIFORM, .min = rows[i].min, .max = rows[i].max, .q = rows[i].q};
        ASSERT_EQ(space_grid_points(&p), rows[i].n);
        for (size_t j = 0; j < rows[i].n; j++)
            ASSERT(space_grid_value(&a, &p, j)->f == rows[i].want[j]);
    }
    struct parameter ints = {
        .kind = SPACE_Q_UNIFORM, .min = 1, .max = 10, .q = 3, .q_int = true, .bounds_int = true};
    ASSERT_EQ(space_grid_points(&ints), 3);
    ASSERT_EQ(space_grid_value(&a, &ints, 2)->kind, VALUE_INT);
    ASSERT_EQ(space_grid_value(&a, &ints, 2)->i, 7);
    ints.bounds_int = false;
    ASSERT_EQ(space_grid_value(&a, &ints, 2)->kind, VALUE_FLOAT);
    arena_done(&a);
}

static uint64_t points_of(enum space_kind kind, double min, double max, double q)
{
    struct parameter p = {.kind = kind, .min = min, .max = max, .q = q, .a = 2, .b = 3, .sigma = 1};
    return space_parameter_points(&p);
}

TEST(steps_from_min_are_the_same_in_a_grid_and_at_random)
{
    struct parameter p = {
        .kind = SPACE_Q_UNIFORM, .min = 0.2, .max = 0.8, .q = 0.3, .from_min = true};
    struct arena a;
    int64_t first;
    uint64_t n;
    arena_init(&a);
    ASSERT_EQ(space_parameter_points(&p), 3);
    ASSERT_EQ(space_grid_points(&p), 3);
    ASSERT(space_levels(&p, &first, &n) && first == 0 && n == 3);
    for (uint64_t i = 0; i < n; i++) {
        double want = 0.2 + (double)i * 0.3;
        ASSERT(space_grid_value(&a, &p, i)->f == want);
        ASSERT(space_level_value(&a, &p, (int64_t)i)->f == want);
        ASSERT(space_ppf(&a, &p, ((double)i + 0.01) / 3)->f == want);
        ASSERT(space_ppf(&a, &p, ((double)i + 0.99) / 3)->f == want);
    }
    ASSERT(space_ppf(&a, &p, 0)->f == 0.2);
    ASSERT(space_ppf(&a, &p, 1)->f == 0.2 + 2 * 0.3);
    p.max = 1.05; /* no step meets it */
    ASSERT_EQ(space_parameter_points(&p), 3);
    arena_done(&a);
}

TEST(integers_in_steps_count_from_their_min)
{
    struct parameter p = {.kind = SPACE_INT_UNIFORM, .int_min = -7, .int_max = 8, .int_step = 3};
    struct arena a;
    int64_t first;
    uint64_t n;
    arena_init(&a);
    ASSERT(space_levels(&p, &first, &n) && n == 6);
    for (uint64_t i = 0; i < n; i++) {
        int64_t want = -7 + 3 * (int64_t)i;
        ASSERT_EQ(space_level_value(&a, &p, first + (int64_t)i)->i, want);
        ASSERT_EQ(space_grid_value(&a, &p, i)->i, want);
        ASSERT_EQ(space_ppf(&a, &p, ((double)i + 0.5) / 6)->i, want);
    }
    arena_done(&a);
}

TEST(integers_in_steps_are_multiples_within_their_bounds)
{
    struct parameter p = {.kind = SPACE_INT_UNIFORM, .int_min = -6, .int_max = 15, .int_step = 3};
    struct arena a;
    int64_t first;
    uint64_t n;
    arena_init(&a);
    ASSERT_EQ(space_parameter_points(&p), 8);
    ASSERT(space_levels(&p, &first, &n) && first == -2 && n == 8);
    for (uint64_t i = 0; i < n; i++) {
        int64_t want = -6 + 3 * (int64_t)i;
        ASSERT_EQ(space_grid_value(&a, &p, i)->i, want);
        ASSERT_EQ(space_level_value(&a, &p, first + (int64_t)i)->i, want);
        ASSERT_EQ(space_ppf(&a, &p, ((double)i + 0.5) / 8)->i, want);
    }
    ASSERT_EQ(space_int(&p, 0), -6);
    ASSERT_EQ(space_int(&p, 1), 15);
    arena_done(&a);
}

TEST(counting_values)
{
    ASSERT_EQ(points_of(SPACE_Q_UNIFORM, 0, 10, 2), 6);
    ASSERT_EQ(points_of(SPACE_Q_UNIFORM, 0.3, 2, 0.25), 8); /* 0.25 … 2 */
    ASSERT_EQ(points_of(SPACE_Q_UNIFORM, 0.5, 10, 1), 10);  /* 0 comes from the bound alone */
    ASSERT_EQ(points_of(SPACE_Q_UNIFORM, 1, 4.5, 3), 2); /* 0 and 3; 6 comes from the bound alone */
    ASSERT_EQ(points_of(SPACE_Q_LOG_UNIFORM_VALUES, 1, 256, 8), 33);
    ASSERT_EQ(points_of(SPACE_Q_LOG_UNIFORM, 0, 5, 2), 74); /* 0 comes from the bound alone */
    ASSERT_EQ(points_of(SPACE_Q_BETA, 0, 0, 0.1), 11);
    ASSERT_EQ(points_of(SPACE_Q_NORMAL, 0, 0, 1), 0);
    ASSERT_EQ(points_of(SPACE_UNIFORM, 0, 1, 0), 0);
    ASSERT_EQ(points_of(SPACE_BETA, 0, 0, 0), 0);
    ASSERT_EQ(points_of(SPACE_CONSTANT, 0, 0, 0), 1);
}

TEST(counting_spaces)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_GRID);
    spaces_ints(&s, "a", 1, 1000000);
    spaces_ints(&s, "b", 1, 1000000);
    ASSERT_EQ(space_points(&s.spec.space), 1000000000000);
    ASSERT_EQ(space_grid_total(&s.spec.space), 1000000000000);
    spaces_ints(&s, "c", 1, 1000000);
    spaces_ints(&s, "d", 1, 1000000);
    ASSERT(space_points(&s.spec.space) == UINT64_MAX);
    spaces_range(&s, "e", SPACE_UNIFORM, 0, 1);
    ASSERT_EQ(space_points(&s.spec.space), 0);
    ASSERT_EQ(space_grid_total(&s.spec.space), 0);
    spaces_done(&s);
}

TEST(distinct_values_are_not_repeated)
{
    struct arena a;
    arena_init(&a);
    struct value *list = value_list(&a);
    value_push(&a, list, value_int(&a, 1));
    value_push(&a, list, value_bool(&a, true));
    value_push(&a, list, value_float(&a, 1.0));
    value_push(&a, list, value_str(&a, "1"));
    value_push(&a, list, value_bool(&a, true));
    for (int i = 0; i < 100; i++)
        value_push(&a, list, value_int(&a, i % 50));
    struct value *kept = space_distinct(&a, list);
    ASSERT_EQ(kept->list.n, 3 + 49);
    ASSERT_EQ(kept->list.items[0]->kind, VALUE_INT);
    ASSERT_EQ(kept->list.items[1]->kind, VALUE_BOOL);
    ASSERT_EQ(kept->list.items[2]->kind, VALUE_STR);
    ASSERT_EQ(kept->list.items[3]->i, 0);
    struct value *two = value_list(&a);
    value_push(&a, two, value_int(&a, 1));
    value_push(&a, two, value_float(&a, 1.0));
    kept = space_distinct(&a, two);
    ASSERT_EQ(kept->list.n, 1);
    ASSERT_EQ(kept->list.items[0]->kind, VALUE_FLOAT); /* the last of them, as W&B's grid has it */
    arena_done(&a);
}

TEST(nesting_and_looking_up)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_GRID);
    spaces_ints(&s, "lr", 1, 1);
    spaces_ints(&s, "opt.adam.beta", 1, 1);
    spaces_ints(&s, "opt.name", 1, 1);
    struct value *values[3];
    for (int i = 0; i < 3; i++)
        values[i] = value_int(&s.arena, 10 + i);
    struct value *params = space_nest(&s.arena, &s.spec.space, values);
    ASSERT_EQ(params->dict.n, 2);
    ASSERT_EQ(value_get_int(value_get(value_get(params, "opt"), "adam"), "beta", 0), 11);
    for (int i = 0; i < 3; i++)
        ASSERT(space_lookup(params, &s.parameters[i]) == values[i]);
    ASSERT(space_lookup(values[0], &s.parameters[1]) == NULL);
    spaces_done(&s);
}

TEST(rounding_leaves_no_bound_behind)
{
    static const struct {
        enum space_kind kind;
        double min, max;
    } cases[] = {
        {SPACE_LOG_UNIFORM_VALUES, 1e-5, 0.1},
        {SPACE_LOG_UNIFORM_VALUES, 1e-6, 1},
        {SPACE_INV_LOG_UNIFORM_VALUES, 0.003, 3},
        {SPACE_UNIFORM, 0.1, 0.3},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parameter p = {.kind = cases[i].kind, .min = cases[i].min, .max = cases[i].max};
        for (int k = 0; k <= 1000; k++) {
            double x = value_number(space_ppf(&a, &p, k / 1000.0));
            ASSERT(x >= p.min && x <= p.max);
        }
    }
    arena_done(&a);
}
