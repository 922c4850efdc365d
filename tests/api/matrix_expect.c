/* What every refusal is: a problem, and nothing has changed. */
#include <stdio.h>
#include <string.h>

#include "api/matrix.h"

void matrix_every(matrix_test *f)
{
    for (size_t i = 0; i < csigd_routes_count; i++)
        f(&csigd_routes[i]);
}

void matrix_is_problem(const attempt *a, const answer *r, unsigned status, const char *code)
{
    const char *type = answer_field(r, "Content-Type");
    char said[64], number[32];

    snprintf(said, sizeof said, "\"code\":\"%s\"", code);
    snprintf(number, sizeof number, "\"status\":%u", status);
    if (r->status != status || strstr(r->body, said) == NULL || strstr(r->body, number) == NULL ||
        type == NULL || strcmp(type, "application/problem+json") != 0)
        fail_msg("%s %s: not %u %s but %u %s", a->route->method, a->route->path, status, code,
                 r->status, r->body);
}

static uint8_t before[32];

void matrix_remember(void)
{
    matrix_state(before);
}

void matrix_is_as_before(const attempt *a)
{
    uint8_t after[32];

    matrix_state(after);
    if (memcmp(before, after, sizeof after) != 0)
        fail_msg("%s %s: something has changed", a->route->method, a->route->path);
}

const answer *matrix_refused(const attempt *a, bool local, unsigned status, const char *code)
{
    const answer *r;

    matrix_remember();
    r = matrix_send(a, local);
    matrix_is_problem(a, r, status, code);
    matrix_is_as_before(a);
    return r;
}

void matrix_is_told(const attempt *a)
{
    unsigned status;

    matrix_remember();
    status = (unsigned)matrix_send(a, false)->status;
    /* Not ready is an answer, too. */
    if (status != 503 || strcmp(a->route->path, "/readyz") != 0) assert_int_equal(status, 200);
    matrix_is_as_before(a);
}
