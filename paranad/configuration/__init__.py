"""The configuration: its keys as types, the sources it is read from, and its problems in words."""
