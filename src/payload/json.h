/* JSON, strictly in and canonically out. The one user of jansson in the library; its trees are on
 * the C heap by jansson's own means (its allocator is a global of the process: it is the host's).
 *
 * Strict: valid UTF-8 without NUL, no member twice, integers of 64 bits only, no deeper than
 * CSIG_PAYLOAD_DEPTH. Canonical: compact, members sorted. */
#ifndef CSIG_PAYLOAD_JSON_H
#define CSIG_PAYLOAD_JSON_H

#include "payload/text.h"

typedef struct csig_json csig_json;

typedef enum csig_json_kind {
    CSIG_JSON_OBJECT,
    CSIG_JSON_LIST,
    CSIG_JSON_TEXT,
    CSIG_JSON_INTEGER,
    CSIG_JSON_BOOLEAN,
    CSIG_JSON_NULL
} csig_json_kind;

/* --- in --- */
/* CSIG_E_PAYLOAD with why; CSIG_E_MEMORY, which jansson cannot always tell from an ill-formed text:
 * a text that was refused while memory was short may be fine. */
CSIG_MUST csig_err csig_json_read(csig_json **j, const char *text, size_t len, char *why);
void csig_json_free(csig_json *j); /* NULL-safe */

csig_json_kind csig_json_kind_of(const csig_json *v);
/* NULL: there is no such member, or o is no object. */
const csig_json *csig_json_member(const csig_json *o, const char *name);
/* Members or entries; 0 for anything else. */
size_t csig_json_size(const csig_json *v);
/* NULL: i is csig_json_size or more. */
const csig_json *csig_json_at(const csig_json *list, size_t i);
/* Valid UTF-8 without NUL; NULL: v is NULL or no text. len may be NULL. */
const char *csig_json_text_of(const csig_json *v, size_t *len);
/* Of an integer or a boolean; 0 for anything else. */
int64_t csig_json_integer_of(const csig_json *v);

bool csig_json_is_same(const csig_json *a, const csig_json *b); /* whatever the order of members */

/* The members of an object in the order of its text; start with zeros. */
typedef struct csig_json_walk {
    void *at;
    const char *name;
    const csig_json *value;
} csig_json_walk;
bool csig_json_has_next(csig_json_walk *w, const csig_json *object);

/* --- out: NULL stands for "out of memory" and stays so --- */
csig_json *csig_json_object(void);
csig_json *csig_json_list(void);
csig_json *csig_json_text(const char *text);               /* valid UTF-8 */
csig_json *csig_json_text_n(const char *text, size_t len); /* the same, not NUL-terminated */
csig_json *csig_json_hex(const uint8_t *p, size_t len);    /* without 0x */
csig_json *csig_json_0x(const uint8_t *p, size_t len);
csig_json *csig_json_decimal(const uint8_t n[32]); /* as text */
csig_json *csig_json_integer(int64_t n);
csig_json *csig_json_boolean(bool b);
csig_json *csig_json_share(
    const csig_json *v); /* v itself, in one more place; never to be put to */
/* value belongs to *o from here; when it fails *o is freed and NULL. */
void csig_json_put(csig_json **o, const char *name, csig_json *value);
void csig_json_append(csig_json **list, csig_json *value);
/* Canonical, NUL-terminated; lengths count the NUL. CSIG_E_BUFFER sets *len; CSIG_E_MEMORY: j is
 * NULL. */
CSIG_MUST csig_err csig_json_write(const csig_json *j, char *out, size_t *len);

#endif
