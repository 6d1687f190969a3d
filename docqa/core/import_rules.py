"""What an import means in each language, as far as the paths of a source tell it."""

import re
from collections.abc import Callable, Mapping

from docqa.core.import_paths import SourcePaths, ancestors, folder_of, joined, under

_SCRIPTS = (
    ".ts",
    ".tsx",
    ".d.ts",
    ".js",
    ".jsx",
    ".mjs",
    ".cjs",
    ".mts",
    ".cts",
    ".vue",
    ".svelte",
)
_COMPILED = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
_JVM = (".java", ".kt", ".scala", ".groovy")
_C_STANDARD = frozenset(
    f"{name}.h"
    for name in (
        *("assert", "complex", "ctype", "errno", "fenv", "float", "inttypes", "limits", "locale"),
        *("math", "setjmp", "signal", "stdarg", "stdatomic", "stdbool", "stddef", "stdint"),
        *("stdio", "stdlib", "string", "strings", "tgmath", "threads", "time", "unistd", "wchar"),
    )
)
_GROUP = re.compile(r"[{*].*", re.DOTALL)


def _python(paths: SourcePaths, path: str, target: str, names: tuple[str, ...]) -> list[str]:
    bare = target.lstrip(".")
    dots = len(target) - len(bare)
    module = bare.replace(".", "/")
    if dots:
        base = joined(folder_of(path), "../" * (dots - 1))
        if base is None:
            return []
        return _python_module(paths, under(base, module) if module else base, names)
    top = module.partition("/")[0]
    for root in paths.python_roots(folder_of(path)):
        if under(root, top) not in paths.modules:
            continue
        if found := _python_module(paths, under(root, module), names):
            return found
        if under(root, folder_of(module)) in paths.modules and "/" in module:
            # `import os.path`: of a module, not one of its own.
            return _python_module(paths, under(root, folder_of(module)), ())
    if "/" not in module:
        return []
    for end in (f"{module}.py", f"{module}/__init__.py", f"{folder_of(module)}.py"):
        # Not by the file that asks: so that one answer holds for all that have these roots.
        if "/" in end and (near := paths.ending_with(end, "")):
            base = near.removesuffix(".py").removesuffix("/__init__")
            return _python_module(paths, base, names) or [near]
    return []


def _python_module(paths: SourcePaths, module: str, names: tuple[str, ...]) -> list[str]:
    """The module's file, or those of its modules that are taken from it by name."""
    file = paths.first(
        (
            f"{module}.py",
            under(module, "__init__.py"),
            f"{module}.pyi",
            under(module, "__init__.pyi"),
        )
    )
    taken = [
        paths.first((under(module, f"{name}.py"), under(module, f"{name}/__init__.py")))
        for name in names
    ]
    found = [each for each in taken if each]
    return found if found and len(found) == len(names) else [*([file] if file else []), *found]


def _script(paths: SourcePaths, path: str, target: str, names: tuple[str, ...]) -> list[str]:
    target = target.partition("?")[0].rstrip("/")
    if target.startswith("."):
        base = joined(folder_of(path), target)
        return [] if base is None else _script_file(paths, base)
    if target[:2] in ("@/", "~/", "#/"):
        roots = [under(root, "src") for root in ancestors(path)]
        rest = target[2:]
        roots += list(ancestors(path))
    elif target.startswith("/"):
        roots, rest = ["", "src", "public"], target[1:]
    else:
        roots, rest = ["", "src"], target
        package = target.split("/")[1 if target.startswith("@") else 0 :]
        for root in ("packages", "libs", "apps", "modules") if package else ():
            home = under(root, package[0])
            inner = "/".join(package[1:])
            for base in (under(home, "src"), home):
                if found := _script_file(paths, under(base, inner) if inner else base):
                    return found
        if "/" not in target:
            return []
    for root in roots:
        if found := _script_file(paths, under(root, rest)):
            return found
    return []


