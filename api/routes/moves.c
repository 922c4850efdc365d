/* PUT, DELETE /v1/devices/{d}/move: a device is about to give its place to another one. */
#include <string.h>

#include "routes/routes.h"
#include "service/moves.h"

typedef struct move_wish {
    csigd_move move;
    uint32_t seconds;
} move_wish;

static const csigd_json_field move_fields[] = {
    {"token_sha256", CSIGD_JSON_HEX, CSIGD_AT(move_wish, move.token)},
    {"wallets", CSIGD_JSON_HEX_LIST, CSIGD_LIST(move_wish, move.wallets, move.n_wallets), .min = 1},
    {"seconds", CSIGD_JSON_UINT, .optional = true, .at = offsetof(move_wish, seconds),
     .min = CSIGD_MOVE_SECONDS_MIN, .max = CSIGD_MOVE_SECONDS_MAX},
};

static csigd_json *move_value(const csigd_move *move)
{
    csigd_json *body = csigd_json_object(), *wallets = csigd_json_list();

    for (size_t i = 0; i < move->n_wallets; i++)
        csigd_json_append_hex(wallets, move->wallets[i], CSIGD_ID_BYTES);
    csigd_json_hex(body, "device", move->device, sizeof move->device);
    csigd_json_put(body, "wallets", wallets);
    csigd_json_time(body, "expires", move->expires);
    if (move->has_successor)
        csigd_json_hex(body, "successor", move->successor, sizeof move->successor);
    return body;
}

csigd_reply csigd_move_put(const csigd_call *call)
{
    move_wish wish = {.seconds = CSIGD_MOVE_SECONDS};
    csigd_problem why;
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(move_fields), call->body, call->len, &why);

    memcpy(wish.move.device, call->id, sizeof wish.move.device);
    if (code == CSIGD_OK)
        code = csigd_move_begin(call->service, call->caller, &wish.move, wish.seconds, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return csigd_reply_value(200, move_value(&wish.move));
}

csigd_reply csigd_move_delete(const csigd_call *call)
{
    csigd_problem why;

    if (csigd_move_end(call->service, call->id, &why) != CSIGD_OK) return csigd_reply_problem(&why);
    return (csigd_reply){.status = 204};
}
