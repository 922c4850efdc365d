#include "vectors/golden.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/envelope.h"
#include "share/record.h"

static void stop(const char *path)
{
    perror(path);
    abort();
}

static void require(bool ok, const char *what)
{
    if (!ok) stop(what);
}

/* --- files --- */

static void path_of(char path[512], const char *name, unsigned level)
{
    (void)snprintf(path, 512, "%s/v%d/%u/%s", VECTORS, GOLDEN_VERSION, level, name);
}

story_octets golden_read(const char *name, unsigned level)
{
    static uint8_t buffer[1 << 19];
    story_octets o = {0};
    char path[512];
    FILE *f;

    path_of(path, name, level);
    f = fopen(path, "rb");
    require(f != NULL, path);
    o.len = fread(buffer, 1, sizeof buffer, f);
    require(ferror(f) == 0 && o.len < sizeof buffer, path);
    (void)fclose(f);
    o.p = malloc(o.len + 1);
    require(o.p != NULL, path);
    memcpy(o.p, buffer, o.len);
    o.p[o.len] = 0; /* so that text is a string */
    return o;
}

void golden_write(const char *name, const uint8_t *p, size_t len)
{
    char path[512];
    FILE *f;

    path_of(path, name, csig_level());
    f = fopen(path, "wbx"); /* never over one that is there */
    require(f != NULL, path);
    require(fwrite(p, 1, len, f) == len && fclose(f) == 0, path);
}

void golden_free(story_octets *o)
{
    free(o->p);
    *o = (story_octets){0};
}

/* --- text --- */

typedef struct text {
    char s[1 << 16];
    size_t len;
} text;

__attribute__((format(printf, 2, 3))) static void say(text *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    t->len += (size_t)vsnprintf(t->s + t->len, sizeof t->s - t->len, format, args);
    va_end(args);
    require(t->len < sizeof t->s, "text");
}

static void say_hex(text *t, const char *name, const uint8_t *p, size_t len)
{
    say(t, "%s ", name);
    for (size_t i = 0; i < len; i++)
        say(t, "%02x", p[i]);
    say(t, "\n");
}

static story_octets text_octets(const text *t)
{
    story_octets o = {.p = malloc(t->len + 1), .len = t->len};

    require(o.p != NULL, "text");
    memcpy(o.p, t->s, t->len + 1);
    return o;
}

static void say_share(text *t, const csig_share *share)
{
    csig_share_info info;
    uint8_t octets[CSIG_PUBKEY_BYTES], cc[32];

    csig_share_describe(share, &info);
    say_hex(t, "share.key_id", info.key_id, sizeof info.key_id);
    say_hex(t, "share.public_key", info.public_key, sizeof info.public_key);
    say(t, "share.signers_required %u\nshare.parties %u\nshare.self %u\n", info.signers_required,
        info.parties, info.self);
    say(t, "share.epoch %llu %llu\n", (unsigned long long)info.epoch,
        (unsigned long long)info.epoch_attempt);
    say_hex(t, "share.epoch_state", info.epoch_state, sizeof info.epoch_state);
    for (uint16_t i = 1; i <= info.parties; i++) {
        require(csig_share_identity(share, i, octets) == CSIG_OK, "identity");
        say_hex(t, "share.identity", octets, CSIG_IDENTITY_BYTES);
        require(csig_share_public(share, i, octets) == CSIG_OK, "public share");
        say_hex(t, "share.public", octets, sizeof octets);
    }
    require(csig_share_child(share, story_path, STORY_DEPTH, octets, cc) == CSIG_OK, "child");
    say_hex(t, "share.child", octets, sizeof octets);
    say_hex(t, "share.child_chain_code", cc, sizeof cc);
}

static void say_peer(text *t, const csig_peer *peer)
{
    uint8_t identity[CSIG_IDENTITY_BYTES], aux[CSIG_AUX_ID_BYTES], own[CSIG_AUX_ID_BYTES];
    uint64_t generation;

    csig_peer_ids(peer, identity, aux, own, &generation);
    say_hex(t, "peer.identity", identity, sizeof identity);
    say_hex(t, "peer.aux_id", aux, sizeof aux);
    say_hex(t, "peer.own_aux_id", own, sizeof own);
    say(t, "peer.generation %llu\n", (unsigned long long)generation);
}

static void say_half(text *t, const csig_presig *half)
{
    uint8_t id[32];
    uint64_t epoch;

    csig_presig_id(half, id);
    say_hex(t, "presig.id", id, sizeof id);
    csig_presig_key(half, id, &epoch);
    say_hex(t, "presig.key", id, sizeof id);
    say(t, "presig.epoch %llu\n", (unsigned long long)epoch);
}

story_octets golden_content(const story *st)
{
    static text t;
    uint8_t id[32];

    t.len = 0;
    for (int i = 0; i < 2; i++) {
        say(&t, "device %d\n", i + 1);
        csig_identity_public(st->id[i], id);
        say_hex(&t, "identity", id, sizeof id);
        if (i == 0) csig_aux_id(st->aux[i], id);
        if (i == 0) say_hex(&t, "aux.id", id, sizeof id);
        if (i == 0)
            say(&t, "aux.generation %llu\n", (unsigned long long)csig_aux_generation(st->aux[i]));
        say_peer(&t, st->peer[i]);
        say_share(&t, st->share[i]);
        say_half(&t, st->half[i]);
    }
    return text_octets(&t);
}

