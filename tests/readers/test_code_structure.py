import pytest

from docqa.readers.code.syntax import NO_STRUCTURE, structure
from docqa.readers.encoding import lines_of

PYTHON = """from .views import (index as home, detail)
import os.path, sys
LIMIT = 3
class Shop(Base):
    size: Size = 1
    # Why.
    @route("/")
    def add(self, item):
        def inner(): return item
        return price(item).round(LIMIT, helper, sys.path)
"""
JAVASCRIPT = """import cart, {add as plus, sub} from './cart';
const fs = require('fs');
exports.load = function (url) { return fs.read(url); };
Shop.prototype.pay = function () {};
export default class Shop extends Base { total = () => 1; #secret() {} }
export const go = async () => { new Money(); },
  LIMIT = 3;
module.exports = { open() {}, shut: () => 1 };
"""
TYPESCRIPT = """import type { Money } from 'money';
@Injectable()
export abstract class Shop<T> implements Sells {
  abstract pay(): Money;
  add(item: Item): void {}
}
interface Sells { sell(): void }
type Price = Money | number;
enum Size { S }
namespace Tools { export function help() {} }
"""
RUST = """use std::{io, fmt::{self, Display as D}};
mod tools;
/// A glob.
#[derive(Debug)]
struct Glob<'a>(&'a str);
impl<'a> Display for Glob<'a> {
    const SIZE: u8 = 1;
    fn fmt(&self) -> Out { tools::help(self.0) }
}
trait Sells { fn sell(&self); }
macro_rules! quick { () => {} }
"""
GO = """package main
import (
    "fmt"
    m "example.org/money"
)
type Server struct{ size int }
type Seller interface { Sell() }
const Limit = 3
func (s *Server[T]) Serve(n int) error { return s.pool.Take(fmt.Sprint(n)) }
func main() {}
"""
JAVA = """package org.shop;
import java.util.List;
import static org.shop.Money.*;
/** Sells. */
@Sells public class Shop<T> extends Base {
    static final int LIMIT = 3;
    Shop() {}
    int add(Item item) { return price(item.tag(), new Money()); }
    enum Size { S }
}
"""
C = """#include <stdio.h>
#include "shop.h"
#ifndef SHOP_H
#define LIMIT 3
#define TWICE(x) (x + x)
typedef struct item { int size; } Item;
static const char *names[] = { 0 };
/* Parses
   it. */
char **parse(Item *item) { return call_me(item->size, by_name); }
#endif
"""
CPP = """namespace shop {
template <typename T>
class Cart : public Base {
  int add(T item) const { return item; }
  int count() const;
  T *first();
  int size;
};
}
int shop::Cart::total() const { return money::sum<int>(1); }
using Price = int;
"""
CSHARP = """using System.Text;
using M = Shop.Money;
namespace Shop {
  [Serializable]
  public class Cart : Base {
    const int Limit = 3;
    public int Add(Item item) { return item.Price(Limit, new Money()); }
    enum Size { S }
  }
}
"""
RUBY = """require 'json'
require_relative 'money'
module Shop
  class Cart < Base
    LIMIT = 3
    # Adds.
    def add(item)
      price(item).round
    end
    def self.make; end
  end
end
"""
PHP = """<?php
namespace Shop;
use Money\\Coin;
use Tools\\{Hammer, Saw as S};
require_once 'old.php';
const LIMIT = 3;
interface Sells { function sell(); }
abstract class Cart extends Base {
    public function add(Item $item): Price { return new Coin(price($item->tag())); }
}
function help() {}
"""


def read(text, language):
    return structure(text, lines_of(text), language)


def symbols(text, language):
    return [(each.kind, each.path) for each in read(text, language).facts.symbols]


def imports(text, language):
    return [(each.target, each.names) for each in read(text, language).facts.imports]


