/* Evidence as a file that somebody hands over. The input is [sort] and a list of changes to honest
 * evidence of that sort, [position u24][operation][value]; or [0xff] and the octets of a file. It
 * never crashes, and convicts nobody but who cheated. */
#include <stdlib.h>
#include <string.h>

#include "countersign/types.h"
#include "fuzz.h"
#include "proto/evidence_sample.h"
#include "support/random.h"

typedef struct subject {
    uint8_t *p;
    size_t len;
    uint8_t cheat[CSIG_IDENTITY_BYTES];
} subject;

static subject subjects[EVIDENCE_SORTS];

static void start(void)
{
    if (subjects[0].p != NULL) return;
    FUZZ_REQUIRE(csig_init() == CSIG_OK);
    random_seed(1);
    for (evidence_sort i = 0; i < EVIDENCE_SORTS; i++)
        subjects[i].p = evidence_sample(i, &subjects[i].len, subjects[i].cheat);
}

static void judge_changed(const subject *s, const uint8_t *data, size_t len)
{
    uint8_t *changed = malloc(s->len);
    csig_verdict v;
    csig_err err;
    bool same;

    FUZZ_REQUIRE(changed != NULL);
    memcpy(changed, s->p, s->len);
    for (size_t at = 0; at + 5 <= len; at += 5)
        fuzz_change(changed, s->len, data + at);
    same = memcmp(changed, s->p, s->len) == 0;
    err = csig_evidence_verify(changed, s->len, &v);
    free(changed);
    FUZZ_REQUIRE(err == CSIG_OK || csig_err_class(err) == CSIG_CLASS_INPUT);
    if (same) FUZZ_REQUIRE(err == CSIG_OK);
    if (err == CSIG_OK) FUZZ_REQUIRE(memcmp(v.identity, s->cheat, sizeof v.identity) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    csig_verdict v;

    start();
    if (len == 0) return 0;
    if (data[0] != 0xff) {
        judge_changed(&subjects[data[0] % EVIDENCE_SORTS], data + 1, len - 1);
        return 0;
    }
    /* Whose signatures could be in it? */
    FUZZ_REQUIRE(csig_err_class(csig_evidence_verify(data + 1, len - 1, &v)) == CSIG_CLASS_INPUT);
    return 0;
}
