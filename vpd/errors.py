"""The one error that is meant for the user's eyes."""


class UserError(Exception):
    """Something the user can mend: one sentence on what was wrong, where, and what to do.

    The command line prints the message alone, without a traceback, and exits with status 2.
    """
