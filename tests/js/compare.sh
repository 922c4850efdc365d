#!/usr/bin/env bash
# The library's payloads against other implementations, thousands of generated ones: compare.sh BUILD [SEED], after npm ci
set -euo pipefail
build=$(realpath "$1")
seed=${2:-${SEED:-$RANDOM}}
cd "$(dirname "$0")"
for comparison in ethers bitcoin bitcoin_chain; do
    node "$comparison.mjs" "$build/tests/csig_payloads" "$seed"
done
