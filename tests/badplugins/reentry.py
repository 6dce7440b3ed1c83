"""Own a module that asks the hub whatever it is told to ask, at whatever moment; it works on one thing at a time."""

import os
import time

import wire

last_call = 0


def ask(method, params):
    """Return the hub's answer; what else comes before it is kept (HUB-HOST-7)."""
    wire.mark(f"misbehaves: asks {method} {params.get('function', '')}".rstrip())
    wire.send(id="q", method=method, params=params)
    while True:
        message = wire.read()
        if message is None:
            os._exit(1)
        if "method" not in message:
            return message.get("error") or {"result": message["result"]}
        wire.kept.append(message)


def ask_inside(request):
    params = request["params"]
    if "meet" in params:
        meet(params["meet"])
    given = {"call_id": last_call if params.get("stale") else request["id"], **params["params"]}
    wire.answer(request, ask(params["method"], given))


def meet(directory):
    """Return when the other module is inside its call too."""
    open(os.path.join(directory, args.name), "w").close()
    while len(os.listdir(directory)) < 2:
        time.sleep(0.005)


def echo(request):
    global last_call
    last_call = request["id"]
    wire.answer(request, request["params"])


def initialise(request):
    if args.fault == "asks-in-init":
        wire.log(f"answered {ask('hub.call', {'call_id': request['id'], 'function': 'good.echo', 'params': {'x': 1}})}")
    wire.answer(request, {})


args = wire.arguments("asks-in-init", "asks-when-told", "asks-without-permission")
permissions = [] if args.fault == "asks-without-permission" else ["call:*"]
declared = [wire.function("ask"), wire.function("echo")]
wire.serve(
    args,
    {
        "capabilities": lambda request: wire.answer(request, {"functions": declared, "permissions": permissions}),
        "module_init": initialise,
        "ask": ask_inside,
        "echo": echo,
    },
)
