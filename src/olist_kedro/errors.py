"""Errors that a user can cause: one clear message with the way out, shown without a traceback."""


class OlistError(Exception):
    """An expected error. Its message says what is wrong and what to do about it."""


class WarehouseError(OlistError):
    """The warehouse cannot be opened, or lacks a table that a step needs."""
