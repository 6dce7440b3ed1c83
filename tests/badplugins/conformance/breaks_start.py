"""Own the breaks of launch, handshake, negotiation and shutdown; each takes a module and changes one thing of it."""

import os
import signal
import socket
import subprocess
import tempfile
import time

from module import around

START = {}
# Longer than the limits that the tests set, shorter than what they set plus the grace of the runner.
LATE_SECONDS = 0.7
LONG_SECONDS = 3600


def breaks(*ids):
    def register(make):
        for id in ids:
            START[id] = make
        return make

    return register


def first_start(name):
    """Whether this is the first start of the run in which the break `name` asks."""
    try:
        os.close(os.open(os.path.join(os.environ.get("TMPDIR", "."), name), os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return False
    return True


def late(method):
    def make(m):
        def wrapper(original, id, name, params):
            if name == method and first_start(f"late-{method}"):
                time.sleep(LATE_SECONDS)
            original(id, name, params)

        around(m, "on_request", wrapper)

    return make


START["HUB-LIFE-3/module-info-in-time"] = late("module_info")
START["HUB-LIFE-3/capabilities-in-time"] = late("capabilities")
START["HUB-LIFE-3/module-init-in-time"] = late("module_init")
START["HUB-CLEAN-1/answers-in-time"] = late("module_cleanup")


@breaks("HUB-LIFE-1/silent-without-a-request")
def _(m):
    around(m, "on_end", lambda original: (m.requests or os.write(1, b"nobody wanted me\n"), original()))


def at_capabilities(act):
    def make(m):
        def wrapper(original, id, name, params):
            if name == "capabilities":
                act(m)
            original(id, name, params)

        around(m, "on_request", wrapper)

    return make


def touch(m):
    with open("touched", "a") as file:
        file.write("x")


def connect(m):
    m.socket = socket.socket()
    m.socket.bind(("127.0.0.1", 0))
    m.socket.listen()


START["HUB-LIFE-2/leaves-its-directory-alone"] = at_capabilities(touch)
START["HUB-LIFE-2/leaves-no-temporary-files"] = at_capabilities(lambda m: tempfile.mkstemp())
START["HUB-LIFE-2/opens-no-connection"] = at_capabilities(connect)


@breaks("HUB-LIFE-9/same-module-info")
def _(m):
    m.info["description"] = [f"started as {os.getpid()}"]


@breaks("HUB-LIFE-9/same-capabilities")
def _(m):
    m.functions[0]["summary"] = f"started as {os.getpid()}"


def info(id, **members):
    START[id] = lambda m: m.info.update(members)


def no_info(m):
    m.info["features"] = []

    def wrapper(original, id, result):
        original(id, "hello" if result is m.info else result)

    around(m, "answer", wrapper)


START["HUB-INFO-1/answers-with-an-object"] = no_info
START["HUB-INFO-1/has-what-is-required"] = lambda m: m.info.pop("authors")
info("HUB-INFO-1/members-have-their-types", homepage=5)
info("HUB-INFO-2/name-fits", name="Good!")
info("HUB-INFO-2/name-is-the-manifests", name="other")
info("HUB-INFO-2/version-is-the-manifests", version="1.2.4")
info("HUB-INFO-3/version-is-semver", version="1.2")
info("HUB-INFO-4/license-is-spdx", license="My Own Licence")
info("HUB-INFO-5/has-authors", authors=[])
info("HUB-INFO-6/requirements-can-be-read", required_modules={"system": "newest"})
info("HUB-INFO-6/names-modules-not-files", required_modules={"libsystem.so": "^1.0"})
info("HUB-MSG-8/leaves-out-what-is-absent", homepage=None)
info("HUB-VER-1/picks-what-was-offered", protocol_version=2)


@breaks("HUB-INIT-1/answers-with-an-object")
def _(m):
    m.on_init = lambda id, params: m.answer(id, True)


@breaks("HUB-LIFE-10/says-why-it-is-disabled")
def _(m):
    m.on_init = lambda id, params: m.answer(id, {"disable": ""})


def on_info(condition, act):
    def make(m):
        around(m, "on_info", lambda original, id, params: act(m, id, params) if condition(params) else original(id, params))

    return make


UNKNOWN = 999
START["HUB-VER-1/picks-one-of-several"] = on_info(
    lambda params: len(params["protocol_versions"]) > 1, lambda m, id, params: m.fail(id, -31027, "only one, please")
)
START["HUB-VER-2/never-picks-what-it-cannot-know"] = on_info(
    lambda params: params["protocol_versions"] == [UNKNOWN],
    lambda m, id, params: m.answer(id, {**m.info, "protocol_version": UNKNOWN}),
)


def refuse_vaguely(m, id, params):
    m.fail(id, -32603, "no")
    os._exit(0)


def refuse_and_stay(m, id, params):
    m.fail(id, -31027, "no common version", {"offered": [UNKNOWN], "supported": [1]})


START["HUB-VER-2/refuses-unknown-versions"] = on_info(lambda params: params["protocol_versions"] == [UNKNOWN], refuse_vaguely)
START["HUB-VER-2/ends-without-a-version"] = on_info(lambda params: params["protocol_versions"] == [UNKNOWN], refuse_and_stay)
START["HUB-VER-3/ignores-unknown-features"] = on_info(
    lambda params: "levitation" in params["features"], lambda m, id, params: m.fail(id, -32602, "what is levitation?")
)
START["HUB-VER-3/lives-without-features"] = on_info(
    lambda params: not params["features"], lambda m, id, params: m.fail(id, -32602, "no features, no work")
)
START["HUB-MSG-7/ignores-members-in-module-info"] = on_info(
    lambda params: "future" in params, lambda m, id, params: m.fail(id, -32602, "what is future?")
)


def strict(id, method):
    def make(m):
        def wrapper(original, id, name, params):
            if name == method and "future" in params:
                m.fail(id, -32602, "what is future?")
            else:
                original(id, name, params)

        around(m, "on_request", wrapper)

    START[id] = make


strict("HUB-MSG-7/ignores-members-in-capabilities", "capabilities")
strict("HUB-MSG-7/ignores-members-in-module-init", "module_init")


# The end


@breaks("HUB-CLEAN-2/silent-after-cleanup")
def _(m):
    around(m, "on_cleanup", lambda original, id: (original(id), m.write({"jsonrpc": "2.0", "method": "goodbye", "params": {}})))


def linger(condition):
    def make(m):
        around(m, "on_end", lambda original: (original(), condition(m) and time.sleep(LONG_SECONDS)))

    return make


def cleaned_up(m):
    def wrapper(original, id):
        m.cleaned_up = True
        original(id)

    m.cleaned_up = False
    around(m, "on_cleanup", wrapper)


@breaks("HUB-CLEAN-3/ends-in-time")
def _(m):
    cleaned_up(m)
    around(m, "on_end", lambda original: (original(), m.cleaned_up and time.sleep(LONG_SECONDS)))


@breaks("HUB-CLEAN-3/exits-with-0")
def _(m):
    cleaned_up(m)
    around(m, "on_end", lambda original: (original(), m.cleaned_up and os._exit(3)))


@breaks("HUB-CLEAN-3/leaves-no-process")
def _(m):
    child = "import time; time.sleep(3600)"
    nothing = subprocess.DEVNULL

    def wrapper(original, id):
        import sys

        subprocess.Popen(
            [sys.executable, "-IS", "-c", child], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
        original(id)

    around(m, "on_cleanup", wrapper)


START["HUB-LIFE-4/ends-before-its-introduction"] = linger(lambda m: m.requests == 0)
START["HUB-LIFE-4/ends-after-its-introduction"] = linger(lambda m: m.requests == 2)


@breaks("HUB-LIFE-4/ends-when-idle")
def _(m):
    around(m, "on_end", lambda original: (original(), m.requests == 3 and not m.calls and time.sleep(LONG_SECONDS)))


@breaks("HUB-LIFE-4/ends-during-a-call")
def _(m):
    around(m, "on_end", lambda original: (original(), m.calls and time.sleep(LONG_SECONDS)))


@breaks("HUB-CLEAN-4/ends-on-sigterm")
def _(m):
    around(m, "on_start", lambda original: (original(), signal.signal(signal.SIGTERM, signal.SIG_IGN)))


@breaks("HUB-CLEAN-4/exits-with-0-on-sigterm")
def _(m):
    around(m, "on_start", lambda original: (original(), signal.signal(signal.SIGTERM, signal.SIG_DFL)))
