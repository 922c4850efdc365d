/* Framed hashing: items in, a hash, a challenge or octets out. The encoding is in transcript.h,
 * its reasons in protocol.md, section 4. */
#include "crypto/transcript.h"

#include <string.h>

#include "base/mem.h"

enum item {
    ITEM_BYTES = 1,
    ITEM_NAT = 2,
    ITEM_INT = 3,
    ITEM_POINT = 4,
    END = 5,
    ITEM_PARTY = 6,
    ITEM_SCALAR = 7,
    ITEM_U32 = 8,
    ITEM_U64 = 9,
    ITEM_LIST = 10
};

/* sizeof includes the NUL that ends each prefix. */
static const uint8_t hash_prefix[] = "countersign/v1/h";
static const uint8_t xof_prefix[] = "countersign/v1/x";

static void put_uint(uint8_t *out, size_t len, uint64_t v)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(v >> (8 * (len - 1 - i)));
}

static void absorb(csig_transcript *t, const void *p, size_t len)
{
    if (len > 0) crypto_hash_sha512_update(&t->h, p, len);
}

/* What stands before the octets of an item. */
static void announce(csig_transcript *t, enum item type, size_t len)
{
    uint8_t head[5] = {(uint8_t)type};

    CSIG_ASSERT(len <= UINT32_MAX);
    put_uint(head + 1, 4, len);
    absorb(t, head, sizeof head);
}

static void begin(csig_transcript *t, enum item type, size_t len)
{
    CSIG_ASSERT(t->count < UINT32_MAX);
    t->count++;
    announce(t, type, len);
}

static void item(csig_transcript *t, enum item type, const void *p, size_t len)
{
    begin(t, type, len);
    absorb(t, p, len);
}

static void uint_item(csig_transcript *t, enum item type, uint64_t v, size_t len)
{
    uint8_t be[8];

    put_uint(be, len, v);
    item(t, type, be, len);
}

void csig_transcript_init(csig_transcript *t, csig_label label)
{
    const char *text = csig_label_text(label);

    CSIG_ASSERT(text != NULL);
    t->count = 0;
    crypto_hash_sha512_init(&t->h);
    absorb(t, hash_prefix, sizeof hash_prefix);
    announce(t, ITEM_BYTES, strlen(text));
    absorb(t, text, strlen(text));
}

void csig_transcript_bytes(csig_transcript *t, const void *p, size_t len)
{
    item(t, ITEM_BYTES, p, len);
}

void csig_transcript_nat(csig_transcript *t, const csig_int *a, size_t bytes)
{
    uint8_t be[sizeof a->d];

    CSIG_ASSERT(!a->neg && bytes <= sizeof be);
    csig_int_to_bytes(be, bytes, a);
    item(t, ITEM_NAT, be, bytes);
}

void csig_transcript_int(csig_transcript *t, const csig_int *a, size_t bytes)
{
    uint8_t be[1 + sizeof a->d];

    CSIG_ASSERT(bytes <= sizeof be - 1);
    be[0] = (uint8_t)a->neg;
    csig_int_to_bytes(be + 1, bytes, a);
    item(t, ITEM_INT, be, 1 + bytes);
}

void csig_transcript_point(csig_transcript *t, const csig_point *P)
{
    uint8_t sec1[CSIG_POINT_BYTES];

    csig_point_to_bytes(sec1, P);
    item(t, ITEM_POINT, sec1, sizeof sec1);
}

void csig_transcript_party(csig_transcript *t, uint16_t party)
{
    uint_item(t, ITEM_PARTY, party, sizeof party);
}

void csig_transcript_scalar(csig_transcript *t, const csig_scalar *a)
{
    item(t, ITEM_SCALAR, a->b, sizeof a->b);
}

void csig_transcript_u32(csig_transcript *t, uint32_t v)
{
    uint_item(t, ITEM_U32, v, sizeof v);
}

void csig_transcript_u64(csig_transcript *t, uint64_t v)
{
    uint_item(t, ITEM_U64, v, sizeof v);
}

void csig_transcript_list(csig_transcript *t, uint32_t count)
{
    uint_item(t, ITEM_LIST, count, sizeof count);
}

/* A walk is written through a window as large as the largest field there is, a whole array of
 * Pi-prm, and absorbed each time the next field begins: a message of any length needs no heap. */
typedef struct csig_msg_window {
    csig_transcript *t;
    size_t absorbed;
    size_t widest; /* how much of `octets` was ever used */
    uint8_t octets[CSIG_REPEAT * CSIG_N_BYTES];
} csig_msg_window;

static void flush(csig_wire *w, csig_field kind, size_t width)
{
    csig_msg_window *window = w->visitor;

    (void)kind, (void)width;
    absorb(window->t, window->octets, w->at);
    window->absorbed += w->at;
    if (w->at > window->widest) window->widest = w->at;
    w->at = 0;
}

