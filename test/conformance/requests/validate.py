"""Validates requests of the AWS SDK against botocore's service models.

Reads one JSON object a line, {"service", "operation", "input"}, of which `service` is botocore's name and `input` has
{"$bytes": n} for n bytes. Prints a JSON object: how many were read, and a list of findings.
botocore's own validator knows types, required and unknown members, and lower bounds; enums, patterns and upper bounds are
in the models as well, and are checked here.
"""

import json
import re
import sys
from datetime import datetime

import regex
from botocore.session import Session

models = {}


def model(service):
    if service not in models:
        models[service] = Session().get_service_model(service)
    return models[service]


def is_bytes(value):
    return isinstance(value, dict) and set(value) == {"$bytes"}


def bounded(shape, size, unit):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield f"{size} {unit}, where at least {low} are needed"
    if high is not None and size > high:
        yield f"{size} {unit}, where at most {high} are allowed"


def structure(shape, value):
    if not isinstance(value, dict):
        yield "", "is no structure"
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield f".{name}", "is required"
    for name, member in value.items():
        if name not in shape.members:
            yield f".{name}", "is unknown"
        elif member is not None:
            for path, fault in faults(shape.members[name], member):
                yield f".{name}{path}", fault
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        yield "", f"is a union, and has {len(value)} members"


def sequence(shape, value):
    if not isinstance(value, list):
        yield "", "is no list"
        return
    yield from (("", fault) for fault in bounded(shape, len(value), "items"))
    for at, item in enumerate(value):
        for path, fault in faults(shape.member, item):
            yield f"[{at}]{path}", fault


def mapping(shape, value):
    if not isinstance(value, dict):
        yield "", "is no map"
        return
    yield from (("", fault) for fault in bounded(shape, len(value), "entries"))
    for key, item in value.items():
        yield from ((f"[{key}]", fault) for _, fault in faults(shape.key, key))
        for path, fault in faults(shape.value, item):
            yield f"[{key}]{path}", fault


def string(shape, value):
    if not isinstance(value, str):
        yield "", "is no string"
        return
    yield from (("", fault) for fault in bounded(shape, len(value), "characters"))
    if shape.enum and value not in shape.enum:
        yield "", f"{value!r} is none of {', '.join(shape.enum[:20])}"
    pattern = shape.metadata.get("pattern")
    if pattern and not regex.search(pattern, value):
        yield "", f"{value[:80]!r} does not match {pattern}"


def number(kind):
    def check(shape, value):
        if isinstance(value, bool) or not isinstance(value, kind):
            yield "", f"{value!r} is no {shape.type_name}"
            return
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if (low is not None and value < low) or (high is not None and value > high):
            yield "", f"{value} is not within {low} and {high}"

    return check


def boolean(_, value):
    if not isinstance(value, bool):
        yield "", f"{value!r} is no boolean"


def timestamp(_, value):
    # A Date of JavaScript, as JSON has it.
    try:
        datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        yield "", f"{value!r} is no date"


def blob(shape, value):
    size = value["$bytes"] if is_bytes(value) else len(value.encode()) if isinstance(value, str) else None
    if size is None:
        yield "", "is no bytes"
        return
    yield from (("", fault) for fault in bounded(shape, size, "bytes"))


kinds = {
    "structure": structure,
    "list": sequence,
    "map": mapping,
    "string": string,
    "character": string,
    "integer": number(int),
    "long": number(int),
    "float": number((int, float)),
    "double": number((int, float)),
    "boolean": boolean,
    "timestamp": timestamp,
    "blob": blob,
}


def faults(shape, value):
    yield from kinds[shape.type_name](shape, value)


def main():
    findings = {}
    operations = set()
    count = 0
    for line in sys.stdin:
        asked = json.loads(line)
        count += 1
        name = f"{asked['service']}:{asked['operation']}"
        operations.add(name)
        service = model(asked["service"])
        if asked["operation"] not in service.operation_names:
            findings.setdefault(f"{name} is no operation", 0)
            continue
        shape = service.operation_model(asked["operation"]).input_shape
        if shape is None:
            continue
        for path, fault in faults(shape, asked["input"]):
            # One finding for all items of a list, and all keys of a map.
            place = re.sub(r"\[[^\]]*\]", "[]", path)
            findings[f"{name} {place}: {fault}"] = findings.get(f"{name} {place}: {fault}", 0) + 1
    json.dump({"requests": count, "operations": sorted(operations), "findings": sorted(findings)}, sys.stdout)


main()
