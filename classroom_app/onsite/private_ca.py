"""The class's private certificate authority: made once in a folder, it signs certificates for this machine
and, for mutual TLS, for the tiers.

What iPads ask of a server certificate: names in SAN (the CN is ignored), serverAuth, SHA-256 and at most
825 days. A class's CA carries name constraints (RFC 5280, 4.2.1.10): private addresses and this machine's
names, so whoever steals its key can be no site of the internet for those iPads. The key stays in the folder,
readable by its owner only, and the install page asks to remove the profile after the class.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import plistlib
import secrets
import socket
import struct
import sys
import tempfile
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from classroom_app.network import LOOPBACK_HOSTS

CA_LIFETIME = timedelta(days=5 * 365)
LEAF_LIFETIME = timedelta(days=398)  # Apple's bound for public CAs; private ones may have 825
RENEW_BEFORE = timedelta(days=30)
CLOCK_SKEW = timedelta(days=1)  # an iPad whose clock is behind still believes a fresh certificate

CA_KEY, CA_CERT = "ca.key", "ca.pem"
SERVER_KEY, SERVER_CERT = "server.key", "server.pem"

# Where a class may be: private and link-local networks, this machine itself. Wi-Fi gives another address
# every day, and iPads that trust a CA should go on trusting it.
CLASS_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8",
        "fc00::/7", "fe80::/10", "::1/128",
    )
)  # fmt: skip

SIOCGIFADDR = 0x8915  # Linux: "which IPv4 address has this interface?"

# Documentation addresses: never answered, and connecting a UDP socket sends nothing. It only makes the system
# say from which of its own addresses it would.
_PROBES = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Files to serve HTTPS with; the fingerprint is the CA's SHA-256, as `AB:CD:…`."""

    cert_path: Path
    key_path: Path
    ca_path: Path
    ca_fingerprint: str


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA in memory, able to sign."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key, PEM; keep the key at mode 0600."""

    cert_pem: bytes
    key_pem: bytes


