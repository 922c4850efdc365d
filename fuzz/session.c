/* A live session of the toy protocol among honest peers whose envelopes are altered, forged or
 * replaced on the way, validly signed or not. It never crashes; a refused envelope changes nothing;
 * a failed session keeps no secret and sends nothing. The input is a list of operations:
 *
 *   octet 0: parties and who moves last; then [operation][length u8][octets] ... */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "proto/toy.h"
#include "support/random.h"

#define MAIL 24

static toy_group g;
/* What the peers sent to party 0, oldest first; taken again and again. */
static toy_mail mail[MAIL + 1]; /* and one that stays empty */
static size_t mails;

typedef struct input {
    const uint8_t *p;
    size_t len;
} input;

static uint8_t next(input *in)
{
    if (in->len == 0) return 0;
    in->len--;
    return *in->p++;
}

static void start(uint8_t how)
{
    random_seed(1);
    mails = 0;
    memset(mail, 0, sizeof mail);
    toy_group_init(&g, how & 1 ? 3 : 2, 1);
    toy_group_start(&g, &toy_protocol, how & 2 ? (how & 4 ? 0 : 1) : TOY_NOBODY);
}

/* --- what must hold --- */

static void check_failed(const csig_session *s)
{
    const uint8_t *secret = (const uint8_t *)s->secrets;

    for (size_t i = 0; i < s->secrets_len; i++)
        FUZZ_REQUIRE(secret[i] == 0);
    FUZZ_REQUIRE(csig_session_pending(s) == 0 && s->out == NULL);
    FUZZ_REQUIRE(s->blame.err != CSIG_OK && s->blame.culprit != g.index[0]);
}

static void give(const uint8_t *p, size_t len)
{
    static csig_session before;
    csig_session *s = g.s[0];
    const csig_phase phase = csig_session_phase(s);
    csig_err err;
    csig_class class;

    memcpy(&before, s, sizeof before);
    err = csig_session_recv(s, p, len);
    class = csig_err_class(err);
    if (phase == CSIG_DONE || phase == CSIG_FAILED) FUZZ_REQUIRE(err == CSIG_E_STATE);
    if (err != CSIG_OK && class != CSIG_CLASS_CHEAT) {
        FUZZ_REQUIRE(class == CSIG_CLASS_INPUT || err == CSIG_E_SSID || err == CSIG_E_STATE);
        memcpy(&before.blame, &s->blame, sizeof before.blame);
        FUZZ_REQUIRE(memcmp(&before, s, sizeof before) == 0);
    }
    if (class == CSIG_CLASS_CHEAT) FUZZ_REQUIRE(csig_session_phase(s) == CSIG_FAILED);
    if (csig_session_phase(s) == CSIG_FAILED) check_failed(s);
}

/* --- the operations --- */

/* Everybody says what there is; the peers hear each other and party 0, party 0 hears nothing. */
static void turn(void)
{
    for (uint16_t j = 0; j < g.n; j++) {
        for (toy_mail m = toy_take(g.s[j]); m.len > 0; m = toy_take(g.s[j])) {
            csig_header h;

            toy_header(&h, &m);
            for (uint16_t i = 1; i < g.n; i++) {
                if (i != j && (h.to == CSIG_TO_ALL || h.to == g.index[i]))
                    (void)toy_give(g.s[i], &m);
            }
            if (j > 0 && mails < MAIL && (h.to == CSIG_TO_ALL || h.to == g.index[0]))
                mail[mails++] = m;
        }
        if (csig_session_phase(g.s[j]) == CSIG_STORE) (void)csig_session_confirm(g.s[j]);
    }
}

/* An honest envelope, some octets of it changed: pairs of (offset / 2, xor). */
static toy_mail altered(input *in)
{
    toy_mail m = mail[next(in) % (mails + 1)];

    while (in->len >= 2 && m.len > 0) {
        const size_t at = next(in) * m.len / 256;

        m.bytes[at] ^= next(in);
    }
    return m;
}

/* An envelope made by party 1 for this session, whatever it says. */
static void forge(input *in)
{
    toy_mail m = {.len = 0};
    csig_header h = {
        .kind = CSIG_KIND_ENVELOPE,
        .version = CSIG_FORMAT_VERSION,
        .level = CSIG_LEVEL,
        .protocol = CSIG_PROTOCOL_TEST,
        .from = g.index[1],
    };

    h.round = next(in);
    h.cast = next(in);
    h.to = h.cast == CSIG_CAST_ONE ? g.index[0] : CSIG_TO_ALL;
    memcpy(h.ssid, g.ssid[0].id, sizeof h.ssid);
    h.body_len = next(in);
    for (size_t i = 0; i < h.body_len; i++)
        m.bytes[CSIG_HEADER_BYTES + i] = next(in);
    toy_resign(&m, &h, &g.key[1]);
    give(m.bytes, m.len);
}

static void resign(toy_mail *m)
{
    csig_header h;

    if (m->len == 0) return;
    toy_header(&h, m);
    h.body_len = (uint32_t)(m->len - CSIG_ENVELOPE_OVERHEAD);
    toy_resign(m, &h, &g.key[1]);
}

static void operate(uint8_t operation, input in)
{
    toy_mail m;

    switch (operation % 6) {
    case 0: /* any octets */
        give(in.p, in.len);
        break;
    case 1: /* altered on the way */
        m = altered(&in);
        give(m.bytes, m.len);
        break;
    case 2: /* altered by its sender */
        m = altered(&in);
        resign(&m);
        give(m.bytes, m.len);
        break;
    case 3: /* altogether made up by a peer */
        forge(&in);
        break;
    case 4: /* time passes, and everything so far arrives */
        turn();
        for (size_t i = 0; i < mails; i++)
            give(mail[i].bytes, mail[i].len);
        break;
    case 5: /* time passes */
        turn();
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    input in = {data, len};

    start(next(&in));
    for (unsigned n = 0; in.len > 0 && n < 40; n++) {
        const uint8_t operation = next(&in);
        const size_t want = next(&in);
        const size_t take = want < in.len ? want : in.len;

        operate(operation, (input){in.p, take});
        in.p += take;
        in.len -= take;
    }
    toy_group_free(&g);
    return 0;
}
