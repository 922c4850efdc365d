/* Times in replies. */
#include "clock.h"
#include "routes/routes.h"

void csigd_json_time(csigd_json *to, const char *name, int64_t when)
{
    char text[CSIGD_RFC3339_BYTES];

    csigd_clock_format(text, when);
    csigd_json_text(to, name, text);
}
