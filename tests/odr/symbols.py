"""symbols.py [--unoptimised] <nm> <object>...

The objects hold the same code compiled for different instruction sets. The linker keeps one copy of
each weak symbol, whichever set it was compiled for, so no weak symbol of gelu or xsimd may be in two
of them; nor any other, save what makes error messages. Without optimisation the standard library's
small functions aren't inlined: then only gelu and xsimd are looked at."""

import re
import subprocess
import sys

HARMLESS = re.compile(
    r"basic_string|to_string|to_chars|char_traits|allocator|exception|typeinfo|DW\.ref|terminate"
)


def weak_symbols(nm, path):
    out = subprocess.run([nm, "--defined-only", path], check=True, text=True, capture_output=True)
    fields = (line.split() for line in out.stdout.splitlines())
    return {f[2] for f in fields if len(f) == 3 and f[1] in "VvWwu"}


def main(*arguments):
    unoptimised = arguments[0] == "--unoptimised"
    nm, *paths = arguments[unoptimised:]
    symbols = {path: weak_symbols(nm, path) for path in paths}
    for path, names in symbols.items():
        if not any("gelu" in name for name in names):
            sys.exit(f"{path} has no weak symbol of gelu: this check looks at the wrong file")
    wrong = 0
    for i, a in enumerate(paths):
        for b in paths[i + 1 :]:
            shared = sorted(symbols[a] & symbols[b])
            plain = subprocess.run(
                [nm.replace("nm", "c++filt")], input="\n".join(shared), text=True,
                capture_output=True, check=True).stdout.splitlines()
            for name in plain:
                own = "gelu::" in name or "xsimd::" in name
                if own or not (unoptimised or HARMLESS.search(name)):
                    wrong += 1
                    print(f"{name}\n    is in {a}\n    and   {b}")
    total = sum(map(len, symbols.values()))
    print(f"{len(paths)} objects, {total} weak symbols, {wrong} wrongly shared")
    return wrong != 0 or len(paths) < 2


sys.exit(main(*sys.argv[1:]))
