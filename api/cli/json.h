/* Reading replies and writing results. The only file that knows jansson. */
#ifndef CSIG_CLI_JSON_H
#define CSIG_CLI_JSON_H

#include <stdio.h>

#include "cli/cli.h"

typedef struct json_t json; /* jansson's */

/* A server's reply. CLI_INPUT when text is no JSON object. free with json_free. */
CLI_MUST cli_exit json_read(cli *c, json **j, const uint8_t *text, size_t len);
/* CLI_INPUT: the server's reply has no such member, or not of the type and size it must have. */
cli_exit json_lacks(cli *c, const char *name);
json *json_new(void);
void json_free(json **j);
#define AUTO_JSON __attribute__((cleanup(json_free))) json *

/* Members; NULL or -1 when absent or of another type. Strings belong to j. */
const char *json_text(const json *j, const char *name);
int64_t json_number(const json *j, const char *name);
const json *json_member(const json *j, const char *name); /* object or array */
size_t json_count(const json *array);
const char *json_text_at(const json *array, size_t i);
const json *json_at(const json *array, size_t i);
int64_t json_number_at(const json *array, size_t i);
size_t json_count_members(const json *j);
/* The text is exactly v. */
bool json_text_is(const json *j, const char *name, const char *v);
bool json_is_list(const json *j);
/* Exactly len octets from hex text; json_lacks otherwise. */
CLI_MUST cli_exit json_octets(cli *c, const json *j, const char *name, uint8_t *out, size_t len);

void json_put_text(json *j, const char *name, const char *v);
void json_put_number(json *j, const char *name, int64_t v);
void json_put_flag(json *j, const char *name, bool v);
void json_put_octets(json *j, const char *name, const uint8_t *p, size_t len);
/* Moves v into j. */
void json_put(json *j, const char *name, json *v);
json *json_array_new(void);
void json_push(json *array, json *v);
void json_push_text(json *array, const char *v);
void json_push_number(json *array, int64_t v);
void json_push_octets(json *array, const uint8_t *p, size_t len);

/* One line; free() it. NULL without memory. */
char *json_line(const json *j);
/* The one text of a value: compact, members in order of their names, a newline behind. Likewise. */
char *json_canonical(const json *j);
/* An object that is written exactly so; NULL: the text is not, from octet *at on. */
json *json_read_canonical(const uint8_t *text, size_t len, size_t *at);
/* The same object without a member. NULL without memory. */
json *json_without(const json *j, const char *name);
json *json_octets_new(const uint8_t *p, size_t len);
json *json_null_new(void);
json *json_shared(const json *v);             /* the same value once more */
bool json_is_nothing(const json *v);          /* null, which is there */
bool json_is_flag(const json *v, bool *flag); /* true or false */

/* Lower-case hex of exactly len octets. */
bool hex_is_read(uint8_t *out, size_t len, const char *text);
void hex_write(char *out, const uint8_t *p, size_t len); /* 2 len + 1 characters */

#endif
