#!/usr/bin/env python3
"""Writes the library as one file, for Compiler Explorer and for trying it out.

    python3 tools/single_header.py gelu.hpp                 gelu/gelu.hpp and what it includes
    python3 tools/single_header.py --eigen gelu_eigen.hpp   gelu/eigen.hpp and what it includes

The file needs xsimd (and Eigen) on the include path, and nothing else. Each header of gelu stands in
it once, where it is first included, with its include guard, so that the file and the headers may
meet in one translation unit. Other headers are included once.
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
CONDITIONAL = re.compile(r"\s*#\s*(if|ifdef|ifndef|endif)\b")


class Amalgamation:
    def __init__(self, include):
        self.include = include
        self.ours = set()
        self.others = set()
        self.lines = []

    def add(self, name):
        """The text of a header of gelu, with those that it includes in their places."""
        if name in self.ours:
            return
        self.ours.add(name)
        self.lines.append(f"// --- {name}")
        depth = 0
        for number, line in enumerate((self.include / name).read_text().splitlines(), 1):
            conditional = CONDITIONAL.match(line)
            if conditional:
                depth += -1 if conditional[1] == "endif" else 1
            included = INCLUDE.match(line)
            ours = included and (self.include / included[2]).is_file()
            # Depth 1 is inside the include guard. What is included on a condition stays as it is.
            if included and depth > 1:
                if ours:
                    sys.exit(f"{name}:{number}: a header of gelu is included on a condition")
            elif ours:
                self.add(included[2])
                continue
            elif included:
                if included[1] == '"':
                    sys.exit(f"{name}:{number}: {included[2]} is not below {self.include}")
                if included[2] in self.others:
                    continue
                self.others.add(included[2])
            if line or (self.lines and self.lines[-1]):
                self.lines.append(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--eigen", action="store_true")
    options = parser.parse_args()

    header = "gelu/eigen.hpp" if options.eigen else "gelu/gelu.hpp"
    include = ROOT / "include"
    version = re.search(r'GELU_VERSION_STRING "([^"]+)"', (include / "gelu/version.hpp").read_text())
    amalgamation = Amalgamation(include)
    amalgamation.add(header)
    licence = [f"// {line}".rstrip() for line in (ROOT / "LICENSE").read_text().splitlines()]
    top = [f"// gelu {version[1]}: {header} in one file, made by tools/single_header.py.", "//",
           *licence, ""]
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text("\n".join(top + amalgamation.lines) + "\n")


main()
