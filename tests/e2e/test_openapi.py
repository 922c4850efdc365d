"""openapi.json: well formed as OpenAPI 3.1; every example in it is asked of a daemon, and what comes back is what it says, as
is everything that the command line asks and hears. Needs python3-jsonschema."""
import json, re

import jsonschema

from cli import World, call, equal, main, test
from relay import Relay

JSON, OCTETS, PROBLEM = "application/json", "application/octet-stream", "application/problem+json"
METHODS = {"get", "put", "post", "delete"}
w = World()
w.phone.init("tablet")
w.phone.run("device", "enrol", "--device", "tablet")
SOCK = w.daemon.sock
TEXT = call(SOCK, "GET", "/openapi.json")[2].decode()
FILE = json.loads(TEXT)
WEBHOOKS = {(m.upper(), n): o for n, at in FILE["webhooks"].items() for m, o in at.items()}
OPERATIONS = {(m.upper(), p): o for p, at in FILE["paths"].items() for m, o in at.items()}


# --- the file ---

def meant(v):
    while "$ref" in v:
        at = FILE
        for step in v["$ref"].removeprefix("#/").split("/"):
            at = at[step]
        v = at
    return v


# Of each object of OpenAPI 3.1: the members that it must have, and those that it may have.
SHAPES = {
    "file": ({"openapi", "info", "paths"}, {"servers", "components", "security", "tags", "externalDocs", "webhooks", "jsonSchemaDialect"}),
    "info": ({"title", "version"}, {"summary", "description", "termsOfService", "contact", "license"}),
    "server": ({"url"}, {"description", "variables"}),
    "variable": ({"default"}, {"enum", "description"}),
    "tag": ({"name"}, {"description", "externalDocs"}),
    "operation": ({"responses"}, {"tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody", "callbacks",
                                  "deprecated", "security", "servers"}),
    "parameter": ({"name", "in", "schema"}, {"description", "required", "deprecated", "style", "explode", "example", "examples"}),
    "body": ({"content"}, {"description", "required"}),
    "response": ({"description"}, {"headers", "content", "links"}),
    "header": ({"schema"}, {"description", "required", "deprecated", "example", "examples"}),
    "media": (set(), {"schema", "example", "examples", "encoding"}),
    "example": ({"value"}, {"summary", "description"}),
    "components": (set(), {"schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links",
                           "callbacks", "pathItems"}),
    "apiKey": ({"type", "name", "in"}, {"description"}),
}


def shaped(kind, v, where):
    must, may = SHAPES[kind]
    names = {n for n in v if not n.startswith("x-countersign-")}
    if must - names or names - must - may:
        raise AssertionError(f"{where}: {kind} without {must - names}, with {names - must - may}")


def media_is_fine(content, where):
    for kind, m in content.items():
        shaped("media", m, where)
        if kind != OCTETS:
            jsonschema.Draft202012Validator.check_schema(m["schema"])
        for name, e in m.get("examples", {}).items():
            shaped("example", e, where)
            fits(m["schema"], e["value"], f"{where} {name}")


def closed(v):
    """No reply has members that the file does not name, though it says that there may be some one day."""
    if isinstance(v, list):
        return [closed(x) for x in v]
    if not isinstance(v, dict):
        return v
    v = {k: closed(x) for k, x in v.items()}
    return {**v, "additionalProperties": False} if v.get("type") == "object" and "properties" in v else v


SCHEMAS = closed(FILE["components"]["schemas"])


def fits(schema, value, where):
    try:
        jsonschema.Draft202012Validator({**schema, "components": {"schemas": SCHEMAS}}).validate(value)
    except jsonschema.ValidationError as e:
        raise AssertionError(f"{where}: {'/'.join(map(str, e.absolute_path))}: {e.message}") from None


def parameters_are_fine(o, path, where):
    found = [meant(p) for p in o.get("parameters", [])]
    for p in found:
        shaped("parameter", p, where)
        jsonschema.Draft202012Validator.check_schema(p["schema"])
        fits(p["schema"], p["example"], f"{where} {p['name']}")
    inside = [p for p in found if p["in"] == "path"]
    equal(sorted(p["name"] for p in inside), sorted(re.findall(r"{(\w+)}", path)))
    equal({p.get("required") for p in inside} <= {True}, True)


