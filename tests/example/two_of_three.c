/* A two-of-three wallet in one process: a phone, a server and a recovery device make a key that
 * none of them ever holds, and any two of them sign with it.
 *
 * Nothing here but the public headers. What an application adds: envelopes travel over a network,
 * and what this program keeps in variables is sealed and stored (csig_..._export). */
#define _DEFAULT_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <countersign/countersign.h>

#define PARTIES  3
#define REQUIRED 2

enum { PHONE, SERVER, RECOVERY }; /* index in the key: one more */

static const char *const names[PARTIES] = {"phone", "server", "recovery device"};

typedef struct device {
    csig_identity *id;
    uint8_t identity[CSIG_IDENTITY_BYTES];
    csig_aux *aux;
    csig_peer *peer[PARTIES]; /* whom it has verified */
    csig_share *share;
} device;

static device devices[PARTIES];

/* Every function of the library that can fail says how. */
static void must(csig_err err, const char *what)
{
    if (err == CSIG_OK) return;
    fprintf(stderr, "%s: %s\n", what, csig_err_text(err));
    exit(1);
}

static void fresh(uint8_t *nonce, size_t len)
{
    if (getrandom(nonce, len, 0) != (ssize_t)len) exit(1);
}

static void print_hex(const char *name, const uint8_t *p, size_t len)
{
    printf("    %-10s ", name);
    for (size_t i = 0; i < len; i++)
        printf("%02x", p[i]);
    printf("\n");
}

/* --- the post: sessions of any protocol, by position --- */

typedef struct post {
    size_t n;
    uint16_t index[PARTIES]; /* in envelopes */
    csig_session *s[PARTIES];
    /* A session's output is to be stored before it goes on. */
    void (*store)(struct post *post, size_t position);
} post;

static void deliver(post *p, size_t sender, const uint8_t *envelope, size_t len)
{
    uint8_t session[32];
    uint16_t from, to;

    must(csig_envelope_address(envelope, len, session, &from, &to), "an envelope's address");
    for (size_t i = 0; i < p->n; i++) {
        if (i == sender || (to != UINT16_MAX && to != p->index[i])) continue;
        must(csig_session_recv(p->s[i], envelope, len), "an envelope");
    }
}

static int work(post *p, size_t i)
{
    size_t len = csig_session_pending(p->s[i]);

    if (len > 0) {
        uint8_t *envelope = malloc(len);

        if (envelope == NULL) exit(1);
        must(csig_session_send(p->s[i], envelope, len, &len), "sending");
        deliver(p, i, envelope, len);
        free(envelope);
        return 1;
    }
    if (csig_session_phase(p->s[i]) == CSIG_STORE) {
        if (p->store != NULL) p->store(p, i);
        must(csig_session_confirm(p->s[i]), "going on");
        return 1;
    }
    return 0;
}

static void run(post *p)
{
    for (int busy = 1; busy;) {
        busy = 0;
        for (size_t i = 0; i < p->n; i++)
            busy |= work(p, i);
    }
    for (size_t i = 0; i < p->n; i++) {
        if (csig_session_phase(p->s[i]) == CSIG_DONE) continue;
        fprintf(stderr, "a session did not come to its end\n");
        exit(1);
    }
}

static void hang_up(post *p)
{
    for (size_t i = 0; i < p->n; i++)
        csig_session_free(p->s[i]);
}

/* --- devices --- */

/* Four safe primes: on a phone in the background, here while you wait. */
static csig_primes *find_primes(const char *who)
{
    csig_primes *primes;
    unsigned shown = 0;
    int done = 0;

    must(csig_primes_new(&primes), "primes");
    printf("%s: four safe primes", who);
    while (!done) {
        unsigned found;

        must(csig_primes_step(primes, 256, NULL, NULL, &done), "primes");
        csig_primes_progress(primes, NULL, NULL, &found);
        for (; shown < found; shown++)
            printf(" %u", shown + 1);
        (void)fflush(stdout);
    }
    printf("\n");
    return primes;
}

