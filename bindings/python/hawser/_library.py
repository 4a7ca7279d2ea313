"""libhawser through cffi: loading it, and carrying values across."""

from __future__ import annotations

import os
import sys
import weakref
from functools import lru_cache
from typing import Any, Mapping, Union

import cffi

from . import types
from ._cdef import ABI_VERSION, CDEF

Data = Union[str, bytes, bytearray, memoryview]
ffi: Any = cffi.FFI()
ffi.cdef(CDEF)
NULL = ffi.NULL


def _load() -> Any:
    usual = {"win32": "hawser.dll", "darwin": "libhawser.0.dylib"}.get(sys.platform, "libhawser.so.0")
    name = os.environ.get("HAWSER_LIBRARY") or usual
    try:
        library = ffi.dlopen(name)
    except OSError as error:
        raise ImportError(f"{error}; HAWSER_LIBRARY may say where libhawser is") from error
    if library.hws_abi_version() != ABI_VERSION:
        raise ImportError(f"{name} has ABI {library.hws_abi_version()}, this binding wants {ABI_VERSION}")
    return library


lib = _load()

# ---- what is handed out, copied


def word(text: Any) -> str | None:
    return None if text == NULL else str(ffi.string(text), "utf-8")


def string(text: Any) -> str | None:
    return None if text.ptr == NULL else ffi.buffer(text.ptr, text.len)[:].decode("utf-8", "replace")


def octets(data: Any) -> bytes:
    return ffi.buffer(data.ptr, data.len)[:] if data.len else b""


def text_or_octets(event: Any) -> str | bytes:
    """The data of an event: a str if it is a whole text message."""
    is_text = event.opcode == types.Opcode.TEXT and event.kind in (types.EventKind.MESSAGE, types.EventKind.PUBLISH)
    return octets(event.data).decode() if is_text else octets(event.data)


def pairs(headers: Any, count: int) -> list[tuple[str, str]]:
    return [(string(headers[at].name) or "", string(headers[at].value) or "") for at in range(count)]


# ---- what is passed in

_kept: weakref.WeakKeyDictionary[Any, list[Any]] = weakref.WeakKeyDictionary()  # what structs point to


def opcode_of(data: Data, opcode: int | None) -> int:
    """That of a message, if none is given."""
    return opcode if opcode is not None else types.Opcode.TEXT if isinstance(data, str) else types.Opcode.BINARY


def text(buffer: Any) -> tuple[Any, int]:
    """An hws_str of what lives in a buffer."""
    return ffi.cast("char *", buffer), len(buffer)


def given(name: str, options: Mapping[str, Any] | None) -> Any:
    return struct(name, options) if options else NULL


def struct(name: str, options: Mapping[str, Any]) -> Any:
    """A pointer to a struct with these fields; it keeps all that they point to."""
    pointer = ffi.new(f"{name} *")
    kept: list[Any] = []
    _kept[pointer] = kept
    plan = _plan(name)
    if "struct_size" in plan:
        pointer.struct_size = ffi.sizeof(name)
    for field, value in options.items():
        field = field.rstrip("_")
        if field not in plan:
            raise TypeError(f"{name} has no {field!r}; it has {', '.join(sorted(plan))}")
        kind, count = plan[field]
        if value is not None and count is not None:
            items = list(value.items() if isinstance(value, Mapping) else value)
            value = ffi.new(f"{kind.item.cname}[]", [_made(field, kind.item, item, kept) for item in items])
            kept.append(value)
            setattr(pointer, count, len(items))
            setattr(pointer, field, value)
        elif value is not None:
            setattr(pointer, field, _made(field, kind, value, kept))
    return pointer


@lru_cache(maxsize=None)
def _plan(name: str) -> dict[str, tuple[Any, str | None]]:
    """The fields of a struct with their types; of a list also the field that counts it."""
    fields = [(field, at.type) for field, at in ffi.typeof(name).fields]
    plan = {}
    for (field, kind), (following, _) in zip(fields, fields[1:] + [("", None)]):
        is_list = kind.kind == "pointer" and following.endswith("_count")
        plan[field] = kind, following if is_list else None
    return plan


def _made(name: str, kind: Any, value: Any, kept: list[Any]) -> Any:
    """A value as cffi takes it for a field of this type."""
    if kind.kind == "primitive":
        if isinstance(value, bool):
            return types.Toggle.ON if value else types.Toggle.OFF
        if isinstance(value, str) and name in types.WORDS:
            return getattr(types.WORDS[name], value.upper())
        return value
    if hasattr(value, "handle"):
        return value.handle
    if kind.cname in ("hws_str", "hws_bytes"):
        data = ffi.from_buffer(value.encode() if isinstance(value, str) else value)
        kept.append(data)
        return ffi.cast("char *" if kind.cname == "hws_str" else "uint8_t *", data), len(data)
    if kind.cname == "hws_header":
        key, content = value
        return tuple(_made(name, ffi.typeof("hws_str"), part, kept) for part in (key, content))
    made = struct(kind.item.cname if kind.kind == "pointer" else kind.cname, value)
    kept.append(made)
    return made if kind.kind == "pointer" else made[0]
