"""The private CA: what iPads ask for, kept secret, kept when it may be kept and renewed when it must be."""

import ipaddress
import plistlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from classroom_app.onsite import private_ca

ADDRESSES = ["192.0.2.10", "fd00::10", "laptop", "laptop.local"]


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def alternative_names(certificate: x509.Certificate) -> set[str]:
    san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(entry.value) for entry in san}


def age(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Lets the module believe that this much time has gone by."""

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # a clock that stands
            return datetime.now(UTC) + by

    monkeypatch.setattr(private_ca, "datetime", Later)


def test_the_ca_is_one_that_ipads_accept(tmp_path: Path) -> None:
    made = private_ca.ensure_server_certificate(tmp_path / "tls", ADDRESSES)
    ca = load(made.ca_path)
    assert ca.subject == ca.issuer
    assert ca.subject.rfc4514_string().startswith("CN=Classroom AI ")
    basic = ca.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca) == (True, True)
    assert ca.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert isinstance(ca.public_key(), ec.EllipticCurvePublicKey)
    assert made.ca_fingerprint == ca.fingerprint(hashes.SHA256()).hex(":").upper()


def test_the_server_certificate_is_one_that_ipads_accept(tmp_path: Path) -> None:
    made = private_ca.ensure_server_certificate(tmp_path, [*ADDRESSES, "0.0.0.0", "", "no name!"])  # noqa: S104  # an address to be left out
    certificate = load(made.cert_path)
    certificate.verify_directly_issued_by(load(made.ca_path))
    assert alternative_names(certificate) == {*ADDRESSES, "localhost", "127.0.0.1", "::1"}
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert isinstance(certificate.signature_hash_algorithm, hashes.SHA256)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc <= timedelta(days=398)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_keys_are_readable_by_the_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    private_ca.ensure_server_certificate(folder, ADDRESSES)
    (folder / private_ca.CA_KEY).chmod(0o644)
    private_ca.ensure_server_certificate(folder, ADDRESSES)
    assert {file.name for file in folder.iterdir()} == {"ca.key", "ca.pem", "server.key", "server.pem"}
    assert {(folder / key).stat().st_mode & 0o777 for key in (private_ca.CA_KEY, private_ca.SERVER_KEY)} == {
        0o600
    }
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_second_start_keeps_everything(tmp_path: Path) -> None:
    first = private_ca.ensure_server_certificate(tmp_path, ADDRESSES)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert private_ca.ensure_server_certificate(tmp_path, ADDRESSES[:2]) == first  # fewer are covered too
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_new_address_gets_a_new_certificate_of_the_same_ca(tmp_path: Path) -> None:
    first = private_ca.ensure_server_certificate(tmp_path, ADDRESSES)
    old = load(first.cert_path)
    # The Wi-Fi gave another address; the one that is reached over the internet is new and is left out.
    second = private_ca.ensure_server_certificate(tmp_path, ["10.1.2.3", "2001:db8::7", "laptop.local"])
    assert second.ca_fingerprint == first.ca_fingerprint
    assert load(second.cert_path).serial_number != old.serial_number
    names = alternative_names(load(second.cert_path))
    assert names == {"10.1.2.3", "laptop.local", "localhost", "127.0.0.1", "::1"}


def test_a_first_address_that_the_ca_may_not_sign_for_gets_a_new_ca(tmp_path: Path) -> None:
    first = private_ca.ensure_server_certificate(tmp_path, ["10.1.2.3"])
    second = private_ca.ensure_server_certificate(tmp_path, ["198.51.100.7", "10.1.2.3"])
    assert second.ca_fingerprint != first.ca_fingerprint
    assert {"198.51.100.7", "10.1.2.3"} < alternative_names(load(second.cert_path))
    assert private_ca.ensure_server_certificate(tmp_path, ["198.51.100.7"]) == second


def test_a_ca_without_constraints_is_kept_because_ipads_trust_it(tmp_path: Path) -> None:
    old = private_ca.new_authority()
    private_ca.save_authority(tmp_path, old)
    made = private_ca.ensure_server_certificate(tmp_path, ["198.51.100.7"])
    assert made.ca_fingerprint == private_ca.fingerprint(old.certificate)


@pytest.mark.parametrize("name", ["www.example.com", "198.51.100.8", "laptop.local.example.com"])
def test_a_stolen_ca_key_makes_no_site_of_the_internet(tmp_path: Path, name: str) -> None:
    private_ca.ensure_server_certificate(tmp_path, ADDRESSES)
    stolen = private_ca.read_authority(tmp_path)
    assert stolen
    forged = private_ca.issue(stolen, name, names=[name], server=True)
    assert handshake(*contexts(tmp_path, stolen, forged), name) == "SSLCertVerificationError"
    # One of a class's networks is trusted: the refusal above is the constraint's.
    honest = private_ca.issue(stolen, "10.9.8.7", names=["10.9.8.7", "localhost"], server=True)
    assert handshake(*contexts(tmp_path, stolen, honest), "10.9.8.7") == ""


def test_near_its_end_only_the_server_certificate_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = private_ca.ensure_server_certificate(tmp_path, ADDRESSES)
    old = load(first.cert_path)
    age(monkeypatch, timedelta(days=360))
    assert private_ca.ensure_server_certificate(tmp_path, ADDRESSES) == first
    assert load(first.cert_path) == old
    age(monkeypatch, timedelta(days=370))
    assert private_ca.ensure_server_certificate(tmp_path, ADDRESSES).ca_fingerprint == first.ca_fingerprint
    assert load(first.cert_path).not_valid_after_utc > old.not_valid_after_utc


def test_a_ca_that_is_over_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = private_ca.ensure_server_certificate(tmp_path, ADDRESSES)
    age(monkeypatch, timedelta(days=5 * 365))
    second = private_ca.ensure_server_certificate(tmp_path, ADDRESSES)
    assert second.ca_fingerprint != first.ca_fingerprint
    load(second.cert_path).verify_directly_issued_by(load(second.ca_path))


@pytest.mark.parametrize("damaged", [private_ca.SERVER_CERT, private_ca.SERVER_KEY])
def test_a_damaged_server_certificate_heals(tmp_path: Path, damaged: str) -> None:
    first = private_ca.ensure_server_certificate(tmp_path, ADDRESSES)
    (tmp_path / damaged).write_text("torn")
    assert private_ca.ensure_server_certificate(tmp_path, ADDRESSES) == first
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(first.cert_path, first.key_path)


def test_a_damaged_ca_is_not_replaced_unasked(tmp_path: Path) -> None:
    private_ca.ensure_server_certificate(tmp_path, ADDRESSES)
    (tmp_path / private_ca.CA_CERT).write_text("torn")
    with pytest.raises(ValueError, match=r"remove ca\.key"):
        private_ca.ensure_server_certificate(tmp_path, ADDRESSES)
    (tmp_path / private_ca.CA_KEY).unlink()
    assert private_ca.ensure_server_certificate(tmp_path, ADDRESSES).ca_fingerprint


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> str:
    """The client's CN as the server sees it, or the error of whichever side refused."""
    ours, theirs = socket.socketpair()
    outcome: list[str] = []

    def serve() -> None:
        try:
            with server.wrap_socket(theirs, server_side=True) as tls:
                der = tls.getpeercert(binary_form=True)
                outcome.append(x509.load_der_x509_certificate(der).subject.rfc4514_string() if der else "")
                tls.send(b"x")
        except OSError as exc:
            outcome.append(type(exc).__name__)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(ours, server_hostname=name) as tls:
            tls.recv(1)
    except OSError as exc:
        return type(exc).__name__
    finally:
        thread.join(5)
    return outcome[0]


def contexts(
    folder: Path, ca: private_ca.Authority, server: private_ca.Issued
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    (folder / "server.pem").write_bytes(server.cert_pem + server.key_pem)
    listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    listening.load_cert_chain(folder / "server.pem")
    calling = ssl.create_default_context(cadata=ca.pem.decode())
    return listening, calling


def test_a_client_with_the_ca_trusts_each_name_and_no_other(tmp_path: Path) -> None:
    made = private_ca.ensure_server_certificate(tmp_path, ADDRESSES)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.cert_path, made.key_path)
    client = ssl.create_default_context(cafile=str(made.ca_path))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    for name in (*ADDRESSES, "localhost", "127.0.0.1"):
        assert handshake(server, client, name) == ""
    assert handshake(server, client, "other.example") == "SSLCertVerificationError"


def test_mutual_tls(tmp_path: Path) -> None:
    ca = private_ca.new_authority()
    server, client = contexts(tmp_path, ca, private_ca.issue(ca, "ml-core", names=["ml-core"], server=True))
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(cadata=ca.pem.decode())
    assert handshake(server, client, "ml-core").startswith("SSL")  # no certificate, no service
    issued = private_ca.issue(ca, "web", client=True)
    (tmp_path / "client.pem").write_bytes(issued.cert_pem + issued.key_pem)
    client.load_cert_chain(tmp_path / "client.pem")
    assert handshake(server, client, "ml-core") == "CN=web"


def test_a_client_certificate_can_not_serve(tmp_path: Path) -> None:
    ca = private_ca.new_authority()
    server, client = contexts(tmp_path, ca, private_ca.issue(ca, "ml-core", client=True))
    assert handshake(server, client, "ml-core") == "SSLCertVerificationError"


def test_issue_wants_a_purpose() -> None:
    ca = private_ca.new_authority()
    with pytest.raises(ValueError, match="for a server"):
        private_ca.issue(ca, "nobody")
    both = x509.load_pem_x509_certificate(private_ca.issue(ca, "both", server=True, client=True).cert_pem)
    purposes = both.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(purposes) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}


