"""Own one call's access to Amazon: keys in, answers out, tried again where that is safe; know no service in particular.

Nothing here outlives the call but the descriptions of Amazon's APIs, so that no account can be used for another's call.
botocore gets no file, no variable of the environment and no metadata service to look for credentials or settings in.
"""

import random
import time
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Final, NoReturn

from amazon.failures import Answer, Refused, Throttled, Unavailable, failure_of
from amazon.patience import Patience
from amazon.settings import Keys, Settings
from amazon.transport import Cut, Reply, TooLarge, Transport, Unsent
from hub_sdk import ModuleError

__all__ = ["Cloud", "client_for", "region_names"]

# Doubled at each attempt, half of it by chance, so that many who were refused together do not come back together.
_FIRST_WAIT_SECONDS: Final = 0.2
_LONGEST_WAIT_SECONDS: Final = 5.0
# From this status on an HTTP answer is no result (RFC 9110, 15).
_NOT_DONE: Final = 300


class Cloud:
    """Amazon for one call of one account; used by one thread.

    Args:
        keys: the account's.
        region: where clients look when they are not told another one.
        settings: the operator's.
        patience: how long the call may take.
        chance: a number from 0 to 1, for the waits.
    """

    def __init__(
        self, keys: Keys, region: str, settings: Settings, patience: Patience, chance: Callable[[], float] = random.random
    ) -> None:
        self.region = region
        self.attempts = 0
        self._keys = keys
        self._settings = settings
        self._patience = patience
        self._chance = chance
        self._transport = Transport(patience, settings.timeout_seconds)
        self._clients: dict[str, Any] = {}
        self._reply: Reply | None = None

    def ask(self, service: str, operation: str, what: str, **params: Any) -> dict[str, Any]:
        """Return the answer to a request that may be carried out twice: tried again where that may help.

        Args:
            service: "ec2", "s3" or "sts".
            operation: a method of boto3's client.
            what: for people: "cannot <what>".
            params: of the operation.

        Raises:
            ModuleError: one of those in `failures`.
            Ended: nobody waits any longer.
        """
        return self._send(service, operation, what, params, acts=False)

    def act(self, service: str, operation: str, what: str, **params: Any) -> dict[str, Any]:
        """Return the answer to a request that must not be carried out twice: tried again when it surely was not. As `ask`."""
        return self._send(service, operation, what, params, acts=True)

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def _send(self, service: str, operation: str, what: str, params: dict[str, Any], *, acts: bool) -> dict[str, Any]:
        self.attempts = 0
        while True:
            self.attempts += 1
            self._reply = None
            try:
                return self._once(service, operation, what, params, acts=acts)
            except _Again as again:
                self._wait_or_raise(again)

    def _wait_or_raise(self, again: "_Again") -> None:
        wait = min(_FIRST_WAIT_SECONDS * 2 ** (self.attempts - 1), _LONGEST_WAIT_SECONDS) * (0.5 + self._chance() / 2)
        if again.after_seconds is not None:
            wait = again.after_seconds
        if self.attempts >= self._settings.max_attempts or not self._patience.fits(wait):
            if isinstance(again.failure, Throttled):
                raise Throttled(again.failure.message, data={"retry_after_seconds": round(wait, 3)}) from None
            raise again.failure from None
        self._patience.wait(wait)

    def _once(self, service: str, operation: str, what: str, params: dict[str, Any], *, acts: bool) -> dict[str, Any]:
        known, parsers = import_module("botocore.exceptions"), import_module("botocore.parsers")
        try:
            return getattr(self._client(service), operation)(**params)
        except known.ClientError as error:
            self._raise_for(error.response, what, acts=acts)
        except Unsent as error:
            raise _Again(Unavailable(f"cannot {what}: {error}", data={"may_have_executed": False})) from None
        except Cut as error:
            failure = Unavailable(f"cannot {what}: {error}", data={"may_have_executed": acts})
            raise failure if acts else _Again(failure) from None
        except TooLarge:
            said = f"cannot {what}: the answer is larger than this module holds"
            raise Unavailable(said, data={"may_have_executed": acts}) from None
        except (known.ParamValidationError, known.InvalidRegionError) as error:
            raise Refused(f"cannot {what}: {error}") from None
        except (known.BotoCoreError, parsers.ResponseParserError) as error:
            if (
                self._reply is not None and self._reply.status >= _NOT_DONE
            ):  # from a gateway, which does not speak as Amazon does
                headers = {name.lower(): value for name, value in self._reply.headers.items()}
                about = {"HTTPStatusCode": self._reply.status, "HTTPHeaders": headers}
                self._raise_for({"ResponseMetadata": about}, what, acts=acts)
            said = f"cannot {what}: the answer makes no sense ({type(error).__name__})"
            raise Unavailable(said, data={"may_have_executed": acts}) from None

    def _raise_for(self, response: dict[str, Any], what: str, *, acts: bool) -> NoReturn:
        answer = Answer(response, time.time())
        failure = failure_of(answer, what, tuple(self._keys), acts=acts)
        if answer.throttled or (answer.failed and not acts):
            raise _Again(failure, answer.retry_after_seconds) from None
        raise failure from None

    def _client(self, service: str) -> Any:
        self._patience.seconds(0)
        if service not in self._clients:
            self._clients[service] = client_for(service, self._keys, self.region, self._settings.base_url)
            self._clients[service].meta.events.register("before-send", self._before_send)
        return self._clients[service]

    def _before_send(self, request: Any, **_: Any) -> Any:
        """Send botocore's signed request by our own transport, and return what botocore reads the answer from."""
        body: Any = request.body
        if hasattr(body, "read"):
            body = body.read()
        headers = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in request.headers.items()}
        self._reply = reply = self._transport.exchange(request.method, request.url, headers, body or b"")
        return import_module("botocore.awsrequest").AWSResponse(request.url, reply.status, reply.headers, reply.body)


