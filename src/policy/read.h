/* Reading a policy: JSON of a strict schema in, plain structs or one sentence out. A sentence names
 * the member: "rules[2].if.amount[0].above: ..." */
#ifndef CSIG_POLICY_READ_H
#define CSIG_POLICY_READ_H

#include "policy/rules.h"

typedef struct csig_reader {
    csig_policy *policy;
    char *why; /* NULL: not wanted */
    char place[64];
} csig_reader;

/* The sentence, about the place; gives CSIG_E_POLICY. */
csig_err csig_reader_says(const csig_reader *r, const char *what);

/* A member of an object: `read` gets what `at` points to. */
typedef csig_err csig_value_read(csig_reader *r, void *into, const csig_json *value);
typedef struct csig_member {
    const char *name;
    csig_value_read *read;
    size_t at;
    bool needed;
} csig_member;

/* Every member of an object by its row; what is unknown or missing is refused. */
CSIG_MUST csig_err csig_members_read(csig_reader *r, void *into, const csig_member *members,
                                     size_t n, const csig_json *object);
/* Every entry of a list of 1 .. max by `read`, which gets `into` each time. */
CSIG_MUST csig_err csig_entries_read(csig_reader *r, void *into, size_t max, csig_value_read *read,
                                     const csig_json *list);

/* The text, of 1 .. max octets; stands in the policy's JSON. */
CSIG_MUST csig_err csig_plain_text_read(csig_reader *r, const char **text, size_t max,
                                        const csig_json *value);
CSIG_MUST csig_err csig_number_read(csig_reader *r, int64_t *into, int64_t min, int64_t max,
                                    const csig_json *value);
/* Seconds of a window. */
csig_value_read csig_seconds_read;
/* The member `if`; into: the rule. */
csig_value_read csig_conditions_read;
/* into: csig_windows. */
csig_value_read csig_windows_read;

#endif
