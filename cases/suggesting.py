"""Which item somebody's words speak of: a linear text model trained on the closed cases.

Trained by scikit-learn in a worker or by `train_items`; asked with numpy alone, so that a web
process does not carry scikit-learn. Off until there are LEAST closed cases.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cases import items
from cases.models import AT_WORK, Case, ItemModel, Outcome, State
from governance.reference import Reference
from governance.search import lexemes

LEAST = 500
WORDS_MOST, CASES_MOST = 20_000, 50_000
TOP = 3
KEPT = 5  # trained models, the newest: to see how the accuracy went
ENDED = [str(s) for s in State if s not in {*AT_WORK, State.REFUSED, State.SPLIT, State.JOINED}]


class Suggestion(NamedTuple):
    """An item, and how sure the model is (0 to 1)."""

    item_id: int
    confidence: float


class Model(NamedTuple):
    words: dict[str, int]
    item_ids: NDArray[np.int64]
    weights: NDArray[np.float32]
    biases: NDArray[np.float32]


class TooFew(Exception):
    """There are not enough closed cases to learn from."""


def load() -> Model | None:
    row = ItemModel.objects.order_by("-trained_at", "-pk").first()
    if row is None:
        return None
    with np.load(BytesIO(bytes(row.weights)), allow_pickle=False) as kept:
        words = {str(word): n for n, word in enumerate(kept["words"])}
        weights = kept["weights"].astype(np.float32)
        return Model(words, kept["item_ids"], weights, kept["biases"])


model = Reference("item_model", load)


def suggest(text: str) -> list[Suggestion]:
    """The likeliest active items, the surest first; [] while there is no model, or it knows none of
    the words."""
    known = model()
    if known is None:
        return []
    found = [known.words[part] for part in lexemes(text) if part in known.words]
    if not found:
        return []
    return ranked(known, np.array(found))


def ranked(known: Model, found: NDArray[np.int64]) -> list[Suggestion]:
    # each text counts as one, whatever its length, as in training
    scores = known.weights[:, found].sum(axis=1) / np.sqrt(len(found)) + known.biases
    odds = np.exp(scores - scores.max())
    sure = odds / odds.sum()
    best = [(int(known.item_ids[n]), float(sure[n])) for n in np.argsort(-sure)[: TOP * 2]]
    active = items.items()
    return [Suggestion(*one) for one in best if one[0] in active and active[one[0]].is_active][:TOP]


def train(now: datetime) -> ItemModel:
    """Learn from the newest closed cases, and test on the newest fifth what was learnt from the
    rest. Raises TooFew."""
    rows = (
        Case.objects.filter(state__in=ENDED)
        .exclude(outcome__in=[Outcome.DUPLICATE, Outcome.NOT_OURS])
        .order_by("-pk")
        .values_list("description", "item_id")[:CASES_MOST]
    )
    known = [(lexemes(text), item_id) for text, item_id in reversed(list(rows))]
    if len(known) < LEAST:
        raise TooFew(len(known))
    cut = len(known) * 4 // 5
    learnt = learn(known[:cut])
    first, top3 = judged(learnt, known[cut:])
    row = ItemModel.objects.create(
        trained_at=now,
        cases=len(known),
        tested=len(known) - cut,
        accuracy=first,
        accuracy_top3=top3,
        weights=packed(learn(known)),
    )
    kept = ItemModel.objects.order_by("-trained_at", "-pk").values("pk")[:KEPT]
    ItemModel.objects.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    return row


def learn(known: list[tuple[list[str], int]]) -> Model:
    """A logistic regression over which character pairs are in the words."""
    # only here: a web process never comes this way
    from scipy.sparse import csr_matrix  # noqa: PLC0415
    from sklearn.linear_model import SGDClassifier  # noqa: PLC0415

    counted = Counter(part for parts, _item in known for part in parts)
    words = {word: n for n, (word, _count) in enumerate(counted.most_common(WORDS_MOST))}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for n, (parts, _item) in enumerate(known):
        found = [words[part] for part in parts if part in words]
        rows += [n] * len(found)
        columns += found
        values += [1 / np.sqrt(len(found))] * len(found)
    matrix = csr_matrix((values, (rows, columns)), shape=(len(known), len(words)))
    fitted = SGDClassifier(loss="log_loss", alpha=1e-5, random_state=7, n_jobs=1)
    fitted.fit(matrix, [item_id for _parts, item_id in known])
    weights, biases, classes = fitted.coef_, fitted.intercept_, fitted.classes_
    if len(classes) == 2:  # scikit-learn keeps one row for two classes
        weights, biases = np.vstack([-weights, weights]), np.array([-biases[0], biases[0]])
    return Model(
        words, classes.astype(np.int64), weights.astype(np.float32), biases.astype(np.float32)
    )


def judged(learnt: Model, known: list[tuple[list[str], int]]) -> tuple[float, float]:
    """How often the first, and one of the first three, was right."""
    first = top3 = 0
    for parts, item_id in known:
        found = [learnt.words[part] for part in parts if part in learnt.words]
        best = [s.item_id for s in ranked(learnt, np.array(found))] if found else []
        first += best[:1] == [item_id]
        top3 += item_id in best
    return first / len(known), top3 / len(known)


def packed(learnt: Model) -> bytes:
    file = BytesIO()
    arrays: dict[str, Any] = {
        "words": np.array(list(learnt.words)),
        "item_ids": learnt.item_ids,
        "weights": learnt.weights.astype(np.float16),
        "biases": learnt.biases,
    }
    np.savez_compressed(file, **arrays)
    return file.getvalue()
