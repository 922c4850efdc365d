#include "context.h"

static _Thread_local csigd_context now;

void csigd_context_enter(const csigd_context *context)
{
    now = *context;
}

void csigd_context_leave(void)
{
    now = (csigd_context){.by = CSIGD_BY_DAEMON};
}

const csigd_context *csigd_context_now(void)
{
    return &now;
}
