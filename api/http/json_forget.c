#include "http/json_forget.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void csigd_forget(void *p)
{
    if (p != NULL) explicit_bzero(p, malloc_usable_size(p));
    free(p);
}

void csigd_json_forgets(void)
{
    json_set_alloc_funcs(malloc, csigd_forget);
}