def _script_file(paths: SourcePaths, base: str) -> list[str]:
    candidates = [base, *(base + suffix for suffix in _SCRIPTS)]
    for written, sources in _COMPILED.items():
        if base.endswith(written):
            candidates += [base.removesuffix(written) + suffix for suffix in sources]
    candidates += [under(base, f"index{suffix}") for suffix in _SCRIPTS]
    found = paths.first(candidates)
    return [found] if found else []


def _rust(paths: SourcePaths, path: str, target: str, names: tuple[str, ...]) -> list[str]:
    target = _GROUP.sub("", target.removeprefix("mod ").partition(" as ")[0]).strip()
    segments = [part.strip() for part in target.split("::") if part.strip()]
    if not segments:
        return []
    folder, stem = folder_of(path), path.removesuffix(".rs")
    crate = next((root for root in ancestors(path) if _crate_file(paths, root)), folder)
    inner = stem if stem.rpartition("/")[2] not in ("mod", "lib", "main") else folder
    if segments[0] in ("crate", "self", "super"):
        base = crate if segments[0] == "crate" else inner
        while segments and segments[0] in ("crate", "self", "super"):
            if segments.pop(0) == "super":
                base = folder_of(base)
        return _rust_module(paths, base, segments, names)
    # A file of tests or examples is the root of a crate: its modules stand beside it.
    for base in dict.fromkeys((inner, crate, folder)):
        if found := _rust_module(paths, base, segments, names, needed=True):
            return found
    return _other_crate(paths, segments, names, path)


def _crate_file(paths: SourcePaths, folder: str) -> str | None:
    return paths.first((under(folder, "lib.rs"), under(folder, "main.rs")))


def _other_crate(
    paths: SourcePaths, segments: list[str], names: tuple[str, ...], near: str
) -> list[str]:
    known = paths.crates.get(segments[0])
    if known is not None:
        root = under(known, "src") if _crate_file(paths, under(known, "src")) else known
        return _rust_module(paths, root, segments[1:], names)
    for name in (segments[0], segments[0].replace("_", "-")):
        if file := paths.ending_with(f"{name}/src/lib.rs", near):
            return _rust_module(paths, folder_of(file), segments[1:], names)
    return []


def _rust_module(
    paths: SourcePaths,
    base: str,
    segments: list[str],
    names: tuple[str, ...],
    *,
    needed: bool = False,
) -> list[str]:
    """The innermost module on the way; `needed`: nothing if not even the first segment is one."""
    file = None if needed else paths.first((f"{base}.rs", under(base, "mod.rs")))
    file = file or (None if needed else _crate_file(paths, base))
    for segment in segments:
        inner = under(base, segment)
        found = paths.first((f"{inner}.rs", under(inner, "mod.rs")))
        if found is None:
            return [file] if file else []
        base, file = inner, found
    taken = [
        paths.first((f"{under(base, name)}.rs", under(base, f"{name}/mod.rs"))) for name in names
    ]
    found_names = [each for each in taken if each]
    if found_names and len(found_names) == len(names):
        return found_names
    return [*([file] if file else []), *found_names]


def _go(paths: SourcePaths, path: str, target: str, names: tuple[str, ...]) -> list[str]:
    folder: str | None = None
    for root, module in sorted(paths.go_modules.items(), key=lambda item: -len(item[1])):
        if target == module or target.startswith(f"{module}/"):
            folder = joined(root, target[len(module) :])
            break
    else:
        parts = target.split("/")
        if "." in parts[0] and not paths.go_modules:
            ends = ("/".join(parts[at:]) for at in range(1, len(parts) - 1))
            folder = next(
                (hit for end in ends if (hit := paths.folder_ending_with(end, path))), None
            )
    if folder is None:
        return []
    return [file for file in paths.under(folder, (".go",)) if not file.endswith("_test.go")]


