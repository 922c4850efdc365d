/* Policies come into force: at once, where nobody is to be asked, or once they are approved. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "service/policy.h"

csig_policy *csigd_policy_take(const char *text, size_t len, csigd_problem *why)
{
    char said[CSIG_WHY_BYTES] = "";
    csig_policy *policy;
    const csig_err err = csig_policy_read(&policy, text, len, said);

    if (err != CSIG_OK) {
        csigd_problem_err(why, err);
        (void)snprintf(why->field, sizeof why->field, "policy");
        (void)snprintf(why->detail, sizeof why->detail, "%s", said);
        return NULL;
    }
    return policy;
}

static csigd_code come_into_force(const csigd_service *service, const csigd_change_wish *wish,
                                  csigd_change *change, bool has_over, csigd_problem *why)
{
    csigd_store *s = service->store;
    const csigd_stored stored =
        s->policies.put(s, wish->subject, wish->text, change->created,
                        has_over ? change->over : NULL, change->over_version);

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    change->state = CSIGD_CHANGE_DONE;
    return CSIGD_OK;
}

static csigd_code propose(const csigd_service *service, const csigd_change_wish *wish,
                          csigd_change *change, csigd_problem *why)
{
    csigd_change row = *change;
    csigd_stored stored;

    row.text = (csigd_blob){(uint8_t *)(uintptr_t)wish->text, wish->len};
    stored = service->store->policies.change_put(service->store, &row);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    return CSIGD_OK;
}

/* Who is asked: the approvers of what is in force. NONE: nothing is. */
static csigd_stored find_over(const csigd_service *service, csigd_change *change, bool *asks,
                              uint32_t *seconds)
{
    csigd_store *s = service->store;
    csigd_policy_row row;
    csig_policy *policy = NULL;
    csigd_stored stored = s->policies.of_subject(s, change->subject, &row);
    const csig_quorum *quorum;

    *asks = false;
    if (stored != CSIGD_STORED) return stored;
    if (csig_policy_read(&policy, (const char *)row.text.p, row.text.len, NULL) != CSIG_OK)
        stored = CSIGD_STORE_FAILED;
    if (stored == CSIGD_STORED) {
        quorum = csig_policy_changes(policy);
        *asks = quorum != NULL;
        *seconds = quorum != NULL ? quorum->seconds : 0;
        memcpy(change->over, row.subject, sizeof change->over);
        change->over_version = row.version;
    }
    csig_policy_free(policy);
    csigd_policy_row_clear(&row);
    return stored;
}

csigd_code csigd_policy_change(const csigd_service *service, const csigd_change_wish *wish,
                               csigd_change *change, csigd_problem *why)
{
    uint32_t seconds = 0;
    bool asks;
    csigd_stored stored;

    *change = (csigd_change){.state = CSIGD_CHANGE_PENDING,
                             .created = csigd_clock_now(),
                             .has_creator = wish->has_creator};
    randombytes_buf(change->id, sizeof change->id);
    memcpy(change->subject, wish->subject, sizeof change->subject);
    memcpy(change->creator, wish->creator, sizeof change->creator);
    stored = find_over(service, change, &asks, &seconds);
    if (stored != CSIGD_STORED && stored != CSIGD_STORE_NONE)
        return csigd_problem_set(why, csigd_code_of_store(stored));
    change->expires = change->created + (seconds > 0 ? seconds : CSIGD_CHANGE_SECONDS);
    if (asks) return propose(service, wish, change, why);
    if (!wish->by_operator) return csigd_problem_set(why, CSIGD_UNIX_SOCKET_ONLY);
    return come_into_force(service, wish, change, stored == CSIGD_STORED, why);
}

/* --- at start --- */

bool csigd_policy_is_absent(const csigd_service *service)
{
    uint64_t n = 0;

    return service->store->policies.count(service->store, &n) != CSIGD_STORED || n == 0;
}

static bool file_is_read(char *text, size_t room, size_t *len, const char *path)
{
    FILE *f = fopen(path, "rb");
    bool good;

    if (f == NULL) return false;
    *len = fread(text, 1, room, f);
    good = ferror(f) == 0 && *len < room;
    (void)fclose(f);
    return good;
}

static bool text_is_loaded(const csigd_service *service, char *text, size_t len, char *why,
                           size_t why_len)
{
    csigd_change_wish wish = {.subject = "all", .text = text, .by_operator = true};
    csigd_problem problem;
    csigd_change change;
    csig_policy *policy = csigd_policy_take(text, len, &problem);
    size_t room = CSIG_POLICY_MAX + 1;
    csig_err err;

    if (policy == NULL) {
        (void)snprintf(why, why_len, "the policy: %s", problem.detail);
        return false;
    }
    err = csig_policy_text(policy, text, &room);
    csig_policy_free(policy);
    wish.len = room - 1;
    if (err == CSIG_OK && csigd_policy_change(service, &wish, &change, &problem) == CSIGD_OK)
        return true;
    (void)snprintf(why, why_len, "the policy cannot be stored");
    return false;
}

/* The file is of the first start: who has changed it since has changed nothing. */
static bool policy_is_in_force(const csigd_service *service, char *text, size_t len)
{
    csigd_problem problem;
    csigd_policy_row row;
    csig_policy *policy = csigd_policy_take(text, len, &problem);
    size_t room = CSIG_POLICY_MAX + 1;
    bool same = false;

    if (policy == NULL) return false;
    if (csig_policy_text(policy, text, &room) == CSIG_OK &&
        service->store->policies.of_subject(service->store, "all", &row) == CSIGD_STORED) {
        same = row.text.len == room - 1 && memcmp(row.text.p, text, row.text.len) == 0;
        csigd_policy_row_clear(&row);
    }
    csig_policy_free(policy);
    return same;
}

bool csigd_policy_is_loaded(const csigd_service *service, const char *path, char *why,
                            size_t why_len)
{
    const bool absent = csigd_policy_is_absent(service);
    char *text = malloc(CSIG_POLICY_MAX + 1);
    size_t len = 0;
    bool good = text != NULL && file_is_read(text, CSIG_POLICY_MAX + 1, &len, path);

    if (!good) (void)snprintf(why, why_len, "the policy cannot be read from %s", path);
    if (!absent && (!good || !policy_is_in_force(service, text, len)))
        csigd_log_line(CSIGD_WARNING, "the policy that is given is not in force",
                       CSIGD_TEXT("file", path),
                       CSIGD_TEXT("do", "countersign policy show; countersign policy propose"));
    if (absent) good = good && text_is_loaded(service, text, len, why, why_len);
    free(text);
    return good || !absent;
}
