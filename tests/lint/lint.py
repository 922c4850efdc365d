#!/usr/bin/env python3
"""Reads the sources as text and says what the compiler cannot: floors, owners, banned words, sizes,
documentation. Prints one line per finding and exits 1 when there is any. `lint.py symbols LIB` compares
the exported symbols of a shared library with the public headers."""
import os, re, subprocess, sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
found = []


def say(path, line, text):
    found.append(f"{path}:{line}: {text}")


def files(*folders, ends=(".c", ".h")):
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *folders], cwd=ROOT, text=True,
                         capture_output=True, check=True).stdout.split()
    return [f for f in out if f.endswith(ends) and os.path.exists(os.path.join(ROOT, f))]


def lines(path):
    with open(os.path.join(ROOT, path), encoding="ascii") as f:
        return f.read().split("\n")


def floor_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "src" else parts[0]


def rules():
    floors, owners = {}, []
    for text in lines("tests/lint/floors.txt"):
        words = text.split("#")[0].split()
        if words and words[0] == "own":
            owners.append((words[1], words[2:]))
        elif words:
            floors[words[0]] = words[1:]
    return floors, owners


def check_includes(floors, owners):
    for path in files("src", "keygen", "signer", "api", "include"):
        floor = floor_of(path)
        for i, text in enumerate(lines(path), 1):
            m = re.match(r'\s*#\s*include\s+([<"])([^>"]+)', text)
            if not m:
                continue
            name = m.group(2)
            for header, places in owners:
                if name.startswith(header) and not any(path.startswith(p) for p in places):
                    say(path, i, f"<{name}> belongs to {' '.join(places)}")
            if floor == "include":
                if name not in ("stddef.h", "stdint.h") and not name.startswith("countersign/"):
                    say(path, i, "public headers include only each other, stddef.h and stdint.h")
                continue
            if m.group(1) != '"':
                continue
            if name.startswith("countersign/"):
                door = [w[5:].split(",") for w in floors[floor] if w.startswith("door:")]
                allowed = door[0] if door else []
                if "*" not in allowed and name[12:-2] not in allowed:
                    say(path, i, f"{floor} may not include {name}")
                continue
            if floor == "api":
                continue  # its include path is include/ and api/ alone
            target = name.split("/")[0]
            target = target if target in ("keygen", "signer") else "src/" + target
            if target != floor and target not in floors[floor]:
                say(path, i, f"{floor} may not include {name}")


BANNED = [
    (r"\b(sprintf|strcpy|strcat|gets|alloca)\s*\(", ("src", "keygen", "signer", "api"), "banned function"),
    (r"\b(rand|srand|random|drand48)\s*\(", ("src", "keygen", "signer", "api"), "randomness only from libsodium"),
    (r"\b(malloc|calloc|realloc|strdup|free)\s*\(", ("src", "keygen", "signer"), "only src/base/mem.c allocates"),
    (r"\bmemcmp\s*\(", ("src", "keygen", "signer"), "csig_is_same; memcmp is not for secrets"),
    (r"(?<!->)\b(time|clock|gettimeofday|clock_gettime|getenv|fopen|open|socket|pthread_\w+)\s*\(",
     ("src", "keygen", "signer"), "no I/O, clock, threads or environment in the library"),
    (r"\bprintf\s*\(|\bfprintf\s*\(|\bputs\s*\(", ("src", "keygen", "signer"), "the library prints nothing"),
    (r"\b(TODO|XXX|HACK)\b", ("src", "keygen", "signer", "api", "tests", "fuzz", "include"), "unfinished"),
    (r"mpz_\w*powm_sec|mpz_\w+", ("src/crypto", "src/zk", "src/share", "src/proto", "keygen", "signer"), "no mpz"),
    (r"^\s*static\s+(?!const\b|inline\b|_Thread_local\b)[\w\s\*]+\w+(\s*\[[^\]]*\])?\s*(=[^=].*)?;$",
     ("src", "keygen", "signer"), "no mutable global state in the library"),
]


def strip_comments(text):
    text = re.sub(r'"(\\.|[^"\\])*"', '""', text)
    return re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)


def check_words():
    for path in files("src", "keygen", "signer", "api", "tests", "fuzz", "include"):
        code = strip_comments("\n".join(lines(path))).split("\n")
        raw = lines(path)
        for i, text in enumerate(code, 1):
            for pattern, where, why in BANNED:
                if not any(path.startswith(w + "/") for w in where) or path == "src/base/mem.c":
                    continue
                subject = raw[i - 1] if "TODO" in pattern else text
                if re.search(pattern, subject):
                    say(path, i, f"{why}: {raw[i - 1].strip()[:60]}")
            m = re.search(r"\bif\s*\(\s*!?\s*(csigd?_\w+)\s*\(", text)
            compared = re.search(r"[=!<>]=|[<>]", text)
            if m and not compared and not re.search(r"_(is|has)(_|$)", m.group(1)):
                say(path, i, f"{m.group(1)} is no truth value: compare with CSIG_OK, or name it _is_ or _has_")


