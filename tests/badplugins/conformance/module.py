"""A small correct module of stdlib Python; `--break REQUIREMENT/CHECK` makes it break exactly that rule, and may be repeated.

`python -IS module.py [--framing content-length] [--break ID]...`. The breaks are in breaks_*.py beside it.
"""

import json
import math
import os
import queue
import re
import signal
import sys
import threading

BOM = b"\xef\xbb\xbf"
MAX_SAFE = 2**53 - 1
FEATURES = ["cancel", "concurrent", "context", "host_services", "progress"]
SHAPES = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
}


def function(name, params=None, returns=None, required=(), **more):
    schema = {"type": "object", "properties": params or {}, "required": list(required), "additionalProperties": False}
    declared = {"name": name, "params": schema, "hints": {"read_only": True}, **more}
    return declared if returns is None else {**declared, "returns": returns}


class Broken(Exception):
    """A frame or message that is refused: with this code and this id."""


class Failure(Exception):
    """A function answers with an error: code, message and maybe data."""


class Call:
    def __init__(self, id):
        self.id, self.cancelled, self.answered = id, threading.Event(), False


class Module:
    def __init__(self, framing):
        self.framing, self.limit, self.exit_status = framing, 16 * 1024 * 1024, 0
        self.info = {
            "name": "good",
            "version": "1.2.3",
            "license": "MIT",
            "authors": ["Ada <ada@example.org>"],
            "required_modules": {},
            "features": list(FEATURES),
        }
        self.functions = [
            function(
                "echo",
                {"value": {}},
                {},
                ["value"],
                examples=[{"params": {"value": {"a": [1, None, "ü"]}}, "result": {"a": [1, None, "ü"]}}],
            ),
            function(
                "greet",
                {
                    "name": {"type": "string", "minLength": 1, "maxLength": 40},
                    "times": {"type": "integer", "minimum": 1, "maximum": 9},
                },
                {"type": "string"},
                ["name"],
                examples=[{"params": {"name": "Ada"}, "result": "Hello, Ada!"}],
            ),
            function("wait", {"seconds": {"type": "number", "minimum": 0, "maximum": 60}}, {"type": "number"}, ["seconds"]),
            function("look_up", {"key": {"type": "string", "minLength": 1, "maxLength": 256}}, {"type": "object"}, ["key"]),
            function("log_in", {}, {"type": "string"}),
            function("is_known", {}, {"type": "boolean"}),
            function(
                "refuse",
                {},
                {},
                errors=[{"code": 1001, "message": "no", "data": {"type": "integer"}}],
                examples=[{"params": {}, "error": 1001}],
            ),
        ]
        self.permissions = ["ask", "store", "credentials"]
        self.implements = ["example.greeting/1.0"]
        self.handlers = {
            "echo": lambda call, params: params["value"],
            "greet": lambda call, params: ", ".join([f"Hello, {params['name']}!"] * params.get("times", 1)),
            "wait": self.wait,
            "look_up": lambda call, params: self.ask_hub(call, "hub.store.get", key=params["key"]),
            "log_in": self.log_in,
            "is_known": self.is_known,
            "refuse": self.refuse_call,
        }
        self.in_force, self.calls, self.asked, self.requests = set(), {}, {}, 0
        self.lock, self.counter = threading.Lock(), 0
        self.unanswered = 0

    # The life of the process

    def main(self):
        signal.signal(signal.SIGTERM, self.on_sigterm)
        self.on_start()
        for line in self.frames():
            self.on_frame(line)
        self.on_end()
        os._exit(self.exit_status)

    def on_start(self):
        pass

    def on_end(self):
        pass

    def on_sigterm(self, number, frame):
        os._exit(0)

    # Reading

    def read(self):
        return os.read(0, 1 << 18)

    def frames(self):
        return self.lines() if self.framing == "newline" else self.bodies()

    def lines(self):
        pieces, size = [], 0
        while data := self.read():
            *whole, rest = data.split(b"\n")
            for part in whole:
                size += len(part)
                yield None if self.too_long(size) else b"".join([*pieces, part])
                pieces, size = [], 0
            size += len(rest)
            pieces = [] if self.too_long(size) else [*pieces, rest]
        self.on_half(b"".join(pieces))

    def too_long(self, size):
        return size > self.limit

    def on_half(self, rest):
        pass

    def bodies(self):
        buffer = b""
        while True:
            while b"\r\n\r\n" not in buffer:
                if not (data := self.read()):
                    return
                buffer += data
            head, _, buffer = buffer.partition(b"\r\n\r\n")
            wanted = self.length_of(head)
            while len(buffer) < wanted:
                if not (data := self.read()):
                    self.on_half(buffer)
                    return
                buffer += data
            body, buffer = buffer[:wanted], buffer[wanted:]
            yield None if self.too_long(wanted) else body

    def length_of(self, head):
        headers = {name.strip().lower(): value for name, _, value in (line.partition(b":") for line in head.split(b"\r\n"))}
        return int(headers[b"content-length"])

    def on_frame(self, line):
        if line is None:
            self.refuse(-32700, None)
            return
        if not line.strip():
            return
        try:
            self.on_message(self.decode(line))
        except Broken as error:
            self.refuse(*error.args)

    def decode(self, line):
        found = re.findall(rb'"id":(-?[0-9]+|"[^"]*")[,}]', line)
        id = json.loads(found[0]) if len(found) == 1 else None
        if line.startswith(BOM) or self.depth(line) > 64:
            raise Broken(-32700, id)
        try:
            value = json.loads(
                line.decode(), object_pairs_hook=pairs, parse_int=integer, parse_float=real, parse_constant=constant
            )
            if b"\\u" in line:
                json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise Broken(-32700, id)
        if not isinstance(value, dict):
            raise Broken(-32600, None)
        return value

    def depth(self, line):
        depth = deepest = 0
        if line.count(b"[") + line.count(b"{") > 64:
            for byte in re.sub(rb'"(?:[^"\\]|\\.)*"', b"", line):
                depth += (byte in b"[{") - (byte in b"]}")
                deepest = max(deepest, depth)
        return deepest

    def on_message(self, message):
        id, method = message.get("id"), message.get("method")
        good = type(id) is int and abs(id) <= MAX_SAFE or isinstance(id, str) and 0 < len(id) <= 128
        if "method" not in message and ("result" in message or "error" in message):
            self.on_response(message)
        elif message.get("jsonrpc") != "2.0" or not isinstance(message.get("jsonrpc"), str):
            raise Broken(-32600, id if good else None)
        elif "id" in message and not good:
            raise Broken(-32600, None)
        elif not isinstance(method, str) or not 0 < len(method) <= 128:
            raise Broken(-32600, id)
        elif not isinstance(params := message.get("params", {}), dict):
            if "id" in message:
                raise Broken(-32602 if isinstance(params, list) else -32600, id)
        elif "id" in message:
            self.on_request(id, method, params)
        else:
            self.on_notification(method, params)

    def on_response(self, message):
        waiting = self.asked.pop(json.dumps(message.get("id")), None)
        if waiting is not None:
            waiting.put(message)

    def on_notification(self, method, params):
        if method == "$/cancelRequest":
            call = self.calls.get(json.dumps(params.get("id")))
            if call is not None:
                call.cancelled.set()

    # Answering

    def on_request(self, id, method, params):
        self.requests += 1
        match method:
            case "module_info":
                self.on_info(id, params)
            case "capabilities":
                told = {"functions": self.functions, "permissions": self.permissions, "implements": self.implements}
                self.answer(id, told)
            case "module_init":
                self.on_init(id, params)
            case "module_cleanup":
                self.on_cleanup(id)
            case "ping":
                self.answer(id, {})
            case _:
                self.on_call(id, method, params)

    def on_info(self, id, params):
        if 1 not in params["protocol_versions"]:
            data = {"offered": params["protocol_versions"], "supported": [1]}
            self.fail(id, -31027, "no common version", data)
            os._exit(0)
        self.limit = params["max_frame_bytes"]
        self.in_force = set(params["features"]) & set(self.info.get("features", ()))
        self.answer(id, self.info)

    def on_init(self, id, params):
        self.answer(id, {})

    def on_cleanup(self, id):
        self.answer(id, {})

    def on_call(self, id, method, params):
        declared = next((one for one in self.functions if one["name"] == method), None)
        if declared is None:
            self.fail(id, -32601, "there is no such method")
        elif why := self.misfit(declared.get("params"), params):
            self.fail(id, -32602, why)
        elif method not in self.handlers:
            self.fail(id, -32601, "there is no such method")
        else:
            call = self.calls[json.dumps(id)] = Call(id)
            threading.Thread(target=self.work, args=(call, self.handlers[method], params), daemon=True).start()

    def misfit(self, schema, params):
        if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
            return "there is no schema"
        for name in schema.get("required", ()):
            if name not in params:
                return f"{name} is missing"
        for name, value in params.items():
            rules = schema["properties"].get(name)
            if rules is None:
                return f"{name} is unknown"
            if "type" in rules and not SHAPES[rules["type"]](value):
                return f"{name} is of another type"
            if value < rules["minimum"] if "minimum" in rules else False:
                return f"{name} is too small"
            if value > rules["maximum"] if "maximum" in rules else False:
                return f"{name} is too large"
            if isinstance(value, str) and not rules.get("minLength", 0) <= len(value) <= rules.get("maxLength", 10**9):
                return f"{name} is too short or too long"
        return None

    def work(self, call, handler, params):
        try:
            self.finish(call, result=handler(call, params))
        except Failure as error:
            code, text, *data = error.args
            self.finish(call, error={"code": code, "message": text, **({"data": data[0]} if data else {})})
        except Exception:
            self.finish(call, error={"code": -32603, "message": "internal error 5f3a9c"})

    def finish(self, call, **end):
        with self.lock:
            if call.answered:
                return
            call.answered = True
            self.calls.pop(json.dumps(call.id), None)
        self.write({"jsonrpc": "2.0", "id": call.id, **end})

    # Functions

    def wait(self, call, params):
        steps = 10
        for step in range(steps):
            if call.cancelled.wait(params["seconds"] / steps):
                raise Failure(-31000, "cancelled")
            if "progress" in self.in_force and (step == 0 or params["seconds"] > 1):
                self.write_progress(call, step + 1, steps)
        return params["seconds"]

    def write_progress(self, call, done, total):
        self.write({"jsonrpc": "2.0", "method": "$/progress", "params": {"id": call.id, "done": done, "total": total}})

    def log_in(self, call, params):
        schema = {"type": "object", "properties": {"token": {"type": "string", "writeOnly": True}}}
        answer = self.ask_hub(call, "hub.ask", message="Who are you?", schema=schema)
        self.keep(call, answer.get("content", {}).get("token"))
        return self.logged_in(answer)

    def keep(self, call, token):
        self.ask_hub(call, "hub.credentials.put", name="token", value=token)

    def logged_in(self, answer):
        return answer["action"]

    def is_known(self, call, params):
        return self.credential(call)["found"]

    def credential(self, call):
        return self.ask_hub(call, "hub.credentials.get", name="token")

    def refuse_call(self, call, params):
        raise Failure(1001, "no", 7)

    def ask_hub(self, call, method, **params):
        if "host_services" not in self.in_force:
            raise (
                Failure(1002, "the hub has no host services")
                if False
                else Failure(-31045, "no host services", {"cause": {"code": -31042, "message": "x"}})
            )
        id = self.next_id()
        waiting = self.asked[json.dumps(id)] = queue.SimpleQueue()
        self.write({"jsonrpc": "2.0", "id": id, "method": method, "params": {"call_id": call.id, **params}})
        answer = waiting.get()
        if "error" in answer:
            raise Failure(-31045, "the hub said no", {"cause": answer["error"]})
        return answer["result"]

    def next_id(self):
        with self.lock:
            self.counter += 1
            return f"m{self.counter}"

    # Writing

    def answer(self, id, result):
        self.write({"jsonrpc": "2.0", "id": id, "result": result})

    def fail(self, id, code, message, *data):
        self.write(
            {"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message, **({"data": data[0]} if data else {})}}
        )

    def refuse(self, code, id):
        self.fail(id, code, "cannot read the message")

    def write(self, message):
        self.write_bytes(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode())

    def write_bytes(self, body):
        self.put(body + b"\n" if self.framing == "newline" else b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def put(self, data):
        with self.lock:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(1, rest) :]


def pairs(members):
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a name twice")
    return found


def integer(digits):
    if len(digits) > 17 or abs(int(digits)) > MAX_SAFE:
        raise ValueError("too large")
    return int(digits)


def real(digits):
    if not math.isfinite(float(digits)):
        raise ValueError("overflow")
    return float(digits)


def constant(name):
    raise ValueError(name)


def around(module, name, wrapper):
    """Put `wrapper(original, *args)` in the place of a method."""
    original = getattr(module, name)
    setattr(module, name, lambda *args, **more: wrapper(original, *args, **more))


def main():
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.modules["module"] = sys.modules["__main__"]
    words = sys.argv[1:]
    framing, broken = "newline", []
    while words:
        name = words.pop(0)
        if name == "--framing":
            framing = words.pop(0)
        elif name == "--break":
            broken.append(words.pop(0))
    module = Module(framing)
    if broken:
        from breaks import BREAKS

        for name in broken:
            BREAKS[name](module)
    module.main()


if __name__ == "__main__":
    main()