def _jvm(paths: SourcePaths, path: str, target: str, names: tuple[str, ...]) -> list[str]:
    target = target.removeprefix("static ").partition(" as ")[0].strip()
    if target.endswith(("*", "_")) or "*" in names:
        folder = target.rstrip("*_").rstrip(".").replace(".", "/")
        within = paths.folder_ending_with(folder, path) if "/" in folder else None
        if within:
            return list(paths.under(within, _JVM))
        target = target.rstrip("*_").rstrip(".")
    parts = target.split(".")
    # What is imported may be a class, one inside of it, or a static member.
    for stop in range(len(parts), max(1, len(parts) - 2), -1):
        for suffix in _JVM:
            if found := paths.ending_with("/".join(parts[:stop]) + suffix, path):
                return [found]
    return []


def _csharp(paths: SourcePaths, path: str, target: str, names: tuple[str, ...]) -> list[str]:
    target = target.rpartition("=")[2].strip().removeprefix("static ").strip()
    parts = target.split(".")
    for at in range(1, len(parts)):
        # Folders of projects are often named by the beginning of the namespace: `Acme.Web/Pages`.
        for end in (f"{'.'.join(parts[:at])}/{'/'.join(parts[at:])}", "/".join(parts)):
            if folder := paths.folder_ending_with(end, path):
                return list(paths.under(folder, (".cs",)))
    if folder := paths.folder_ending_with(target, path):
        return list(paths.under(folder, (".cs",)))
    file = paths.ending_with(f"{'/'.join(parts)}.cs", path) if len(parts) > 1 else None
    return [file] if file else []


def _php(paths: SourcePaths, path: str, target: str, names: tuple[str, ...]) -> list[str]:
    if target.endswith((".php", ".inc")):
        target = target.removeprefix("./").lstrip("/")
        base = joined(folder_of(path), target)
        found = paths.first((base or "", target)) or paths.ending_with(target, path)
        return [found] if found else []
    words = target.removeprefix("function ").removeprefix("const ").partition(" as ")[0]
    parts = [part for part in _GROUP.sub("", words).strip().split("\\") if part]
    classes = [_php_class(paths, path, [*parts, name]) for name in names]
    if not any(classes):
        classes.append(_php_class(paths, path, parts))
    return [file for file in classes if file]


def _php_class(paths: SourcePaths, path: str, parts: list[str]) -> str | None:
    """The class's file: folders follow its namespace, whose beginning is often left away."""
    for at in range(len(parts) - 1):
        if found := paths.ending_with(f"{'/'.join(parts[at:])}.php", path):
            return found
    if len(parts) < 2:
        return None
    return paths.first(under(root, f"{parts[-1]}.php") for root in ("src", "lib", "app"))


def _c(paths: SourcePaths, path: str, target: str, names: tuple[str, ...]) -> list[str]:
    base = joined(folder_of(path), target)
    found = paths.first([] if base is None else [base])
    found = found or paths.first(under(root, target) for root in ("include", "src", ""))
    if found is None and target not in _C_STANDARD and not target.startswith("."):
        found = paths.ending_with(target, path)
    return [found] if found else []


def _ruby(paths: SourcePaths, path: str, target: str, names: tuple[str, ...]) -> list[str]:
    file = target if target.endswith(".rb") else f"{target}.rb"
    base = joined(folder_of(path), file)
    roots = (under(root, f"lib/{file}") for root in ancestors(path))
    found = paths.first((*([] if base is None else [base]), *roots, file))
    if found is None and not target.startswith("."):
        found = paths.ending_with(f"lib/{file}" if "/" not in file else file, path)
    return [found] if found else []


Rule = Callable[[SourcePaths, str, str, tuple[str, ...]], list[str]]
RULES: Mapping[str, Rule] = {
    "python": _python,
    "cython": _python,
    **dict.fromkeys(("javascript", "typescript", "jsx", "tsx", "vue", "svelte"), _script),
    "rust": _rust,
    "go": _go,
    **dict.fromkeys(("java", "kotlin", "scala", "groovy"), _jvm),
    "csharp": _csharp,
    "php": _php,
    **dict.fromkeys(("c", "cpp", "objective-c", "objective-c++", "cuda"), _c),
    "ruby": _ruby,
}
