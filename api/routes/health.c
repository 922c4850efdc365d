/* GET /healthz */
#include "routes/routes.h"
#include "service/primes.h"

csigd_reply csigd_reply_value(unsigned status, csigd_json *value)
{
    size_t len;
    char *text = csigd_json_print(value, &len);

    return csigd_reply_json(status, text, len);
}

csigd_reply csigd_health_show(const csigd_call *call)
{
    const csigd_service *s = call->service;
    const csigd_progress g = csigd_primes_show(s->primes);
    csigd_json *body = csigd_json_object(), *primes = csigd_json_object();

    csigd_json_text(body, "state", g.ready ? "ready" : "preparing");
    csigd_json_uint(body, "level", csig_level());
    csigd_json_text(body, "version", csig_version());
    csigd_json_hex(body, "server_identity", s->identity_pub, CSIG_IDENTITY_BYTES);
    csigd_json_uint(body, "generation", csigd_primes_generation(s->primes));
    csigd_json_put(body, "auxiliary", csigd_json_own_aux(s));
    csigd_json_bool(primes, "spare", g.spare);
    csigd_json_uint(primes, "found", g.found);
    csigd_json_uint(primes, "wanted", 4);
    csigd_json_uint(primes, "tests", g.made);
    csigd_json_uint(primes, "tests_expected", g.expected);
    csigd_json_put(body, "primes", primes);
    csigd_json_uint(body, "waiting", csigd_waiting_count(s->waiting));
    return csigd_reply_value(200, body);
}
