/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/cube.h"

#include <gsl/gsl_qrng.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/number/rng.h"

/* The first 23 bits tell 2^23 points apart, so scrambling coins of later bits would each serve one
 * point only. Random bits are equivalent and cost less. */
enum { SOBOL_BITS = 30, SCRAMBLED_BITS = 23, UNIT_BITS = 53 };
/* Scrambling coins: two top blocks of 8 bits, whose coins are kept, and a low block of 7. */
enum {
    TOP_BITS = 8,
    LOW_BITS = SCRAMBLED_BITS - 2 * TOP_BITS,
    TOP_COIN_WORDS = 8,
    LOW_COIN_WORDS = 4,
    TOP_BLOCKS = 1 + (1 << TOP_BITS)
};

/* One digit of a coordinate of Halton's sequence is mapped by d -> (factor * d + shift) mod base, a
 * bijection since the base is prime: random linear scrambling (Matousek, "On the L2-discrepancy for
 * anchored boxes", J. Complexity 14, 1998). Each place of each dimension has its own, so that the
 * zeros in front of a small index are as random as its digits (Owen, arXiv:1706.02808). */
struct cube_digit {
    uint32_t factor, shift;
};

/* How many digits in this base a double in [0, 1) resolves. */
static unsigned places_of(uint32_t base)
{
    unsigned places = 0;
    for (double resolved = 1; resolved < 0x1p53; resolved *= base)
        places++;
    return places;
}

static uint32_t next_prime(uint32_t after)
{
    for (uint32_t n = after + 1;; n++) {
        uint32_t divisor = 2;
        while (divisor * divisor <= n && n % divisor)
            divisor++;
        if (divisor * divisor > n)
            return n;
    }
}

static void init_halton(struct cube *c)
{
    c->bases = mem_alloc(c->dims * sizeof *c->bases);
    size_t digits = 0;
    uint32_t prime = 1;
    for (size_t d = 0; d < c->dims; d++) {
        prime = next_prime(prime);
        c->bases[d] = prime;
        digits += places_of(prime);
    }
    c->digits = mem_alloc(digits * sizeof *c->digits);
    struct cube_digit *digit = c->digits;
    for (size_t d = 0; d < c->dims; d++) {
        struct rng r;
        rng_init(&r, c->seed, d, RNG_SCRAMBLE);
        for (unsigned place = places_of(c->bases[d]); place > 0; place--, digit++) {
            digit->factor = 1 + (uint32_t)rng_below(&r, c->bases[d] - 1);
            digit->shift = (uint32_t)rng_below(&r, c->bases[d]);
        }
    }
}

void cube_init(struct cube *c, size_t dims, uint64_t seed)
{
    PRE(dims <= CUBE_DIMS_MAX);
    *c = (struct cube){.dims = dims, .seed = seed};
    if (dims > CUBE_SOBOL_DIMS) {
        init_halton(c);
        return;
    }
    c->raw = mem_alloc(dims * sizeof *c->raw);
    if (dims > 0) {
        /* GSL returns zeros for ever if it is asked for too many dimensions. */
        check(dims <= gsl_qrng_sobol->max_dimension);
        c->sobol = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)dims);
        check(c->sobol);
        c->top_coins = mem_alloc(dims * TOP_BLOCKS * TOP_COIN_WORDS * sizeof *c->top_coins);
    }
}

void cube_done(struct cube *c)
{
    if (c->sobol)
        gsl_qrng_free(c->sobol);
    mem_free(c->raw);
    mem_free(c->top_coins);
    mem_free(c->bases);
    mem_free(c->digits);
}

static void toss_bit(const struct cube *c, size_t dimension, unsigned bit, uint32_t before,
                     uint32_t *coins, unsigned words)
{
    uint32_t marked = UINT32_C(1) << bit | before; /* tells 0 from 00 */
    struct rng r;
    rng_init(&r, c->seed, (uint64_t)dimension << 32 | marked, RNG_SCRAMBLE);
    for (unsigned i = 0; i < words; i++)
        coins[i] = rng_u32(&r);
}

/* Tosses the coins of a top block once and keeps them. Coin 0 is not used for bits: it marks the
 * block as tossed. */
