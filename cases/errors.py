"""Why a verb did not do what it was asked."""


class NotAllowed(Exception):
    """The move is against the rules; the sentence says why and what is allowed."""


class Changed(Exception):
    """Somebody else acted on the case since it was read."""
