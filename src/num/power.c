/* Secret exponents: fixed windows, tables of all small powers, read in full for every digit. Public
 * ones: sliding windows, tables of odd powers, direct look-up; the base may still be secret. */
#include "num/power.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"

#define WINDOW  5 /* digits of up to 5 bits, or of up to 6 bits of which the last is 1 */
#define ENTRIES (1 << WINDOW)

/* The powers of one base, and where the walk down its exponent stands. */
typedef struct walk {
    const csig_power *power;
    uint32_t window;
    uint32_t next;  /* public: the position whose squaring precedes the next digit */
    uint32_t digit; /* public: that digit */
    mp_limb_t table[ENTRIES * CSIG_PAIR_LIMBS];
} walk;

uint32_t csig_residues_limbs(const csig_residues *z)
{
    return z->is_squared ? 2 * z->n->m.limbs : z->n->m.limbs;
}

void csig_residues_one(mp_limb_t *r, const csig_residues *z)
{
    memcpy(r, z->is_squared ? z->n->one : z->n->m.one, csig_residues_limbs(z) * sizeof *r);
}

void csig_residues_mul(mp_limb_t *r, const csig_residues *z, const mp_limb_t *x, const mp_limb_t *y)
{
    if (z->is_squared)
        csig_pair_mul(r, z->n, x, y);
    else
        csig_mont_mul(r, &z->n->m, x, y);
}

void csig_residues_sqr(mp_limb_t *r, const csig_residues *z, const mp_limb_t *x)
{
    if (z->is_squared)
        csig_pair_sqr(r, z->n, x);
    else
        csig_mont_sqr(r, &z->n->m, x);
}

void csig_residues_enter(mp_limb_t *r, const csig_residues *z, const mp_limb_t *a, uint32_t limbs)
{
    if (z->is_squared)
        csig_pair_enter(r, z->n, a, limbs);
    else
        csig_mont_enter(r, &z->n->m, a, limbs);
}

void csig_residues_leave(mp_limb_t *r, const csig_residues *z, const mp_limb_t *x)
{
    mp_limb_t plain[CSIG_PAIR_LIMBS];

    if (!z->is_squared) {
        csig_mont_leave(r, &z->n->m, x);
        return;
    }
    csig_pair_leave(plain, z->n, x);
    csig_pair_join(r, z->n, plain);
    csig_wipe(plain, sizeof plain);
}

void csig_residues_reveal(csig_int *r, const mp_limb_t *a, uint32_t limbs)
{
    csig_ct_public(a, limbs * sizeof *a);
    while (limbs > 0 && a[limbs - 1] == 0)
        limbs--;
    memmove(r->d, a, limbs * sizeof *a);
    r->limbs = limbs;
    r->neg = 0;
}

/* About the number of bits whose table pays. */
static uint32_t best_window(const csig_power *p)
{
    const uint32_t window = p->bits <= 24 ? 2 : p->bits <= 80 ? 3 : p->bits <= 240 ? 4 : 5;

    /* odd powers alone: half the table, one bit more */
    return p->is_secret ? window : window + 1;
}

/* Entry i is base^i for a secret exponent, base^(2i + 1) for a public one. */
static void fill_table(walk *w, const csig_residues *z)
{
    const uint32_t width = csig_residues_limbs(z);
    const uint32_t entries = 1u << (w->power->is_secret ? w->window : w->window - 1);
    mp_limb_t step[CSIG_PAIR_LIMBS];
    uint32_t i = 1;

    if (w->power->is_secret) {
        csig_residues_one(w->table, z);
        memcpy(w->table + width, w->power->base, width * sizeof *step);
        memcpy(step, w->power->base, width * sizeof *step);
        i = 2;
    } else {
        memcpy(w->table, w->power->base, width * sizeof *step);
        csig_residues_sqr(step, z, w->power->base);
    }
    for (; i < entries; i++)
        csig_residues_mul(w->table + i * width, z, w->table + (i - 1) * width, step);
    csig_wipe(step, sizeof step);
}

static uint32_t bit(const csig_power *p, uint32_t i)
{
    return (uint32_t)csig_mont_window(p->exp, CSIG_LIMBS(p->bits), i, 1);
}

/* The highest digit of the bits below `from`: ends in 1, at most `window` bits. UINT32_MAX: none.
 */
static void find_digit(walk *w, uint32_t from)
{
    uint32_t low;

    while (from > 0 && bit(w->power, from - 1) == 0)
        from--;
    w->next = UINT32_MAX;
    if (from == 0) return;
    low = from > w->window ? from - w->window : 0;
    while (bit(w->power, low) == 0)
        low++;
    w->next = low;
    w->digit =
        (uint32_t)csig_mont_window(w->power->exp, CSIG_LIMBS(w->power->bits), low, from - low);
}

static void init_walk(walk *w, const csig_residues *z, const csig_power *power)
{
    w->power = power;
    w->window = best_window(power);
    w->digit = 0;
    w->next = (power->bits + w->window - 1) / w->window * w->window - w->window;
    if (power->bits == 0) w->next = UINT32_MAX;
    if (!power->is_secret) find_digit(w, power->bits);
    if (w->next != UINT32_MAX) fill_table(w, z);
}

/* The factor that belongs to position w->next; moves on to the next position. */
static void take_digit(mp_limb_t *entry, walk *w, const csig_residues *z)
{
    const uint32_t width = csig_residues_limbs(z);
    const csig_power *p = w->power;

    if (!p->is_secret) {
        memcpy(entry, w->table + (w->digit >> 1) * width, width * sizeof *entry);
        find_digit(w, w->next);
        return;
    }
    csig_mont_lookup(entry, w->table, width, 1u << w->window,
                     csig_mont_window(p->exp, CSIG_LIMBS(p->bits), w->next, w->window));
    w->next = w->next == 0 ? UINT32_MAX : w->next - w->window;
}

void csig_power_product(mp_limb_t *r, const csig_residues *z, const csig_power *power,
                        uint32_t terms)
{
    walk walks[CSIG_POWER_TERMS];
    mp_limb_t acc[CSIG_PAIR_LIMBS], entry[CSIG_PAIR_LIMBS];
    uint32_t top = 0;
    bool is_started = false;

    CSIG_ASSERT(terms <= CSIG_POWER_TERMS);
    for (uint32_t j = 0; j < terms; j++) {
        init_walk(&walks[j], z, &power[j]);
        if (power[j].bits > top) top = power[j].bits;
    }
    csig_residues_one(acc, z);
    for (uint32_t i = top; i-- > 0;) {
        if (is_started) csig_residues_sqr(acc, z, acc);
        for (uint32_t j = 0; j < terms; j++) {
            if (walks[j].next != i) continue;
            take_digit(entry, &walks[j], z);
            csig_residues_mul(acc, z, acc, entry);
            is_started = true;
        }
    }
    memcpy(r, acc, csig_residues_limbs(z) * sizeof *r);
    csig_wipe(walks, sizeof walks);
    csig_wipe(acc, sizeof acc);
    csig_wipe(entry, sizeof entry);
    csig_mont_forget();
}
