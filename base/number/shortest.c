/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/shortest.h"

#include <stdint.h>
#include <string.h>

enum { POWER_FIRST = -348, POWER_STEP = 8 };

/* 10^POWER_FIRST and every POWER_STEP-th power after it, rounded to 64 bits; power_exponent() has their exponents. */
static const uint64_t powers[] = {
    0xfa8fd5a0081c0288, 0xbaaee17fa23ebf76, 0x8b16fb203055ac76, 0xcf42894a5dce35ea,
    0x9a6bb0aa55653b2d, 0xe61acf033d1a45df, 0xab70fe17c79ac6ca, 0xff77b1fcbebcdc4f,
    0xbe5691ef416bd60c, 0x8dd01fad907ffc3c, 0xd3515c2831559a83, 0x9d71ac8fada6c9b5,
    0xea9c227723ee8bcb, 0xaecc49914078536d, 0x823c12795db6ce57, 0xc21094364dfb5637,
    0x9096ea6f3848984f, 0xd77485cb25823ac7, 0xa086cfcd97bf97f4, 0xef340a98172aace5,
    0xb23867fb2a35b28e, 0x84c8d4dfd2c63f3b, 0xc5dd44271ad3cdba, 0x936b9fcebb25c996,
    0xdbac6c247d62a584, 0xa3ab66580d5fdaf6, 0xf3e2f893dec3f126, 0xb5b5ada8aaff80b8,
    0x87625f056c7c4a8b, 0xc9bcff6034c13053, 0x964e858c91ba2655, 0xdff9772470297ebd,
    0xa6dfbd9fb8e5b88f, 0xf8a95fcf88747d94, 0xb94470938fa89bcf, 0x8a08f0f8bf0f156b,
    0xcdb02555653131b6, 0x993fe2c6d07b7fac, 0xe45c10c42a2b3b06, 0xaa242499697392d3,
    0xfd87b5f28300ca0e, 0xbce5086492111aeb, 0x8cbccc096f5088cc, 0xd1b71758e219652c,
    0x9c40000000000000, 0xe8d4a51000000000, 0xad78ebc5ac620000, 0x813f3978f8940984,
    0xc097ce7bc90715b3, 0x8f7e32ce7bea5c70, 0xd5d238a4abe98068, 0x9f4f2726179a2245,
    0xed63a231d4c4fb27, 0xb0de65388cc8ada8, 0x83c7088e1aab65db, 0xc45d1df942711d9a,
    0x924d692ca61be758, 0xda01ee641a708dea, 0xa26da3999aef774a, 0xf209787bb47d6b85,
    0xb454e4a179dd1877, 0x865b86925b9bc5c2, 0xc83553c5c8965d3d, 0x952ab45cfa97a0b3,
    0xde469fbd99a05fe3, 0xa59bc234db398c25, 0xf6c69a72a3989f5c, 0xb7dcbf5354e9bece,
    0x88fcf317f22241e2, 0xcc20ce9bd35c78a5, 0x98165af37b2153df, 0xe2a0b5dc971f303a,
    0xa8d9d1535ce3b396, 0xfb9b7cd9a4a7443c, 0xbb764c4ca7a44410, 0x8bab8eefb6409c1a,
    0xd01fef10a657842c, 0x9b10a4e5e9913129, 0xe7109bfba19c0c9d, 0xac2820d9623bf429,
    0x80444b5e7aa7cf85, 0xbf21e44003acdd2d, 0x8e679c2f5e44ff8f, 0xd433179d9c8cb841,
    0x9e19db92b4e31ba9, 0xeb96bf6ebadf77d9, 0xaf87023b9bf0ee6b,
};

/* f * 2^e */
struct scaled {
    uint64_t f;
    int e;
};

/* floor(k * log2(10)) - 63: of 10^k with 64 bits before the point. Exact for all of `powers`. */
static int power_exponent(int k)
{
    return (int)((int64_t)k * 217706 >> 16) - 63;
}

static struct scaled scaled_normal(struct scaled x)
{
    int zeros = __builtin_clzll(x.f);
    return (struct scaled){x.f << zeros, x.e - zeros};
}

/* The upper half of the product, rounded: at most half a unit away. */
static struct scaled scaled_times(struct scaled a, struct scaled b)
{
    uint64_t low_mask = UINT32_MAX;
    uint64_t ah = a.f >> 32, al = a.f & low_mask, bh = b.f >> 32, bl = b.f & low_mask;
    uint64_t hl = ah * bl, lh = al * bh;
    uint64_t middle = (al * bl >> 32) + (hl & low_mask) + (lh & low_mask) + (UINT64_C(1) << 31);
    return (struct scaled){ah * bh + (hl >> 32) + (lh >> 32) + (middle >> 32), a.e + b.e + 64};
}