@test
def the_file_is_openapi_3_1():
    shaped("file", FILE, "")
    equal(FILE["openapi"].startswith("3.1."), True)
    shaped("info", FILE["info"], "info")
    shaped("components", FILE["components"], "components")
    for s in FILE["servers"]:
        shaped("server", s, "servers")
        for v in s.get("variables", {}).values():
            shaped("variable", v, "servers")
        equal(set(re.findall(r"{(\w+)}", s["url"])), set(s.get("variables", {})))
    for t in FILE["tags"]:
        shaped("tag", t, "tags")
    for name, s in FILE["components"]["schemas"].items():
        equal(re.fullmatch(r"[A-Za-z0-9._-]+", name) is not None, True)
        jsonschema.Draft202012Validator.check_schema(s)
    for name, s in FILE["components"]["securitySchemes"].items():
        shaped("apiKey", s, name)
        equal((s["type"], s["in"]), ("apiKey", "header"))
    for r in re.findall(r'"\$ref": ?"([^"]+)"', TEXT):
        equal(r.startswith("#/components/"), True)
        equal(meant({"$ref": r}) is not None, True)


@test
def every_operation_is_one():
    ids = [o["operationId"] for o in [*OPERATIONS.values(), *WEBHOOKS.values()]]
    equal(len(set(ids)), len(ids))
    tags = {t["name"] for t in FILE["tags"]}
    for (method, path), o in [*OPERATIONS.items(), *WEBHOOKS.items()]:
        where = f"{method} {path}"
        shaped("operation", o, where)
        equal(method.lower() in METHODS and set(o["tags"]) <= tags, True)
        equal(all(set(s) <= set(FILE["components"]["securitySchemes"]) for s in o.get("security", [])), True)
        parameters_are_fine(o, path, where)
        if "requestBody" in o:
            shaped("body", o["requestBody"], where)
            media_is_fine(o["requestBody"]["content"], where)
        equal(any(s.startswith("2") for s in o["responses"]), True)
        for status, r in o["responses"].items():
            shaped("response", meant(r), where)
            equal(re.fullmatch(r"[2-5]([0-9][0-9]|XX)", status) is not None, True)
            media_is_fine(meant(r).get("content", {}), f"{where} {status}")
            for name, h in meant(r).get("headers", {}).items():
                shaped("header", h, f"{where} {name}")


# --- what is asked and said ---

