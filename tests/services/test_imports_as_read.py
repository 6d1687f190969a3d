"""What the reader of source code finds, resolved: the two agree on how imports are written."""

import pytest

from docqa.core.imports import ImportResolver
from docqa.readers.base import ReaderOptions
from docqa.readers.code.reader import CodeReader

CASES = {
    "pkg/app.py": (
        "import pkg.util as u\nfrom . import models\nfrom .models.user import User\nimport os\n",
        ("pkg/util.py", "pkg/models/__init__.py", "pkg/models/user.py"),
        ["pkg/util.py", "pkg/models/__init__.py", "pkg/models/user.py"],
    ),
    "src/main.js": (
        "import a, { b as c } from './a';\nconst d = require('../lib/d');\nexport * from './e';\n"
        "import React from 'react';\n",
        ("src/a.js", "lib/d/index.js", "src/e.mjs"),
        ["src/a.js", "lib/d/index.js", "src/e.mjs"],
    ),
    "src/main.ts": (
        "import type { A } from './a.js';\nimport { B } from '@/b';\n",
        ("src/a.ts", "src/b.tsx"),
        ["src/a.ts", "src/b.tsx"],
    ),
    "src/lib.rs": (
        "mod net;\nuse crate::net::{tcp::Stream, Address};\nuse std::io::{self, Read};\n",
        ("src/net/mod.rs", "src/net/tcp.rs"),
        ["src/net/mod.rs", "src/net/tcp.rs", "src/net/mod.rs"],
    ),
    "cmd/main.go": (
        'package main\n\nimport (\n\t"fmt"\n\tw "example.org/acme/wire"\n)\n\nfunc main() {}\n',
        ("wire/wire.go",),
        ["wire/wire.go"],
    ),
    "src/org/acme/App.java": (
        "package org.acme;\n\nimport java.util.List;\nimport org.acme.io.Reader;\n"
        "import static org.acme.io.Writer.write;\n\nclass App {}\n",
        ("src/org/acme/io/Reader.java", "src/org/acme/io/Writer.java"),
        ["src/org/acme/io/Reader.java", "src/org/acme/io/Writer.java"],
    ),
    "src/main.c": (
        '#include <stdio.h>\n#include "net.h"\n#include <acme/log.h>\n\nint main() {}\n',
        ("src/net.h", "include/acme/log.h", "lib/stdio.h"),
        ["src/net.h", "include/acme/log.h"],
    ),
    "src/main.cpp": (
        '#include "util/text.hpp"\n\nint main() { return 0; }\n',
        ("src/util/text.hpp",),
        ["src/util/text.hpp"],
    ),
    "src/Acme/Program.cs": (
        "using System;\nusing Acme.Core;\n\nclass Program {}\n",
        ("src/Acme/Core/Clock.cs",),
        ["src/Acme/Core/Clock.cs"],
    ),
    "lib/acme.rb": (
        "require 'json'\nrequire 'acme/version'\nrequire_relative 'acme/cli'\n\nmodule Acme\nend\n",
        ("lib/acme/version.rb", "lib/acme/cli.rb"),
        ["lib/acme/version.rb", "lib/acme/cli.rb"],
    ),
    "src/Kernel.php": (
        "<?php\nnamespace Acme;\n\nuse Acme\\Http\\{Request, Response as Reply};\n"
        "use Psr\\Log\\Logger;\nrequire __DIR__ . '/helpers.php';\n\nclass Kernel {}\n",
        ("src/Http/Request.php", "src/Http/Response.php", "src/helpers.php"),
        ["src/Http/Request.php", "src/Http/Response.php", "src/helpers.php"],
    ),
}


@pytest.mark.parametrize("path", CASES)
def test_imports_are_resolved_as_they_were_read(tmp_path, path):
    text, others, expected = CASES[path]
    file = tmp_path / path.rpartition("/")[2]
    file.write_text(text)
    resolver = ImportResolver((path, *others), go_modules={"": "example.org/acme"})

    parsed = CodeReader().read(file, path, ReaderOptions(), lambda done, total: None)
    found = [
        target
        for what in sorted(parsed.facts.imports, key=lambda what: what.line)
        for target in resolver.resolve(path, parsed.language, what)
    ]

    assert found == expected
