#include "cli/audit.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"

/* {"entry":E,"hash":"H","signature":"S"} */
#define BEFORE           "{\"entry\":"
#define BETWEEN          ",\"hash\":\""
#define BETWEEN_2        "\",\"signature\":\""
#define BEHIND           "\"}"
#define BEFORE_BYTES     (sizeof BEFORE - 1)
#define HASH_DIGITS      64
#define SIGNATURE_DIGITS 128
#define TAIL_BYTES                                                                                 \
    (sizeof BETWEEN - 1 + HASH_DIGITS + sizeof BETWEEN_2 - 1 + SIGNATURE_DIGITS + sizeof BEHIND - 1)

typedef struct line {
    const char *entry;
    size_t len;
    uint8_t hash[AUDIT_HASH_BYTES], signature[64];
} line;

/* --- the octets of a line --- */

static bool text_is_taken(const char **at, const char *text)
{
    const size_t len = strlen(text);

    if (strncmp(*at, text, len) != 0) return false;
    *at += len;
    return true;
}

static bool hex_is_taken(const char **at, uint8_t *out, size_t len)
{
    char digits[SIGNATURE_DIGITS + 1];

    memcpy(digits, *at, 2 * len);
    digits[2 * len] = '\0';
    *at += 2 * len;
    return hex_is_read(out, len, digits);
}

static bool line_is_read(line *l, const char *text, size_t len)
{
    const char *at = text;

    if (len < BEFORE_BYTES + TAIL_BYTES || memchr(text, '\0', len) != NULL) return false;
    if (!text_is_taken(&at, BEFORE)) return false;
    l->entry = at;
    l->len = len - BEFORE_BYTES - TAIL_BYTES;
    at += l->len;
    return text_is_taken(&at, BETWEEN) && hex_is_taken(&at, l->hash, sizeof l->hash) &&
           text_is_taken(&at, BETWEEN_2) && hex_is_taken(&at, l->signature, sizeof l->signature) &&
           text_is_taken(&at, BEHIND);
}

/* The next line; its length without the newline, which must be there. */
static bool line_is_next(const blob *text, size_t at, size_t *len)
{
    const uint8_t *end = memchr(text->p + at, '\n', text->len - at);

    if (end == NULL) return false;
    *len = (size_t)(end - text->p) - at;
    return true;
}

cli_exit audit_head_read(cli *c, audit_head *head, const char *text)
{
    char *end;

    head->sequence = strtoll(text, &end, 10);
    if (*text >= '1' && *text <= '9' && *end == ':' && end - text < 16 &&
        hex_is_read(head->hash, sizeof head->hash, end + 1))
        return CLI_OK;
    return cli_fail(c, CLI_USAGE, "--head takes SEQUENCE:HASH, as countersign audit head says it");
}

/* --- one entry --- */

static cli_exit wrong(cli *c, const char *path, int64_t sequence, const char *what)
{
    return cli_fail(c, CLI_CHEAT, "%s: entry %lld %s", path, (long long)sequence, what);
}

/* Whose log it is the first entry says; only --identity knows that it is the right one. */
static cli_exit learn_identity(cli *c, audit_log *log, const char *path, const json *entry)
{
    const json *detail = json_member(entry, "detail");

    if (log->has_identity) return CLI_OK;
    if (!json_text_is(entry, "kind", "log.begun") || detail == NULL ||
        json_octets(c, detail, "server_identity", log->identity, sizeof log->identity) != CLI_OK)
        return cli_fail(c, CLI_USAGE,
                        "%s does not begin with the log: say whose it is with --identity HEX",
                        path);
    log->has_identity = true;
    return CLI_OK;
}

static cli_exit check_pin(cli *c, audit_log *log, const char *path, int64_t sequence,
                          const uint8_t *hash)
{
    if (sequence != log->pin.sequence) return CLI_OK;
    log->has_pin_seen = true;
    if (memcmp(hash, log->pin.hash, AUDIT_HASH_BYTES) == 0) return CLI_OK;
    return wrong(c, path, sequence,
                 "is another one than was seen before: the log was written anew, or an older copy "
                 "of the server's store went on");
}

/* The chain begins at 1, or where the pin says that it was. */
static cli_exit check_first(cli *c, audit_log *log, const char *path, int64_t sequence)
{
    if (sequence == 1) return CLI_OK;
    if (log->pin.sequence == 0 && log->has_identity && sequence > 1) return CLI_OK;
    if (log->pin.sequence >= sequence) return CLI_OK;
    if (log->pin.sequence + 1 == sequence) {
        log->last = log->pin;
        log->has_pin_seen = true;
        return CLI_OK;
    }
    return wrong(c, path, log->pin.sequence + 1, "is missing");
}

