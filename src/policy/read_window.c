/* Windows of time: some minutes of some days, UTC. */
#include <string.h>

#include "policy/read.h"

static csig_err day_read(csig_reader *r, void *into, const csig_json *value)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const char *text;

    CSIG_TRY(csig_plain_text_read(r, &text, 3, value));
    for (unsigned i = 0; i < CSIG_ARRAY_LEN(days); i++) {
        if (strcmp(days[i], text) != 0) continue;
        *(uint8_t *)into |= (uint8_t)(1U << i);
        return CSIG_OK;
    }
    return csig_reader_says(r, "mon, tue, wed, thu, fri, sat or sun is wanted");
}

static csig_err days_read(csig_reader *r, void *into, const csig_json *value)
{
    *(uint8_t *)into = 0;
    return csig_entries_read(r, into, 7, day_read, value);
}

/* "00:00" to "24:00" */
static csig_err minute_read(csig_reader *r, void *into, const csig_json *value)
{
    const char *t;
    unsigned hour, minute;

    CSIG_TRY(csig_plain_text_read(r, &t, 5, value));
    if (strlen(t) != 5 || strspn(t, "0123456789") != 2 || t[2] != ':' ||
        strspn(t + 3, "0123456789") != 2)
        return csig_reader_says(r, "a time like 09:30 is wanted");
    hour = (unsigned)(t[0] - '0') * 10 + (unsigned)(t[1] - '0');
    minute = (unsigned)(t[3] - '0') * 10 + (unsigned)(t[4] - '0');
    if (minute > 59 || hour * 60 + minute > 24 * 60)
        return csig_reader_says(r, "there is no such time of the day");
    *(uint16_t *)into = (uint16_t)(hour * 60 + minute);
    return CSIG_OK;
}

static csig_err window_read(csig_reader *r, void *into, const csig_json *value)
{
    static const csig_member members[] = {
        {"days", days_read, offsetof(csig_window, days), false},
        {"from", minute_read, offsetof(csig_window, from), false},
        {"to", minute_read, offsetof(csig_window, to), false},
    };
    csig_windows *windows = into;
    csig_window *w = &windows->of[windows->n++];

    *w = (csig_window){.days = 0x7f, .from = 0, .to = 24 * 60};
    CSIG_TRY(csig_members_read(r, w, members, CSIG_ARRAY_LEN(members), value));
    return w->from < w->to
               ? CSIG_OK
               : csig_reader_says(r, "it ends before it begins; write one for each day");
}

csig_err csig_windows_read(csig_reader *r, void *into, const csig_json *value)
{
    return csig_entries_read(r, into, CSIG_WINDOWS_MAX, window_read, value);
}