void csig_transcript_msg_shaped(csig_transcript *t, csig_wire_fn *fn, const csig_wire_shape *shape,
                                const void *msg)
{
    const size_t len = csig_wire_size_shaped(fn, shape);
    csig_msg_window window;
    csig_wire w = {.op = CSIG_WIRE_WRITE,
                   .shape = shape,
                   .out = window.octets,
                   .len = sizeof window.octets,
                   .visit = flush,
                   .visitor = &window};

    window.t = t;
    window.absorbed = 0;
    window.widest = 0;
    begin(t, ITEM_BYTES, len);
    fn(&w, (void *)(uintptr_t)msg); /* the walk only reads msg when writing */
    flush(&w, CSIG_FIELD_BYTES, 0);
    CSIG_ASSERT(!w.bad && window.absorbed == len);
    csig_wipe(window.octets, window.widest);
}

void csig_transcript_msg(csig_transcript *t, csig_wire_fn *fn, const void *msg)
{
    csig_transcript_msg_shaped(t, fn, NULL, msg);
}

void csig_transcript_hash(const csig_transcript *t, uint8_t out[CSIG_HASH_BYTES])
{
    csig_transcript end = *t;
    uint8_t tail[5] = {END};

    put_uint(tail + 1, 4, t->count);
    absorb(&end, tail, sizeof tail);
    crypto_hash_sha512_final(&end.h, out);
    csig_transcript_wipe(&end);
}

void csig_transcript_hash32(const csig_transcript *t, uint8_t out[32])
{
    uint8_t hash[CSIG_HASH_BYTES];

    csig_transcript_hash(t, hash);
    memcpy(out, hash, 32);
    csig_wipe(hash, sizeof hash);
}

static void xof_block(uint8_t out[CSIG_HASH_BYTES], const uint8_t seed[CSIG_HASH_BYTES], uint32_t i)
{
    crypto_hash_sha512_state h;
    uint8_t be[4];

    put_uint(be, sizeof be, i);
    crypto_hash_sha512_init(&h);
    crypto_hash_sha512_update(&h, xof_prefix, sizeof xof_prefix);
    crypto_hash_sha512_update(&h, seed, CSIG_HASH_BYTES);
    crypto_hash_sha512_update(&h, be, sizeof be);
    crypto_hash_sha512_final(&h, out);
    csig_wipe(&h, sizeof h);
}

void csig_transcript_expand(const csig_transcript *t, uint32_t first, uint8_t *out, size_t len)
{
    uint8_t seed[CSIG_HASH_BYTES];
    uint8_t block[CSIG_HASH_BYTES];

    CSIG_ASSERT(len / CSIG_HASH_BYTES < UINT32_MAX - first);
    csig_transcript_hash(t, seed);
    while (len > 0) {
        const size_t take = len < sizeof block ? len : sizeof block;

        xof_block(block, seed, first++);
        memcpy(out, block, take);
        out += take;
        len -= take;
    }
    csig_wipe(seed, sizeof seed);
    csig_wipe(block, sizeof block);
}

void csig_transcript_challenge_scalar(const csig_transcript *t, csig_scalar *e)
{
    uint8_t block[CSIG_HASH_BYTES];

    csig_transcript_expand(t, 0, block, sizeof block);
    csig_scalar_from_bytes(e, block, sizeof block);
}

void csig_transcript_challenge(const csig_transcript *t, csig_int *e)
{
    csig_scalar scalar;

    csig_transcript_challenge_scalar(t, &scalar);
    csig_scalar_to_int(e, &scalar);
}

void csig_transcript_challenge_bits(const csig_transcript *t, uint8_t bits[CSIG_REPEAT / 8])
{
    csig_transcript_expand(t, 0, bits, CSIG_REPEAT / 8);
}

void csig_transcript_wipe(csig_transcript *t)
{
    csig_wipe(t, sizeof *t);
}

void csig_transcript_proof(csig_transcript *t, csig_label use, const uint8_t ssid[CSIG_SSID_BYTES],
                           uint16_t prover, uint16_t verifier)
{
    csig_transcript_init(t, use);
    csig_transcript_bytes(t, ssid, CSIG_SSID_BYTES);
    csig_transcript_party(t, prover);
    csig_transcript_party(t, verifier);
}

void csig_transcript_device_proof(csig_transcript *t, csig_label use,
                                  const uint8_t ssid[CSIG_SSID_BYTES],
                                  const uint8_t prover[CSIG_ID_BYTES],
                                  const uint8_t verifier[CSIG_ID_BYTES])
{
    csig_transcript_init(t, use);
    csig_transcript_bytes(t, ssid, CSIG_SSID_BYTES);
    csig_transcript_bytes(t, prover, CSIG_ID_BYTES);
    if (verifier != NULL) {
        csig_transcript_bytes(t, verifier, CSIG_ID_BYTES);
    } else {
        csig_transcript_party(t, CSIG_TO_ALL);
    }
}