def test_the_profile_holds_the_ca_and_keeps_its_identifiers() -> None:
    der = private_ca.new_authority().certificate.public_bytes(serialization.Encoding.DER)
    profile = plistlib.loads(private_ca.mobileconfig(der, "AIクラス"))
    assert profile["PayloadType"] == "Configuration"
    assert profile["PayloadDisplayName"] == "AIクラス"
    assert profile["PayloadRemovalDisallowed"] is False
    (payload,) = profile["PayloadContent"]
    assert payload["PayloadType"] == "com.apple.security.root"
    assert payload["PayloadContent"] == der
    assert payload["PayloadUUID"] != profile["PayloadUUID"]
    assert private_ca.mobileconfig(der, "AIクラス") == plistlib.dumps(profile)
    other = private_ca.new_authority().certificate.public_bytes(serialization.Encoding.DER)
    assert plistlib.loads(private_ca.mobileconfig(other, "AIクラス"))["PayloadUUID"] != profile["PayloadUUID"]


def test_local_addresses_never_lead_nowhere() -> None:
    addresses = private_ca.local_addresses()
    assert len(addresses) == len(set(addresses))
    for address in addresses:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            assert address != "localhost"
        else:
            assert (ip.is_loopback, ip.is_unspecified, ip.is_link_local) == (False, False, False)


def test_local_addresses_without_a_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", unreachable)
    monkeypatch.setattr(socket.socket, "connect", unreachable)
    monkeypatch.setattr(socket, "if_nameindex", list)
    monkeypatch.setattr(socket, "gethostname", lambda: "Laptop_1")  # no valid host name
    assert private_ca.local_addresses() == []
    monkeypatch.setattr(socket, "gethostname", lambda: "Laptop")
    assert private_ca.local_addresses() == ["laptop", "laptop.local"]
    assert private_ca.ensure_server_certificate(tmp_path, []).cert_path.is_file()
