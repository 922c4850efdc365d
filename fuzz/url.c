/* Any octets as the URL of a webhook: refused, or taken apart into what says the same again. */
#include "net/url.h"

#include <stdio.h>
#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char text[2 * CSIGD_URL_MAX], again[3 * CSIGD_URL_MAX];
    csigd_url url, same;

    if (len >= sizeof text) len = sizeof text - 1;
    memcpy(text, data, len);
    text[len] = '\0';
    if (!csigd_url_is_read(&url, text)) return 0;
    FUZZ_REQUIRE(strcmp(url.scheme, "https") == 0 || strcmp(url.scheme, "http") == 0);
    FUZZ_REQUIRE(url.authority[0] != '\0' && strpbrk(url.authority, "@/?#%\\ ") == NULL);
    FUZZ_REQUIRE(url.target[0] == '/' && strpbrk(url.target, "#\\ \r\n") == NULL);
    snprintf(again, sizeof again, "%s://%s%s", url.scheme, url.authority, url.target);
    /* The slash that was left out may be the one too many. */
    if (strlen(again) >= CSIGD_URL_MAX) return 0;
    FUZZ_REQUIRE(csigd_url_is_read(&same, again));
    FUZZ_REQUIRE(strcmp(same.authority, url.authority) == 0);
    FUZZ_REQUIRE(strcmp(same.target, url.target) == 0);
    return 0;
}
