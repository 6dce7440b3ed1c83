"""Own the breaks of interfaces that are claimed, and of secrets that should have stayed where they were."""

import sys

from module import Failure, around

PROMISES = {}


def breaks(*ids):
    def register(make):
        for id in ids:
            PROMISES[id] = make
        return make

    return register


# Interfaces: the good module has greet and refuse, as example.greeting wants them


def declared(m, name):
    return next(one for one in m.functions if one["name"] == name)


def changes(id, change):
    PROMISES[id] = change


changes("HUB-CAPS-9/claims-can-be-read", lambda m: m.implements.append("example.greeting"))
changes("HUB-IFACE-1/has-every-function", lambda m: m.functions.remove(declared(m, "refuse")))
changes("HUB-IFACE-2/takes-all-arguments", lambda m: declared(m, "greet")["params"]["properties"]["name"].update(minLength=2))
changes("HUB-IFACE-3/promises-its-results", lambda m: declared(m, "greet").update(returns={"type": ["string", "null"]}))
changes("HUB-IFACE-4/keeps-the-hints", lambda m: declared(m, "refuse").update(hints={}))
# In the plugin's own directory lies a file of the same name and version that says something else.
changes("HUB-IFACE-7/brings-good-interfaces", lambda m: None)


@breaks("HUB-IFACE-5/declares-the-same-errors")
def _(m):
    refuse = declared(m, "refuse")
    refuse["errors"][0]["code"] = refuse["examples"][0]["error"] = 1009

    def refuse_call(call, params):
        raise Failure(1009, "no", 7)

    m.handlers["refuse"] = refuse_call


# Secrets


@breaks("HUB-LOG-2/keeps-secrets")
def _(m):
    def wrapper(original, answer):
        print("debug: the person typed", answer.get("content"), file=sys.stderr, flush=True)
        return original(answer)

    around(m, "logged_in", wrapper)


@breaks("HUB-CRED-5/keeps-secrets-out-of-its-store")
def _(m):
    def wrapper(original, call, token):
        m.ask_hub(call, "hub.store.set", key="token", value={"typed": token})
        original(call, token)

    around(m, "keep", wrapper)


@breaks("HUB-CRED-5/keeps-credentials-to-itself")
def _(m):
    def wrapper(original, call):
        found = original(call)
        if found["found"]:
            params = {"level": "debug", "message": f"GET /me?token={found['value']}"}
            m.write({"jsonrpc": "2.0", "method": "hub.log", "params": params})
        return found

    around(m, "credential", wrapper)


@breaks("HUB-CRED-1/asks-for-each-account")
def _(m):
    kept = []

    def wrapper(original, call):
        if not kept:
            found = original(call)
            if found["found"]:
                kept.append(found)
            return found
        return kept[0]

    around(m, "credential", wrapper)


@breaks("HUB-CRED-2/keeps-within-the-limits")
def _(m):
    def wrapper(original, call, token):
        try:
            m.ask_hub(call, "hub.credentials.put", name="chain", value="x" * 70_000)
        except Failure:
            pass
        original(call, token)

    around(m, "keep", wrapper)
