"""How much a pickle would unfold to, told before it is read.

A pickle of a few hundred bytes can hold a tuple of two references to a tuple of two references ...;
whoever hashes or prints the outermost one walks through a tree that never ends. This counts the
tree without building it.
"""

from __future__ import annotations

import pickletools
import zipfile
from pathlib import Path
from typing import IO

__all__ = ["check_checkpoint", "check_pickle"]

_MOST = 20_000_000
"""Values that a pickle may unfold to; a checkpoint of a large network has some 10,000."""
_LARGEST = 64_000_000
"""Bytes of the pickles of a checkpoint, whose numbers lie elsewhere."""
_OLD_PICKLES = 5
"""Pickles at the beginning of a checkpoint of torch before 1.6."""

_TO_MARK = frozenset(["TUPLE", "LIST", "DICT", "FROZENSET", "INST", "OBJ", "POP_MARK"])
_ADD_TO_MARK = frozenset(["APPENDS", "SETITEMS", "ADDITEMS"])
_TAKES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3, "REDUCE": 2, "NEWOBJ": 2, "NEWOBJ_EX": 3}
_ADDS = {"APPEND": 1, "SETITEM": 2, "BUILD": 1}
_PUTS = frozenset(["PUT", "BINPUT", "LONG_BINPUT"])
_GETS = frozenset(["GET", "BINGET", "LONG_BINGET"])


def check_checkpoint(path: Path) -> None:
    """Check the pickles of a torch checkpoint, new or old.

    Raises:
        ValueError: one would unfold to more than any network has, or is damaged.
        OSError: the file cannot be read.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.filename.endswith(".pkl"):
                    if member.file_size > _LARGEST:
                        raise ValueError(f"its pickle has {member.file_size} bytes")
                    check_pickle(archive.read(member))
        return
    with path.open("rb") as file:
        for _ in range(_OLD_PICKLES):
            check_pickle(file)


def check_pickle(source: bytes | IO[bytes]) -> None:
    """Check the pickle at the beginning of some bytes, or where a file stands.

    Raises:
        ValueError: it would unfold to more than any network has, or is damaged.
    """
    count = _Count()
    try:
        for opcode, argument, _ in pickletools.genops(source):
            count.take(opcode.name, argument, bool(opcode.stack_after))
    except (IndexError, KeyError, TypeError, AttributeError, OverflowError, MemoryError) as error:
        raise ValueError(f"its pickle is damaged ({type(error).__name__})") from error


class _Count:
    """A pickle machine whose values are the numbers of values that they unfold to."""

    def __init__(self) -> None:
        self._stack: list[int] = []
        self._marks: list[int] = []
        self._memo: dict[int, int] = {}

    def take(self, name: str, argument: object, leaves: bool) -> None:
        stack = self._stack
        if name == "MARK":
            self._marks.append(len(stack))
        elif name in _PUTS:
            self._memo[int(str(argument))] = stack[-1]
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = stack[-1]
        elif name in _GETS:
            stack.append(self._memo[int(str(argument))])
        elif name in _TO_MARK:
            self._push(sum(self._to_mark()))
        elif name in _ADD_TO_MARK:
            items = sum(self._to_mark())
            self._push(stack.pop() + items)
        elif name in _TAKES:
            self._push(sum(self._pop(_TAKES[name])))
        elif name in _ADDS:
            items = sum(self._pop(_ADDS[name]))
            self._push(stack.pop() + items)
        elif name == "DUP":
            stack.append(stack[-1])
        elif name in ("POP", "BINPERSID"):
            value = stack.pop()
            if name == "BINPERSID":
                self._push(value)
        elif leaves:
            stack.append(1)

    def _push(self, size: int) -> None:
        if size >= _MOST:
            raise ValueError("its pickle unfolds to more values than any network has")
        self._stack.append(size + 1)

    def _pop(self, count: int) -> list[int]:
        if len(self._stack) < count:
            raise IndexError("the stack is empty")
        taken = self._stack[-count:]
        del self._stack[-count:]
        return taken

    def _to_mark(self) -> list[int]:
        at = self._marks.pop()
        taken = self._stack[at:]
        del self._stack[at:]
        return taken