def uses(text, language):
    return {(use.name, use.kind) for use in read(text, language).facts.uses}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "python",
            PYTHON,
            "constant LIMIT, class Shop, constant Shop.size, method Shop.add,"
            " function Shop.add.inner",
        ),
        (
            "javascript",
            JAVASCRIPT,
            "function load, method Shop.pay, class Shop, method Shop.total, method Shop.#secret,"
            " function go, constant LIMIT, method open, function shut",
        ),
        (
            "typescript",
            TYPESCRIPT,
            "class Shop, method Shop.pay, method Shop.add, interface Sells, method Sells.sell,"
            " type Price, enum Size, module Tools, function Tools.help",
        ),
        (
            "rust",
            RUST,
            "struct Glob, impl Glob, constant Glob.SIZE, method Glob.fmt, trait Sells,"
            " method Sells.sell, macro quick",
        ),
        (
            "go",
            GO,
            "struct Server, interface Seller, constant Limit, method Server.Serve, function main",
        ),
        (
            "java",
            JAVA,
            "class Shop, constant Shop.LIMIT, method Shop.Shop, method Shop.add, enum Shop.Size",
        ),
        (
            "c",
            C,
            "macro LIMIT, macro TWICE, type Item, struct item, constant names, function parse",
        ),
        (
            "cpp",
            CPP,
            "module shop, class shop.Cart, method shop.Cart.add, method shop.Cart.count,"
            " method shop.Cart.first, method shop.Cart.total,"
            " type Price",
        ),
        (
            "csharp",
            CSHARP,
            "module Shop, class Shop.Cart, constant Shop.Cart.Limit, method Shop.Cart.Add,"
            " enum Shop.Cart.Size",
        ),
        (
            "ruby",
            RUBY,
            "module Shop, class Shop.Cart, constant Shop.Cart.LIMIT, method Shop.Cart.add,"
            " method Shop.Cart.make",
        ),
        (
            "php",
            PHP,
            "constant LIMIT, interface Sells, method Sells.sell, class Cart, method Cart.add,"
            " function help",
        ),
    ],
)
def test_definitions_have_their_kind_and_path(language, text, expected):
    found = symbols(text, language)

    assert found == [tuple(each.split(" ")) for each in expected.split(", ")]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", PYTHON, [(".views", ("index", "detail")), ("os.path", ()), ("sys", ())]),
        ("javascript", JAVASCRIPT, [("./cart", ("cart", "add", "sub")), ("fs", ())]),
        ("typescript", TYPESCRIPT, [("money", ("Money",))]),
        ("rust", RUST, [("std", ("io",)), ("std::fmt", ("self", "Display")), ("mod tools", ())]),
        ("go", GO, [("fmt", ()), ("example.org/money", ())]),
        ("java", JAVA, [("java.util.List", ()), ("org.shop.Money.*", ())]),
        ("c", C, [("stdio.h", ()), ("shop.h", ())]),
        ("csharp", CSHARP, [("System.Text", ()), ("Shop.Money", ())]),
        ("ruby", RUBY, [("json", ()), ("./money", ())]),
        (
            "php",
            PHP,
            [("Money", ("Coin",)), ("Tools", ("Hammer", "Saw")), ("old.php", ())],
        ),
    ],
)
def test_imports_are_as_they_are_written(language, text, expected):
    assert imports(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "python",
            PYTHON,
            "price call, round call, Size type, Base type, LIMIT name, sys import, path name",
        ),
        ("javascript", JAVASCRIPT, "read call, Money call, fs name, cart import"),
        ("typescript", TYPESCRIPT, "Money type, Item type, Injectable call"),
        ("rust", RUST, "help call, Display type, Out type, io import"),
        ("go", GO, "Take call, Sprint call, pool name, Server type"),
        ("java", JAVA, "price call, tag call, Money call, Item type, Sells type, List import"),
        ("c", C, "call_me call, Item type, size name, by_name name"),
        ("cpp", CPP, "sum call, Base type"),
        ("csharp", CSHARP, "Price call, Money call, Base type, Item type, Limit name"),
        ("ruby", RUBY, "price call, round call, Base type"),
        ("php", PHP, "Coin call, price call, tag call, Item type, Price type, Base type"),
    ],
)
def test_uses_have_their_kind(language, text, expected):
    wanted = {tuple(each.split(" ")) for each in expected.split(", ")}

    assert wanted <= uses(text, language)


def test_a_name_that_can_only_be_local_is_no_use():
    text = "import os\n\ndef f(local):\n    other = local\n    return os.sep, other\n"

    assert {use.name for use in read(text, "python").facts.uses} == {"os", "sep"}


def test_a_definition_begins_with_its_decorators_and_the_comments_above():
    add = next(each for each in read(PYTHON, "python").facts.symbols if each.name == "add")
    parse = next(each for each in read(C, "c").facts.symbols if each.name == "parse")
    glob = next(each for each in read(RUST, "rust").facts.symbols if each.name == "Glob")

    assert (add.first_line, add.line, add.last_line) == (6, 8, 10)
    assert add.signature == "def add(self, item):"
    assert (parse.first_line, parse.line) == (8, 10)
    assert (glob.first_line, glob.line) == (3, 5)


def test_what_stands_in_a_definition_knows_it():
    found = read(PYTHON, "python").facts.symbols
    parents = {each.path: each.parent for each in found}
    ordinals = {each.path: each.ordinal for each in found}

    assert parents["Shop"] is None
    assert parents["Shop.add"] == ordinals["Shop"]
    assert parents["Shop.add.inner"] == ordinals["Shop.add"]


def test_code_that_does_not_compile_has_symbols_too():
    text = "def first(:\n    pass\n\ndef second():\n    return (\n\nclass Third:\n    pass\n"

    assert ("class", "Third") in symbols(text, "python")


def test_a_header_with_classes_is_read_as_cplusplus():
    assert ("class", "Cart") in symbols("class Cart {\n public:\n  int n;\n};\n", "c")


@pytest.mark.parametrize("text", ["x = " + "(" * 9_000, "a<b," * 5_000, "] ) }\n" * 4_000])
@pytest.mark.parametrize("language", ["python", "typescript", "rust"])
def test_a_heap_of_brackets_is_not_looked_into(language, text):
    assert len(read(text, language).facts.symbols) < 10


def test_a_language_without_a_grammar_has_no_structure():
    assert read("key: value\n", "yaml") == NO_STRUCTURE
