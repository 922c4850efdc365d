/* What of a payload a rule speaks of: in goes a rule and a case, out comes yes or no. Each member
 * of `if` is one function here; one that is not given holds. */
#include "policy/parts.h"
#include "policy/rules.h"

#include <string.h>

#include "base/mem.h"
#include "policy/amount.h"

/* --- lists --- */

static bool is_in(const csig_policy *p, csig_span span, const char *name)
{
    for (size_t i = 0; i < span.n; i++) {
        if (csig_name_is_same(p->names[span.first + i], name)) return true;
    }
    return false;
}

static bool is_meant(const csig_policy *p, const csig_rule *rule, csig_list list, const char *name)
{
    const csig_span these = rule->lists[list], others = rule->others[list];

    if (these.given && !is_in(p, these, name)) return false;
    return !others.given || !is_in(p, others, name);
}

/* --- when --- */

#define DAY 86400

static bool is_during(const csig_windows *windows, int64_t now)
{
    const unsigned day = (unsigned)((now / DAY + 3) % 7); /* 1970-01-01 was a Thursday */
    const unsigned minute = (unsigned)(now % DAY / 60);

    for (size_t i = 0; i < windows->n; i++) {
        const csig_window *w = &windows->of[i];

        if ((w->days >> day & 1) != 0 && minute >= w->from && minute < w->to) return true;
    }
    return false;
}

/* --- flags --- */

static bool is_flag(const csig_facts *f, csig_flag flag)
{
    switch (flag) {
    case CSIG_FLAG_BLIND:
        return f->blind != 0;
    case CSIG_FLAG_DELEGATES:
        return f->delegates != 0;
    case CSIG_FLAG_AUTHORIZES:
        return f->authorizes != 0;
    case CSIG_FLAG_CREATES:
        for (size_t i = 0; i < f->n_calls; i++) {
            if (f->calls[i].creates != 0) return true;
        }
        return false;
    case CSIG_FLAG_ANYONECANPAY:
        return (f->sighash_flags & CSIG_ANYONECANPAY) != 0;
    case CSIG_FLAG_COUNT:
        break;
    }
    return true;
}

/* What is not said is passed over, or, to cover, must not be there. */
static bool flags_hold(const csig_facts *f, const csig_rule *rule, bool covering)
{
    for (unsigned i = 0; i < CSIG_FLAG_COUNT; i++) {
        const csig_want want = rule->flags[i];

        if (want == CSIG_WANT_NOT_SAID && !covering) continue;
        if (is_flag(f, (csig_flag)i) != (want == CSIG_WANT_YES)) return false;
    }
    return true;
}

/* --- fees --- */

static bool bound_holds(const csig_bound *bound, const csig_facts *f, bool known,
                        const uint8_t fee[CSIG_AMOUNT_BYTES])
{
    static const uint8_t nothing[CSIG_AMOUNT_BYTES];

    if (bound->kind == CSIG_NO_BOUND) return true;
    if (!known && f->n_transfers > 0) return bound->kind == CSIG_ABOVE;
    return csig_amount_is_above(known ? fee : nothing, bound->amount) ==
           (bound->kind == CSIG_ABOVE);
}

/* --- what a payload is as a whole --- */

static bool whole_holds(const csig_case *c, const csig_rule *rule, bool covering)
{
    const csig_facts *f = c->facts;

    return is_meant(c->policy, rule, CSIG_LIST_TYPES, f->type) &&
           is_meant(c->policy, rule, CSIG_LIST_CHAINS, f->chain) &&
           (rule->during.n == 0 || is_during(&rule->during, c->now)) &&
           !is_during(&rule->not_during, c->now) && flags_hold(f, rule, covering) &&
           bound_holds(&rule->fee, f, f->has_fee && !f->fee_unproven, f->fee) &&
           bound_holds(&rule->fee_rate, f, f->has_fee_rate && !f->fee_unproven, f->fee_rate);
}

/* --- its parts --- */

static bool has_part_lists(const csig_rule *rule)
{
    return rule->lists[CSIG_LIST_ASSETS].given || rule->others[CSIG_LIST_ASSETS].given ||
           rule->lists[CSIG_LIST_TO].given || rule->others[CSIG_LIST_TO].given;
}

static bool is_limited(const csig_limits *limits, const char *asset)
{
    for (size_t i = 0; i < limits->n; i++) {
        if (csig_name_is_same(limits->of[i].asset, asset)) return true;
    }
    return false;
}

/* To cover, limits name the assets where nothing else does. */
static bool is_asset_meant(const csig_case *c, const csig_rule *rule, const char *asset,
                           bool covering)
{
    const bool implied =
        covering && !rule->lists[CSIG_LIST_ASSETS].given && rule->amount.n + rule->sum.n > 0;

    if (implied && !is_limited(&rule->amount, asset) && !is_limited(&rule->sum, asset))
        return false;
    return is_meant(c->policy, rule, CSIG_LIST_ASSETS, asset);
}

