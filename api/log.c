#include "log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "context.h"

/* Of a line; with an entry it has 4096, PIPE_BUF: still one write. */
#define LINE_BYTES  2048
#define ENTRY_BYTES 4096

typedef struct line {
    char text[ENTRY_BYTES];
    size_t len, max;
    int cut;
} line;

static void put(line *l, const char *text, size_t len)
{
    /* Two octets stay free for the end of the object and of the line. */
    if (l->cut || l->len + len > l->max - 2) {
        l->cut = 1;
        return;
    }
    memcpy(l->text + l->len, text, len);
    l->len += len;
}

static void put_string(line *l, const char *text)
{
    put(l, "\"", 1);
    for (const char *p = text; *p != '\0'; p++) {
        char escaped[8];

        if (*p == '"' || *p == '\\') {
            put(l, "\\", 1);
            put(l, p, 1);
        } else if ((unsigned char)*p < 0x20) {
            const int len = snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned)*p);

            put(l, escaped, (size_t)len);
        } else {
            put(l, p, 1);
        }
    }
    put(l, "\"", 1);
}

static void put_hex(line *l, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    put(l, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        const char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};

        put(l, pair, sizeof pair);
    }
    put(l, "\"", 1);
}

static void put_field(line *l, const csigd_log_field *field)
{
    const size_t before = l->len;
    char number[24];

    put(l, ",", 1);
    put_string(l, field->name);
    put(l, ":", 1);
    if (field->text != NULL) {
        put_string(l, field->text);
    } else if (field->bytes != NULL) {
        put_hex(l, field->bytes, field->len);
    } else {
        const int len = snprintf(number, sizeof number, "%lld", (long long)field->number);

        put(l, number, (size_t)len);
    }
    if (l->cut) l->len = before;
}

static void begin(line *l, size_t max, const char *level, const char *event)
{
    char now[CSIGD_RFC3339_BYTES];

    l->len = 0;
    l->max = max;
    l->cut = 0;
    csigd_clock_format(now, csigd_clock_now());
    put(l, "{\"time\":", 8);
    put_string(l, now);
    put(l, ",\"level\":", 9);
    put_string(l, level);
    put(l, ",\"event\":", 9);
    put_string(l, event);
}

/* One write: lines of several threads do not mix. Nobody to tell when it fails. */
static void end(line *l)
{
    ssize_t written;

    l->text[l->len++] = '}';
    l->text[l->len++] = '\n';
    written = write(STDERR_FILENO, l->text, l->len);
    (void)written;
}

void csigd_log(csigd_log_level level, const char *event, const csigd_log_field *fields, size_t n)
{
    static const char *const names[] = {"info", "warning", "error", "audit"};
    const csigd_context *context = csigd_context_now();
    line l;

    begin(&l, LINE_BYTES, names[level], event);
    if (context->has_trace) put_field(&l, &CSIGD_TEXT("trace", context->trace.id));
    for (size_t i = 0; i < n; i++)
        put_field(&l, &fields[i]);
    end(&l);
}

void csigd_log_entry(const char *kind, const char *entry, const uint8_t hash[32])
{
    line l;

    begin(&l, ENTRY_BYTES, "audit", kind);
    put(&l, ",\"entry\":", 9);
    put(&l, entry, strlen(entry));
    put_field(&l, &CSIGD_HEX("hash", hash, 32));
    end(&l);
}
