"""Own TLS before the stand-in: a certificate made on the spot, and a gate that hands on what comes through it; know no HTTP."""

import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

__all__ = ["Gate", "gate"]

_NAME = "localhost"
_PIECE_BYTES = 65536
# Nothing that a test does over one connection takes longer.
_IDLE_SECONDS = 10.0


class Gate:
    """An address with TLS. `certificate` is the file to trust, `passed_bytes` what clients have sent through."""

    def __init__(self, url: str, certificate: Path) -> None:
        self.url = url
        self.certificate = certificate
        self.passed_bytes = 0


@contextmanager
def gate(target: str, directory: Path) -> Generator[Gate]:
    """Open a gate before the address `target` (http://...); its certificate and key lie in `directory`."""
    certificate, key = _certified(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    address = urlsplit(target)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        opened = Gate(f"https://{_NAME}:{listening.getsockname()[1]}", certificate)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    incoming, _ = listening.accept()
                    with suppress(OSError), incoming, context.wrap_socket(incoming, server_side=True) as client:
                        _hand_on(opened, client, (address.hostname or "", address.port or 0))

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield opened
        finally:
            # Closing alone would leave accept() where it is.
            listening.shutdown(socket.SHUT_RDWR)
            serving.join()


def _hand_on(opened: Gate, client: ssl.SSLSocket, target: tuple[str, int]) -> None:
    """Hand on one connection until the client is done with it."""
    client.settimeout(_IDLE_SECONDS)
    with socket.create_connection(target, _IDLE_SECONDS) as service:

        def back() -> None:
            with suppress(OSError):
                while piece := service.recv(_PIECE_BYTES):
                    client.sendall(piece)

        answering = threading.Thread(target=back)
        answering.start()
        try:
            while piece := client.recv(_PIECE_BYTES):
                opened.passed_bytes += len(piece)
                service.sendall(piece)
        finally:
            with suppress(OSError):
                service.shutdown(socket.SHUT_RDWR)
            answering.join()


def _certified(directory: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = directory / "certificate.pem", directory / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form, syntax = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(form, syntax, serialization.NoEncryption()))
    return certificate, private
