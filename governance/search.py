"""Full text that finds two-character Chinese words: character pairs in a GIN-indexed tsvector.

"路灯不亮 3号楼" is indexed as 路灯 灯不 不亮 号楼 and the word 3; a query is cut the same way, its
parts joined by AND. pg_trgm would need three characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.contrib.postgres.search import SearchQuery

CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
RUNS = re.compile(rf"[{CJK}]+|[a-z0-9]+")
# What may go on: a number or a word of two signs or more that no Chinese character closes.
UNFINISHED = re.compile(rf"[a-z0-9]{{2,}}(?![a-z0-9{CJK}])")


def lexemes(*texts: str) -> list[str]:
    """The sorted, distinct parts that the texts are indexed by."""
    return sorted({part for text in texts for part in _parts(text)})


def _parts(text: str) -> Iterable[str]:
    for run in RUNS.findall(folded(text)):
        if run.isascii() or len(run) == 1:
            yield run
        else:
            yield from (run[i : i + 2] for i in range(len(run) - 1))


def folded(text: str) -> str:
    """In small letters, and ３ as 3: Chinese keyboards type both."""
    return unicodedata.normalize("NFKC", text).lower()


def vector(*texts: str) -> str:
    """A tsvector literal without positions; lexemes hold no quote, so none is escaped."""
    return " ".join(f"'{part}'" for part in lexemes(*texts))


def parts_of(tsvector: str) -> set[str]:
    """The parts that a stored vector names."""
    return set(re.findall(r"'([^']*)'", tsvector))


def query(words: str) -> SearchQuery | None:
    """What to match with `search=`; None when the words hold nothing that is indexed.

    A single Chinese character matches the pairs that it begins; a number and a word of letters can
    be typed in part. Not so the 3 of "3号楼", which is not 31, nor a digit alone: all numbers of
    cases begin with a 2, and among a million of them it takes 0.1 s to gather those.
    """
    parts = lexemes(words)
    if not parts:
        return None
    begun = {part for part in parts if len(part) == 1 and not part.isascii()}
    begun |= set(UNFINISHED.findall(folded(words)))
    asked = [f"'{part}':*" if part in begun else f"'{part}'" for part in parts]
    return SearchQuery(" & ".join(asked), search_type="raw", config="simple")
