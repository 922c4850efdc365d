/* What every object of a policy is read with: a table of its members, and the place where the
 * reader is. */
#include "policy/read.h"

#include <stdio.h>
#include <string.h>

csig_err csig_reader_says(const csig_reader *r, const char *what)
{
    if (r->why != NULL) (void)snprintf(r->why, CSIG_WHY_BYTES, "%s: %s", r->place, what);
    return CSIG_E_POLICY;
}

/* Strangers' names are shown as far as they are harmless. */
static void enter(csig_reader *r, const char *name)
{
    const size_t len = strlen(r->place);
    char shown[CSIG_PRINTABLE_BYTES];

    csig_printable(shown, name);
    (void)snprintf(r->place + len, sizeof r->place - len, "%s%s", len > 0 ? "." : "", shown);
}

static csig_err missing(csig_reader *r, const csig_member *members, size_t n,
                        const csig_json *object)
{
    for (size_t i = 0; i < n; i++) {
        if (!members[i].needed || csig_json_member(object, members[i].name) != NULL) continue;
        enter(r, members[i].name);
        return csig_reader_says(r, "it is missing");
    }
    return CSIG_OK;
}

static csig_err member_read(csig_reader *r, void *into, const csig_member *members, size_t n,
                            const csig_json_walk *walk)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(members[i].name, walk->name) == 0)
            return members[i].read(r, (uint8_t *)into + members[i].at, walk->value);
    }
    return csig_reader_says(r, "there is no such member");
}

csig_err csig_members_read(csig_reader *r, void *into, const csig_member *members, size_t n,
                           const csig_json *object)
{
    const size_t here = strlen(r->place);
    csig_json_walk walk = {.at = NULL};

    if (csig_json_kind_of(object) != CSIG_JSON_OBJECT)
        return csig_reader_says(r, "an object is wanted");
    while (csig_json_has_next(&walk, object)) {
        enter(r, walk.name);
        CSIG_TRY(member_read(r, into, members, n, &walk));
        r->place[here] = '\0';
    }
    return missing(r, members, n, object);
}

csig_err csig_entries_read(csig_reader *r, void *into, size_t max, csig_value_read *read,
                           const csig_json *list)
{
    const size_t here = strlen(r->place);
    const size_t n = csig_json_size(list);

    if (csig_json_kind_of(list) != CSIG_JSON_LIST) return csig_reader_says(r, "a list is wanted");
    if (n == 0) return csig_reader_says(r, "the list is empty; leave it out");
    if (n > max) return csig_reader_says(r, "the list is too long");
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(r->place + here, sizeof r->place - here, "[%zu]", i);
        CSIG_TRY(read(r, into, csig_json_at(list, i)));
    }
    r->place[here] = '\0';
    return CSIG_OK;
}

csig_err csig_plain_text_read(csig_reader *r, const char **text, size_t max, const csig_json *value)
{
    size_t len;

    *text = csig_json_text_of(value, &len);
    if (*text == NULL || len == 0) return csig_reader_says(r, "text is wanted");
    if (len > max) return csig_reader_says(r, "the text is too long");
    for (size_t i = 0; i < len; i++) {
        if ((*text)[i] < ' ' || (*text)[i] > '~')
            return csig_reader_says(r, "printable ASCII is wanted");
    }
    return CSIG_OK;
}

csig_err csig_number_read(csig_reader *r, int64_t *into, int64_t min, int64_t max,
                          const csig_json *value)
{
    *into = csig_json_integer_of(value);
    if (csig_json_kind_of(value) != CSIG_JSON_INTEGER)
        return csig_reader_says(r, "a number is wanted");
    return *into >= min && *into <= max ? CSIG_OK : csig_reader_says(r, "out of its range");
}

csig_err csig_seconds_read(csig_reader *r, void *into, const csig_json *value)
{
    return csig_number_read(r, into, 1, CSIG_POLICY_SECONDS_MAX, value);
}