/* The double, and the ends of the interval of what reads back as it, with the exponent of the upper one. */
static void scaled_read(double d, struct scaled *ret, struct scaled *ret_low,
                        struct scaled *ret_high)
{
    uint64_t bits, hidden = UINT64_C(1) << 52;
    memcpy(&bits, &d, sizeof bits);
    int biased = (int)(bits >> 52 & 0x7FF);
    uint64_t fraction = bits & (hidden - 1);
    struct scaled v = {biased ? fraction | hidden : fraction, (biased ? biased : 1) - 1075};
    /* Below a power of two the neighbour is half as far away. */
    bool close = fraction == 0 && biased > 1;
    struct scaled low =
        close ? (struct scaled){(v.f << 2) - 1, v.e - 2} : (struct scaled){(v.f << 1) - 1, v.e - 1};
    *ret = scaled_normal(v);
    *ret_high = scaled_normal((struct scaled){(v.f << 1) + 1, v.e - 1});
    *ret_low = (struct scaled){low.f << (low.e - ret_high->e), ret_high->e};
}

/* What is left of the interval below the digits so far. All but the last three are in units of `unit`. */
struct rest {
    uint64_t to_value;  /* from the upper end of the unsafe interval to the double */
    uint64_t interval;  /* the unsafe interval */
    uint64_t to_digits; /* from its upper end to the digits */
    uint64_t step;      /* one in the last digit */
    uint64_t unit;      /* how far off all of these may be */
};

/* Lowers the last digit towards the double. False where it is not certain that the result is the closest one, or
 * reads back. */
static bool digits_round(char *last, struct rest r)
{
    uint64_t near = r.to_value - r.unit, far = r.to_value + r.unit;
    while (r.to_digits < near && r.interval - r.to_digits >= r.step &&
           (r.to_digits + r.step < near || near - r.to_digits >= r.to_digits + r.step - near)) {
        --*last;
        r.to_digits += r.step;
    }
    if (r.to_digits < far && r.interval - r.to_digits >= r.step &&
        (r.to_digits + r.step < far || far - r.to_digits > r.to_digits + r.step - far))
        return false;
    return 2 * r.unit <= r.to_digits && r.to_digits <= r.interval - 4 * r.unit;
}

/* Digits of `high`, until what follows is within the interval. Returns how many, or 0; *ret_point: how many digits the
 * whole part has beyond them. */
static int digits_make(struct scaled low, struct scaled w, struct scaled high, char *digits,
                       int *ret_point)
{
    uint64_t top = high.f + 1, one = UINT64_C(1) << -w.e;
    struct rest r = {.to_value = top - w.f, .interval = top - (low.f - 1), .unit = 1};
    uint32_t whole = (uint32_t)(top >> -w.e), divisor = 1;
    uint64_t part = top & (one - 1);
    int n = 0, left = 1;
    for (; whole / divisor >= 10; left++)
        divisor *= 10;
    while (left > 0) {
        digits[n++] = (char)('0' + whole / divisor);
        whole %= divisor;
        *ret_point = --left;
        r.to_digits = ((uint64_t)whole << -w.e) + part;
        r.step = (uint64_t)divisor << -w.e;
        if (r.to_digits < r.interval)
            return digits_round(&digits[n - 1], r) ? n : 0;
        divisor /= 10;
    }
    r.step = one;
    while (n < SHORTEST_DIGITS_MAX) {
        part *= 10;
        r.unit *= 10;
        r.interval *= 10;
        r.to_value *= 10;
        digits[n++] = (char)('0' + (part >> -w.e));
        part &= one - 1;
        *ret_point = --left;
        r.to_digits = part;
        if (part < r.interval)
            return digits_round(&digits[n - 1], r) ? n : 0;
    }
    return 0;
}

int shortest_find(double f, char digits[SHORTEST_DIGITS_MAX], int *ret_exponent)
{
    struct scaled v, low, high;
    int point = 0;
    scaled_read(f, &v, &low, &high);
    /* The power that brings the exponent into -60 to -32: ceil((-61 - v.e) * log10(2)) or up to 8 more. */
    int k = (int)((int64_t)(-61 - v.e) * 78913 >> 18) + 1;
    size_t at = (size_t)((k - POWER_FIRST + POWER_STEP - 1) / POWER_STEP);
    k = POWER_FIRST + POWER_STEP * (int)at;
    const struct scaled power = {powers[at], power_exponent(k)};
    int n = digits_make(scaled_times(low, power), scaled_times(v, power), scaled_times(high, power),
                        digits, &point);
    *ret_exponent = point - k + n - 1;
    return n;
}
