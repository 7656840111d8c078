"""snippets.py <markdown file> <output directory>

Writes every ```cpp block of the file as <output directory>/<stem>_<line>.cpp, to be compiled and
run as it stands. A block without main gets one: its #includes and what it defines at namespace
scope stay in front, the statements become the body. A block that leans on variables introduced
elsewhere says so in a comment line just above its fence, which the reader of the page doesn't see;
it may name headers too:

    <!-- snippet: #include <vector> std::vector<float> x(100), y(100); -->

Prints the files, one a line."""

import pathlib
import re
import sys

DEFINITION = re.compile(
    r"^(template|struct|class|namespace|enum|using namespace|inline|static|constexpr)\b"
    r"|^[\w:<>,&* ]+\([^;]*\)\s*(const\s*)?(noexcept\s*)?\{"
)
CONTROL = re.compile(r"^(if|for|while|switch|do|else|try)\b")
STANDARD = "algorithm array cmath cstdio iostream numeric stdexcept string vector".split()


def blocks(text):
    """(line of the fence, declarations, code) of every cpp block."""
    setup, start, code, fence = "", None, [], None
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if start is not None:
            if stripped == fence:
                yield start, setup, "\n".join(code)
                setup, start = "", None
            else:
                code.append(line)
        elif match := re.match(r"(`{3,})(cpp|c\+\+|C\+\+)\b", stripped):
            start, code, fence = number, [], match[1]
        elif match := re.match(r"<!-- snippet: (.*) -->$", stripped):
            setup = match[1]
        elif stripped:
            setup = ""
    if start is not None:
        sys.exit(f"line {start}: the block doesn't end")


def split(code):
    """(includes, definitions, statements) of a block without main."""
    includes, definitions, statements = [], [], []
    chunk, depth, target = [], 0, None
    for line in code.splitlines():
        if line.startswith("#"):
            includes.append(line)
            continue
        if depth == 0 and not chunk:
            defines = DEFINITION.match(line) and not CONTROL.match(line)
            target = definitions if defines else statements
        chunk.append(line)
        depth += line.count("{") - line.count("}")
        ends = line.rstrip().endswith((";", "}", "*/")) or not line.split("//")[0].strip()
        if depth == 0 and ends or target is statements:
            target.extend(chunk)
            chunk = []
    return includes, definitions + (chunk if target is definitions else []), statements


def program(name, line, setup, code):
    if re.search(r"\bint main\s*\(", code):
        return f'#line {line + 1} "{name}"\n{code}\n'
    includes, definitions, statements = split(code)
    includes = re.findall(r"#include <[^>]+>", setup) + includes
    setup = re.sub(r"#include <[^>]+>", "", setup).strip()
    standard = [f"#include <{header}>" for header in STANDARD]
    if not any("gelu/" in include for include in includes):
        includes.append("#include <gelu/gelu.hpp>")
    return "\n".join([
        f"// {name}, line {line}", *standard, *includes, *definitions, "int main() {", setup,
        *statements, "}", ""])


def main(path, directory):
    path, directory = pathlib.Path(path), pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    written = set()
    for line, setup, code in blocks(path.read_text()):
        target = directory / f"{path.stem.lower()}_{line}.cpp"
        written.add(target)
        text = program(path.name, line, setup, code)
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
        print(target)
    for stale in set(directory.glob(f"{path.stem.lower()}_*.cpp")) - written:
        stale.unlink()


main(*sys.argv[1:3])