def operation_of(method, path):
    found = [(p, o) for (m, p), o in OPERATIONS.items() if m == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", p), path)]
    equal(len(found), 1)
    return found[0][1]


def is_as_said(method, path, asked, status, kind, body):
    """One request that was taken or refused, and its answer."""
    o, where = operation_of(method, path), f"{method} {path} {status}"
    taken = o.get("requestBody", {}).get("content", {})
    if status < 300 and asked and JSON in taken:
        fits(taken[JSON]["schema"], json.loads(asked), where)
    if str(status) not in o["responses"]:
        raise AssertionError(f"{where} is not in the file: {body[:300]}")
    content = meant(o["responses"][str(status)]).get("content", {})
    equal((where, kind if body or kind else None), (where, next(iter(content), None)))
    if kind in (JSON, PROBLEM):
        fits(content[kind]["schema"], json.loads(body), where)


def ask(method, path, body=None, kind=JSON):
    status, headers, said = call(SOCK, method, path, body, {"Content-Type": kind} if body is not None else {})
    is_as_said(method, path, body, status, headers.get("Content-Type"), said)
    return status, json.loads(said) if headers.get("Content-Type") in (JSON, PROBLEM) else said


@test
def what_the_command_line_asks_and_hears_is_in_the_file():
    seen = []

    def rule(asked, forward):
        status, kind, body = forward()
        seen.append((asked.method, asked.path, asked.body, status, kind or None, body))
        return status, kind, body

    relay, direct = Relay(SOCK).lie(rule), w.phone.server
    w.phone.server = relay.path
    wallet = w.wallet()["wallet"]
    w.phone.run("presign", wallet)
    w.phone.run("sign", wallet, "--digest", "11" * 32, "--presigned")
    w.phone.run("sign", wallet, "--digest", "12" * 32)
    w.phone.run("wallet", "refresh", wallet)
    w.phone.run("backup", "export", wallet, "--out", f"{w.phone.home}/backup", "--kdf-memory", "8")
    w.phone.server = direct
    for exchange in seen:
        is_as_said(*exchange)
    left = {"createWallet", "exchange", "storeBackup", "openWalletSession", "openSigning"} - {operation_of(*x[:2])["operationId"] for x in seen}
    equal(left, set())


# --- the examples ---

def example_of(name):
    return FILE["components"]["parameters"][name]["example"]


def asked_as(o, path):
    for p in (meant(p) for p in o.get("parameters", [])):
        path = path.replace("{%s}" % p["name"], str(p["example"]))
    return path


class Office:
    """Asks for what is in the examples, with ids of this daemon in the place of theirs."""

    def __init__(self):
        listed = json.loads(call(SOCK, "GET", "/v1/wallets")[2])["wallets"][0]
        self.ids = {example_of("wallet"): listed["wallet"], example_of("state"): listed["epoch_state"],
                    example_of("device"): listed["devices"][0]}
        other = next(i for i in (w.phone.run("device", "init", "--device", n).one()["identity"] for n in ("phone", "tablet"))
                     if i != listed["devices"][0])
        second = self.operation("makeMailbox")[2]["requestBody"]["content"][JSON]["examples"]["plain"]["value"]["members"][1]
        self.ids[second] = other
        self.done = set()

    def operation(self, name):
        return next((m, p, o) for (m, p), o in OPERATIONS.items() if o["operationId"] == name)

    def here(self, text):
        for theirs, ours in self.ids.items():
            text = text.replace(theirs, ours)
        return text

    def run(self, name, keeps=None, answers=None):
        """All examples of an operation. keeps: the id in the answer that others go on with, and of what it is; answers: statuses
        when the file has no example of an answer. Gives the answers."""
        method, path, o = self.operation(name)
        path, given = self.here(asked_as(o, path)), []
        asked = o.get("requestBody", {}).get("content", {}).get(JSON, {}).get("examples", {})
        said = {e: (int(s), x["value"]) for s, r in o["responses"].items()
                for e, x in meant(r).get("content", {}).get(JSON, {}).get("examples", {}).items()}
        for example in asked or said or {"": None}:
            body = self.here(json.dumps(asked[example]["value"])).encode() if asked else None
            status, got = ask(method, path, body)
            if example in said:
                equal((name, example, status, got if status >= 400 else None), (name, example, said[example][0], None))
                equal((name, sorted(got)), (name, sorted(json.loads(json.dumps(said[example][1])))))
            elif status not in (answers or [204, 200]):
                raise AssertionError(f"{name}: {status}: {got}")
            given.append(got)
            if keeps:
                self.ids[example_of(keeps)] = got["session"]["session"] if name == "createWallet" else got[keeps if keeps != "key" else "keyid"]
            if keeps == "session":
                self.run("endSession")
        self.done.add(name)
        return given


@test
def every_example_is_answered_as_it_says():
    a = Office()
    a.run("enrol")
    a.run("replaceKey")
    a.run("openAux", "session")
    a.run("createWallet", "session")
    a.run("openWalletSession", "session")
    a.run("createRequest", "request")
    equal(a.run("createRequest", "request")[0]["state"], "approved")
    request = next(r for r in a.run("createRequest") if not r["presigned"])
    a.ids[example_of("request")] = request["request"]
    a.run("openSigning", "session")
    a.run("makeMailbox", "mailbox")
    a.run("startCampaign", "campaign")
    a.run("addKey", "key")
    a.run("addWebhook", "webhook")
    a.run("testWebhook", answers=[202])
    a.run("changePolicies")
    a.run("changePolicy", answers=[200])
    a.run("changePolicy", "change", answers=[201])
    for name in ("approveRequest", "approvePolicyChange"):
        a.run(name, answers=[403])
    a.run("declineRequest", answers=[401])
    a.run("showEvidence", answers=[404])
    a.run("showEscrows", answers=[409])
    a.run("deleteWallet", answers=[409])
    last = ["deleteWebhook", "cancelCampaign", "endMailbox", "revokeKey", "makeAux", "dropAux"]
    for (method, path), o in OPERATIONS.items():
        octets = OCTETS in o.get("requestBody", {}).get("content", {})
        if o["operationId"] not in a.done and o["operationId"] not in last and not octets:
            a.run(o["operationId"])
    for name in last:
        a.run(name, answers=[201, 204, 409, 503] if name.endswith("Aux") else None)  # there may be a spare, or none yet
    left = {o["operationId"] for o in OPERATIONS.values()} - a.done
    equal(left, {"storeBackup", "exchange", "deliver"})


@test
def what_is_wrong_is_answered_as_it_says():
    a = Office()
    for (method, path), o in OPERATIONS.items():
        body = o.get("requestBody", {}).get("content", {})
        where = a.here(asked_as(o, path))
        if JSON in body:
            equal(ask(method, where, b"{\"nothing\":1}")[0], 400)
            equal(ask(method, where, b"{}", "text/plain")[0], 415)
            for example in body[JSON]["examples"].values():
                wrong = {**example["value"], "nothing": 1}
                equal(ask(method, where, json.dumps(wrong).encode())[0], 400)
        if OCTETS in body:
            equal(400 <= ask(method, where, b"x", OCTETS)[0] < 500, True)


main()
