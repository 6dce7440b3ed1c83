"""Own the proof that the OpenRPC document says of each function what its declaration says."""

from hub._introduction import Function
from hub._openrpc import openrpc_document


def test_a_function_becomes_a_method_with_a_param_for_each_property() -> None:
    declaration = {
        "name": "list",
        "summary": "List.",
        "description": "More.",
        "params": {
            "type": "object",
            "properties": {"limit": {"type": "integer", "description": "How many."}, "where": {"$ref": "#/$defs/place"}},
            "required": ["limit"],
            "$defs": {"place": {"type": "string"}},
        },
        "returns": {"type": "array"},
        "errors": [{"code": 404, "message": "gone", "data": {"type": "object"}}],
        "hints": {"read_only": True, "destructive": False},
        "deprecated": {"since": "1.0.0"},
    }
    document = openrpc_document("0.1.0", [("cloud", Function("list", declaration))])
    assert (document["openrpc"], document["info"]["version"]) == ("1.3.2", "0.1.0")
    assert document["methods"] == [
        {
            "name": "cloud.list",
            "tags": [{"name": "cloud"}, {"name": "read_only"}],
            "paramStructure": "by-name",
            "params": [
                {
                    "name": "limit",
                    "required": True,
                    "schema": {"type": "integer", "description": "How many.", "$defs": {"place": {"type": "string"}}},
                    "description": "How many.",
                },
                {
                    "name": "where",
                    "required": False,
                    "schema": {"$ref": "#/$defs/place", "$defs": {"place": {"type": "string"}}},
                },
            ],
            "result": {"name": "result", "schema": {"type": "array"}},
            "summary": "List.",
            "description": "More.",
            "deprecated": True,
            "errors": [{"code": 404, "message": "gone", "data": {"type": "object"}}],
            "x-params-schema": declaration["params"],
        }
    ]


def test_a_function_that_says_nothing_takes_nothing_and_returns_anything() -> None:
    method = openrpc_document("0.1.0", [("m", Function("f", {"name": "f"}))])["methods"][0]
    assert (method["params"], method["result"]["schema"]) == ([], True)
