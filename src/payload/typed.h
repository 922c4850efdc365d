/* Typed structured data, EIP-712: its types (typed.c), the hash of a value (typed_hash.c), and the
 * value in words (typed_words.c). eip712.c is the kind of payload. */
#ifndef CSIG_PAYLOAD_TYPED_H
#define CSIG_PAYLOAD_TYPED_H

#include "payload/json.h"

#define CSIG_TYPED_STRUCTS_MAX 64
#define CSIG_TYPED_MEMBERS_MAX 64
#define CSIG_TYPED_NAME_MAX    63 /* characters of a name; and of a type with its brackets */

typedef struct csig_typed_struct {
    const char *name;
    const csig_json *members; /* a list of {"name", "type"} */
    uint8_t hash[32];         /* typeHash */
} csig_typed_struct;

/* All structs, sorted by name. */
typedef struct csig_typed {
    size_t n;
    csig_typed_struct of[CSIG_TYPED_STRUCTS_MAX];
} csig_typed;

typedef enum csig_typed_class {
    CSIG_TYPED_BOOL,
    CSIG_TYPED_ADDRESS,
    CSIG_TYPED_INTEGER,
    CSIG_TYPED_FIXED, /* bytes1 .. bytes32 */
    CSIG_TYPED_BYTES,
    CSIG_TYPED_STRING,
    CSIG_TYPED_STRUCT,
    CSIG_TYPED_LIST
} csig_typed_class;

/* What a type's text means. */
typedef struct csig_typed_type {
    csig_typed_class class;
    unsigned size;    /* bits of an integer, octets of a fixed */
    bool is_signed;   /* of an integer */
    size_t entry_len; /* list: length of the type of its entries */
    bool has_count;   /* list: of exactly count entries */
    size_t count;
    const csig_typed_struct *of;
} csig_typed_type;

/* The structs of `types` and, in front of them, EIP712Domain with these members: if `types` has it
 * too it must be the same. CSIG_E_PAYLOAD with why. */
CSIG_MUST csig_err csig_typed_read(csig_typed *t, const csig_json *types,
                                   const csig_json *domain_members, char *why);
/* NULL: there is none. */
const csig_typed_struct *csig_typed_find(const csig_typed *t, const char *name, size_t len);
/* "Mail(Person from,Person to,string contents)Person(string name,address wallet)" */
void csig_typed_text(csig_text *text, const csig_typed *t, const csig_typed_struct *s);
/* false: the text is no type. */
bool csig_typed_is_type(csig_typed_type *type, const csig_typed *t, const char *text, size_t len);

/* The i-th member of a struct: its name, and its type's text. */
void csig_typed_member(const csig_typed_struct *s, size_t i, const char **name, const char **type);

/* hashStruct. CSIG_E_PAYLOAD: value is not exactly of this type; why names the member. */
CSIG_MUST csig_err csig_typed_hash(uint8_t hash[32], const csig_typed *t,
                                   const csig_typed_struct *s, const csig_json *value, char *why);

/* A value that was hashed before, a line for each part. */
void csig_typed_words(csig_text *text, const csig_typed *t, const csig_typed_struct *s,
                      const csig_json *value);

#endif
