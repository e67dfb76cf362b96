"""What the tests of the sandbox may ask for."""

from tests.support.courier import sandbox

__all__ = ["sandbox"]