static void set_up(device *d, const char *who)
{
    must(csig_identity_new(&d->id), "an identity");
    csig_identity_public(d->id, d->identity);
    must(csig_aux_new(&d->aux, find_primes(who), d->id, 1, NULL), "auxiliary info");
}

/* Two devices prove their moduli to each other: once, for every key they will ever share. */
static void meet(device *a, device *b, size_t a_is, size_t b_is)
{
    device *const side[2] = {a, b};
    csig_aux_params params = {0};
    post p = {.n = 2, .index = {1, 2}};

    fresh(params.nonce_first, sizeof params.nonce_first);
    fresh(params.nonce_second, sizeof params.nonce_second);
    for (int i = 0; i < 2; i++) {
        params.identity = side[i]->id;
        params.aux = side[i]->aux;
        memcpy(params.peer, side[1 - i]->identity, sizeof params.peer);
        params.moves_last = i;
        must(csig_aux_session(&p.s[i], &params), "an auxiliary session");
    }
    run(&p);
    must(csig_aux_session_peer(p.s[0], &a->peer[b_is]), "the peer");
    must(csig_aux_session_peer(p.s[1], &b->peer[a_is]), "the peer");
    hang_up(&p);
}

/* --- the key --- */

static void make_key(void)
{
    uint8_t identities[PARTIES * CSIG_IDENTITY_BYTES], nonces[PARTIES * CSIG_NONCE_BYTES];
    csig_share_info info;
    post p = {.n = PARTIES, .index = {1, 2, 3}};

    fresh(nonces, sizeof nonces);
    for (size_t i = 0; i < PARTIES; i++)
        memcpy(identities + i * CSIG_IDENTITY_BYTES, devices[i].identity, CSIG_IDENTITY_BYTES);
    for (size_t i = 0; i < PARTIES; i++) {
        const csig_keygen_params params = {
            .identity = devices[i].id,
            .signers_required = REQUIRED,
            .parties = PARTIES,
            .self = (uint16_t)(i + 1),
            .commits = SERVER + 1,
            .identities = identities,
            .nonces = nonces,
            .moves_last = i == SERVER,
        };

        must(csig_keygen_session(&p.s[i], &params), "key generation");
    }
    run(&p);
    for (size_t i = 0; i < PARTIES; i++)
        must(csig_keygen_share(p.s[i], &devices[i].share), "the share");
    hang_up(&p);
    csig_share_describe(devices[PHONE].share, &info);
    printf("a key for any %u of %u\n", info.signers_required, info.parties);
    print_hex("public key", info.public_key, sizeof info.public_key);
}

/* --- signing --- */

typedef struct signing {
    size_t who[REQUIRED]; /* ascending; the second moves last */
    uint16_t index[REQUIRED];
    const csig_peer *peers[REQUIRED][REQUIRED];
    uint8_t nonces[REQUIRED * CSIG_NONCE_BYTES];
    csig_signers signers[REQUIRED];
    csig_presig *half[REQUIRED];
} signing;

static void choose(signing *g, size_t first, size_t second)
{
    memset(g, 0, sizeof *g);
    g->who[0] = first;
    g->who[1] = second;
    fresh(g->nonces, sizeof g->nonces);
    for (size_t i = 0; i < REQUIRED; i++)
        g->index[i] = (uint16_t)(g->who[i] + 1);
    for (size_t i = 0; i < REQUIRED; i++) {
        const device *d = &devices[g->who[i]];

        g->peers[i][1 - i] = d->peer[g->who[1 - i]];
        g->signers[i] = (csig_signers){
            .identity = d->id,
            .share = d->share,
            .aux = d->aux,
            .indices = g->index,
            .peers = g->peers[i],
            .nonces = g->nonces,
            .count = REQUIRED,
            .moves_last = i == 1,
        };
    }
}

