/* GET /v1/audit, /v1/audit/{after} */
#include <stdlib.h>
#include <string.h>

#include "auth/text.h"
#include "routes/routes.h"

/* {"entry":E,"hash":"64","signature":"128"} and a newline, besides E */
#define AROUND_BYTES 256

typedef struct page {
    char *text;
    size_t len, room;
    bool is_short; /* of memory */
} page;

static void add_line(void *ctx, const csigd_audit_row *row)
{
    page *p = ctx;
    const size_t need = p->len + strlen(row->entry) + AROUND_BYTES;
    csigd_text t;

    if (need > p->room) {
        const size_t room = 2 * need;
        char *grown = realloc(p->text, room);

        p->is_short = p->is_short || grown == NULL;
        if (grown == NULL) return;
        p->text = grown;
        p->room = room;
    }
    t = csigd_text_in(p->text + p->len, p->room - p->len);
    csigd_text_put(&t, "{\"entry\":");
    csigd_text_put(&t, row->entry);
    csigd_text_put(&t, ",\"hash\":\"");
    csigd_text_hex(&t, row->hash, sizeof row->hash);
    csigd_text_put(&t, "\",\"signature\":\"");
    csigd_text_hex(&t, row->signature, sizeof row->signature);
    csigd_text_put(&t, "\"}\n");
    p->len += t.len;
}

csigd_reply csigd_audit_page(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    page p = {.text = NULL};
    const csigd_stored stored = store->audit.page(store, call->after, add_line, &p);

    if (stored == CSIGD_STORED && !p.is_short)
        return (csigd_reply){
            .status = 200, .type = "application/jsonl", .body = (uint8_t *)p.text, .len = p.len};
    free(p.text);
    return csigd_reply_code(p.is_short ? CSIGD_OVERLOADED : csigd_code_of_store(stored));
}

csigd_reply csigd_audit_head(const csigd_call *call)
{
    const csigd_service *s = call->service;
    csigd_audit_row row;
    const csigd_stored stored = s->store->audit.newest(s->store, &row);
    csigd_json *body;

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    body = csigd_json_object();
    csigd_json_uint(body, "sequence", row.sequence);
    csigd_json_hex(body, "hash", row.hash, sizeof row.hash);
    csigd_json_hex(body, "signature", row.signature, sizeof row.signature);
    csigd_json_hex(body, "server_identity", s->identity_pub, CSIG_IDENTITY_BYTES);
    return csigd_reply_value(200, body);
}
