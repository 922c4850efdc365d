/* Payloads as the library reads them, for comparison with what others make of the same: each line
 * of the input is a path, a blank and a payload; each line of the output says what is wrong with
 * it, or, separated by tabs, "ok", its description and its result with signatures by the key of
 * tests/support/payloads.h. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/payloads.h"

#define LINE_MAX_OCTETS (2 * CSIG_PAYLOAD_MAX)

static csig_err parse_path(uint32_t path[CSIG_PATH_MAX], size_t *depth, char **text)
{
    char *at = *text;

    *depth = 0;
    if (*at++ != 'm') return CSIG_E_ARGUMENT;
    while (*at == '/' && *depth < CSIG_PATH_MAX)
        path[(*depth)++] = (uint32_t)strtoul(at + 1, &at, 10);
    if (*at != ' ') return CSIG_E_ARGUMENT;
    *text = at + 1;
    return CSIG_OK;
}

static void answer(const csig_payload *p)
{
    char *description = payloads_description(p);
    char *result = payloads_finished(p);

    free(payloads_words(p));
    printf("ok\t%s\t%s\n", description, result);
    free(description);
    free(result);
}

static csig_err one(char *line, char why[CSIG_WHY_BYTES])
{
    const csig_account account = payloads_account();
    uint32_t path[CSIG_PATH_MAX];
    csig_payload *p = NULL;
    csig_err err;
    size_t depth;

    err = parse_path(path, &depth, &line);
    if (err == CSIG_OK) err = csig_payload_read(&p, line, strlen(line), why);
    if (err == CSIG_OK) err = csig_payload_bind(p, &account, path, depth, why);
    if (err == CSIG_OK) answer(p);
    csig_payload_free(p);
    return err;
}

int main(void)
{
    char *line = malloc(LINE_MAX_OCTETS);

    while (line != NULL && fgets(line, LINE_MAX_OCTETS, stdin) != NULL) {
        char why[CSIG_WHY_BYTES] = "";
        csig_err err;

        line[strcspn(line, "\n")] = '\0';
        err = one(line, why);
        if (err != CSIG_OK) printf("%s\t%s\n", csig_err_name(err), why);
    }
    free(line);
    return 0;
}
