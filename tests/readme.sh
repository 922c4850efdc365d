#!/usr/bin/env bash
# Runs every command of the README: all ```sh blocks, in order, in one shell, with the built programs in
# PATH, except the lines that would build or test again (they start with ./run: CI is running them).
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
    # The service is a job of the shell that runs the commands: it goes with that shell.
    echo "trap 'kill \$(jobs -p); wait' EXIT"
    sed -n '/^```sh$/,/^```$/p' README.md | grep -v '^```' | grep -v '^\./run'
} >"$work/commands"
[ "$(wc -l <"$work/commands")" -gt 1 ] || { echo "the README has no commands" >&2; exit 1; }
export PATH=$root/build/gcc-112/api:$root/build/gcc-112/api/cli:$PATH
export HOME=$work
cd "$work"
bash -euxo pipefail "$work/commands" 2>"$work/trace" || { tail -20 "$work/trace" >&2; exit 1; }
echo "README: $(grep -c . "$work/commands") lines ran"
