/* Records as a file that somebody hands over. The input is [which] and a list of changes to an
 * honest record, [position u24][operation][value]; or [0xff] and the octets of a file. It never
 * crashes, and whatever is verified is what the members said. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "proto/records.h"

#define RECORDS 3

static octets honest[RECORDS];
static csig_record_info truth[RECORDS];

static void keep(int i, octets o)
{
    honest[i] = o;
    FUZZ_REQUIRE(csig_record_verify(o.p, o.len, &truth[i], NULL) == CSIG_OK);
}

static void start(void)
{
    static keygen_group kg;
    static reshare_group rg;

    if (honest[0].p != NULL) return;
    FUZZ_REQUIRE(csig_init() == CSIG_OK);
    keygen_group_init(&kg, 2, 2);
    keep(0, records_keygen(&kg, 2));
    keygen_group_free(&kg);
    keep(1, records_reshare(&rg, &records_two_of_two));
    reshare_group_free(&rg);
    keep(2, records_reshare(&rg, &records_replaced));
    reshare_group_free(&rg);
}

/* Nobody can make the members say anything else; only the rid of the epoch before, which its own
 * commit vouches for, they did not say. */
static void verify_changed(int i, const uint8_t *data, size_t len)
{
    uint8_t *changed = malloc(honest[i].len);
    csig_record_info info;
    csig_err err;

    FUZZ_REQUIRE(changed != NULL);
    memcpy(changed, honest[i].p, honest[i].len);
    for (size_t at = 0; at + 5 <= len; at += 5)
        fuzz_change(changed, honest[i].len, data + at);
    err = csig_record_verify(changed, honest[i].len, &info, NULL);
    FUZZ_REQUIRE(csig_err_class(err) != CSIG_CLASS_LOCAL);
    FUZZ_REQUIRE(csig_err_class(err) != CSIG_CLASS_CALLER);
    if (memcmp(changed, honest[i].p, honest[i].len) == 0) FUZZ_REQUIRE(err == CSIG_OK);
    free(changed);
    if (err != CSIG_OK) return;
    FUZZ_REQUIRE(memcmp(info.session_id, truth[i].session_id, sizeof info.session_id) == 0);
    FUZZ_REQUIRE(memcmp(info.epoch, truth[i].epoch, sizeof info.epoch) == 0);
    FUZZ_REQUIRE(memcmp(info.member, truth[i].member, sizeof info.member) == 0);
    FUZZ_REQUIRE(memcmp(info.commit, truth[i].commit, sizeof info.commit) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    csig_record_info info;

    start();
    if (len == 0) return 0;
    if (data[0] != 0xff)
        verify_changed(data[0] % RECORDS, data + 1, len - 1);
    else
        FUZZ_REQUIRE(csig_record_verify(data + 1, len - 1, &info, NULL) != CSIG_OK);
    return 0;
}
