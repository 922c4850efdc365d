/* Records at the door: kind version level, protocol, inputs, the public state that was made, and
 * the envelopes. */
#include "countersign/transcript.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/header.h"
#include "keygen/inputs.h"
#include "keygen/refresh.h"
#include "proto/record.h"

typedef struct front {
    uint8_t protocol;
    uint32_t inputs_len;
} front;

static void front_wire(csig_wire *w, void *msg)
{
    front *f = msg;

    csig_kind_wire(w, CSIG_KIND_RECORD);
    csig_u8_wire(w, &f->protocol);
    csig_u32_wire(w, &f->inputs_len);
}

/* --- made --- */

csig_err csig_session_keep_record(csig_session *s)
{
    CSIG_REQUIRE(s != NULL, CSIG_E_ARGUMENT);
    return csig_record_begin(s);
}

static const csig_share *share_of(const csig_run *run)
{
    return run->protocol->id == CSIG_PROTOCOL_KEYGEN ? &csig_keygen_secret_of(run)->share
                                                     : &csig_refresh_secret_of(run)->share;
}

csig_err csig_session_record(csig_session *s, uint8_t *out, size_t *len)
{
    const size_t room = len == NULL ? 0 : *len, head = csig_wire_size(front_wire);
    const uint8_t *inputs;
    size_t inputs_len, envelopes_len;
    front f;

    CSIG_REQUIRE(s != NULL && len != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_record_envelopes(s, NULL, &envelopes_len));
    inputs = csig_record_inputs(s, &inputs_len);
    *len = head + inputs_len + CSIG_EPOCH_BYTES + envelopes_len;
    CSIG_REQUIRE(out != NULL && room >= *len, CSIG_E_BUFFER);
    f = (front){.protocol = csig_session_run(s)->protocol->id, .inputs_len = (uint32_t)inputs_len};
    csig_wire_write(front_wire, &f, out, head);
    memcpy(out + head, inputs, inputs_len);
    out += head + inputs_len;
    CSIG_TRY(csig_share_epoch(share_of(csig_session_run(s)), out));
    return csig_record_envelopes(s, out + CSIG_EPOCH_BYTES, &envelopes_len);
}

/* --- read --- */

/* A record in its parts; what it was started with and what came of it. */
typedef struct record {
    front f;
    const uint8_t *octets, *envelopes; /* of the inputs; behind the result */
    size_t envelopes_len;
    csig_inputs in;
    csig_share before, after; /* nothing secret */
} record;

static csig_err read_inputs(record *r)
{
    const bool changes = r->f.protocol == CSIG_PROTOCOL_REFRESH;

    CSIG_REQUIRE(changes || r->f.protocol == CSIG_PROTOCOL_KEYGEN, CSIG_E_FORMAT);
    return csig_inputs_read(&r->in, changes ? &r->before : NULL, r->octets, r->f.inputs_len);
}

static csig_err split(record *r, const uint8_t *p, size_t len)
{
    const size_t head = csig_wire_size(front_wire);

    CSIG_TRY(csig_kind_check(p, len, CSIG_KIND_RECORD));
    CSIG_REQUIRE(len >= head, CSIG_E_LENGTH);
    CSIG_TRY(csig_wire_read(front_wire, &r->f, p, head));
    len -= head;
    CSIG_REQUIRE(r->f.inputs_len <= CSIG_INPUTS_MAX, CSIG_E_LENGTH);
    CSIG_REQUIRE(len >= r->f.inputs_len + (size_t)CSIG_EPOCH_BYTES, CSIG_E_LENGTH);
    r->octets = p + head;
    r->envelopes = r->octets + r->f.inputs_len + CSIG_EPOCH_BYTES;
    r->envelopes_len = len - r->f.inputs_len - CSIG_EPOCH_BYTES;
    return CSIG_OK;
}

/* --- watched --- */

static csig_err watch_keygen(csig_session **s, const record *r)
{
    const csig_inputs *in = &r->in;

    CSIG_REQUIRE(in->count >= 1, CSIG_E_PARTIES);
    return csig_keygen_watch(s,
                             &(csig_keygen_params){.signers_required = in->t,
                                                   .parties = in->n,
                                                   .self = in->holds[0],
                                                   .commits = in->commits,
                                                   .identities = in->identity[0],
                                                   .nonces = in->nonce[0],
                                                   .indices = in->holds,
                                                   .count = in->count,
                                                   .recovery = csig_inputs_keys(in)},
                             r->after.cc_hash);
}

static csig_err watch_refresh(csig_session **s, const record *r)
{
    const csig_inputs *in = &r->in;
    csig_reshare_plan plan = {.current = &r->before,
                              .count = in->count,
                              .t = in->t,
                              .n = in->n,
                              .identities = in->identity[0],
                              .recovery = csig_inputs_keys(in),
                              .attempt = in->attempt,
                              .commits = in->commits};

    memcpy(plan.number, in->number, sizeof plan.number);
    memcpy(plan.deals, in->deals, sizeof plan.deals);
    memcpy(plan.holds, in->holds, sizeof plan.holds);
    memcpy(plan.nonce, in->nonce, sizeof plan.nonce);
    return csig_reshare_watch(s, &plan);
}