class _Again(Exception):
    """The request may be sent again; `failure` is what the caller gets when it is not."""

    def __init__(self, failure: ModuleError, after_seconds: float | None = None) -> None:
        super().__init__()
        self.failure = failure
        self.after_seconds = after_seconds


@cache
def _descriptions() -> Any:
    """Return botocore's descriptions of all services, read from its own files only. They hold nothing of anybody."""
    loader = import_module("botocore.loaders").Loader
    return loader(extra_search_paths=[loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


def region_names() -> dict[str, str]:
    """Return what people call the regions that botocore knows, such as "US East (N. Virginia)" for us-east-1."""
    partitions = _descriptions().load_data("partitions")["partitions"]
    return {
        region: about["description"]
        for partition in partitions
        for region, about in partition["regions"].items()
        if "description" in about
    }


def client_for(service: str, keys: Keys, region: str, base_url: str) -> Any:
    """Return a client of boto3's that uses what it is given and nothing that lies about on the machine."""
    boto3, config, sessions = (import_module(name) for name in ("boto3", "botocore.config", "botocore.session"))
    providers, credentials = import_module("botocore.configprovider"), import_module("botocore.credentials")
    session = sessions.Session()
    defaults = {name: about[2] for name, about in sessions.Session.SESSION_VARIABLES.items()}
    defaults |= {"config_file": None, "credentials_file": None, "s3": None, "proxies_config": None}
    store = providers.ConfigValueStore(
        mapping={name: providers.ConstantProvider(default) for name, default in defaults.items()}
    )
    session.register_component("config_store", store)
    session.register_component("credential_provider", credentials.CredentialResolver(providers=[]))
    session.register_component("token_provider", import_module("botocore.tokens").TokenProviderChain(providers=[]))
    session.register_component("data_loader", _descriptions())
    return boto3.Session(botocore_session=session).client(
        service,
        region_name=region,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        endpoint_url=base_url or None,
        config=config.Config(
            retries={"total_max_attempts": 1},  # `Cloud` does it: it knows the deadline, and what must not be done twice
            ignore_configured_endpoint_urls=True,
            # Checksums beyond what S3 demands turn a body into pieces whose length is not known beforehand.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"} if base_url else {},
        ),
    )
