"""Personal data at rest: one field type, one key a row, bound to its table, column and row.

Ciphertext = version byte ‖ 12-byte nonce ‖ AES-256-GCM or SM4-GCM (GM/T 0002) ciphertext with tag;
the associated data is "table.column:row id", so that a value moved elsewhere does not open.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, cast
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from governance import bulk
from governance.models.personal import DataKey, PersonalRow

AES, SM4 = b"\x01", b"\x02"
CIPHERS = ("aes-256-gcm", "sm4-gcm")  # what PERSONAL_DATA_CIPHER may say
NONCE, TAG = 12, 16


class Unreadable(Exception):
    """The ciphertext was altered or moved, or the master key is another one."""


@lru_cache(maxsize=32)
def _derived(master_hex: str, purpose: bytes) -> bytes:
    try:
        master = bytes.fromhex(master_hex)
    except ValueError:
        master = b""
    if len(master) != 32:
        raise ImproperlyConfigured("PERSONAL_DATA_KEY must be 64 hexadecimal digits (32 bytes).")
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(master)


def master_key() -> bytes:
    """The key that wraps data keys, derived from PERSONAL_DATA_KEY (file or environment)."""
    return _derived(settings.PERSONAL_DATA_KEY, b"governance data keys")


def master_name(master_hex: str = "") -> str:
    """What a master key is called in the database, which tells nothing about it."""
    return _derived(master_hex or settings.PERSONAL_DATA_KEY, b"governance key name").hex()[:16]


def master_keys() -> dict[str, bytes]:
    """Name → key, of all that may open: the current one first, then PERSONAL_DATA_OTHER_KEYS."""
    return _named(settings.PERSONAL_DATA_KEY, *settings.PERSONAL_DATA_OTHER_KEYS)


@lru_cache(maxsize=8)
def _named(*known: str) -> dict[str, bytes]:
    return {master_name(key): _derived(key, b"governance data keys") for key in known}


def blind_index(purpose: str, text: str) -> bytes:
    """What a sealed value is found by: 16 bytes of an HMAC-SHA256 under a key of its own, so that
    equal values have equal indexes and nobody without the key can try values out.

    From PERSONAL_INDEX_KEY where it is set, so that the master key can be changed without it.
    """
    master = settings.PERSONAL_INDEX_KEY or settings.PERSONAL_DATA_KEY
    key = _derived(master, b"governance blind index")
    return hmac.digest(key, f"{purpose}:{text}".encode(), "sha256")[:16]


def encrypt(key: bytes, clear: bytes, bound_to: bytes) -> bytes:
    """Seal `clear` (bytes) with a 32-byte key, bound to its place."""
    nonce = os.urandom(NONCE)
    if settings.PERSONAL_DATA_CIPHER == "sm4-gcm":
        encryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound_to)
        sealed = encryptor.update(clear) + encryptor.finalize()
        return SM4 + nonce + sealed + encryptor.tag
    return AES + nonce + AESGCM(key).encrypt(nonce, clear, bound_to)


def decrypt(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Open what `encrypt` made; raises Unreadable. The cipher is the one it was sealed with."""
    version, nonce, body = sealed[:1], sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
    try:
        if version == SM4:
            mode = modes.GCM(nonce, body[-TAG:])
            decryptor = Cipher(algorithms.SM4(key[:16]), mode).decryptor()
            decryptor.authenticate_additional_data(bound_to)
            return decryptor.update(body[:-TAG]) + decryptor.finalize()
        if version == AES:
            return AESGCM(key).decrypt(nonce, body, bound_to)
        raise ValueError(version)
    except (InvalidTag, ValueError) as error:
        raise Unreadable(bound_to.decode(errors="backslashreplace")) from error


def new_data_key() -> DataKey:
    """An unsaved key of a new row."""
    key = DataKey()
    wrap(key, os.urandom(32))
    return key


def wrap(row: DataKey, key: bytes) -> None:
    """Put a data key into its row, under the current master key."""
    row.wrapped, row.master = encrypt(master_key(), key, row.pk.bytes), master_name()


def new_row(
    model: type[PersonalRow], key: UUID, values: Mapping[str, str]
) -> tuple[list[Any], list[str | None]]:
    """A row that is written with many others (governance/bulk.py): its data key's columns (id,
    wrapped, master), and these columns of its own, sealed with it."""
    data_key, its_id = os.urandom(32), uuid4()
    wrapped = encrypt(master_key(), data_key, its_id.bytes)
    sealed = [
        bulk.coded(encrypt(data_key, text.encode(), place(model, name, key))) if text else None
        for name, text in values.items()
    ]
    return [its_id, bulk.coded(wrapped), master_name()], sealed