/* --- told --- */

static void tell_members(csig_record_info *info, const record *r, const csig_run *run)
{
    info->members = run->n;
    for (uint16_t j = 0; j < run->n; j++) {
        csig_record_member *m = &info->member[j];

        m->holds = r->in.holds[j];
        m->deals = info->changes ? r->in.deals[j] : m->holds;
        memcpy(m->identity, run->identity[j], sizeof m->identity);
        if (info->changes)
            memcpy(m->backup, csig_refresh_open_of(run)->backup[j], sizeof m->backup);
    }
}

static csig_err tell_change(csig_record_info *info, const record *r, const csig_run *run)
{
    const csig_refresh_open *open = csig_refresh_open_of(run);

    csig_share_describe(&r->before, &info->before);
    memcpy(info->commit, open->commit, sizeof info->commit);
    memcpy(info->test.r, open->test.r, sizeof info->test.r);
    memcpy(info->test.s, open->test.s, sizeof info->test.s);
    info->test.recovery_id = open->test.recid;
    memcpy(info->test.public_key, info->before.public_key, sizeof info->test.public_key);
    csig_refresh_digest(info->test_digest, run);
    return csig_share_epoch(&r->before, info->epoch_before);
}

static csig_err tell(csig_record_info *info, const record *r, const csig_run *run)
{
    info->changes = r->f.protocol == CSIG_PROTOCOL_REFRESH;
    memcpy(info->session_id, run->ssid, sizeof info->session_id);
    csig_share_describe(&r->after, &info->after);
    CSIG_TRY(csig_share_epoch(&r->after, info->epoch));
    info->commits = r->in.commits;
    info->recoveries = r->in.recoveries;
    memcpy(info->recovery, r->in.recovery, sizeof info->recovery);
    memcpy(info->recovery_key, r->in.key, sizeof info->recovery_key);
    tell_members(info, r, run);
    if (info->changes) return tell_change(info, r, run);
    memcpy(info->commit, csig_keygen_open_of(run)->commit, sizeof info->commit);
    return CSIG_OK;
}

/* --- verified --- */

static csig_err wrong_at(csig_blame *blame, csig_err err, const char *where)
{
    *blame = (csig_blame){.err = err};
    strncpy(blame->where, where, sizeof blame->where - 1);
    return err;
}

/* What the rounds lead to is what the record says. */
static csig_err check_result(const csig_run *run, const record *r)
{
    uint8_t made[CSIG_EPOCH_BYTES], said[CSIG_EPOCH_BYTES];

    CSIG_TRY(csig_share_epoch(share_of(run), made));
    CSIG_TRY(csig_share_epoch(&r->after, said));
    CSIG_REQUIRE(csig_is_same(made, said, sizeof made), CSIG_E_ACK);
    return CSIG_OK;
}

static csig_err verify(record *r, const uint8_t *p, size_t len, csig_record_info *info,
                       csig_blame *blame)
{
    csig_session *s = NULL;
    csig_replay found;
    csig_err err = split(r, p, len);

    if (err != CSIG_OK) return wrong_at(blame, err, "record");
    err = read_inputs(r);
    if (err != CSIG_OK) return wrong_at(blame, err, "inputs");
    err = csig_epoch_read(&r->after, r->octets + r->f.inputs_len);
    if (err != CSIG_OK) return wrong_at(blame, err, "result");
    err = r->f.protocol == CSIG_PROTOCOL_KEYGEN ? watch_keygen(&s, r) : watch_refresh(&s, r);
    if (err != CSIG_OK) {
        csig_session_free(s);
        if (csig_err_class(err) == CSIG_CLASS_CALLER) err = CSIG_E_FORMAT;
        return wrong_at(blame, err, "inputs");
    }
    err = csig_record_replay(&found, s, r->octets, r->f.inputs_len, r->envelopes, r->envelopes_len);
    *blame = found.blame;
    if (err == CSIG_OK) {
        err = check_result(csig_session_run(s), r);
        if (err != CSIG_OK) (void)wrong_at(blame, err, "result");
    }
    memcpy(info->chain, found.chain, sizeof info->chain);
    if (err == CSIG_OK) err = tell(info, r, csig_session_run(s));
    csig_session_free(s);
    return err;
}

csig_err csig_record_verify(const uint8_t *p, size_t len, csig_record_info *info, csig_blame *blame)
{
    csig_blame ignored;
    record *r;
    csig_err err;

    CSIG_REQUIRE((p != NULL || len == 0) && info != NULL, CSIG_E_ARGUMENT);
    if (blame == NULL) blame = &ignored;
    *blame = (csig_blame){.err = CSIG_OK};
    memset(info, 0, sizeof *info);
    r = csig_public_alloc(sizeof *r);
    CSIG_REQUIRE(r != NULL, CSIG_E_MEMORY);
    err = verify(r, p, len, info, blame);
    if (err != CSIG_OK) memset(info, 0, sizeof *info);
    csig_public_free(r);
    return err;
}
