"""Which code a function's result depends on, down to the single definition, found without importing any.

A function depends on the functions, classes and constants of its project that its source mentions, on what
those mention, and so on through the imports. Comments, layout and docstrings do not count. Packages from
outside count by their version. What a function looks up by a text at run time is not seen.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import packages_distributions, version
from importlib.util import resolve_name
from pathlib import Path
from typing import Any

from olist_kedro.freshness.records import hash_of, sha256_of

_distributions, _version = cache(packages_distributions), cache(version)  # a moment each
TELLING = ("progress", "errors")  # modules of a project that tell the user what happens, and decide no result


def code_parts(thing: Callable[..., Any]) -> dict[str, str]:
    """Return what a function or class depends on: `code <module>` -> hash, `package <name>` -> version.

    Args:
        thing: A function, also one that another function has made, or a class.
    """
    cells = [cell.cell_contents for cell in getattr(thing, "__closure__", None) or ()]
    called = [thing, *filter(callable, cells)]
    waiting = [(each.__module__, each.__qualname__.partition(".")[0]) for each in called]
    texts = {f"{thing.__module__} as made": [repr([cell for cell in cells if not callable(cell)])]}
    packages: set[str] = set()
    projects = {module.partition(".")[0] for module, _ in waiting}
    seen = set(waiting)
    while waiting:
        module, name = waiting.pop()
        project, _, rest = module.partition(".")
        if project not in projects:
            packages.add(project)
        elif rest.partition(".")[0] not in TELLING and (source := _module(module)) is not None:
            text, uses = source.definition(name)
            texts.setdefault(module, _data_beside(source.folder)).append(f"{name}\n{text}")
            waiting += uses - seen
            seen |= uses
    parts = {f"code {module}": hash_of("\n".join(sorted(found))) for module, found in texts.items()}
    return parts | package_parts(*(name for top in packages for name in _distributions().get(top, ())))


def package_parts(*distributions: str) -> dict[str, str]:
    """Return the versions of Python and of packages: `package <name>` -> version."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"package python": python, **{f"package {name}": _version(name) for name in distributions}}


def _data_beside(folder: Path) -> list[str]:
    """Return hashes of what lies in folders beside a module that are no packages, such as templates."""
    beside = [each for each in sorted(folder.iterdir()) if not (each / "__init__.py").exists()]
    files = [path for each in beside for path in sorted(each.rglob("*")) if path.suffix != ".pyc"]
    return [sha256_of(path) for path in files if path.is_file()]


class _Module:
    """A module of a project: what it defines, and what it imports."""

    def __init__(self, name: str, path: Path, _state: int) -> None:
        self.name, self.folder = name, path.parent
        self._package = name if path.stem == "__init__" else name.rpartition(".")[0]
        self._known: dict[str, tuple[str, set[tuple[str, str]]]] = {}
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self._defined: dict[str, list[ast.stmt]] = {}
        others = []
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self._defined.setdefault(statement.name, []).append(statement)
                continue
            others.append(statement)
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    self._defined.setdefault(node.id, []).append(statement)
        self._imports = self._imported(_nodes(others))

    def definition(self, name: str) -> tuple[str, set[tuple[str, str]]]:
        """Return a definition's text, and (module, name) of what it mentions."""
        if name not in self._known:
            statements = self._defined.get(name, [])
            nodes = _nodes(statements)
            imports = {**self._imports, **self._imported(nodes)}
            uses: set[tuple[str, str]] = set()
            if not statements and name in imports:  # passed on from where it is defined
                uses.add(imports[name])
            for node in nodes:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False):
                    node.body = node.body[1:] or [ast.Pass()]
                if isinstance(node, ast.Name):
                    if node.id in imports and imports[node.id][1] != "*":
                        uses.add(imports[node.id])
                    elif node.id in self._defined:
                        uses.add((self.name, node.id))
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    module, member = imports.get(node.value.id, ("", ""))
                    if member == "*":  # an attribute of a module
                        uses.add((module, node.attr))
            self._known[name] = "\n".join(map(ast.unparse, statements)), uses
        return self._known[name]

    def _imported(self, nodes: Iterable[ast.AST]) -> dict[str, tuple[str, str]]:
        """Return (module, name) by the name that an import gives it; of a whole module the name is `*`."""
        found: dict[str, tuple[str, str]] = {}
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    found[alias.asname or top] = (alias.name if alias.asname else top, "*")
            elif isinstance(node, ast.ImportFrom):
                module = resolve_name("." * node.level + (node.module or ""), self._package)
                for alias in node.names:
                    inner = f"{module}.{alias.name}"
                    is_module = module.partition(".")[0] == self.name.partition(".")[0] and _module(inner)
                    found[alias.asname or alias.name] = (inner, "*") if is_module else (module, alias.name)
        return found


_parse = cache(_Module)


def _nodes(statements: Iterable[ast.stmt]) -> list[ast.AST]:
    return [node for statement in statements for node in ast.walk(statement)]


def _module(name: str) -> _Module | None:
    """Return a module by its name; None if it has no file."""
    top, *rest = name.split(".")
    folder = Path(str(sys.modules[top].__file__)).parent if top in sys.modules else Path(top)
    base = folder.joinpath(*rest)
    for path in (base / "__init__.py", base.with_name(f"{base.name}.py")):
        if path.is_file():
            loaded = sys.modules.get(name)  # what runs is what was imported, whatever the file is by now
            return _parse(name, path, id(loaded.__spec__) if loaded else path.stat().st_mtime_ns)
    return None
