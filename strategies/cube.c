/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/cube.h"

#include <gsl/gsl_qrng.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/rng.h"

enum { SOBOL_BITS = 30, SCRAMBLED_BITS = 32, UNIT_BITS = 53 };

/* One digit of a coordinate of Halton's sequence is mapped by d -> (factor * d + shift) mod base, a
 * bijection since the base is prime: random linear scrambling (Matousek, "On the L2-discrepancy for
 * anchored boxes", J. Complexity 14, 1998). Each place of each dimension has its own, so that the
 * zeros in front of a small index are as random as its digits (Owen, arXiv:1706.02808). */
struct cube_digit {
    uint32_t factor, shift;
};

/* Digits of base that a double in [0, 1) resolves. */
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
        /* GSL hands out zeros for ever where it is asked for more dimensions than it has. */
        check(dims <= gsl_qrng_sobol->max_dimension);
        c->sobol = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)dims);
        check(c->sobol);
    }
}

void cube_done(struct cube *c)
{
    if (c->sobol)
        gsl_qrng_free(c->sobol);
    mem_free(c->raw);
    mem_free(c->bases);
    mem_free(c->digits);
}

/* Owen's nested uniform scrambling (Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences",
 * 1995) in base 2: each bit is flipped by a coin that belongs to the bits before it. The coins come
 * from hashing those bits, as Burley does ("Practical hash-based Owen scrambling", JCGT 9(4),
 * 2020), but with Philox for a hash, one coin a bit: slower than his, and exact. */
static uint32_t scramble(uint64_t seed, size_t dimension, uint32_t x)
{
    uint32_t scrambled = 0;
    for (unsigned bit = 0; bit < SCRAMBLED_BITS; bit++) {
        uint32_t before = bit ? x >> (SCRAMBLED_BITS - bit) : 0;
        uint32_t marked = UINT32_C(1) << bit | before; /* so that 0 and 00 are apart */
        struct rng r;
        rng_init(&r, seed, (uint64_t)dimension << 32 | marked, RNG_SCRAMBLE);
        uint32_t coin = rng_u32(&r) >> 31;
        scrambled |= ((x >> (SCRAMBLED_BITS - 1 - bit) & 1) ^ coin) << (SCRAMBLED_BITS - 1 - bit);
    }
    return scrambled;
}

/* The lowest bits of the unit interval are beyond the sequence: they are filled at random. */
static double fill_unit(uint64_t high, unsigned high_bits, struct rng *r)
{
    unsigned low_bits = UNIT_BITS - high_bits;
    uint64_t low = rng_u64(r) >> (64 - low_bits);
    return ((double)(high << low_bits | low) + 0.5) * 0x1p-53;
}

static bool sobol_next(struct cube *c, double *point)
{
    if (c->next >= CUBE_SOBOL_POINTS)
        return false;
    /* GSL begins with the point behind the origin; the first 2^m points are a net with it only. */
    for (size_t d = 0; d < c->dims; d++)
        c->raw[d] = 0;
    if (c->next > 0 && c->sobol)
        gsl_qrng_get(c->sobol, c->raw);
    struct rng r;
    rng_init(&r, c->seed, c->next, RNG_SAMPLE);
    for (size_t d = 0; d < c->dims; d++) {
        uint32_t x = (uint32_t)(c->raw[d] * 0x1p30) << (SCRAMBLED_BITS - SOBOL_BITS);
        point[d] = fill_unit(scramble(c->seed, d, x), SCRAMBLED_BITS, &r);
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
