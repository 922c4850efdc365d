/* GET /metrics, /readyz: what monitoring asks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "routes/routes.h"
#include "service/metrics.h"
#include "service/presigs.h"
#include "service/primes.h"
#include "service/ready.h"

/* --- one number --- */

static void gauge(FILE *out, const char *name, const char *help, uint64_t value)
{
    fprintf(out, "# HELP countersign_%s %s\n# TYPE countersign_%s gauge\ncountersign_%s %llu\n",
            name, help, name, name, (unsigned long long)value);
}

static void labelled(FILE *out, const char *name, const char *label, const char *value,
                     uint64_t number)
{
    fprintf(out, "countersign_%s{%s=\"%s\"} %llu\n", name, label, value,
            (unsigned long long)number);
}

static void head(FILE *out, const char *name, const char *help)
{
    fprintf(out, "# HELP countersign_%s %s\n# TYPE countersign_%s gauge\n", name, help, name);
}

/* --- the store --- */

static void write_campaigns(FILE *out, const csigd_numbers *n)
{
    static const char *const states[] = {
        [CSIGD_STANDING_WAITING] = "waiting", [CSIGD_STANDING_RUNNING] = "running",
        [CSIGD_STANDING_DONE] = "done",       [CSIGD_STANDING_FAILED] = "failed",
        [CSIGD_NUMBERS_LATE] = "late",
    };

    head(out, "campaigns", "Campaigns, by state.");
    labelled(out, "campaigns", "state", "running", n->campaigns[CSIGD_CAMPAIGN_RUNNING]);
    labelled(out, "campaigns", "state", "paused", n->campaigns[CSIGD_CAMPAIGN_PAUSED]);
    labelled(out, "campaigns", "state", "cancelled", n->campaigns[CSIGD_CAMPAIGN_CANCELLED]);
    head(out, "campaign_wallets", "Wallets of running campaigns, by how far they are.");
    for (unsigned i = CSIGD_STANDING_WAITING; i <= CSIGD_NUMBERS_LATE; i++)
        labelled(out, "campaign_wallets", "state", states[i], n->campaign_wallets[i]);
}

static void write_store(FILE *out, const csigd_service *s)
{
    csigd_numbers n;
    const csigd_stored stored = s->store->numbers(s->store, &n);

    gauge(out, "store_up", "Whether the store could be read for this.", stored == CSIGD_STORED);
    if (stored != CSIGD_STORED) return;
    gauge(out, "wallets", "Active wallets.", n.wallets);
    gauge(out, "wallets_without_backup",
          "Active wallets whose newest epoch has a client index without backup or escrow.",
          n.wallets_without_backup);
    gauge(out, "devices", "Devices that have enrolled.", n.devices);
    gauge(out, "devices_locked", "Devices that are locked.", n.devices_locked);
    write_campaigns(out, &n);
    head(out, "webhooks", "Webhooks, by state.");
    labelled(out, "webhooks", "state", "active", n.webhooks[CSIGD_WEBHOOK_ACTIVE]);
    labelled(out, "webhooks", "state", "failing", n.webhooks[CSIGD_WEBHOOK_FAILING]);
    gauge(out, "webhooks_retrying", "Webhooks whose last delivery has failed.",
          n.webhooks_retrying);
    gauge(out, "events", "Number of the newest event.", n.events);
    gauge(out, "audit_entries", "Sequence of the newest entry of the audit log: it never falls.",
          n.audit_entries);
    gauge(out, "store_octets", "Size of the store and its log.", n.octets);
}

/* --- the process --- */

/* Kilobytes of a line in /proc/self/status. */
static uint64_t memory_of(const char *name)
{
    FILE *f = fopen("/proc/self/status", "re");
    char line[256];
    uint64_t octets = 0;

    if (f == NULL) return 0;
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0)
            octets = (uint64_t)strtoull(line + strlen(name), NULL, 10) << 10;
    }
    fclose(f);
    return octets;
}

static void write_process(FILE *out, const csigd_service *s)
{
    const csigd_progress primes = csigd_primes_show(s->primes);
    size_t sessions;
    uint64_t locked, room;

    csigd_sessions_weigh(s->sessions, &sessions, &locked, &room);
    head(out, "info", "Which countersignd this is.");
    fprintf(out, "countersign_info{version=\"%s\",level=\"%u\"} 1\n", csig_version(), csig_level());
    gauge(out, "sessions_running", "Sessions in memory.", sessions);
    gauge(out, "session_memory_octets", "Locked memory set aside for them.", locked);
    gauge(out, "session_memory_room_octets", "Locked memory for sessions in all.", room);
    gauge(out, "presignatures_ready", "Presignature halves in memory.",
          csigd_presigs_total(s->presigs));
    gauge(out, "jobs_pending", "Protocol jobs that run or wait.", csigd_jobs_pending(s->jobs));
    gauge(out, "connections_waiting", "Connections that wait for an answer to come.",
          csigd_waiting_count(s->waiting));
    gauge(out, "auxiliary_ready", "Whether own auxiliary info is there.", primes.ready);
    gauge(out, "auxiliary_spare", "Whether the spare set of primes is there.", primes.spare);
    gauge(out, "memory_resident_octets", "Resident memory.", memory_of("VmRSS:"));
    gauge(out, "memory_locked_octets", "Locked memory.", memory_of("VmLck:"));
}

static void write_checks(FILE *out, const csigd_service *s)
{
    const csigd_readiness r = csigd_ready_show(s->ready);

    gauge(out, "ready", "Whether /readyz says 200.", r.all);
    head(out, "check", "The checks of /readyz: 1 is good.");
    for (unsigned i = 0; i < CSIGD_CHECK_COUNT; i++)
        labelled(out, "check", "check", csigd_check_name((csigd_check)i), r.good[i]);
}

static csigd_route_name name_of(size_t route)
{
    return (csigd_route_name){csigd_routes[route].method, csigd_routes[route].path};
}

csigd_reply csigd_metrics_show(const csigd_call *call)
{
    const csigd_service *s = call->service;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL) return csigd_reply_code(CSIGD_OVERLOADED);
    csigd_metrics_write(s->metrics, out, name_of);
    write_process(out, s);
    write_checks(out, s);
    write_store(out, s);
    if (fclose(out) != 0) {
        free(text);
        return csigd_reply_code(CSIGD_OVERLOADED);
    }
    return (csigd_reply){.status = 200,
                         .type = "text/plain; version=0.0.4; charset=utf-8",
                         .body = (uint8_t *)text,
                         .len = len};
}

/* --- ready? --- */

csigd_reply csigd_ready_reply(const csigd_call *call)
{
    const csigd_readiness r = csigd_ready_show(call->service->ready);
    csigd_json *body = csigd_json_object(), *checks = csigd_json_object();

    csigd_json_bool(body, "ready", r.all);
    for (unsigned i = 0; i < CSIGD_CHECK_COUNT; i++)
        csigd_json_text(checks, csigd_check_name((csigd_check)i), r.good[i] ? "ok" : "failed");
    csigd_json_put(body, "checks", checks);
    return csigd_reply_value(r.all ? 200 : 503, body);
}