# One line each, with the reason: where a rule would make the code worse.
EXEMPT = {"api/http/problem.c:csigd_code_of": "one switch over the whole error table"}


def check_sizes():
    for path in files("src", "keygen", "signer", "api", "include", "fuzz", "tests", ends=(".c", ".h", ".py")):
        text = lines(path)
        data = path.startswith(("tests/support/primes", "tests/vectors"))
        if len(text) > 401 and not data and path not in EXEMPT:
            say(path, 1, f"{len(text) - 1} lines: over 400, a name is missing")
        for i, line in enumerate(text, 1):
            if len(line) > (160 if path.endswith(".py") else 100) and not data and path.endswith((".c", ".h")):
                say(path, i, f"{len(line)} columns")
        if not path.endswith(".c") or data:
            continue
        start = None
        for i, line in enumerate(text, 1):
            if line == "{":
                start = i
            elif line == "}" and start:
                head = next(t for t in reversed(text[:start - 1]) if t and not t[0].isspace())
                name = re.search(r"(\w+)\(", head)
                if i - start - 1 > 60 and f"{path}:{name and name.group(1)}" not in EXEMPT:
                    say(path, start, f"function of {i - start - 1} lines: over 60")
                start = None


def check_public_docs():
    for path in files("include", ends=(".h",)):
        text = lines(path)
        for i, line in enumerate(text):
            if line.startswith("CSIG_API") and not (i and (text[i - 1].rstrip().endswith("*/"))):
                if not re.search(r"(_free|_export|_import|_public|_id|_phase|_generation|_result)\(", line):
                    say(path, i + 1, "a public function without its comment")


def check_tests():
    have = {os.path.basename(f) for f in files("tests", ends=(".c",))}
    for path in files("src", ends=(".c",)):
        name = os.path.basename(path)[:-2]
        if not any(f"{name}" in t for t in have):
            say(path, 1, f"no test names {name}")


# The published attacks that the protocol's parts here meet; their catalogue's ids are in the tests' names.
ATTACKS = ["E1", "E2", "E3", "E4", "E5", "E7", "E8", "D11", "D12", *(f"A{i}" for i in range(1, 10)),
           *(f"B{i}" for i in range(1, 10)), *(f"C{i}" for i in range(1, 13)), *(f"D{i}" for i in range(1, 10))]


def check_attacks():
    text = "\n".join("\n".join(lines(f)) for f in files("tests", ends=(".c", "CMakeLists.txt")))
    named = set()
    for name in re.findall(r"(?:cmocka_unit_test\w*\(|add_test\(NAME )([\w/]+)", text):
        named |= set(re.split(r"[_/]", name))
    for attack in ATTACKS:
        if attack not in named:
            say("tests", 1, f"no test is named by attack {attack}")


def check_format():
    sources = files("src", "keygen", "signer", "api", "include", "tests", "fuzz")
    sources = [f for f in sources if not f.startswith("tests/support/primes")]
    out = subprocess.run(["clang-format", "--dry-run", *sources], cwd=ROOT, text=True, capture_output=True)
    for m in re.finditer(r"^(\S+?):(\d+):\d+: warning", out.stderr, re.M):
        say(m.group(1), m.group(2), "not as clang-format wants it (run: clang-format -i)")


def check_symbols(library):
    declared = set()
    for path in files("include", ends=(".h",)):
        declared |= set(re.findall(r"\b(csig_\w+)\(", strip_comments("\n".join(lines(path)))))
    out = subprocess.run(["nm", "-D", "--defined-only", library], text=True, capture_output=True, check=True).stdout
    exported = {w.split("@")[0] for w in re.findall(r" [TBDRVW] (\S+)", out)}
    for name in sorted(exported - declared):
        say(library, 0, f"exports {name}, which no public header declares")
    for name in sorted(declared - exported):
        say(library, 0, f"does not export {name}, which a public header declares")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "symbols":
        check_symbols(sys.argv[2])
    else:
        check_includes(*rules())
        check_words()
        check_sizes()
        check_public_docs()
        check_tests()
        check_attacks()
        check_format()
    print("\n".join(found) if found else "lint: clean")
    sys.exit(1 if found else 0)
