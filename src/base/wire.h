/* The walk: one function per message names its fields in order, and that one list measures, writes
 * and reads it (and lets tests visit every field). Fixed width, big-endian, no optional fields;
 * one encoding per value. The error is sticky; the caller asks once, at the end. */
#ifndef CSIG_BASE_WIRE_H
#define CSIG_BASE_WIRE_H

#include "base/base.h"

typedef enum csig_wire_op { CSIG_WIRE_MEASURE, CSIG_WIRE_WRITE, CSIG_WIRE_READ } csig_wire_op;

typedef enum csig_field {
    CSIG_FIELD_BYTES,  /* octets */
    CSIG_FIELD_UINT,   /* machine integer */
    CSIG_FIELD_NAT,    /* csig_int >= 0, fixed width */
    CSIG_FIELD_INT,    /* csig_int, sign octet then magnitude */
    CSIG_FIELD_SCALAR, /* below q, 32 octets */
    CSIG_FIELD_POINT,  /* SEC1 compressed, not infinity, 33 octets */
    CSIG_FIELD_BIT     /* one octet, 0 or 1 */
} csig_field;

/* What the width of a message may depend on besides the level: public numbers that a session fixes
 * before its first message. A walk that consults them is used with the _shaped functions only. */
typedef struct csig_wire_shape {
    uint16_t n;       /* parties of the session */
    uint16_t t;       /* signers required */
    uint16_t escrows; /* indices with a recovery key, where each has a field */
    uint16_t joins;   /* 1: somebody does not know yet what the others share */
} csig_wire_shape;

typedef struct csig_wire csig_wire;
struct csig_wire {
    csig_wire_op op;
    const csig_wire_shape *shape; /* NULL: none was given */
    uint8_t *out;                 /* WRITE */
    const uint8_t *in;            /* READ */
    size_t len;                   /* of out or in */
    size_t at;                    /* octets walked so far */
    bool bad;                     /* sticky */
    /* Called for each field before it is walked; NULL but for tests and for hashing a walk. */
    void (*visit)(csig_wire *w, csig_field kind, size_t width);
    void *visitor;
};

/* One walk. When measuring, msg points nowhere and is not touched. */
typedef void csig_wire_fn(csig_wire *w, void *msg);

/* --- the fields of this floor; num adds integers, scalars and points --- */
void csig_bytes_wire(csig_wire *w, uint8_t *p, size_t len);
void csig_u8_wire(csig_wire *w, uint8_t *v);
void csig_u16_wire(csig_wire *w, uint16_t *v);
void csig_u32_wire(csig_wire *w, uint32_t *v);
void csig_u64_wire(csig_wire *w, uint64_t *v);
void csig_bit_wire(csig_wire *w, uint8_t *v); /* 0 or 1, anything else is bad */

/* For whoever adds a kind of field. take: the next `width` octets to read or write, or NULL when
 * measuring or bad. */
uint8_t *csig_wire_put(csig_wire *w, csig_field kind, size_t width);
const uint8_t *csig_wire_get(csig_wire *w, csig_field kind, size_t width);

/* --- the uses --- */
size_t csig_wire_size(csig_wire_fn *fn);
/* Writes exactly csig_wire_size(fn) octets; len must be that (else it traps: our own bug). */
void csig_wire_write(csig_wire_fn *fn, const void *msg, uint8_t *out, size_t len);
/* CSIG_E_LENGTH: len is not the size. CSIG_E_FORMAT: a field is not canonical. */
CSIG_MUST csig_err csig_wire_read(csig_wire_fn *fn, void *msg, const uint8_t *in, size_t len);

/* The same for walks whose widths follow from a shape; shape NULL: the three above. */
size_t csig_wire_size_shaped(csig_wire_fn *fn, const csig_wire_shape *shape);
void csig_wire_write_shaped(csig_wire_fn *fn, const csig_wire_shape *shape, const void *msg,
                            uint8_t *out, size_t len);
CSIG_MUST csig_err csig_wire_read_shaped(csig_wire_fn *fn, const csig_wire_shape *shape, void *msg,
                                         const uint8_t *in, size_t len);

#endif
