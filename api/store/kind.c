#include "store/store.h"

const char *csigd_kind_name(csigd_kind kind)
{
    switch (kind) {
    case CSIGD_KIND_AUX:
        return "aux";
    case CSIGD_KIND_KEYGEN:
        return "keygen";
    case CSIGD_KIND_PRESIGN:
        return "presign";
    case CSIGD_KIND_SIGN:
        return "sign";
    case CSIGD_KIND_ONLINE:
        return "online";
    case CSIGD_KIND_REFRESH:
        return "refresh";
    case CSIGD_KIND_RESHARE:
        return "reshare";
    }
    return "";
}

const char *csigd_session_state_name(csigd_session_state state)
{
    switch (state) {
    case CSIGD_SESSION_RUNNING:
        return "running";
    case CSIGD_SESSION_DONE:
        return "done";
    case CSIGD_SESSION_FAILED:
        return "failed";
    case CSIGD_SESSION_EXPIRED:
        return "expired";
    case CSIGD_SESSION_ABORTED:
        return "aborted";
    case CSIGD_SESSION_LOST:
        return "lost";
    case CSIGD_SESSION_OUTDATED:
        return "outdated";
    }
    return "";
}