/* protocol round cast from to octets hash */
story_octets golden_index(const story *st)
{
    static text t;

    t.len = 0;
    for (size_t i = 0; i < st->letters; i++) {
        const story_octets *letter = &st->letter[i];
        uint8_t hash[crypto_hash_sha512_BYTES];
        const uint8_t *body;
        csig_header h;

        require(csig_envelope_read(&h, &body, letter->p, letter->len) == CSIG_OK, "letter");
        crypto_hash_sha512(hash, letter->p, letter->len);
        say(&t, "%u %u %u %u %u %zu", h.protocol, h.round, h.cast, h.from, h.to, letter->len);
        say_hex(&t, "", hash, sizeof hash);
    }
    return text_octets(&t);
}

/* --- objects --- */

static const char *file_of(const char *folder, story_kind kind, int device)
{
    static char name[64];

    (void)snprintf(name, sizeof name, "%s%s-%d", folder, story_kind_names[kind], device + 1);
    return name;
}

/* What is sealed after key generation, whose randomness is drawn otherwise since. */
static bool is_made_otherwise(story_kind kind)
{
    return kind == STORY_PEER || kind == STORY_SHARE || kind == STORY_PRESIG;
}

bool golden_has_file(story_kind kind, int device)
{
    return device == 0 || kind != STORY_AUX;
}

/* Auxiliary info ends with its record, which has a file of its own. */
story_octets golden_object(story_kind kind, int device, unsigned level)
{
    story_octets o = golden_read(file_of(GOLDEN_FIRST, kind, device), level);
    story_octets record;

    if (kind != STORY_AUX) return o;
    record = golden_read("record-1", level);
    o.p = realloc(o.p, o.len + record.len);
    require(o.p != NULL, "aux");
    memcpy(o.p + o.len, record.p, record.len);
    o.len += record.len;
    golden_free(&record);
    return o;
}

story_octets golden_object_again(story_kind kind, int device)
{
    if (!is_made_otherwise(kind)) return golden_object(kind, device, csig_level());
    return golden_read(file_of(GOLDEN_AGAIN, kind, device), csig_level());
}

csig_err golden_open(story *st, story_kind kind, int i, const story_octets *o)
{
    const csig_sealer sealer = story_sealer();
    csig_primes *primes;
    csig_err err;

    switch (kind) {
    case STORY_IDENTITY:
        return csig_identity_import(&st->id[i], &sealer, o->p, o->len);
    case STORY_PRIMES:
        err = csig_primes_import(&primes, &sealer, o->p, o->len);
        csig_primes_free(primes);
        return err;
    case STORY_AUX:
        return csig_aux_import(&st->aux[i], &sealer, o->p, o->len);
    case STORY_PEER:
        return csig_peer_import(&st->peer[i], &sealer, o->p, o->len);
    case STORY_SHARE:
        return csig_share_import(&st->share[i], &sealer, o->p, o->len);
    case STORY_PRESIG:
        return csig_presig_import(&st->half[i], &sealer, o->p, o->len);
    case STORY_KINDS:
        break;
    }
    abort();
}

void golden_open_all(story *st, const char *folder)
{
    memset(st, 0, sizeof *st);
    for (story_kind kind = 0; kind < STORY_KINDS; kind++) {
        for (int i = 0; i < 2; i++) {
            story_octets *o = &st->object[kind][i];

            if (!golden_has_file(kind, i)) continue;
            *o = folder[0] == 0 ? golden_object(kind, i, csig_level())
                                : golden_object_again(kind, i);
            require(golden_open(st, kind, i, o) == CSIG_OK, file_of(folder, kind, i));
        }
    }
}

/* --- writing --- */

static void write_letters(const story *st)
{
    static uint8_t all[1 << 18];
    size_t len = 0;

    for (size_t i = 0; i < st->letters; i++) {
        const story_octets *letter = &st->letter[i];

        if (letter->len >= GOLDEN_LETTER_MAX) continue;
        require(len + letter->len <= sizeof all, "transcript");
        memcpy(all + len, letter->p, letter->len);
        len += letter->len;
    }
    golden_write(GOLDEN_AGAIN "transcript", all, len);
}

void golden_write_all(const story *st)
{
    story_octets index = golden_index(st);

    for (story_kind kind = 0; kind < STORY_KINDS; kind++) {
        for (int i = 0; i < 2; i++) {
            const story_octets *o = &st->object[kind][i];

            if (is_made_otherwise(kind)) golden_write(file_of(GOLDEN_AGAIN, kind, i), o->p, o->len);
        }
    }
    write_letters(st);
    golden_write(GOLDEN_AGAIN "transcript.txt", index.p, index.len);
    golden_free(&index);
}
