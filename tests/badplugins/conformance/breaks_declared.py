"""Own the breaks of capabilities; each takes a module and changes one thing that it declares."""

from module import around, function

DECLARED = {}
OPEN = {"type": "object"}


def answers(id, result):
    def make(m):
        def wrapper(original, number, name, params):
            if name == "capabilities":
                m.answer(number, result(m))
            else:
                original(number, name, params)

        around(m, "on_request", wrapper)

    DECLARED[id] = make


def adds(id, **declared):
    """One function more, which is never called because it is not declared read-only."""
    whole = {"name": id.partition("/")[2].replace("-", "_"), "hints": {}, **declared}
    DECLARED[id] = lambda m: m.functions.append(whole)


answers("HUB-CAPS-1/answers-with-an-object", lambda m: [])
answers("HUB-CAPS-1/functions-are-listed", lambda m: {"functions": {}})
adds("HUB-CAPS-1/members-have-their-types", summary=5)
adds("HUB-CAPS-2/names-fit", name="2nd function")
adds("HUB-CAPS-2/names-are-unique", name="echo")
adds("HUB-CAPS-2/names-are-free", name="module_restart_all")
adds("HUB-CAPS-3/schemas-are-valid", returns={"type": "strin"})
adds("HUB-CAPS-3/schemas-are-2020-12", returns={"$schema": "http://json-schema.org/draft-07/schema#"})
adds("HUB-CAPS-3/params-describe-an-object", params={"properties": {}})
adds("HUB-CAPS-3/not-too-many", returns={"description": "x" * (1024 * 1024 + 1)})
adds("HUB-CAPS-4/refers-to-itself-only", returns={"$ref": "https://example.org/schema.json"})
adds("HUB-CAPS-5/examples-have-one-end", params=OPEN, examples=[{"params": {}, "result": 1, "error": 1001}])
adds("HUB-CAPS-5/example-params-fit", params={**OPEN, "required": ["a"]}, examples=[{"params": {}, "result": 1}])
adds("HUB-CAPS-5/example-results-fit", params=OPEN, returns={"type": "string"}, examples=[{"params": {}, "result": 1}])
adds("HUB-CAPS-6/codes-are-outside", errors=[{"code": -32000, "message": "no"}])
DECLARED["HUB-CAPS-7/permissions-exist"] = lambda m: m.permissions.append("everything")


def grows(m):
    def wrapper(original, id, name, params):
        if name == "ping" and not any(one["name"] == "later" for one in m.functions):
            m.functions.append({"name": "later", "hints": {}})
        original(id, name, params)

    around(m, "on_request", wrapper)


def grows_at_first_call(m):
    def wrapper(original, id, name, params):
        if not any(one["name"] == "later" for one in m.functions):
            m.functions.append({"name": "later", "hints": {}})
        original(id, name, params)

    around(m, "on_call", wrapper)


DECLARED["HUB-CAPS-8/tells-of-changes"] = grows_at_first_call


def false_example(m):
    m.functions.append(
        function(
            "half",
            {"n": {"type": "integer", "minimum": 0, "maximum": 9}},
            {"type": "number"},
            ["n"],
            examples=[{"params": {"n": 4}, "result": 3}],
        )
    )
    m.handlers["half"] = lambda call, params: params["n"] / 2


DECLARED["HUB-CAPS-5/examples-are-true"] = false_example