static const uint32_t *top_coins(const struct cube *c, size_t dimension, unsigned bit,
                                 uint32_t before)
{
    uint32_t *coins =
        c->top_coins + (dimension * TOP_BLOCKS + (bit ? 1 + before : 0)) * TOP_COIN_WORDS;
    if (!(coins[0] & 1)) {
        toss_bit(c, dimension, bit, before, coins, TOP_COIN_WORDS);
        coins[0] |= 1;
    }
    return coins;
}

/* Owen's nested uniform scrambling (Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences",
 * 1995) in base 2: each bit is flipped by a coin that belongs to the bits before it. The coins come
 * from hashing those bits, as Burley does ("Practical hash-based Owen scrambling", JCGT 9(4),
 * 2020), but with Philox for a hash, which is exact. Bits are taken in blocks: what is hashed are
 * the bits before a block, and that gives coins for all that its own bits can be, coin 1 for the
 * first of them, 2 or 3 for the second, and so on. */
static uint32_t scramble_point(const struct cube *c, size_t dimension, uint32_t x)
{
    static const unsigned block_bits[] = {TOP_BITS, TOP_BITS, LOW_BITS};
    uint32_t flips = 0, tossed[LOW_COIN_WORDS];
    unsigned bit = 0;
    for (unsigned block = 0; block < sizeof block_bits / sizeof *block_bits; block++) {
        uint32_t before = x >> (SCRAMBLED_BITS - bit);
        const uint32_t *coins = tossed;
        if (block < 2)
            coins = top_coins(c, dimension, bit, before);
        else
            toss_bit(c, dimension, bit, before, tossed, LOW_COIN_WORDS);
        uint32_t node = 1;
        for (unsigned end = bit + block_bits[block]; bit < end; bit++) {
            flips = flips << 1 | (coins[node / 32] >> node % 32 & 1);
            node = node << 1 | (x >> (SCRAMBLED_BITS - 1 - bit) & 1);
        }
    }
    return x ^ flips;
}

/* The sequence does not reach the lowest bits of the unit interval: random bits fill them. */
static double fill_unit(uint32_t high, struct rng *r)
{
    const unsigned low_bits = UNIT_BITS - SCRAMBLED_BITS;
    uint64_t low = rng_u32(r) >> (32 - low_bits);
    return ((double)((uint64_t)high << low_bits | low) + 0.5) * 0x1p-53;
}

static bool sobol_next(struct cube *c, double *point)
{
    if (c->next >= CUBE_SOBOL_POINTS)
        return false;
    /* GSL begins with the point after the origin, but only with the origin are the first 2^m points
     * a net. */
    for (size_t d = 0; d < c->dims; d++)
        c->raw[d] = 0;
    if (c->next > 0 && c->sobol)
        gsl_qrng_get(c->sobol, c->raw);
    struct rng r;
    rng_init(&r, c->seed, c->next, RNG_SAMPLE);
    for (size_t d = 0; d < c->dims; d++) {
        uint32_t x = (uint32_t)(c->raw[d] * 0x1p30) >> (SOBOL_BITS - SCRAMBLED_BITS);
        point[d] = fill_unit(scramble_point(c, d, x), &r);
    }
    return true;
}

static void halton_next(const struct cube *c, double *point)
{
    const struct cube_digit *digit = c->digits;
    for (size_t d = 0; d < c->dims; d++) {
        uint32_t base = c->bases[d];
        uint64_t rest = c->next;
        double u = 0, scale = 1;
        for (unsigned place = places_of(base); place > 0; place--, digit++) {
            uint64_t mapped = ((uint64_t)digit->factor * (rest % base) + digit->shift) % base;
            rest /= base;
            scale /= base;
            u += (double)mapped * scale;
        }
        point[d] = u < 1 ? u : 1 - 0x1p-53;
    }
}

bool cube_next(struct cube *c, double *point)
{
    if (c->digits)
        halton_next(c, point);
    else if (!sobol_next(c, point))
        return false;
    c->next++;
    return true;
}

void cube_skip_past(struct cube *c, uint64_t index)
{
    if (c->digits) {
        if (index >= c->next)
            c->next = index + 1;
        return;
    }
    for (; c->next <= index && c->next < CUBE_SOBOL_POINTS; c->next++)
        if (c->next > 0 && c->sobol)
            gsl_qrng_get(c->sobol, c->raw);
}
