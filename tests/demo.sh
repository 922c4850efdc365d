#!/usr/bin/env bash
# The demo: a server, a phone, two wallets, real sighashes, signatures checked by OpenSSL; then a backend's wallet under a policy.
# Usage: tests/demo.sh BUILD_FOLDER
set -euo pipefail
build=$(cd "$1" && pwd)
daemon=$build/api/countersignd
cli=$build/api/cli/countersign
work=$(mktemp -d)
umask 077
begin=$EPOCHREALTIME

finish() {
    local code=$?
    [ -n "${pid:-}" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    [ "$code" -eq 0 ] || { echo "demo failed; the daemon said last:"; tail -5 "$work/daemon.log" 2>/dev/null; } >&2
    rm -rf "$work"
}
trap finish EXIT

step() { # text command...: runs, prints the time it took
    local start=$EPOCHREALTIME text=$1
    shift
    "$@"
    printf '%7.2f s  %s\n' "$(bc_sub "$EPOCHREALTIME" "$start")" "$text"
}
bc_sub() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a - b }'; }
field() { sed -n 's/.*"'"$1"'": *"\{0,1\}\([^",}]*\).*/\1/p' <<<"$2"; } # name json-line
phone() { # its traces are for logs
    { "$cli" --state "$work/phone" --passphrase-file "$work/pass" --json "$@" 2>&1 >&3 | sed -u '/^{"trace":/d' >&2; } 3>&1
}

openssl rand -hex 24 >"$work/pass"

openssl genpkey -algorithm ed25519 -out "$work/alice" 2>/dev/null
openssl pkey -in "$work/alice" -pubout -out "$work/alice.pem"
alice=$(openssl pkey -in "$work/alice" -pubout -outform DER | sha256sum | cut -d ' ' -f 1)
friend=0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045 ether=eip155:1/slip44:60
cat >"$work/policy" <<END
{"version": 1, "default": "deny", "rules": [
    {"id": "known", "if": {"chains": ["eip155:1"], "to_other_than": ["$friend"]}, "then": "deny"},
    {"id": "small", "if": {"amount": [{"asset": "$ether", "up_to": "1000000000000000000"}]}, "then": "allow"},
    {"id": "large", "if": {"assets": ["$ether"]}, "then": {"approve": {"quorum": 1, "of": ["$alice"]}}},
    {"id": "digests", "if": {"types": ["digest"], "blind": true}, "then": "allow"}]}
END

start_daemon() {
    "$daemon" --state "$work/server" --socket "$work/sock" --passphrase-file "$work/pass" --policy "$work/policy" 2>"$work/daemon.log" &
    pid=$!
    for _ in $(seq 3000); do
        [ -S "$work/sock" ] && return
        kill -0 "$pid" || return 1
        sleep 0.1
    done
    return 1
}
make_phone() { "$cli" --state "$work/phone" --passphrase-file "$work/pass" device init >/dev/null; }
make_recovery() { phone device init --device recovery --no-aux >/dev/null; }
enrol() {
    # The server makes its own primes at first start: it says "not-ready" until then.
    until phone device enrol --device phone --server "$work/sock" >/dev/null 2>"$work/why"; do
        grep -q not-ready "$work/why" || { cat "$work/why" >&2; return 1; }
        sleep 0.5
    done
    phone device enrol --device recovery --server "$work/sock" >/dev/null
}
create() { # name, signers, payload type, devices...
    local name=$1 signers=$2 type=$3 made
    shift 3
    made=$(phone wallet create --signers "$signers" --allow "$type" "$@")
    printf -v "$name" '%s' "$(field wallet "$made")"
}
presign() { phone presign "$1" --count 2 --device phone >/dev/null; }

# Sign, and let OpenSSL decide.
check() { # digest json-line
    local digest=$1 line=$2 spki=3036301006072a8648ce3d020106052b8104000a032200
    printf '%s' "$digest" | xxd -r -p >"$work/digest"
    printf '%s' "$(field der "$line")" | xxd -r -p >"$work/sig"
    printf '%s' "$spki$(field public_key "$line")" | xxd -r -p >"$work/pub"
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/pub" -in "$work/digest" -sigfile "$work/sig" | grep -q Success
}
sign() { # wallet path digest options...
    local wallet=$1 path=$2 digest=$3
    shift 3
    last=$(phone sign "$wallet" --path "$path" --digest "$digest" --device phone "$@")
    check "$digest" "$last"
}
told() { printf '           r %s\n           s %s  recid %s\n' "$(field r "$last")" "$(field s "$last")" "$(field recid "$last")"; }

