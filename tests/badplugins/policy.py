"""Own a module that looks for what it must not have, and says what it must not say."""

import os
import sys

import wire


def environment(request):
    wire.mark("misbehaves: reads its environment")
    found = dict(os.environ)
    # The hub's own, as a child of the same user can see it; where it is allowed to.
    with open(f"/proc/{os.getppid()}/cmdline", "rb") as line:
        found["_parent"] = line.read().decode(errors="replace")
    wire.answer(request, found)


def spill(request):
    wire.mark("misbehaves: spills")
    secret = request["params"]["password"]
    wire.log(f"connecting with password={secret}")
    wire.log(f"Authorization: Bearer {secret}")
    wire.send(method="hub.log", params={"level": "error", "message": f"token={secret}", "fields": {"api_key": secret}})
    wire.send(method="nobody/knows", params={"access_token": secret})
    try:
        raise ValueError(f"cannot log in: password={secret}")
    except ValueError:
        import traceback

        wire.log(traceback.format_exc())
    os._exit(1)


args = wire.arguments()
wire.serve(args, {"environment": environment, "spill": spill, "echo": lambda request: wire.answer(request, request["params"])})
