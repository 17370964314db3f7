"""`python -m bench.inside NAME …`: set Django up, then run `bench.NAME.main(arguments)`.

Only modules run this way import models; the others work before there is a database to speak of.
"""

import sys
from importlib import import_module

import django


def run(name: str, arguments: list[str]) -> None:
    django.setup()
    import_module(f"bench.{name}").main(arguments)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2:])
