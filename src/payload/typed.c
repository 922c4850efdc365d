/* The types of EIP-712: names, members, and the text that each struct's type hash is of. */
#include "payload/typed.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/keccak.h"

#define DOMAIN "EIP712Domain"

/* --- what a type's text means --- */

static bool text_is(const char *text, size_t len, const char *want)
{
    return strlen(want) == len && strncmp(text, want, len) == 0;
}

static bool text_begins(const char *text, size_t len, const char *with)
{
    return len >= strlen(with) && strncmp(text, with, strlen(with)) == 0;
}

/* Digits without a leading zero, 1 .. most. */
static bool size_is_read(size_t *size, const char *text, size_t len, size_t most)
{
    *size = 0;
    if (len == 0 || len > 6 || text[0] == '0') return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *size = 10 * *size + (size_t)(text[i] - '0');
    }
    return *size <= most;
}

static bool is_integer(csig_typed_type *type, const char *text, size_t len)
{
    const size_t prefix = text_begins(text, len, "uint")  ? 4
                          : text_begins(text, len, "int") ? 3
                                                          : 0;
    size_t bits;

    if (prefix == 0 || !size_is_read(&bits, text + prefix, len - prefix, 256) || bits % 8 != 0)
        return false;
    *type = (csig_typed_type){.class = CSIG_TYPED_INTEGER, .size = (unsigned)bits};
    type->is_signed = prefix == 3;
    return true;
}

static bool is_fixed(csig_typed_type *type, const char *text, size_t len)
{
    size_t octets;

    if (!text_begins(text, len, "bytes") || !size_is_read(&octets, text + 5, len - 5, 32))
        return false;
    *type = (csig_typed_type){.class = CSIG_TYPED_FIXED, .size = (unsigned)octets};
    return true;
}

static bool is_atomic(csig_typed_type *type, const char *text, size_t len)
{
    static const struct {
        const char *name;
        csig_typed_class class;
    } plain[] = {{"bool", CSIG_TYPED_BOOL},
                 {"address", CSIG_TYPED_ADDRESS},
                 {"bytes", CSIG_TYPED_BYTES},
                 {"string", CSIG_TYPED_STRING}};

    for (size_t i = 0; i < CSIG_ARRAY_LEN(plain); i++) {
        *type = (csig_typed_type){.class = plain[i].class};
        if (text_is(text, len, plain[i].name)) return true;
    }
    return is_integer(type, text, len) || is_fixed(type, text, len);
}

/* The last brackets are those of the outermost list: uint8[2][] is a list of pairs. */
static bool is_list(csig_typed_type *type, const char *text, size_t len)
{
    size_t open = len;

    *type = (csig_typed_type){.class = CSIG_TYPED_LIST};
    if (len == 0 || text[len - 1] != ']') return false;
    while (open > 0 && text[open - 1] != '[')
        open--;
    if (open == 0) return false;
    type->entry_len = open - 1;
    type->has_count = open < len - 1;
    return !type->has_count || size_is_read(&type->count, text + open, len - 1 - open, SIZE_MAX);
}

bool csig_typed_is_type(csig_typed_type *type, const csig_typed *t, const char *text, size_t len)
{
    if (is_atomic(type, text, len) || is_list(type, text, len)) return true;
    *type = (csig_typed_type){.class = CSIG_TYPED_STRUCT, .of = csig_typed_find(t, text, len)};
    return type->of != NULL;
}

/* --- the structs --- */

const csig_typed_struct *csig_typed_find(const csig_typed *t, const char *name, size_t len)
{
    for (size_t i = 0; i < t->n; i++) {
        if (text_is(name, len, t->of[i].name)) return &t->of[i];
    }
    return NULL;
}

void csig_typed_member(const csig_typed_struct *s, size_t i, const char **name, const char **type)
{
    const csig_json *member = csig_json_at(s->members, i);

    *name = csig_json_text_of(csig_json_member(member, "name"), NULL);
    *type = csig_json_text_of(csig_json_member(member, "type"), NULL);
}

/* Printable ASCII without what separates names in a type's text: two types never have one text. */
static bool name_is_fine(const char *name, const char *refused)
{
    const size_t len = strlen(name);

    for (size_t i = 0; i < len; i++) {
        if (name[i] <= ' ' || name[i] > '~' || strchr(refused, name[i]) != NULL) return false;
    }
    return len > 0 && len <= CSIG_TYPED_NAME_MAX;
}

static csig_err check_member(const csig_typed_struct *s, size_t i, char *why)
{
    const char *name, *type, *other, *other_type;

    csig_typed_member(s, i, &name, &type);
    if (csig_json_size(csig_json_at(s->members, i)) != 2 || name == NULL || type == NULL ||
        !name_is_fine(name, "()[],\"\\") || !name_is_fine(type, "(),\"\\"))
        return csig_why(why, "\"types\": member %zu of %s is no pair of name and type", i, s->name);
    for (size_t k = 0; k < i; k++) {
        csig_typed_member(s, k, &other, &other_type);
        if (strcmp(other, name) == 0)
            return csig_why(why, "\"types\": %s has the member %s twice", s->name, name);
    }
    return CSIG_OK;
}

