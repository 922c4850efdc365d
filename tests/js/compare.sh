#!/usr/bin/env bash
# The library's payloads against other implementations, thousands of generated ones: compare.sh BUILD [SEED]
set -euo pipefail
build=$(realpath "$1")
seed=${2:-${SEED:-$RANDOM}}
cd "$(dirname "$0")"
installed=node_modules/.package-lock.json
[ -e "$installed" ] && [ ! package-lock.json -nt "$installed" ] || npm ci --no-fund --no-audit --ignore-scripts >/dev/null
for comparison in ethers bitcoin bitcoin_chain; do
    node "$comparison.mjs" "$build/tests/csig_payloads" "$seed"
done
