import pytest

from docqa.core.imports import MOST_FILES, ImportResolver
from docqa.core.symbols import Import


def resolved(paths, language, path, target, *names, **options):
    return ImportResolver(paths, **options).resolve(path, language, Import(target, 1, names))


PYTHON = (
    "src/flask/__init__.py",
    "src/flask/app.py",
    "src/flask/globals.py",
    "src/flask/json/__init__.py",
    "src/flask/json/tag.py",
    "tests/test_app.py",
    "tests/helpers.py",
    "tools/release/run.py",
)


@pytest.mark.parametrize(
    ("path", "target", "names", "expected"),
    [
        ("src/flask/app.py", "flask.globals", (), ["src/flask/globals.py"]),
        ("src/flask/app.py", ".globals", ("request",), ["src/flask/globals.py"]),
        ("src/flask/app.py", ".", ("globals",), ["src/flask/globals.py"]),
        ("src/flask/app.py", ".", ("Flask",), ["src/flask/__init__.py"]),
        (
            "src/flask/app.py",
            ".",
            ("Flask", "json"),
            ["src/flask/__init__.py", "src/flask/json/__init__.py"],
        ),
        ("src/flask/json/tag.py", "..globals", ("g",), ["src/flask/globals.py"]),
        ("src/flask/json/tag.py", "....beyond", (), []),
        ("tests/test_app.py", "flask.json.tag", ("Tag",), ["src/flask/json/tag.py"]),
        ("tests/test_app.py", "helpers", (), ["tests/helpers.py"]),
        ("tests/test_app.py", "flask.app.Flask", (), ["src/flask/app.py"]),
        ("tests/test_app.py", "os.path", ("join",), []),
    ],
)
def test_python_imports_are_found_by_package_source_folder_and_dots(path, target, names, expected):
    assert list(resolved(PYTHON, "python", path, target, *names)) == expected


def test_a_module_in_a_package_does_not_hide_the_standard_library():
    assert resolved(PYTHON, "python", "src/flask/app.py", "json") == ()


SCRIPTS = (
    "package.json",
    "src/index.ts",
    "src/app/main.tsx",
    "src/app/parts/index.ts",
    "src/app/style.css",
    "src/util.ts",
    "packages/core/src/index.ts",
    "packages/core/src/math.ts",
)


@pytest.mark.parametrize(
    ("language", "path", "target", "expected"),
    [
        ("tsx", "src/app/main.tsx", "./parts", ["src/app/parts/index.ts"]),
        ("typescript", "src/app/parts/index.ts", "../../util", ["src/util.ts"]),
        ("typescript", "src/index.ts", "./util.js", ["src/util.ts"]),
        ("typescript", "src/index.ts", "./app/style.css", ["src/app/style.css"]),
        ("typescript", "src/app/main.tsx", "@/util", ["src/util.ts"]),
        ("javascript", "src/index.ts", "@acme/core", ["packages/core/src/index.ts"]),
        ("javascript", "src/index.ts", "@acme/core/math", ["packages/core/src/math.ts"]),
        ("javascript", "src/index.ts", "react", []),
        ("javascript", "src/index.ts", "../../../etc/passwd", []),
    ],
)
def test_scripts_are_found_by_relative_path_index_alias_and_package(
    language, path, target, expected
):
    assert list(resolved(SCRIPTS, language, path, target)) == expected


RUST = (
    "Cargo.toml",
    "src/lib.rs",
    "src/net.rs",
    "src/net/tcp.rs",
    "src/store/mod.rs",
    "src/store/disk.rs",
    "crates/my-util/src/lib.rs",
    "crates/my-util/src/text.rs",
    "tests/helper.rs",
)


@pytest.mark.parametrize(
    ("path", "target", "names", "expected"),
    [
        ("src/lib.rs", "net", (), ["src/net.rs"]),
        ("src/net.rs", "tcp", (), ["src/net/tcp.rs"]),
        ("src/net/tcp.rs", "crate::store::disk::Disk", (), ["src/store/disk.rs"]),
        ("src/net/tcp.rs", "crate::store", ("disk",), ["src/store/disk.rs"]),
        ("src/net/tcp.rs", "crate::store::{disk, other}", (), ["src/store/mod.rs"]),
        ("src/store/disk.rs", "super::disk", (), []),
        ("src/store/disk.rs", "super::Store", (), ["src/store/mod.rs"]),
        ("src/store/mod.rs", "self::disk::Disk", (), ["src/store/disk.rs"]),
        ("src/net.rs", "my_util::text::wrap", (), ["crates/my-util/src/text.rs"]),
        ("src/net.rs", "std::io", (), []),
        ("tests/all.rs", "mod helper", (), ["tests/helper.rs"]),
        ("tests/other.rs", "crate::helper", ("wait",), ["tests/helper.rs"]),
        ("src/net.rs", "crate::Error", (), ["src/lib.rs"]),
    ],
)
def test_rust_paths_are_followed_from_the_crate_the_module_or_another_crate(
    path, target, names, expected
):
    assert list(resolved(RUST, "rust", path, target, *names)) == expected


