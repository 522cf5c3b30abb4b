"""CloudTrail events in files, and the values at a field path of one."""

import json
import pathlib


def read(paths):
    """Every event of the files and folders given, in the order of their paths."""
    for path in map(pathlib.Path, paths):
        files = sorted(p for p in path.rglob("*") if p.suffix in (".json", ".jsonl")) if path.is_dir() else [path]
        for file in files:
            yield from _read_file(file)


def _read_file(file):
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".jsonl":
        yield from (json.loads(line) for line in text.splitlines() if line)
        return
    tree = json.loads(text)
    yield from tree["Records"] if isinstance(tree, dict) else tree


def values(event, path):
    """The values at a path as text; arrays give each of their elements. None where no key is at the path."""
    found = []
    return found if _walk(event, path.split("."), found) else None


def every_text(event):
    """All values of the event, for keyword searches."""
    if isinstance(event, dict):
        return [text for inner in event.values() for text in every_text(inner)]
    if isinstance(event, list):
        return [text for inner in event for text in every_text(inner)]
    return [] if event is None else [_scalar(event)]


def _walk(node, names, found):
    if not names:
        _show(node, found)
        return True
    if isinstance(node, list):
        return any([_walk(element, names, found) for element in node])
    if isinstance(node, dict):
        keys = [(".".join(names[:count]), names[count:]) for count in range(1, len(names) + 1)]
        return any([_walk(node[key], rest, found) for key, rest in keys if key in node])
    return False


def _show(node, found):
    if isinstance(node, list):
        for element in node:
            _show(element, found)
    elif node is not None and node != {}:
        found.append(_composite(node) if isinstance(node, dict) else _scalar(node))


def _scalar(node):
    if isinstance(node, bool):
        return "true" if node else "false"
    return node if isinstance(node, str) else json.dumps(node)


def _composite(node):
    lines = [json.dumps(node, separators=(",", ":"), ensure_ascii=False)]
    _decoded(node, lines)
    return "\n".join(lines)


def _decoded(node, lines):
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, (dict, list)):
            _decoded(inner, lines)
        elif isinstance(inner, str) and json.dumps(inner, ensure_ascii=False) != f'"{inner}"':
            lines.append(inner)
