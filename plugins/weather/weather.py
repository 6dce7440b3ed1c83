"""Own the module `weather`: the weather of this machine, from what `system` measures; know nothing of how that is measured."""

from typing import Annotated, Literal, TypedDict

from hub_sdk import AsyncContext, Doc, Ge, Le, Module

__all__ = ["module"]

module = Module(
    "weather",
    version="1.0.0",
    license="Apache-2.0",
    authors=["The hub authors"],
    description=["The weather of this machine.", "Asks the module `system` through the hub."],
    required_modules={"system": "^1.0"},
)

# Beyond the first number of load per processor, or the second of memory in use in percent, the sky is the third.
SKIES: list[tuple[float, float, "Sky"]] = [(2, 95, "storm"), (1, 85, "rain"), (0.5, 60, "cloudy")]
Sky = Literal["clear", "cloudy", "rain", "storm"]


class Report(TypedDict):
    """The weather now."""

    host: str
    sky: Sky
    temperature: float
    humidity_percent: float
    words: str


class Cloud(TypedDict):
    """A process that darkens the sky."""

    name: str
    pid: int
    megabytes: float


@module.function(read_only=True)
async def report(context: AsyncContext) -> Report:
    """Say what the weather of this machine is: load is temperature, memory in use is humidity."""
    host = await context.call("system.info")
    load = await context.call("system.load")
    temperature = round(10 + 20 * load["load_1m"] / host["cpus"], 1)
    humidity = load["memory_used_percent"]
    sky = sky_of(load["load_1m"] / host["cpus"], humidity)
    words = f"{sky} over {host['hostname']}, {temperature} degrees, humidity {humidity} %"
    return {
        "host": host["hostname"],
        "sky": sky,
        "temperature": temperature,
        "humidity_percent": humidity,
        "words": words,
    }


@module.function(read_only=True)
async def clouds(context: AsyncContext, limit: Annotated[int, Ge(1), Le(100), Doc("how many")] = 3) -> list[Cloud]:
    """List the darkest clouds: the processes that hold the most memory."""
    rows = await context.call("system.processes", limit=limit, sort="rss")
    return [{"name": row["name"], "pid": row["pid"], "megabytes": round(row["rss"] / 1e6, 1)} for row in rows]


def sky_of(load_per_cpu: float, memory_used_percent: float) -> Sky:
    """Return the sky for a load per processor and the memory in use."""
    for load, memory, sky in SKIES:
        if load_per_cpu > load or memory_used_percent > memory:
            return sky
    return "clear"


if __name__ == "__main__":
    module.run()