static void show(post *p, const csig_intent *intent)
{
    csig_signature sig;
    uint8_t der[72];
    size_t len;

    must(csig_sign_signature(p->s[0], &sig), "the signature");
    must(csig_signature_verify(&sig, intent->digest), "verifying");
    must(csig_signature_der(&sig, der, &len), "DER");
    print_hex("child key", sig.public_key, sizeof sig.public_key);
    print_hex("signature", der, len);
}

/* Both know what is signed before any nonce exists. */
static void sign(size_t first, size_t second, const csig_intent *intent)
{
    post p = {.n = REQUIRED};
    signing g;

    choose(&g, first, second);
    for (size_t i = 0; i < REQUIRED; i++) {
        p.index[i] = g.index[i];
        must(csig_sign_session(&p.s[i], &g.signers[i], intent, g.index[0]), "signing");
    }
    run(&p);
    printf("%s and %s sign\n", names[first], names[second]);
    show(&p, intent);
    hang_up(&p);
}

/* The fast path: most of the work is done while nobody waits. */
static void presign(signing *g)
{
    post p = {.n = REQUIRED};

    for (size_t i = 0; i < REQUIRED; i++) {
        p.index[i] = g->index[i];
        must(csig_presign_session(&p.s[i], &g->signers[i], g->index[1], 0), "presigning");
    }
    run(&p);
    for (size_t i = 0; i < REQUIRED; i++)
        must(csig_presign_result(p.s[i], &g->half[i]), "the presignature");
    hang_up(&p);
}

/* A phone writes the reply over its stored half before anything leaves: one presignature, one use.
 */
static void spend(post *p, size_t position)
{
    uint8_t reply[2048];
    size_t len = sizeof reply;

    must(csig_online_reply(p->s[position], reply, &len), "the reply");
}

static void sign_presigned(size_t first, size_t second, const csig_intent *intent)
{
    post p = {.n = REQUIRED, .store = spend};
    signing g;

    choose(&g, first, second);
    presign(&g);
    for (size_t i = 0; i < REQUIRED; i++) {
        p.index[i] = g.index[i];
        must(csig_online_session(&p.s[i], &g.signers[i], &g.half[i], intent), "signing");
    }
    run(&p);
    printf("%s and %s sign with a presignature\n", names[first], names[second]);
    show(&p, intent);
    hang_up(&p);
}

static csig_intent intent_of(uint8_t digest, const uint32_t *path, size_t depth)
{
    csig_intent intent = {.type = "digest", .path = path, .depth = depth};

    memset(intent.digest, digest, sizeof intent.digest);
    fresh(intent.request_id, sizeof intent.request_id);
    return intent;
}

int main(void)
{
    const uint32_t path[] = {44, 60, 0, 0, 0};
    csig_intent intent = intent_of(0xa1, path, 5);

    must(csig_init(), "countersign");
    printf("countersign %s, level %u\n", csig_version(), csig_level());
    for (size_t i = 0; i < PARTIES; i++)
        set_up(&devices[i], names[i]);
    meet(&devices[PHONE], &devices[SERVER], PHONE, SERVER);
    meet(&devices[SERVER], &devices[RECOVERY], SERVER, RECOVERY);
    make_key();

    sign(PHONE, SERVER, &intent);
    intent = intent_of(0xa2, path, 5);
    sign_presigned(PHONE, SERVER, &intent);
    intent = intent_of(0xa3, NULL, 0);
    sign(SERVER, RECOVERY, &intent); /* the phone is lost */

    for (size_t i = 0; i < PARTIES; i++) {
        for (size_t j = 0; j < PARTIES; j++)
            csig_peer_free(devices[i].peer[j]);
        csig_share_free(devices[i].share);
        csig_aux_free(devices[i].aux);
        csig_identity_free(devices[i].id);
    }
    return 0;
}
