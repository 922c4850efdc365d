#include "http/prefer.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *skip_space(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

/* Behind the preference that begins here, its parameters included: commas in quotes are its own. */
static const char *skip_preference(const char *p)
{
    bool quoted = false;

    for (; *p != '\0' && (quoted || *p != ','); p++) {
        if (*p == '"') quoted = !quoted;
        if (quoted && *p == '\\' && p[1] != '\0') p++;
    }
    return p;
}

/* The number behind "wait", which nothing but parameters may follow. */
static uint32_t seconds_of(const char *p)
{
    uint32_t seconds = 0;
    size_t digits;

    p = skip_space(p);
    if (*p != '=') return 0;
    p = skip_space(p + 1);
    digits = strspn(p, "0123456789");
    for (size_t i = 0; i < digits && seconds < 100000000; i++)
        seconds = seconds * 10 + (uint32_t)(p[i] - '0');
    p = skip_space(p + digits);
    return *p == '\0' || *p == ',' || *p == ';' ? seconds : 0;
}

uint32_t csigd_prefer_wait(const char *value)
{
    static const char name[] = "wait";
    const size_t len = sizeof name - 1;

    for (const char *p = value; *p != '\0'; p = *p == ',' ? p + 1 : p) {
        p = skip_space(p);
        if (strncasecmp(p, name, len) == 0 && strchr(" \t=", p[len]) != NULL && p[len] != '\0')
            return seconds_of(p + len);
        p = skip_preference(p);
    }
    return 0;
}
