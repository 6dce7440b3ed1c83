"""Own the models of module_info and module_init; must not know functions, nor decide what a licence or a requirement means."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypeAliasType

from hub_protocol.methods import REQUIRED_NAME_PATTERN, REQUIREMENT_PATTERN
from hub_protocol.types._shape import Many, ModuleName, Payload, SafeInteger, SemVer

__all__ = ["HubInfo", "ModuleInfo", "ModuleInfoParams", "ModuleInitParams", "ModuleInitResult"]

_Author = Annotated[str, Field(min_length=1, pattern=r"\S")]
_RequiredName = Annotated[str, Field(pattern=REQUIRED_NAME_PATTERN)]
Requirement = TypeAliasType(
    "Requirement",
    Annotated[str, Field(pattern=REQUIREMENT_PATTERN, description="Which versions of a module will do (HUB-INFO-6).")],
)


class HubInfo(Payload):
    """Section module_info: the name and version of the hub that asks (HUB-LIFE-1)."""

    name: str
    version: str


class ModuleInfoParams(Payload):
    """Section module_info: params of the first request; their form is frozen for all versions (HUB-LIFE-1)."""

    protocol_versions: Annotated[
        Many[SafeInteger], Field(min_length=1, description="The versions to pick one from (HUB-VER-1).")
    ]
    features: Annotated[Many[str], Field(description="The features the hub knows (HUB-VER-3).")] = ()
    max_frame_bytes: Annotated[int, Field(ge=1, description="The frame limit of both directions (HUB-FRAME-4).")]
    hub: HubInfo


class ModuleInfo(Payload):
    """Section module_info: who the module is (HUB-INFO-1). The hub judges whether `license` is SPDX (HUB-INFO-4)."""

    name: Annotated[ModuleName, Field(description="The first half of an address `name.function` (HUB-INFO-2).")]
    version: Annotated[SemVer, Field(description="Strict SemVer 2.0 (HUB-INFO-3).")]
    license: Annotated[str, Field(min_length=1, description="An SPDX expression (HUB-INFO-4).")]
    authors: Annotated[Many[_Author], Field(min_length=1, description="At least one, none empty (HUB-INFO-5).")]
    description: Annotated[Many[str], Field(description="Lines (HUB-INFO-1).")] = ()
    required_modules: Annotated[
        dict[_RequiredName, Requirement],
        Field(description="Modules that must run first; a name that names a file is skipped with a warning (HUB-INFO-6)."),
    ] = {}
    extra_info: Annotated[dict[str, str], Field(description="Shown when the module is loaded (HUB-INFO-1).")] = {}
    homepage: Annotated[str | None, Field(description="A URL (HUB-INFO-1).")] = None
    protocol_version: Annotated[SafeInteger, Field(description="The version picked; absent means 1 (HUB-VER-1).")] = 1
    features: Annotated[Many[str], Field(description="The features the module offers (HUB-VER-3).")] = ()


class ModuleInitParams(Payload):
    """Section module_init: params of `module_init` (HUB-INIT-2)."""

    config: Annotated[
        dict[str, Any], Field(description="The manifest's `[config]`, overlaid with what the operator set (HUB-INIT-2).")
    ]
    data_directory: Annotated[str, Field(min_length=1, description="An absolute path to a directory of this module alone.")]


class ModuleInitResult(Payload):
    """Section module_init: the result, `{}` where there is nothing to say (HUB-INIT-1)."""

    disable: Annotated[
        str | None,
        Field(
            min_length=1, description="Why the module must not run here and now; it is then stopped, not failed (HUB-LIFE-10)."
        ),
    ] = None