def place(model: type[models.Model], column: str, key: object) -> bytes:
    """What a sealed value is bound to."""
    return f"{model._meta.db_table}.{column}:{key}".encode()


def unwrap(row: DataKey) -> bytes:
    """The data key of a row, whichever of our master keys wraps it. Raises Unreadable."""
    known, wrapped, place = master_keys(), bytes(row.wrapped), row.pk.bytes
    if row.master in known:
        return decrypt(known[row.master], wrapped, place)
    for master in known.values() if not row.master else ():
        with suppress(Unreadable):
            return decrypt(master, wrapped, place)
    raise Unreadable(f"no key named {row.master or '—'}")


def data_key_of(row: PersonalRow) -> bytes | None:
    """The row's own key, unwrapped; None when it was destroyed (the person was erased)."""
    if row.data_key.destroyed_at is not None:
        return None
    cached = row.__dict__.get("_data_key")
    if cached is None:
        cached = row.__dict__["_data_key"] = unwrap(row.data_key)
    return cast(bytes, cached)


def mask_name(name: str) -> str:
    """张三丰 → 张**; a long name says no more of its length than three stars do."""
    return name[:1] + "*" * min(max(len(name) - 1, 1), 3) if name else ""


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678; anything shorter than eight digits is hidden whole."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)


def mask_document(number: str) -> str:
    """11010519491231002X → **************002X; a short one is hidden whole."""
    shown = number[-4:] if len(number) >= 12 else ""
    return "*" * (len(number) - len(shown)) + shown


def mask_all(text: str) -> str:
    """Whatever it is, and however long."""
    return "***" if text else ""


def mask_email(address: str) -> str:
    """zhangsan@example.cn → z***@example.cn; what has no @ is hidden whole."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}" if at else "*" * len(address)


MASKS = {
    "name": mask_name,
    "phone": mask_phone,
    "email": mask_email,
    "document": mask_document,
    "hidden": mask_all,
}


class Sealed:
    """What an encrypted column reads as: masked as text, clear only through `reveal()`."""

    def __init__(self, row: PersonalRow, field: EncryptedTextField, value: bytes) -> None:
        self.row, self.field, self.value = row, field, value

    def reveal(self) -> str:
        """The clear text, or "" when the person was erased. Write an access record first."""
        key = data_key_of(self.row)
        return "" if key is None else decrypt(key, self.value, self.field.place(self.row)).decode()

    @property
    def masked(self) -> str:
        return MASKS[self.field.mask](self.reveal())

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return "<Sealed>"

    def __bool__(self) -> bool:
        return True


class _SealedAttribute:
    def __init__(self, field: EncryptedTextField) -> None:
        self.field = field

    def __get__(self, row: PersonalRow | None, owner: type) -> Any:
        if row is None:
            return self
        if self.field.attname not in row.__dict__:  # deferred: not the same as empty
            row.refresh_from_db(fields=[self.field.attname])
        value = row.__dict__[self.field.attname]
        return Sealed(row, self.field, bytes(value)) if value else None

    def __set__(self, row: PersonalRow, value: object) -> None:
        row.__dict__[self.field.attname] = self.field.sealed(row, value)


class EncryptedTextField(models.BinaryField):  # type: ignore[type-arg]
    """Text sealed with the key of its row; `mask` names how it is shown (MASKS)."""

    def __init__(self, *args: Any, mask: str, **kwargs: Any) -> None:
        self.mask = mask
        super().__init__(*args, **{"null": True, "blank": True, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "mask": self.mask}

    def contribute_to_class(self, cls: type[models.Model], name: str, *args: Any) -> None:
        super().contribute_to_class(cls, name, *args)
        if not cls._meta.abstract and issubclass(cls, PersonalRow):
            setattr(cls, name, _SealedAttribute(self))

    def place(self, row: PersonalRow) -> bytes:
        return place(type(row), str(self.column), row.pk)

    def sealed(self, row: PersonalRow, value: object) -> bytes | None:
        """Bytes come from the database and stay; text is sealed now, for this very place."""
        if value is None or value == "":
            return None
        if isinstance(value, Sealed):
            if value.field.place(value.row) == self.place(row):
                return value.value
            value = value.reveal()
        if isinstance(value, str):
            if "data_key" not in row._state.fields_cache and row.data_key_id is None:
                row.data_key = new_data_key()
            key = data_key_of(row)
            if key is None:
                raise Unreadable("erased")
            return encrypt(key, value.encode(), self.place(row))
        return bytes(cast(bytes, value))

    def get_db_prep_value(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, Sealed):
            value = value.value
        return super().get_db_prep_value(value, *args, **kwargs)