static cli_exit check_chain(cli *c, audit_log *log, const char *path, const json *entry,
                            const line *l)
{
    const int64_t want = log->last.sequence + 1, sequence = json_number(entry, "sequence");
    uint8_t previous[AUDIT_HASH_BYTES], zeros[AUDIT_HASH_BYTES] = {0};
    const uint8_t *before = log->last.sequence == 0 ? zeros : log->last.hash;

    if (log->last.sequence != 0 && sequence != want) return wrong(c, path, want, "is missing");
    if (json_octets(c, entry, "previous", previous, sizeof previous) != CLI_OK)
        return wrong(c, path, sequence, "does not name the one before it");
    if ((log->last.sequence != 0 || sequence == 1) &&
        memcmp(previous, before, sizeof previous) != 0)
        return wrong(c, path, sequence, "does not follow the one before it");
    log->last.sequence = sequence;
    memcpy(log->last.hash, l->hash, sizeof log->last.hash);
    return check_pin(c, log, path, sequence, l->hash);
}

static bool hash_is_right(const line *l)
{
    uint8_t hash[AUDIT_HASH_BYTES];

    crypto_hash_sha256(hash, (const uint8_t *)l->entry, l->len);
    return memcmp(hash, l->hash, sizeof hash) == 0;
}

static cli_exit check_seal(cli *c, const audit_log *log, const char *path, int64_t sequence,
                           const line *l)
{
    if (csig_identity_verify(log->identity, "audit", l->hash, sizeof l->hash, l->signature) ==
        CSIG_OK)
        return CLI_OK;
    return wrong(c, path, sequence, "is not signed by this server's identity");
}

static void note_time(audit_log *log, const json *entry)
{
    const char *time = json_text(entry, "time");

    if (time == NULL) return;
    if (log->since[0] == '\0') (void)snprintf(log->since, sizeof log->since, "%s", time);
    (void)snprintf(log->until, sizeof log->until, "%s", time);
}

static cli_exit verify_line(cli *c, audit_log *log, const char *path, const char *text, size_t len)
{
    const int64_t next = log->last.sequence + 1;
    AUTO_JSON entry = NULL;
    int64_t sequence;
    line l;

    if (!line_is_read(&l, text, len) ||
        json_read(c, &entry, (const uint8_t *)l.entry, l.len) != CLI_OK)
        return wrong(c, path, next, "was altered: its line is none of an audit log");
    if (!hash_is_right(&l)) return wrong(c, path, next, "was altered");
    sequence = json_number(entry, "sequence");
    if (sequence < 1) return wrong(c, path, next, "has no sequence");
    if (log->since[0] == '\0') {
        CLI_TRY(learn_identity(c, log, path, entry));
        CLI_TRY(check_seal(c, log, path, sequence, &l));
        CLI_TRY(check_first(c, log, path, sequence));
    } else {
        CLI_TRY(check_seal(c, log, path, next, &l));
    }
    note_time(log, entry);
    return check_chain(c, log, path, entry, &l);
}

/* --- the whole --- */

cli_exit audit_verify(cli *c, audit_log *log, const char *path, const blob *text)
{
    size_t len;

    for (size_t at = 0; at < text->len; at += len + 1) {
        if (!line_is_next(text, at, &len))
            return wrong(c, path, log->last.sequence + 1, "is cut off");
        CLI_TRY(verify_line(c, log, path, (const char *)text->p + at, len));
    }
    if (log->since[0] == '\0') return cli_fail(c, CLI_INPUT, "%s has no entries", path);
    if (log->pin.sequence == 0 || log->has_pin_seen) return CLI_OK;
    return cli_fail(c, CLI_CHEAT,
                    "%s ends with entry %lld, and entry %lld was seen before: its end was cut off, "
                    "or it is of an older copy of the server's store",
                    path, (long long)log->last.sequence, (long long)log->pin.sequence);
}

cli_exit audit_last(cli *c, audit_head *last, const char *path, const blob *text)
{
    AUTO_JSON entry = NULL;
    size_t at = text->len;
    line l;

    while (at > 0 && (at == text->len || text->p[at - 1] != '\n'))
        at--;
    if (text->len == 0 || text->p[text->len - 1] != '\n' ||
        !line_is_read(&l, (const char *)text->p + at, text->len - at - 1))
        return cli_fail(c, CLI_INPUT, "%s is no exported audit log", path);
    CLI_TRY(json_read(c, &entry, (const uint8_t *)l.entry, l.len));
    last->sequence = json_number(entry, "sequence");
    memcpy(last->hash, l.hash, sizeof last->hash);
    if (last->sequence >= 1) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "%s is no exported audit log", path);
}
