"""XML from outside, read without danger, and texts that XML can hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from goldsmith.core.errors import InvalidInputError

_REFUSED: Final = "XML with a DTD or entities is refused; remove the <!DOCTYPE ...>"


def parse_xml(data: bytes) -> Element:
    """Return the outermost element of an XML file.

    Raises:
        InvalidInputError: It is not XML, or holds a DTD, entities or references to other files.
    """
    try:
        root: Element = defusedxml.ElementTree.fromstring(
            data, forbid_dtd=True, forbid_entities=True, forbid_external=True
        )
    except DefusedXmlException as error:
        raise InvalidInputError(_REFUSED) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise InvalidInputError(f"not readable XML: {error}") from error
    return root


def iterate_xml(file: BinaryIO) -> Iterator[tuple[str, Element]]:
    """Yield ``start`` and ``end`` of each element while a file is read; the caller clears what it is done with.

    Raises:
        InvalidInputError: It is not XML, or holds a DTD, entities or references to other files.
    """
    try:
        yield from defusedxml.ElementTree.iterparse(
            file, events=("start", "end"), forbid_dtd=True, forbid_entities=True, forbid_external=True
        )
    except DefusedXmlException as error:
        raise InvalidInputError(_REFUSED) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise InvalidInputError(f"not readable XML: {error}") from error


def holdable(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return "".join(
        char for char in text if char in "\t\n\r" or (ord(char) >= 0x20 and not _is_forbidden(char))
    )


def _is_forbidden(char: str) -> bool:
    return 0xD800 <= ord(char) <= 0xDFFF or ord(char) in (0xFFFE, 0xFFFF)
