#include "vectors/story.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "matrix/office.h"
#include "support/devices.h"
#include "support/random.h"

#define SEED 20260101

const char *const story_kind_names[STORY_KINDS] = {"identity", "primes", "aux",
                                                   "peer",     "share",  "presig"};
const uint32_t story_path[STORY_DEPTH] = {44, 60, 7};

static void require(bool ok)
{
    if (!ok) abort();
}

csig_sealer story_sealer(void)
{
    static uint8_t key[32];

    for (uint8_t i = 0; i < sizeof key; i++)
        key[i] = i;
    return csig_sealer_from_key(key);
}

static void copy(story_octets *to, const uint8_t *p, size_t len)
{
    to->p = malloc(len);
    require(to->p != NULL);
    memcpy(to->p, p, len);
    to->len = len;
}

/* --- sessions --- */

static void keep_letter(void *ctx, office *o, net_packet *p)
{
    story *st = ctx;

    (void)o;
    require(st->letters < STORY_LETTERS);
    copy(&st->letter[st->letters++], p->bytes, p->len);
}

void story_run(story *st, csig_session *const s[2])
{
    static office o;

    o = (office){.n = 2, .s = {s[0], s[1]}, .ahead = OFFICE_NOBODY, .look = keep_letter, .ctx = st};
    office_run(&o);
    require(office_is_done(&o) && o.mails == 0);
}

static void end(csig_session *s[2])
{
    csig_session_free(s[0]);
    csig_session_free(s[1]);
}

static void pair(story *st)
{
    csig_session *s[2];

    for (int i = 0; i < 2; i++) {
        csig_aux_params p = {.identity = st->id[i], .aux = st->aux[i], .moves_last = i};

        csig_identity_public(st->id[1 - i], p.peer);
        memset(p.nonce_first, 0x11, sizeof p.nonce_first);
        memset(p.nonce_second, 0x12, sizeof p.nonce_second);
        require(csig_aux_session(&s[i], &p) == CSIG_OK);
    }
    story_run(st, s);
    for (int i = 0; i < 2; i++)
        require(csig_aux_session_peer(s[i], &st->peer[i]) == CSIG_OK);
    end(s);
}

static void make_key(story *st)
{
    uint8_t identities[2][CSIG_IDENTITY_BYTES], nonces[2][CSIG_NONCE_BYTES];
    csig_session *s[2];

    for (int i = 0; i < 2; i++) {
        csig_identity_public(st->id[i], identities[i]);
        memset(nonces[i], 0x21 + i, sizeof nonces[i]);
    }
    for (int i = 0; i < 2; i++) {
        const csig_keygen_params p = {
            .identity = st->id[i],
            .signers_required = 2,
            .parties = 2,
            .self = (uint16_t)(i + 1),
            .commits = 2,
            .identities = identities[0],
            .nonces = nonces[0],
            .moves_last = i,
        };

        require(csig_keygen_session(&s[i], &p) == CSIG_OK);
    }
    story_run(st, s);
    for (int i = 0; i < 2; i++)
        require(csig_keygen_share(s[i], &st->share[i]) == CSIG_OK);
    require(csig_keygen_commit(s[0], st->birth) == CSIG_OK);
    end(s);
}

/* --- signing --- */

csig_intent story_intent(bool presigned)
{
    csig_intent intent = {.type = "digest", .path = story_path, .depth = STORY_DEPTH};

    memset(intent.request_id, presigned ? 0x52 : 0x51, sizeof intent.request_id);
    memset(intent.digest, presigned ? 0x62 : 0x61, sizeof intent.digest);
    return intent;
}

void story_signers_of(story_signers *q, const story *st, int device, uint8_t nonce)
{
    *q = (story_signers){.index = {1, 2}};
    q->peer[1 - device] = st->peer[device];
    for (int i = 0; i < 2; i++)
        memset(q->nonces[i], nonce + i, sizeof q->nonces[i]);
    q->signers = (csig_signers){
        .identity = st->id[device],
        .share = st->share[device],
        .aux = st->aux[device],
        .indices = q->index,
        .peers = q->peer,
        .nonces = q->nonces[0],
        .count = 2,
        .moves_last = device,
    };
}

