"""Own the second witness: requests built and responses read by jsonrpcclient, an implementation that is not ours.

The one file that knows jsonrpcclient. Its `parse` checks nothing, so it is asked only about what our own reading accepts, and
its ids would come from a global counter, so an id is always given. A disagreement is a defect of the runner, never of the
module.
"""

from typing import Any

import jsonrpcclient

__all__ = ["other_reading", "other_request"]


def other_request(method: str, params: dict[str, Any], request_id: int | str) -> dict[str, Any]:
    """Return the request as jsonrpcclient builds it; empty params, which it leaves out, are put back."""
    return {"params": {}, **jsonrpcclient.request(method, params=params, id=request_id)}


def other_reading(response: dict[str, Any]) -> tuple[object, ...] | None:
    """Return what jsonrpcclient reads: `("result", id, result)` or `("error", id, code, message, data)`; None for neither."""
    try:
        read = jsonrpcclient.parse(response)
    except (KeyError, TypeError, AttributeError):
        return None
    if isinstance(read, jsonrpcclient.Ok):
        return ("result", read.id, read.result)
    if isinstance(read, jsonrpcclient.Error):
        return ("error", read.id, read.code, read.message, read.data)
    return None
