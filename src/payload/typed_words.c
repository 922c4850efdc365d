/* Typed values for people: a line for every member, what is inside stands further to the right. */
#include <string.h>

#include "payload/number.h"
#include "payload/typed.h"

#define STEP 2

static void value_words(csig_text *text, const csig_typed *t, const char *type, size_t len,
                        const csig_json *value, int indent);

static void number_words(csig_text *text, const csig_json *value)
{
    csig_number n;

    CSIG_ASSERT(csig_number_is_of(&n, value)); /* it was hashed */
    if (n.negative) csig_text_add(text, "-");
    csig_text_decimal(text, n.magnitude, sizeof n.magnitude, 0);
    csig_text_add(text, "\n");
}

static void struct_words(csig_text *text, const csig_typed *t, const csig_typed_struct *s,
                         const csig_json *value, int indent)
{
    for (size_t i = 0; i < csig_json_size(s->members); i++) {
        const char *name, *type;

        csig_typed_member(s, i, &name, &type);
        csig_text_add(text, "%*s%s (%s):", indent, "", name, type);
        value_words(text, t, type, strlen(type), csig_json_member(value, name), indent);
    }
}

static void list_words(csig_text *text, const csig_typed *t, const csig_typed_type *is,
                       const char *type, const csig_json *value, int indent)
{
    csig_text_add(text, " %zu\n", csig_json_size(value));
    for (size_t i = 0; i < csig_json_size(value); i++) {
        csig_text_add(text, "%*s[%zu]:", indent + STEP, "", i);
        value_words(text, t, type, is->entry_len, csig_json_at(value, i), indent + STEP);
    }
}

/* Goes on in a line that has begun, and ends it. */
static void value_words(csig_text *text, const csig_typed *t, const char *type, size_t len,
                        const csig_json *value, int indent)
{
    csig_typed_type is;
    const char *said;
    size_t said_len;

    CSIG_ASSERT(csig_typed_is_type(&is, t, type, len));
    switch (is.class) {
    case CSIG_TYPED_STRUCT:
        csig_text_add(text, "\n");
        struct_words(text, t, is.of, value, indent + STEP);
        return;
    case CSIG_TYPED_LIST:
        list_words(text, t, &is, type, value, indent);
        return;
    case CSIG_TYPED_INTEGER:
        csig_text_add(text, " ");
        number_words(text, value);
        return;
    case CSIG_TYPED_BOOL:
        csig_text_add(text, csig_json_integer_of(value) != 0 ? " true\n" : " false\n");
        return;
    case CSIG_TYPED_ADDRESS:
    case CSIG_TYPED_FIXED:
    case CSIG_TYPED_BYTES:
    case CSIG_TYPED_STRING:
        said = csig_json_text_of(value, &said_len);
        csig_text_add(text, " ");
        csig_text_quote(text, said, said_len);
        csig_text_add(text, "\n");
        return;
    }
}

void csig_typed_words(csig_text *text, const csig_typed *t, const csig_typed_struct *s,
                      const csig_json *value)
{
    struct_words(text, t, s, value, STEP);
}
