/* The files of store/schema, in order, embedded at build time. Append only: file n takes a store
 * from format n - 1 to format n. */
#ifndef CSIGD_STORE_SCHEMA_H
#define CSIGD_STORE_SCHEMA_H

extern const char *const csigd_schema[];
extern const unsigned csigd_schema_count;

#endif
