"""The callback encryption, against vectors of our own and, where given, the public ones."""

import base64
import json
import os
import struct
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from adapters.wecom.crypto import BadCallback, Envelope, Secrets, encrypt, open_aes, seal, seal_aes, sign, unseal

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECRETS = Secrets.of("token", KEY, "wwcorp")


def _vectors():
    files = [Path(__file__).parent / "vectors.json"]
    if os.environ.get("GENDAN_WECOM_VECTORS"):
        files.append(Path(os.environ["GENDAN_WECOM_VECTORS"]))
    for file in files:
        found = json.loads(file.read_text(encoding="utf-8"))
        for kind in ("accept", "reject"):
            for entry in found[kind]:
                yield pytest.param(kind, entry, id=f"{file.stem}-{entry['id']}")


@pytest.mark.parametrize(("kind", "entry"), list(_vectors()))
def test_every_vector_is_accepted_or_refused_as_it_says(kind, entry):
    secrets = Secrets.of(entry["token"], entry["encoding_aes_key"], entry["receive_id"])
    envelope = Envelope(entry["encrypted"], entry["signature"], entry["timestamp"], entry["nonce"])
    if kind == "reject":
        with pytest.raises(BadCallback):
            unseal(secrets, envelope)
        return
    assert unseal(secrets, envelope) == entry["plaintext"]
    made = seal(secrets, entry["plaintext"], entry["timestamp"], entry["nonce"], entry["random"].encode())
    assert made == envelope


@pytest.mark.skipif(not os.environ.get("GENDAN_WECOM_VECTORS"), reason="GENDAN_WECOM_VECTORS names no file")
def test_the_public_vectors_are_all_there():
    found = json.loads(Path(os.environ["GENDAN_WECOM_VECTORS"]).read_text(encoding="utf-8"))
    assert len(found["accept"]) + len(found["reject"]) == 30


@given(st.text(), st.text(max_size=20))
def test_what_is_sealed_can_be_unsealed(message, receive_id):
    secrets = Secrets.of("t", KEY, receive_id)
    assert unseal(secrets, seal(secrets, message, "1", "2")) == message


@given(st.binary())
def test_any_bytes_are_refused_with_the_one_exception(data):
    text = base64.b64encode(data).decode()
    with pytest.raises(BadCallback):
        unseal(SECRETS, Envelope(text, sign("token", "1", "2", text), "1", "2"))


@given(st.text(), st.text(), st.text(), st.text())
def test_any_words_are_refused_with_the_one_exception(encrypted, signature, timestamp, nonce):
    with pytest.raises(BadCallback):
        unseal(SECRETS, Envelope(encrypted, signature, timestamp, nonce))


@given(st.integers(0, 63), st.integers(1, 255))
def test_one_changed_byte_of_the_padding_or_the_tail_is_refused(place, change):
    data = bytearray(base64.b64decode(encrypt(SECRETS, "a message of some length, 中文", b"0" * 16)))
    place %= len(data)
    data[-1 - place] ^= change
    text = base64.b64encode(bytes(data)).decode()
    try:
        message = unseal(SECRETS, Envelope(text, sign("token", "1", "2", text), "1", "2"))
    except BadCallback:
        return
    assert message != "a message of some length, 中文"


def test_padding_of_more_than_a_block_is_refused_however_consistent():
    frame = b"0" * 16 + struct.pack(">I", 5) + b"hello" + b"wwcorp"  # 31 bytes: with 33 more, four blocks of AES
    cipher = Cipher(algorithms.AES(SECRETS.key), modes.CBC(SECRETS.key[:16])).encryptor()
    text = base64.b64encode(cipher.update(frame + bytes([33]) * 33) + cipher.finalize()).decode()
    with pytest.raises(BadCallback):
        unseal(SECRETS, Envelope(text, sign("token", "1", "2", text), "1", "2"))


@pytest.mark.parametrize("length", range(70))
def test_padding_is_always_there_and_at_most_32(length):
    sealed = seal_aes(SECRETS.key, b"x" * length)
    assert length < len(sealed) <= length + 32
    assert open_aes(SECRETS.key, sealed) == b"x" * length


@pytest.mark.parametrize("key", ["", "short", KEY + "x", KEY[:-1] + "+", KEY[:-1] + "字"])
def test_an_impossible_key_is_refused_when_set_up(key):
    with pytest.raises(ValueError, match="43"):
        Secrets.of("t", key, "ww")


def test_secrets_are_never_shown():
    assert "token" not in repr(SECRETS).replace("token=", "")
    assert KEY not in repr(SECRETS)
