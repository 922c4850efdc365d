#include "service/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "countersign/evidence.h"
#include "log.h"

bool csigd_evidence_is_taken(const csigd_live *live, csigd_blob *evidence)
{
    *evidence = (csigd_blob){NULL, 0};
    for (size_t i = 0; i < live->n_runs; i++) {
        size_t len = 0;

        if (csig_session_evidence(live->run[i], NULL, &len) != CSIG_E_BUFFER) continue;
        evidence->p = malloc(len);
        if (evidence->p == NULL) return false;
        evidence->len = len;
        if (csig_session_evidence(live->run[i], evidence->p, &evidence->len) == CSIG_OK)
            return true;
        csigd_blob_free(evidence);
    }
    return true;
}

size_t csigd_verdict_of(const csigd_live *live, csig_blame *blame)
{
    size_t i = 0;

    while (i < live->n_runs && !csig_session_is_telling(live->run[i]))
        i++;
    if (i < live->n_runs) csig_session_blame(live->run[i], blame);
    return i;
}

/* --- silence --- */

static bool run_is_disputed(const csig_session *run)
{
    csig_blame blame;

    csig_session_blame(run, &blame);
    return csig_session_phase(run) == CSIG_RUNNING && blame.err == CSIG_E_SUM;
}

static void blame_the_silent(csigd_blamed *blamed, const csigd_live *live, const csig_session *run)
{
    uint16_t missing[CSIG_PARTIES_MAX];
    const size_t n = csig_session_missing(run, missing);

    memset(blamed, 0, sizeof *blamed);
    blamed->named = true;
    snprintf(blamed->reason, sizeof blamed->reason, "%s silent", csig_err_name(CSIG_E_SUM));
    for (size_t i = 0; i < live->row.n_devices; i++) {
        for (size_t j = 0; j < n; j++) {
            if (live->device_index[i] != missing[j]) continue;
            memcpy(blamed->devices[blamed->n++], live->row.devices[i], CSIG_IDENTITY_BYTES);
            csigd_log_line(CSIGD_AUDIT, "silent after sums that do not match",
                           CSIGD_HEX("session", live->row.id, sizeof live->row.id),
                           CSIGD_NUMBER("party", missing[j]),
                           CSIGD_HEX("device", live->row.devices[i], CSIG_IDENTITY_BYTES));
        }
    }
}

static csigd_stored fail(const csigd_service *service, const csigd_live *live,
                         const csigd_blamed *blamed)
{
    const csigd_effects effects = {
        .blamed = blamed->devices,
        .n_blamed = blamed->n,
        .named = blamed->named,
        .reason = blamed->reason,
        .when = csigd_clock_now(),
    };

    return service->store->session_fail(service->store, live->row.id, &effects);
}

csigd_stored csigd_silence_end(const csigd_service *service, const csigd_live *live)
{
    csigd_blamed blamed;
    csig_blame blame;

    if (live->asked && csigd_verdict_of(live, &blame) < live->n_runs) {
        csigd_blame(&blamed, &blame, &live->row, live->device_index);
        return fail(service, live, &blamed);
    }
    for (size_t i = 0; i < live->n_runs; i++) {
        if (!run_is_disputed(live->run[i])) continue;
        blame_the_silent(&blamed, live, live->run[i]);
        return fail(service, live, &blamed);
    }
    return CSIGD_STORE_NONE;
}