def test_a_crate_is_found_by_the_name_in_its_build_file():
    paths = ("crates/matcher/src/lib.rs", "crates/matcher/src/interpolate.rs", "src/main.rs")
    crates = {"crates/matcher": "grep-matcher"}

    found = resolved(paths, "rust", "src/main.rs", "grep_matcher", "Matcher", crates=crates)
    inner = resolved(paths, "rust", "src/main.rs", "grep_matcher::interpolate", crates=crates)

    assert found == (paths[0],)
    assert inner == (paths[1],)


GO = ("go.mod", "server.go", "wire/wire.go", "wire/codec.go", "wire/wire_test.go", "cmd/main.go")


def test_a_go_package_is_all_its_files_but_tests_of_the_module_named_in_go_mod():
    modules = {"": "example.org/acme/server"}

    found = resolved(GO, "go", "cmd/main.go", "example.org/acme/server/wire", go_modules=modules)
    root = resolved(GO, "go", "cmd/main.go", "example.org/acme/server", go_modules=modules)
    other = resolved(GO, "go", "cmd/main.go", "example.org/other/wire", go_modules=modules)
    standard = resolved(GO, "go", "cmd/main.go", "net/wire")

    assert found == ("wire/codec.go", "wire/wire.go")
    assert root == ("server.go",)
    assert other == ()
    assert standard == ()


JAVA = (
    "core/src/main/java/org/acme/App.java",
    "core/src/main/java/org/acme/io/Reader.java",
    "core/src/main/java/org/acme/io/Writer.java",
)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("org.acme.io.Reader", [JAVA[1]]),
        ("org.acme.io.Reader.Options", [JAVA[1]]),
        ("static org.acme.io.Reader.open", [JAVA[1]]),
        ("org.acme.io.*", [JAVA[1], JAVA[2]]),
        ("java.util.List", []),
    ],
)
def test_java_classes_are_found_by_their_package(target, expected):
    assert list(resolved(JAVA, "java", JAVA[0], target)) == expected


CSHARP = (
    "src/Acme.Web/Program.cs",
    "src/Acme.Web/Pages/Home.cs",
    "src/Acme/Core/Clock.cs",
    "src/Acme/Core/Timer.cs",
)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("Acme.Core", [CSHARP[2], CSHARP[3]]),
        ("Acme.Web.Pages", [CSHARP[1]]),
        ("Acme.Web", [CSHARP[0]]),
        ("System.Text", []),
    ],
)
def test_csharp_namespaces_are_the_folders_that_they_are_named_by(target, expected):
    assert list(resolved(CSHARP, "csharp", "src/x.cs", target)) == expected


PHP = ("src/Console/Command/Command.php", "src/Console/Application.php", "src/helpers.php")


@pytest.mark.parametrize(
    ("target", "names", "expected"),
    [
        ("Acme\\Console\\Command\\Command", (), [PHP[0]]),
        ("Acme\\Console\\Application as App", (), [PHP[1]]),
        ("Acme\\Console", ("Application",), [PHP[1]]),
        ("Console", ("Application", "Unknown"), [PHP[1]]),
        ("../helpers.php", (), [PHP[2]]),
        ("Psr\\Log\\LoggerInterface", (), []),
    ],
)
def test_php_classes_are_found_by_the_end_of_their_namespace(target, names, expected):
    assert list(resolved(PHP, "php", "src/Console/x.php", target, *names)) == expected


C = ("include/acme/net.h", "src/net.c", "src/net_private.h", "lib/other/string.h")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("net_private.h", ["src/net_private.h"]),
        ("acme/net.h", ["include/acme/net.h"]),
        ("net.h", ["include/acme/net.h"]),
        ("string.h", []),
        ("<sys/socket.h>", []),
    ],
)
def test_c_headers_are_found_beside_the_file_then_by_the_end_of_their_path(target, expected):
    assert list(resolved(C, "c", "src/net.c", target)) == expected


RUBY = ("lib/acme.rb", "lib/acme/version.rb", "spec/helper.rb")


@pytest.mark.parametrize(
    ("path", "target", "expected"),
    [
        ("lib/acme.rb", "acme/version", ["lib/acme/version.rb"]),
        ("spec/helper.rb", "acme", ["lib/acme.rb"]),
        ("spec/acme_spec.rb", "./helper", ["spec/helper.rb"]),
        ("lib/acme.rb", "json", []),
    ],
)
def test_ruby_files_are_found_beside_the_file_and_under_lib(path, target, expected):
    assert list(resolved(RUBY, "ruby", path, target)) == expected


def test_a_file_never_imports_itself_and_unknown_languages_import_nothing():
    assert resolved(["a/b.py"], "python", "a/b.py", ".b") == ()
    assert resolved(["a.nix", "b.nix"], "nix", "a.nix", "./b.nix") == ()


def test_what_one_import_means_is_bounded():
    files = [f"pkg/f{number}.go" for number in range(3 * MOST_FILES)]

    found = resolved(files, "go", "main.go", "x.org/pkg", go_modules={"": "x.org"})

    assert len(found) == MOST_FILES


def test_of_several_files_with_the_same_ending_the_nearest_is_meant():
    paths = ("a/x/util/text.h", "b/y/util/text.h", "b/y/main.c")

    assert resolved(paths, "c", "b/y/main.c", "util/text.h") == ("b/y/util/text.h",)
    assert resolved(paths, "c", "a/main.c", "util/text.h") == ("a/x/util/text.h",)
