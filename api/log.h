/* One JSON object per line on stderr: time, level, event, the given fields, and the trace of the
 * request that the thread works at. Never a secret, never the body of a message. */
#ifndef CSIGD_LOG_H
#define CSIGD_LOG_H

#include <stddef.h>
#include <stdint.h>

typedef enum csigd_log_level {
    CSIGD_INFO = 0,
    CSIGD_WARNING,
    CSIGD_ERROR,
    CSIGD_AUDIT /* what an auditor asks for; the audit log's entries, and which check failed */
} csigd_log_level;

/* One field; made with the three macros below. */
typedef struct csigd_log_field {
    const char *name;
    const char *text;     /* or */
    const uint8_t *bytes; /* as hexadecimal, or */
    size_t len;
    int64_t number;
} csigd_log_field;

#define CSIGD_TEXT(name, value)        ((csigd_log_field){(name), (value), NULL, 0, 0})
#define CSIGD_HEX(name, value, length) ((csigd_log_field){(name), NULL, (value), (length), 0})
#define CSIGD_NUMBER(name, value)      ((csigd_log_field){(name), NULL, NULL, 0, (int64_t)(value)})

/* fields: n of them. Lines longer than 2 KiB are cut after the last field that fits. */
void csigd_log(csigd_log_level level, const char *event, const csigd_log_field *fields, size_t n);

/* An entry of the audit log, as it was stored: canonical JSON. */
void csigd_log_entry(const char *kind, const char *entry, const uint8_t hash[32]);

/* csigd_log_line(CSIGD_INFO, "listening", CSIGD_TEXT("socket", path)) */
#define csigd_log_line(level, event, ...)                                                          \
    csigd_log((level), (event), (const csigd_log_field[]){__VA_ARGS__},                            \
              sizeof((const csigd_log_field[]){__VA_ARGS__}) / sizeof(csigd_log_field))

#endif
