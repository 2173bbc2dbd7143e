"""Certificates of the compute tier: who may do what with them, how long, and when a CA is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from typer.testing import CliRunner

from classroom_app.__main__ import cli
from classroom_app.onsite.tier_certificates import CertsError, make_certificates

NAMES = ["ml.classroom.internal", "127.0.0.1"]


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_each_pair_is_for_one_purpose_and_lasts_as_long_as_asked(tmp_path: Path) -> None:
    make_certificates(tmp_path, NAMES, days=2, ca_days=9)
    ca, server, client = (load(tmp_path / f"{name}.pem") for name in ("ca", "server", "client"))
    for certificate, purpose in (
        (server, ExtendedKeyUsageOID.SERVER_AUTH),
        (client, ExtendedKeyUsageOID.CLIENT_AUTH),
    ):
        certificate.verify_directly_issued_by(ca)
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(usage) == [purpose]
        left = certificate.not_valid_after_utc - datetime.now(UTC)
        assert timedelta(days=1.9) < left <= timedelta(days=2)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(entry.value) for entry in names} == set(NAMES)
    assert {(tmp_path / f"{name}.key").stat().st_mode & 0o777 for name in ("ca", "server", "client")} == {
        0o600
    }


def test_new_pairs_keep_the_ca_and_only_asking_replaces_it(tmp_path: Path) -> None:
    make_certificates(tmp_path, NAMES, days=1, ca_days=9)
    ca, server = load(tmp_path / "ca.pem"), load(tmp_path / "server.pem")
    make_certificates(tmp_path, NAMES, days=1, ca_days=9)
    assert load(tmp_path / "ca.pem") == ca
    assert load(tmp_path / "server.pem") != server
    make_certificates(tmp_path, NAMES, days=1, ca_days=9, new_ca=True)
    assert load(tmp_path / "ca.pem") != ca


@pytest.mark.parametrize("lost", ["ca.key", "ca.pem"])
def test_half_a_ca_is_not_replaced(tmp_path: Path, lost: str) -> None:
    make_certificates(tmp_path, NAMES, days=1, ca_days=9)
    (tmp_path / lost).unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(CertsError, match="half of a CA"):
        make_certificates(tmp_path, NAMES, days=1, ca_days=9)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_pair_does_not_outlive_its_ca(tmp_path: Path) -> None:
    with pytest.raises(CertsError, match="before its"):
        make_certificates(tmp_path, NAMES, days=10, ca_days=9)
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_them_and_says_what_is_wrong(tmp_path: Path) -> None:
    out = tmp_path / "certs"
    arguments = ["certs", str(out), "--names", ",".join(NAMES), "--days", "1"]
    assert CliRunner().invoke(cli, arguments).exit_code == 0
    assert {path.name for path in out.iterdir()} == {
        f"{name}.{kind}" for name in ("ca", "server", "client") for kind in ("key", "pem")
    }
    (out / "ca.key").write_text("torn")
    found = CliRunner().invoke(cli, arguments)
    assert found.exit_code == 1
    assert "--new-ca" in found.output
