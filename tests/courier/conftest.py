"""What the tests of the courier may ask for."""

from tests.support.courier import courier, kept, limiter, login, row, sandbox

__all__ = ["courier", "kept", "limiter", "login", "row", "sandbox"]
