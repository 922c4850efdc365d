#!/usr/bin/env python3
"""What a compiler has to say of every file, without its code: each command of a configured build, with -fsyntax-only. Usage:
warnings.py BUILD"""
import concurrent.futures, json, os, shlex, subprocess, sys


def say(command):
    args = shlex.split(command["command"])
    at = args.index("-o")
    return subprocess.run(args[:at] + args[at + 2:] + ["-fsyntax-only"], cwd=command["directory"], capture_output=True, text=True)


def main():
    with open(f"{sys.argv[1]}/compile_commands.json") as f:
        # The same file with the same definitions is one.
        commands = list({(c["file"], c["command"].split(" -o ")[0]): c for c in json.load(f)}.values())
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        failed = [r for r in pool.map(say, commands) if r.returncode != 0]
    for r in failed:
        print(r.stderr, end="")
    print(f"{len(commands)} files, {len(failed)} with warnings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
