#include "hall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(bool ok, const char *what)
{
    if (ok) return;
    perror(what);
    abort();
}

/* --- golden files --- */

uint8_t *hall_file(const char *name, size_t *len)
{
    const size_t room = (size_t)1 << 18;
    uint8_t *p = malloc(room);
    char path[512];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/v1/%u/%s", VECTORS, csig_level(), name);
    f = fopen(path, "rb");
    require(p != NULL && f != NULL, path);
    *len = fread(p, 1, room, f);
    require(ferror(f) == 0 && *len < room && fclose(f) == 0, path);
    return p;
}

static uint8_t *file_of(const char *kind, int device, size_t *len)
{
    char name[64];

    (void)snprintf(name, sizeof name, "%s-%d", kind, device + 1);
    return hall_file(name, len);
}

#define IMPORT(to, kind, type, device)                                                             \
    do {                                                                                           \
        size_t len = 0;                                                                            \
        uint8_t *p = file_of(kind, device, &len);                                                  \
        const csig_err err = type##_import(to, &h->sealer, p, len);                                \
                                                                                                   \
        require(err == CSIG_OK, kind);                                                             \
        free(p);                                                                                   \
    } while (0)

csig_presig *hall_half(const hall *h, int device)
{
    csig_presig *half;

    IMPORT(&half, "presig", csig_presig, device);
    return half;
}

csig_primes *hall_primes(const hall *h, int device)
{
    csig_primes *primes;

    IMPORT(&primes, "primes", csig_primes, device);
    return primes;
}

/* Its record stands in a file of its own. */
static void import_aux(hall *h)
{
    size_t len = 0, record_len = 0;
    uint8_t *p = hall_file("aux-1", &len), *record = hall_file("record-1", &record_len);

    memcpy(p + len, record, record_len);
    require(csig_aux_import(&h->aux, &h->sealer, p, len + record_len) == CSIG_OK, "aux");
    free(record);
    free(p);
}

int hall_open(void **state)
{
    static uint8_t key[32];
    hall *h = calloc(1, sizeof *h);

    require(h != NULL && csig_init() == CSIG_OK, "hall");
    for (uint8_t i = 0; i < sizeof key; i++)
        key[i] = i;
    h->sealer = csig_sealer_from_key(key);
    for (int i = 0; i < 2; i++) {
        IMPORT(&h->id[i], "identity", csig_identity, i);
        IMPORT(&h->peer[i], "peer", csig_peer, i);
        IMPORT(&h->share[i], "share", csig_share, i);
    }
    import_aux(h);
    *state = h;
    return 0;
}

int hall_close(void **state)
{
    hall *h = *state;

    for (int i = 0; i < 2; i++) {
        csig_identity_free(h->id[i]);
        csig_peer_free(h->peer[i]);
        csig_share_free(h->share[i]);
    }
    csig_aux_free(h->aux);
    free(h);
    return 0;
}

/* --- parameters --- */

void hall_signers_of(hall_signers *q, const hall *h, int device)
{
    memset(q, 0, sizeof *q);
    q->index[0] = 1;
    q->index[1] = 2;
    q->peer[1 - device] = h->peer[device];
    memset(q->nonces, 0x31, sizeof q->nonces);
    q->signers = (csig_signers){
        .identity = h->id[device],
        .share = h->share[device],
        .aux = device == 0 ? h->aux : NULL,
        .indices = q->index,
        .peers = q->peer,
        .nonces = q->nonces[0],
        .count = 2,
        .moves_last = device,
    };
}

csig_intent hall_intent(void)
{
    static const uint32_t path[] = {44, 0, 3};
    csig_intent intent = {.type = "digest", .path = path, .depth = HALL_COUNT(path)};

    memset(intent.digest, 0x71, sizeof intent.digest);
    memset(intent.request_id, 0x72, sizeof intent.request_id);
    return intent;
}

csig_keygen_params hall_keygen(const hall *h, int device, uint8_t number)
{
    static uint8_t identities[2][CSIG_IDENTITY_BYTES], nonces[256][2][CSIG_NONCE_BYTES];

    for (int i = 0; i < 2; i++)
        csig_identity_public(h->id[i], identities[i]);
    memset(nonces[number], 1 + number, sizeof nonces[number]);
    return (csig_keygen_params){
        .identity = h->id[device],
        .signers_required = 2,
        .parties = 2,
        .self = (uint16_t)(device + 1),
        .commits = 2,
        .identities = identities[0],
        .nonces = nonces[number][0],
        .moves_last = device,
    };
}

/* --- sessions --- */

csig_err hall_deliver(csig_session *from, csig_session *to)
{
    csig_err err = CSIG_OK;

    for (size_t len = csig_session_pending(from); len > 0; len = csig_session_pending(from)) {
        uint8_t *p = malloc(len);

        require(p != NULL && csig_session_send(from, p, len, &len) == CSIG_OK, "send");
        err = csig_session_recv(to, p, len);
        free(p);
    }
    return err;
}

static bool has_moved(csig_session *from, csig_session *to)
{
    const csig_phase phase = csig_session_phase(from);

    if (phase == CSIG_STORE) require(csig_session_confirm(from) == CSIG_OK, "confirm");
    if (csig_session_pending(from) == 0) return phase == CSIG_STORE;
    (void)hall_deliver(from, to);
    return true;
}

void hall_run(csig_session *a, csig_session *b)
{
    while (has_moved(a, b) || has_moved(b, a))
        continue;
}

/* --- engines --- */

static int give_up(void *ctx, csig_modexp *jobs, size_t n)
{
    (void)ctx, (void)jobs, (void)n;
    return -1;
}

csig_engine hall_failing_engine(void)
{
    return (csig_engine){.run = give_up};
}
