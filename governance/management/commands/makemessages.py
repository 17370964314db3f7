from django.core.management.base import CommandParser
from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Django's makemessages, which also reads `_t`, our short name for gettext.

    Texts are named with their file only: line numbers would change at every edit.
    """

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_t"]

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(
            no_wrap=True,
            no_obsolete=True,
            add_location="file",
            ignore_patterns=["tests", "bench", "static"],
        )
