"""Own the names of the room: what stands on the wire, apart from the friendly types. Re-exports and nothing else."""

from hub_sdk.codec._answers import Answer, answer_for, hub_error, invalid_params
from hub_sdk.codec._introduction import Information, Offer, introduce, show_information
from hub_sdk.codec._surroundings import Surroundings, read_surroundings

__all__ = [
    "Answer",
    "Information",
    "Offer",
    "Surroundings",
    "answer_for",
    "hub_error",
    "introduce",
    "invalid_params",
    "read_surroundings",
    "show_information",
]
