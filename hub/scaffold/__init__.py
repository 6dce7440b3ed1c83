"""Own writing a new plugin's project, in any of five languages; know no protocol, no running hub, and print nothing."""

from hub.scaffold._project import LANGUAGES, Project, why_bad_module_name, write_project
from hub.scaffold._sdk import find_sdk

__all__ = ["LANGUAGES", "Project", "find_sdk", "why_bad_module_name", "write_project"]
