"""Own what is wrong with what a function answers, and with the functions themselves, one fault a switch."""

import os

import wire

declared = [wire.function("number", returns={"type": "integer"}), wire.function("greet"), wire.function("change")]


def change(request):
    global declared
    match args.fault:
        case "new-function":
            declared = [*declared, wire.function("surprise")]
        case "other-schema":
            declared = [wire.function("number"), *declared[1:]]
        case "gone-function":
            declared = declared[1:]
        case "bad-capabilities":
            declared = [{"name": 7}]
    wire.send(method="capabilities_changed", params={})
    wire.answer(request, None)


args = wire.arguments("new-function", "other-schema", "gone-function", "bad-capabilities", "wrong-result")
wire.serve(
    args,
    {
        "capabilities": lambda request: wire.answer(request, wire.capabilities(*declared)),
        "number": lambda request: wire.answer(request, "seven"),
        "greet": lambda request: wire.answer(request, "hello"),
        "surprise": lambda request: wire.log("surprised") or wire.answer(request, "surprise"),
        "change": change,
    },
)