static void sign_in_full(story *st)
{
    const csig_intent intent = story_intent(false);
    csig_session *s[2];

    for (int i = 0; i < 2; i++) {
        story_signers q;

        story_signers_of(&q, st, i, 0x31);
        require(csig_sign_session(&s[i], &q.signers, &intent, 1) == CSIG_OK);
    }
    story_run(st, s);
    require(csig_sign_signature(s[1], &st->full) == CSIG_OK);
    end(s);
}

static void presign(story *st)
{
    csig_session *s[2];

    for (int i = 0; i < 2; i++) {
        story_signers q;

        story_signers_of(&q, st, i, 0x41);
        require(csig_presign_session(&s[i], &q.signers, 2, 0) == CSIG_OK);
    }
    story_run(st, s);
    for (int i = 0; i < 2; i++)
        require(csig_presign_result(s[i], &st->half[i]) == CSIG_OK);
    end(s);
}

csig_signature story_online(story *st)
{
    const csig_intent intent = story_intent(true);
    csig_signature made;
    csig_session *s[2];

    for (int i = 0; i < 2; i++) {
        story_signers q;

        story_signers_of(&q, st, i, 0x41);
        require(csig_online_session(&s[i], &q.signers, &st->half[i], &intent) == CSIG_OK);
    }
    story_run(st, s);
    require(csig_sign_signature(s[0], &made) == CSIG_OK);
    end(s);
    return made;
}

/* --- at rest --- */

static csig_err export_one(const story *st, story_kind kind, int i, csig_primes *primes,
                           uint8_t *out, size_t *len)
{
    const csig_sealer sealer = story_sealer();

    switch (kind) {
    case STORY_IDENTITY:
        return csig_identity_export(st->id[i], &sealer, out, len);
    case STORY_PRIMES:
        return csig_primes_export(primes, &sealer, out, len);
    case STORY_AUX:
        return csig_aux_export(st->aux[i], &sealer, out, len);
    case STORY_PEER:
        return csig_peer_export(st->peer[i], &sealer, out, len);
    case STORY_SHARE:
        return csig_share_export(st->share[i], &sealer, out, len);
    case STORY_PRESIG:
        return csig_presig_export(st->half[i], &sealer, out, len);
    case STORY_KINDS:
        break;
    }
    abort();
}

static void seal(story *st, story_kind kind, int i, csig_primes *primes)
{
    static uint8_t out[1 << 18];
    size_t len = sizeof out;

    require(export_one(st, kind, i, primes, out, &len) == CSIG_OK);
    copy(&st->object[kind][i], out, len);
}

static void make_device(story *st, int i)
{
    csig_primes *primes;

    require(csig_identity_new(&st->id[i]) == CSIG_OK);
    seal(st, STORY_IDENTITY, i, NULL);
    primes = devices_primes(i);
    seal(st, STORY_PRIMES, i, primes);
    require(csig_aux_new(&st->aux[i], primes, st->id[i], (uint64_t)i + 1, NULL) == CSIG_OK);
    seal(st, STORY_AUX, i, NULL);
}

void story_tell(story *st)
{
    memset(st, 0, sizeof *st);
    require(csig_init() == CSIG_OK); /* draws a little, once in a process */
    random_seed(SEED);
    for (int i = 0; i < 2; i++)
        make_device(st, i);
    pair(st);
    make_key(st);
    sign_in_full(st);
    presign(st);
    for (int i = 0; i < 2; i++) {
        seal(st, STORY_PEER, i, NULL);
        seal(st, STORY_SHARE, i, NULL);
        seal(st, STORY_PRESIG, i, NULL);
    }
    st->online = story_online(st);
}

void story_free(story *st)
{
    for (int i = 0; i < 2; i++) {
        csig_identity_free(st->id[i]);
        csig_aux_free(st->aux[i]);
        csig_peer_free(st->peer[i]);
        csig_share_free(st->share[i]);
        csig_presig_free(st->half[i]);
        for (story_kind kind = 0; kind < STORY_KINDS; kind++)
            free(st->object[kind][i].p);
    }
    for (size_t i = 0; i < st->letters; i++)
        free(st->letter[i].p);
    memset(st, 0, sizeof *st);
}