def ensure_server_certificate(folder: Path, addresses: Iterable[str]) -> ServerCertificate:
    """The CA of this folder, made if missing, and a server certificate for these addresses and names.

    The server certificate is made anew when it does not cover them all, is near its end, or is not of this
    CA. The CA is kept, and iPads that trust it go on trusting, unless it may not sign for the first address;
    others that it may not sign for are left out.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = [name for address in addresses if _may_be_certified(name := address.strip().lower())]
    authority = ensure_authority(folder, names)
    covered = sorted({name for name in names if _permits(authority.certificate, name)} | LOOPBACK_HOSTS)
    cert_path, key_path = folder / SERVER_CERT, folder / SERVER_KEY
    if not _still_good(cert_path, key_path, authority, covered):
        issued = issue(authority, _common_name(covered), names=covered, server=True)
        save_issued(folder, "server", issued)
    return ServerCertificate(cert_path, key_path, folder / CA_CERT, fingerprint(authority.certificate))


def ensure_authority(folder: Path, names: Sequence[str]) -> Authority:
    """Reads the CA; makes one where the folder has none, or one that is over or not for the first name."""
    authority = read_authority(folder)
    if (
        authority is not None
        and _lasts(authority.certificate)
        and all(_permits(authority.certificate, name) for name in names[:1])
    ):
        return authority
    authority = new_authority(only_for=names)
    save_authority(folder, authority)
    return authority


def read_authority(folder: Path) -> Authority | None:
    """The CA of this folder, None when it has none. Raises ValueError when it cannot be read."""
    cert_path, key_path = folder / CA_CERT, folder / CA_KEY
    if not (cert_path.is_file() and key_path.is_file()):
        return None
    try:
        certificate, key = _load(cert_path, key_path)
    except (ValueError, TypeError) as exc:  # not replaced unasked: others trust the old one
        raise ValueError(f"{folder} holds no readable CA: remove {CA_KEY} to get a new one") from exc
    return Authority(certificate, key) if key.public_key() == certificate.public_key() else None


def save_authority(folder: Path, authority: Authority) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(folder / CA_KEY, _key_pem(authority.key), 0o600)
    _write(folder / CA_CERT, authority.pem, 0o644)


def save_issued(folder: Path, name: str, issued: Issued) -> None:
    """`name.key`, for its owner alone, and `name.pem`."""
    _write(folder / f"{name}.key", issued.key_pem, 0o600)
    _write(folder / f"{name}.pem", issued.cert_pem, 0o644)


def new_authority(lifetime: timedelta = CA_LIFETIME, only_for: Sequence[str] | None = None) -> Authority:
    """`only_for`: it signs for these names and the networks of a class alone; None: for every name."""
    key = ec.generate_private_key(ec.SECP256R1())
    # The short id tells the CAs of two laptops apart in an iPad's list.
    name = _name(f"Classroom AI {secrets.token_hex(3)}")
    usage = _key_usage(digital_signature=False, key_cert_sign=True, crl_sign=True)
    builder = (
        _builder(name, name, key.public_key(), key.public_key(), lifetime)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
    )
    if only_for is not None:
        builder = builder.add_extension(_constraints(only_for), critical=True)
    return Authority(builder.sign(key, hashes.SHA256()), key)


def _constraints(names: Sequence[str]) -> x509.NameConstraints:
    addresses = [address for name in names if (address := _ip(name))]
    elsewhere = [
        ipaddress.ip_network(address)
        for address in addresses
        if not any(address in network for network in CLASS_NETWORKS)
    ]
    hosts = sorted({name for name in names if not _ip(name)} | {"localhost"})
    return x509.NameConstraints(
        permitted_subtrees=[
            *(x509.DNSName(host) for host in hosts),
            *(x509.IPAddress(network) for network in (*CLASS_NETWORKS, *elsewhere)),
        ],
        excluded_subtrees=None,
    )


def _permits(certificate: x509.Certificate, name: str) -> bool:
    """May this CA sign for the name? One that was made without constraints may sign for all."""
    try:
        allowed = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return True
    subtrees = [subtree.value for subtree in allowed.permitted_subtrees or ()]
    if address := _ip(name):
        return any(not isinstance(network, str) and address in network for network in subtrees)
    hosts = [host for host in subtrees if isinstance(host, str)]
    return any(name == host or name.endswith(f".{host}") for host in hosts)


def issue(
    ca: Authority,
    cn: str,
    *,
    names: Sequence[str] = (),
    server: bool = False,
    client: bool = False,
    lifetime: timedelta = LEAF_LIFETIME,
) -> Issued:
    """A certificate for a server, a client or both (mutual TLS). Without names the CN is the only one."""
    if not (server or client):
        raise ValueError("a certificate is for a server, for a client or for both")
    key = ec.generate_private_key(ec.SECP256R1())
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH] * server + [ExtendedKeyUsageOID.CLIENT_AUTH] * client
    builder = (
        _builder(_name(cn), ca.certificate.subject, key.public_key(), ca.key.public_key(), lifetime)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names or (cn,)]), False)
    )
    certificate = builder.sign(ca.key, hashes.SHA256())
    return Issued(certificate.public_bytes(serialization.Encoding.PEM), _key_pem(key))


def local_addresses() -> list[str]:
    """The addresses and names under which others may reach this machine: the likeliest address first.

    Loopback is left out, as no iPad gets there; without a network the list holds the host's name at most.
    """
    found: list[str] = []
    for family, probe in _PROBES:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((probe, 9))
            found.append(str(sock.getsockname()[0]))
    found += _interface_addresses()
    hostname = socket.gethostname().lower()
    with contextlib.suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(hostname, None, type=socket.SOCK_STREAM)]
    # A link-local IPv6 address needs a zone, which no browser takes.
    names = [ip for ip in found if (parsed := _ip(ip)) and not (parsed.is_loopback or parsed.is_link_local)]
    if hostname not in LOOPBACK_HOSTS and not _ip(hostname):
        # With mDNS iPads find a laptop under its short name and .local.
        names += [hostname] if "." in hostname else [hostname, f"{hostname}.local"]
    return list(dict.fromkeys(filter(_may_be_certified, names)))


def _interface_addresses() -> list[str]:
    """IPv4 of every interface: a laptop that is itself the class's hotspot has no route for a probe there."""
    if sys.platform != "linux":
        return []
    import fcntl

    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):  # an interface without an address
                answer = fcntl.ioctl(sock.fileno(), SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
                found.append(socket.inet_ntoa(answer[20:24]))
    return found


def fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def mobileconfig(ca_der: bytes, name: str) -> bytes:
    """An Apple configuration profile with the CA as its only payload.

    The identifiers follow from the certificate: installing the same CA again replaces the profile.
    """
    certificate = fingerprint(x509.load_der_x509_certificate(ca_der))
    profile_id = uuid.uuid5(uuid.NAMESPACE_OID, f"classroom-ai profile {certificate}")
    payload_id = uuid.uuid5(uuid.NAMESPACE_OID, f"classroom-ai payload {certificate}")
    payload = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"classroom-ai.ca.{payload_id}",
        "PayloadUUID": str(payload_id).upper(),
        "PayloadDisplayName": name,
        "PayloadCertificateFileName": "classroom-ca.cer",
        "PayloadContent": ca_der,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"classroom-ai.{profile_id}",
        "PayloadUUID": str(profile_id).upper(),
        "PayloadDisplayName": name,
        "PayloadDescription": "Opens the AI class on the class Wi-Fi. Remove it after the class.",
        "PayloadRemovalDisallowed": False,
        "PayloadContent": [payload],
    }
    return plistlib.dumps(profile)


def _still_good(cert_path: Path, key_path: Path, authority: Authority, names: Sequence[str]) -> bool:
    try:
        certificate, key = _load(cert_path, key_path)
        certificate.verify_directly_issued_by(authority.certificate)
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False  # missing, torn, of another CA: all the same, a new one costs nothing
    covered = set(san) >= {_general_name(name) for name in names}
    return covered and _lasts(certificate) and key.public_key() == certificate.public_key()


def _lasts(certificate: x509.Certificate) -> bool:
    now = datetime.now(UTC)
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - RENEW_BEFORE


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    start = datetime.now(UTC).replace(microsecond=0) - CLOCK_SKEW
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _key_usage(
    *, digital_signature: bool, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _name(cn: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn[:64])])  # 64: the standard's bound


def _common_name(names: Sequence[str]) -> str:
    """For people who look at the certificate; browsers read the SAN."""
    return next((name for name in names if name not in LOOPBACK_HOSTS), "localhost")


def _general_name(name: str) -> x509.GeneralName:
    address = _ip(name)
    return x509.IPAddress(address) if address else x509.DNSName(name)


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _may_be_certified(name: str) -> bool:
    """Not the wildcard that a server listens on, nor what is no name at all."""
    if ip := _ip(name):
        return not (ip.is_unspecified or ip.is_multicast or "%" in name)
    labels = name.split(".")
    return name.isascii() and all(0 < len(part) < 64 and part.replace("-", "").isalnum() for part in labels)


def _load(cert_path: Path, key_path: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate = x509.load_pem_x509_certificate(cert_path.read_bytes())
    key_path.chmod(0o600)  # whoever copied the folder may have lost the mode
    key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{key_path.name} is not an elliptic curve key")
    return certificate, key


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others for a moment: mkstemp makes files at 0600."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(scratch).chmod(mode)
        Path(scratch).replace(path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