static csig_err check_struct(const csig_typed_struct *s, char *why)
{
    csig_typed_type type;

    if (!name_is_fine(s->name, "()[],\"\\"))
        return csig_why(why, "\"types\": the name of a struct is empty, too long or no name");
    if (is_atomic(&type, s->name, strlen(s->name)))
        return csig_why(why, "\"types\": %s is no name for a struct", s->name);
    if (csig_json_kind_of(s->members) != CSIG_JSON_LIST ||
        csig_json_size(s->members) > CSIG_TYPED_MEMBERS_MAX)
        return csig_why(why, "\"types\": %s must be a list of at most %d members", s->name,
                        CSIG_TYPED_MEMBERS_MAX);
    for (size_t i = 0; i < csig_json_size(s->members); i++)
        CSIG_TRY(check_member(s, i, why));
    return CSIG_OK;
}

/* The struct at the bottom of a member's type, whatever lists are around it; false: no such type.
 * *s NULL: it is atomic. */
static bool bottom_is_found(const csig_typed_struct **s, const csig_typed *t, const char *type)
{
    size_t len = strlen(type);
    csig_typed_type is;

    do {
        if (!csig_typed_is_type(&is, t, type, len)) return false;
        len = is.entry_len;
    } while (is.class == CSIG_TYPED_LIST);
    *s = is.of;
    return true;
}

static csig_err check_types_of(const csig_typed *t, const csig_typed_struct *s, char *why)
{
    const char *name, *type;
    const csig_typed_struct *bottom;

    for (size_t i = 0; i < csig_json_size(s->members); i++) {
        csig_typed_member(s, i, &name, &type);
        if (!bottom_is_found(&bottom, t, type))
            return csig_why(why, "\"types\": %s of %s has no known type", name, s->name);
    }
    return CSIG_OK;
}

static void put_one(csig_text *text, const csig_typed_struct *s)
{
    const char *name, *type;

    csig_text_add(text, "%s(", s->name);
    for (size_t i = 0; i < csig_json_size(s->members); i++) {
        csig_typed_member(s, i, &name, &type);
        csig_text_add(text, "%s%s %s", i == 0 ? "" : ",", type, name);
    }
    csig_text_add(text, ")");
}

/* Marks all structs that s leads to; circles end where they were before. */
static void mark(bool marked[CSIG_TYPED_STRUCTS_MAX], const csig_typed *t,
                 const csig_typed_struct *s)
{
    size_t open[CSIG_TYPED_STRUCTS_MAX], n = 0;

    open[n++] = (size_t)(s - t->of);
    marked[open[0]] = true;
    while (n > 0) {
        const csig_typed_struct *at = &t->of[open[--n]];

        for (size_t i = 0; i < csig_json_size(at->members); i++) {
            const csig_typed_struct *bottom = NULL;
            const char *name, *type;

            csig_typed_member(at, i, &name, &type);
            if (!bottom_is_found(&bottom, t, type) || bottom == NULL) continue;
            if (marked[bottom - t->of]) continue;
            marked[bottom - t->of] = true;
            open[n++] = (size_t)(bottom - t->of);
        }
    }
}

/* encodeType: the struct itself, then those that it leads to, sorted by name. */
void csig_typed_text(csig_text *text, const csig_typed *t, const csig_typed_struct *s)
{
    bool marked[CSIG_TYPED_STRUCTS_MAX] = {false};

    mark(marked, t, s);
    put_one(text, s);
    for (size_t i = 0; i < t->n; i++) {
        if (marked[i] && &t->of[i] != s) put_one(text, &t->of[i]);
    }
}

static csig_err hash_type(csig_typed_struct *s, const csig_typed *t)
{
    csig_text text = {0};
    size_t len;

    csig_typed_text(&text, t, s);
    text = (csig_text){.out = csig_public_alloc(text.len + 1), .room = text.len + 1};
    CSIG_REQUIRE(text.out != NULL, CSIG_E_MEMORY);
    csig_typed_text(&text, t, s);
    CSIG_ASSERT(csig_text_end(&text, &len) == CSIG_OK);
    csig_keccak256(s->hash, text.out, len - 1);
    csig_public_free(text.out);
    return CSIG_OK;
}

/* Where it belongs by its name. */
static void insert(csig_typed *t, const char *name, const csig_json *members)
{
    size_t at = t->n++;

    for (; at > 0 && strcmp(t->of[at - 1].name, name) > 0; at--)
        t->of[at] = t->of[at - 1];
    t->of[at] = (csig_typed_struct){.name = name, .members = members};
}

csig_err csig_typed_read(csig_typed *t, const csig_json *types, const csig_json *domain_members,
                         char *why)
{
    csig_json_walk walk = {0};

    *t = (csig_typed){0};
    insert(t, DOMAIN, domain_members);
    while (csig_json_has_next(&walk, types)) {
        if (strcmp(walk.name, DOMAIN) == 0) {
            if (csig_json_is_same(walk.value, domain_members)) continue;
            return csig_why(why, "\"types\": " DOMAIN " does not have the members of \"domain\" in "
                                 "the order of EIP-712");
        }
        if (t->n == CSIG_TYPED_STRUCTS_MAX)
            return csig_why(why, "\"types\": more than %d structs", CSIG_TYPED_STRUCTS_MAX);
        insert(t, walk.name, walk.value);
    }
    for (size_t i = 0; i < t->n; i++)
        CSIG_TRY(check_struct(&t->of[i], why));
    for (size_t i = 0; i < t->n; i++)
        CSIG_TRY(check_types_of(t, &t->of[i], why));
    for (size_t i = 0; i < t->n; i++)
        CSIG_TRY(hash_type(&t->of[i], t));
    return CSIG_OK;
}
