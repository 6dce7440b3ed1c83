"""Own the checks of params that come from outside over the control socket; know no method."""

from hub._control_message import BadParams

__all__ = ["is_number", "require"]


def require(method: str, name: str, fits: bool, wanted: str) -> None:  # noqa: FBT001 - the whole point
    """See that a param is what the method wants.

    Raises:
        BadParams: it is not.
    """
    if not fits:
        raise BadParams(f"cannot serve {method}: the param {name} must be {wanted}")


def is_number(value: object) -> bool:
    """Return whether a value of JSON is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)
