/* What everybody knows from the plan of a refresh or a resharing: places, the test's signers, what
 * the server is asked for. */
#include <string.h>

#include "cli/ceremony_inside.h"

/* --- what everybody knows from the plan --- */

void changing_list_places(changing *w)
{
    const plan *p = &w->x->p;

    w->t.parties = p->parties;
    for (uint16_t i = 1; i <= p->seats; i++) {
        if (!plan_is_leaving(p, i)) {
            memcpy(w->t.id[i - 1], p->party[i - 1].id, CSIG_IDENTITY_BYTES);
            memcpy(w->t.test->id[i - 1], p->party[i - 1].id, CSIG_IDENTITY_BYTES);
        }
        if (!p->party[i - 1].takes_part) continue;
        if (i == w->x->self) w->self = (uint16_t)(w->count + 1);
        memcpy(w->number[w->reshares ? w->count : i - 1], p->party[i - 1].id, CSIG_IDENTITY_BYTES);
        w->index[w->count++] = i;
    }
    w->numbers = w->reshares ? w->count : p->parties;
}

/* The server and the first devices that make it enough. */
void changing_choose_test(changing *w)
{
    parties *test = w->t.test;
    const plan *p = &w->x->p;
    uint16_t many = 0;

    test->server = CREATION_SERVER;
    test->info.parties = p->parties;
    test->info.signers_required = p->signers_required;
    for (uint16_t i = 0; i < w->count; i++) {
        const uint16_t index = w->index[i];

        if (plan_is_leaving(p, index)) continue;
        if (index != CREATION_SERVER && ++many >= p->signers_required) continue;
        test->index[test->count++] = index;
        if (index == w->x->self)
            test->local[test->locals++] = (signer){.d = w->x->d, .index = index};
    }
}

bool changing_is_in_test(const changing *w, uint16_t index)
{
    for (uint16_t i = 0; i < w->t.test->count; i++)
        if (w->t.test->index[i] == index) return true;
    return false;
}

cli_exit changing_read_keys(cli *c, changing *w)
{
    recovery_keys known;
    bool told;

    for (uint16_t i = 1; i <= w->x->p.parties; i++)
        if (w->x->p.party[i - 1].has_key)
            CLI_TRY(keys_add(c, &w->t.keys, i, w->x->p.party[i - 1].key));
    w->t.keys_change = w->reshares;
    if (w->reshares) return CLI_OK;
    CLI_TRY(keys_read(c, w->x->d, c->wallet, &known, &told));
    if (!told || (known.count == w->t.keys.count &&
                  memcmp(known.index, w->t.keys.index, known.count * sizeof known.index[0]) == 0 &&
                  memcmp(known.key, w->t.keys.key, known.count * sizeof known.key[0]) == 0))
        return CLI_OK;
    return cli_fail(c, CLI_CHEAT,
                    "the plan names other recovery keys than device %s was told: a refresh does "
                    "not change them",
                    w->x->d->name);
}

/* --- asking for it --- */

static json *list_members(const changing *w)
{
    json *list = json_array_new();

    for (uint16_t i = 0; i < w->count; i++) {
        const uint16_t deals = w->x->p.party[w->index[i] - 1].was;
        json *one;

        if (!w->reshares) {
            json_push_number(list, w->index[i]);
            continue;
        }
        one = json_new();
        if (deals > 0) json_put_number(one, "deals", deals);
        if (!plan_is_leaving(&w->x->p, w->index[i])) json_put_number(one, "holds", w->index[i]);
        json_push(list, one);
    }
    return list;
}

static void describe_next(const changing *w, json *body)
{
    json *ids = json_array_new(), *keys = json_array_new();

    for (uint16_t i = 1; i <= w->x->p.parties; i++)
        if (i != CREATION_SERVER)
            json_push_octets(ids, w->x->p.party[i - 1].id, CSIG_IDENTITY_BYTES);
    for (uint16_t k = 0; k < w->t.keys.count; k++) {
        json *one = json_new();

        json_put_number(one, "index", w->t.keys.index[k]);
        json_put_octets(one, "key", w->t.keys.key[k], CSIG_RECOVERY_KEY_BYTES);
        json_push(keys, one);
    }
    json_put_number(body, "signers_required", w->x->p.signers_required);
    json_put(body, "devices", ids);
    if (w->t.keys.count > 0)
        json_put(body, "recovery", keys);
    else
        json_free(&keys);
}

void changing_describe(const changing *w, json *body)
{
    json *nonces = json_array_new(), *test = json_array_new();

    for (uint16_t i = 0; i < w->count; i++)
        if (w->index[i] != CREATION_SERVER) json_push_octets(nonces, w->nonce[i], CSIG_NONCE_BYTES);
    for (uint16_t i = 0; i < w->t.test->count; i++)
        json_push_number(test, w->t.test->index[i]);
    json_put_text(body, "kind", w->x->p.operation);
    json_put(body, w->reshares ? "members" : "signers", list_members(w));
    json_put(body, "nonces", nonces);
    json_put(body, "test_signers", test);
    if (w->reshares) describe_next(w, body);
}

cli_exit changing_read_nonces(cli *c, changing *w, const json *answer)
{
    const json *nonces = json_member(answer, "nonces");
    parties *test = w->t.test;
    uint8_t said[CSIG_NONCE_BYTES];

    for (uint16_t i = 0; i < w->count; i++) {
        const char *text = json_text_at(nonces, i);

        if (text == NULL || !hex_is_read(said, sizeof said, text)) return json_lacks(c, "nonces");
        if (w->index[i] == CREATION_SERVER)
            memcpy(w->nonce[i], said, sizeof said);
        else if (memcmp(w->nonce[i], said, sizeof said) != 0)
            return cli_fail(c, CLI_INPUT, "the server's reply changes the nonce of party %u",
                            w->index[i]);
        for (uint16_t j = 0; j < test->count; j++)
            if (test->index[j] == w->index[i])
                memcpy(test->nonces[j], w->nonce[i], sizeof test->nonces[j]);
    }
    return CLI_OK;
}