# What a backend does: it asks, and is told in words; what the policy denies is refused with the rule's name.
api() { curl -sS --unix-socket "$work/sock" -H 'Content-Type: application/json' "http://localhost$1" "${@:2}"; }
ask() { # transaction
    last=$(api "/v1/wallets/$C/requests" -d '{"payload": {"type": "eth_tx", "transaction": "'"$1"'"}, "path": "m/0"}')
}
denied() {
    ask "$1"
    [ "$(field code "$last")" = policy-denied ] && [ "$(field rule "$last")" = known ]
}
pending() {
    ask "$1"
    request=$(field request "$last")
    [ "$(field state "$last")" = pending ] && [ "$(field rule "$last")" = large ]
}
approved() { # Alice's word, by OpenSSL alone
    local payload
    payload=$(printf '{"transaction":"%s","type":"eth_tx"}' "$1" | sha256sum | cut -d ' ' -f 1)
    printf 'countersign-v1-approval\napprove\nrequest %s\nwallet %s\npath m/0\npayload %s' "$request" "$C" "$payload" >"$work/word"
    openssl pkeyutl -sign -rawin -inkey "$work/alice" -in "$work/word" -out "$work/signed"
    last=$(api "/v1/requests/$request/approvals" -d '{"decision": "approve", "key": "'"$alice"'", "signature": "'"$(xxd -p -c 64 "$work/signed")"'"}')
    [ "$(field state "$last")" = approved ]
}
waited() {
    phone requests wait --wallet "$C" --device phone --yes >"$work/result" 2>"$work/shown"
    last=$(api "/v1/requests/$request")
    check "$(field digest "$last")" "$last"
}

# EIP-155, "Example": nonce 9, gas price 20 gwei, 1 ether to 0x3535..., chain 1: its signing hash.
ethereum=daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53
# BIP143, "Native P2WPKH": sighash of the second input.
bitcoin=c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670

step "server started on its embedded store, Unix socket" start_daemon
step "phone: identity, four safe primes, auxiliary info" make_phone
step "recovery device: identity" make_recovery
step "enrolled, auxiliary info proven both ways" enrol
step "wallet A, two of two: phone and server" create A 2 digest --device phone
step "wallet B, two of three: phone, server, recovery" create B 2 digest --device phone --device recovery
step "two presignatures for each" presign "$A"
presign "$B"
for w in A B; do
    step "$w m/44/60/0/0/0: EIP-155 example, full signing" sign "${!w}" m/44/60/0/0/0 "$ethereum"
    told
    step "$w m/44/60/0/0/0: the same, presigned" sign "${!w}" m/44/60/0/0/0 "$ethereum" --presigned
    step "$w m/84/0/0/0/1: BIP143 P2WPKH example, the server has it first" sign "${!w}" m/84/0/0/0/1 "$bitcoin" --mode server
    told
    step "$w m/84/0/0/0/1: the same, presigned" sign "${!w}" m/84/0/0/0/1 "$bitcoin" --presigned
done
step "wallet C, for a backend: Ethereum transactions alone" create C 2 eth_tx --device phone
"$cli" key add "$work/alice.pem" --name alice --role approve --all-wallets --server "$work/sock" >/dev/null
# EIP-1559, chain 1: 1.5 ether.
transfer() { printf '0x02f001078459682f008506fc23ac0082520894%s8814d1120d7b16000080c0' "$1"; }
step "C: 1.5 ether to a stranger: denied by rule \"known\"" denied "$(transfer 000000000000000000000000000000000000dead)"
step "C: 1.5 ether to a friend: rule \"large\" has it wait" pending "$(transfer d8da6bf26964af9d7eed9e03e53415d37aa96045)"
step "C: approved by Alice, whose key OpenSSL holds" approved "$(transfer d8da6bf26964af9d7eed9e03e53415d37aa96045)"
step "C: the phone is told, reads it for itself, signs" waited
sed -n 's/.*Sends/           Sends/p' <<<"$(sed 's/\\n/\n/g' "$work/shown")"
printf '           %s...\n' "$(field signed_transaction "$last" | cut -c1-60)"
printf '%7.2f s  in all; every signature verified by %s\n' "$(bc_sub "$EPOCHREALTIME" "$begin")" "$(openssl version | cut -d' ' -f1,2)"
