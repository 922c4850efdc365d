/* Tokens come and go in bodies: what held one is overwritten before it is free. libmicrohttpd's and
 * GnuTLS' own buffers are theirs. */
#ifndef CSIGD_HTTP_JSON_FORGET_H
#define CSIGD_HTTP_JSON_FORGET_H

/* free() of what malloc() gave, all of it overwritten. NULL is fine. */
void csigd_forget(void *p);
/* From now on whatever is made of JSON in this process is freed so: keys, values, and what was
 * written on the way. Before the first JSON. */
void csigd_json_forgets(void);

#endif
