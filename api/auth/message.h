/* An HTTP message as a signature sees it (RFC 9421, section 2): fields and derived components.
 * Knows no profile and no key. */
#ifndef CSIGD_AUTH_MESSAGE_H
#define CSIGD_AUTH_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/error.h"
#include "auth/sf.h"
#include "auth/text.h"

typedef struct csigd_field {
    const char *name; /* in any case */
    const char *value;
} csigd_field;

/* Of a request method to target, of a response status; what is not there is NULL or 0. */
typedef struct csigd_message {
    const char *method;
    const char *scheme;    /* "https": of the server's own address, not from the message */
    const char *authority; /* the Host field */
    const char *target;    /* as in the request line: "/path?query" */
    unsigned status;
    const csigd_field *fields;
    size_t n_fields;
    const struct csigd_message *request; /* that a response answers */
} csigd_message;

/* All values of the field, in order, without blanks around them, with ", " between them. False: the
 * message has no such field, or a value has octets that are not printable ASCII. */
bool csigd_message_has_field(const csigd_message *m, const char *name);
bool csigd_message_field_is_read(csigd_text *out, const csigd_message *m, const char *name);

#define CSIGD_COMPONENT_NAME 64

/* What a signature covers: a field by its lower-case name, or a derived component. */
typedef struct csigd_component {
    char name[CSIGD_COMPONENT_NAME];
    bool is_of_request; /* ;req */
} csigd_component;

/* From an entry of Signature-Input. CSIGD_AUTH_COMPONENT: no string, or a parameter other than
 * req. */
csigd_auth csigd_component_read(csigd_component *c, const csigd_sf *sf, size_t entry);
bool csigd_component_is_same(const csigd_component *a, const csigd_component *b);
/* As in Signature-Input: "name";req. */
void csigd_component_print(csigd_text *out, const csigd_component *c);
/* Its value. CSIGD_AUTH_COMPONENT: the message has none. Derived are @method, @target-uri,
 * @authority, @scheme, @request-target, @path, @query and @status. */
csigd_auth csigd_component_value(csigd_text *out, const csigd_message *m, const csigd_component *c);

/* The signature base (section 2.5) for the inner list `member` of a Signature-Input.
 * CSIGD_AUTH_COMPONENT, also for a component that is there twice; CSIGD_AUTH_TOO_LONG. */
csigd_auth csigd_base_make(csigd_text *out, const csigd_message *m, const csigd_sf *input,
                           size_t member, csigd_refusal *why);

#endif