static bool parts_hold(const csig_case *c, const csig_rule *rule, bool covering)
{
    const size_t n = csig_parts_count(c->facts);
    size_t there = 0;

    for (size_t i = 0; i < n; i++) {
        const csig_part part = csig_part_at(c->facts, i);
        const bool is_call = part.kind == CSIG_PART_CALL;
        bool meant;

        /* Calls are covered by `calls` alone. */
        if (part.kind == CSIG_PART_NONE || (covering && is_call)) continue;
        there++;
        meant = is_asset_meant(c, rule, part.asset, covering) &&
                is_meant(c->policy, rule, CSIG_LIST_TO, part.to);
        if (meant != covering) return meant;
    }
    if (covering) return there > 0 || !(has_part_lists(rule) || rule->amount.n + rule->sum.n > 0);
    return !has_part_lists(rule);
}

/* --- calls --- */

static bool is_called(const csig_called *called, const csig_call *call)
{
    if (called->contract != NULL && !csig_name_is_same(called->contract, call->contract))
        return false;
    if (called->has_selector)
        return call->has_selector != 0 &&
               csig_is_same(called->selector, call->selector, sizeof called->selector);
    return called->method == NULL || strcmp(called->method, call->method) == 0;
}

static bool is_among(const csig_policy *p, csig_span span, const csig_call *call)
{
    for (size_t i = 0; i < span.n; i++) {
        if (is_called(&p->called[span.first + i], call)) return true;
    }
    return false;
}

static bool calls_hold(const csig_case *c, const csig_rule *rule, bool covering)
{
    const csig_facts *f = c->facts;
    const bool said = rule->calls.given || rule->other_calls.given;

    for (size_t i = 0; i < f->n_calls; i++) {
        const csig_call *call = &f->calls[i];
        const bool meant =
            (!rule->calls.given || is_among(c->policy, rule->calls, call)) &&
            (!rule->other_calls.given || !is_among(c->policy, rule->other_calls, call));

        if (said && meant != covering) return meant;
        /* What is created has its flag, a transfer is its parts. */
        if (!said && covering && call->creates == 0 && !csig_call_is_transfer(f, call))
            return false;
    }
    return !said || (covering && f->n_calls > 0);
}

/* What does nothing that is known, a message, is covered by its name. */
static bool is_named(const csig_case *c, const csig_rule *rule)
{
    if (c->facts->n_calls > 0 || rule->lists[CSIG_LIST_TYPES].given) return true;
    for (size_t i = 0; i < csig_parts_count(c->facts); i++) {
        if (csig_part_at(c->facts, i).kind != CSIG_PART_NONE) return true;
    }
    return false;
}

/* --- limits --- */

static csig_err limit_holds(bool *holds, const csig_case *c, const csig_limit *limit)
{
    uint8_t total[CSIG_AMOUNT_BYTES] = {0}, own[CSIG_AMOUNT_BYTES];

    if (limit->seconds > 0)
        CSIG_REQUIRE(c->history->sum(c->history->ctx, limit->asset, c->now - limit->seconds,
                                     total) == CSIG_OK,
                     CSIG_E_HOST);
    csig_parts_amount(c->facts, limit->asset, true, own);
    csig_amount_add(total, own);
    *holds = csig_amount_is_above(total, limit->bound.amount) == (limit->bound.kind == CSIG_ABOVE);
    return CSIG_OK;
}

static csig_err limits_hold(bool *yes, const csig_case *c, const csig_limits *limits, bool covering)
{
    size_t above = 0, exceeded = 0;

    *yes = limits->n == 0;
    for (size_t i = 0; i < limits->n; i++) {
        const csig_limit *limit = &limits->of[i];
        bool holds = false;

        above += limit->bound.kind == CSIG_ABOVE;
        if (!csig_parts_have_asset(c->facts, limit->asset)) continue;
        CSIG_TRY(limit_holds(&holds, c, limit));
        if (holds && !covering) *yes = true;
        if (!holds && covering && limit->bound.kind == CSIG_UP_TO) return CSIG_OK;
        exceeded += holds && limit->bound.kind == CSIG_ABOVE;
    }
    if (covering) *yes = above == 0 || exceeded > 0;
    return CSIG_OK;
}

static csig_err count_holds(bool *yes, const csig_case *c, const csig_count_bound *bound)
{
    uint64_t n = 0;

    *yes = true;
    if (bound->kind == CSIG_NO_BOUND) return CSIG_OK;
    CSIG_REQUIRE(c->history->count(c->history->ctx, c->now - bound->seconds, &n) == CSIG_OK,
                 CSIG_E_HOST);
    n += n < UINT64_MAX;
    *yes = (n > bound->count) == (bound->kind == CSIG_ABOVE);
    return CSIG_OK;
}

/* --- a rule --- */

static csig_err rule_holds(bool *yes, const csig_case *c, const csig_rule *rule, bool covering)
{
    *yes = whole_holds(c, rule, covering) && parts_hold(c, rule, covering) &&
           calls_hold(c, rule, covering) && (!covering || is_named(c, rule));
    if (*yes) CSIG_TRY(limits_hold(yes, c, &rule->amount, covering));
    if (*yes) CSIG_TRY(limits_hold(yes, c, &rule->sum, covering));
    if (*yes) CSIG_TRY(count_holds(yes, c, &rule->count));
    return CSIG_OK;
}

csig_err csig_rule_touches(bool *yes, const csig_case *c, const csig_rule *rule)
{
    return rule_holds(yes, c, rule, false);
}

csig_err csig_rule_covers(bool *yes, const csig_case *c, const csig_rule *rule)
{
    return rule_holds(yes, c, rule, true);
}
