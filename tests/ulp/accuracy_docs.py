#!/usr/bin/env python3
"""Writes docs/accuracy.md and draws docs/error.svg from the measurements in docs/data.

    tests/ulp/accuracy_docs.py --measure avx512,avx2,sse2    measures first, on this machine
    tests/ulp/accuracy_docs.py --measure curves              the errors over x, for the picture
    tests/ulp/accuracy_docs.py                               the page and the picture again

Measuring builds gelu_ulp (--cxx, --build; needs MPFR and CLI11) with one command for each
instruction set, or takes a program that is there (--binary avx2=PATH), and writes
docs/data/accuracy-<set>.json; the curves need Eigen. The picture needs matplotlib (Debian:
python3-matplotlib). Same data, same bytes.
"""

import argparse
import csv
import json
import math
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# As in cmake/instruction-sets.cmake.
FLAGS = {
    "avx512": "-mavx512f -mavx512cd -mavx512dq -mavx512bw -mavx512vl -mfma -mf16c",
    "avx2": "-mavx2 -mfma -mf16c",
    "sse2": "-msse2",
}
TITLES = {"avx512": "AVX-512", "avx2": "AVX2", "sse2": "SSE2"}
TYPES = ["float", "double", "half", "bfloat16"]
FORMS = ["erf", "tanh", "sigmoid"]
VERBS = ["forward", "derivative", "second_derivative", "backward"]
TIERS = ["precise", "fast"]


# --- Measuring -------------------------------------------------------------------------------------

def first_line(*command):
    return subprocess.run(command, capture_output=True, text=True,
                          check=True).stdout.splitlines()[0]


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
    return name


def facts(options):
    git = ["git", "-C", str(ROOT)]
    revision = first_line(*git, "log", "-1", "--format=%h", "--", "include", "tests/ulp",
                          "tests/oracle")
    changed = subprocess.run(git + ["diff", "--quiet", "HEAD", "--", "include"]).returncode
    return {"cpu": processor(), "compiler": first_line(options.cxx, "--version"),
            "revision": options.revision or revision + (" with changes" if changed else "")}


def build(options, sources, name, flags, libraries):
    target = options.build / name
    command = [options.cxx, "-std=c++17", "-O3", *flags.split(), "-Iinclude", "-Itests", *sources,
               "-o", str(target.resolve()), *libraries]
    print("+", *command, flush=True)
    subprocess.run(command, cwd=ROOT, check=True)
    return target


def measure(options, name):
    if name in options.binary:
        tool = pathlib.Path(options.binary[name])
    else:
        tool = build(options, sorted(str(p.relative_to(ROOT)) for p in
                                     (ROOT / "tests/ulp").glob("*.cpp")),
                     "gelu_ulp." + name, FLAGS[name], ["-pthread", "-lmpfr", "-lgmp"])
    stored = options.data / f"accuracy-{name}.json"
    data = json.loads(stored.read_text()) if stored.exists() else {}
    for kind in options.types:
        raw = options.build / f"accuracy-{name}-{kind}.json"
        arguments = ["--brief", "--quiet", "--type", kind, "--threads", str(options.threads)]
        if kind == "float":
            arguments += ["--stride", str(options.stride)]
        if kind == "double":
            arguments += ["--samples", str(options.samples), "--search", str(options.search)]
        print("+", tool.name, *arguments, flush=True)
        # 1 says that a bound is broken: the page says so too.
        status = subprocess.run([str(tool.resolve()), *arguments, "--json", str(raw)]).returncode
        if status not in (0, 1):
            raise SystemExit(f"{tool} failed with status {status}")
        report = json.loads(raw.read_text())
        part = {"facts": facts(options),
                "stride": report["stride"] if kind == "float" else 1,
                "offset": report["offset"] if kind == "float" else 0, "functions": []}
        if kind == "double":
            part = {"facts": facts(options), "samples": report["samples"],
                    "search": report["search"], "seed": report["seed"], "functions": []}
        for function in report["functions"]:
            del function["histogram"]
            function["regions"] = {region: {key: tally[key] for key in
                                            ("inputs", "not_rounded", "max_ulp", "at")}
                                   for region, tally in function["regions"].items()}
            part["functions"].append(function)
        data[kind] = part
        write_json(stored, data)


def write_json(path, data):
    """One line for each function, so that changes can be read."""
    lines = ["{"]
    for kind in (k for k in TYPES if k in data):
        part = {k: v for k, v in data[kind].items() if k != "functions"}
        lines.append(f' {json.dumps(kind)}: {json.dumps(part)[:-1]}, "functions": [')
        lines += ["  " + json.dumps(f) + "," for f in data[kind]["functions"]]
        lines[-1] = lines[-1][:-1] + "]},"
    lines[-1] = lines[-1][:-1] + "}"
    path.write_text("\n".join(lines) + "\n")


def measure_curves(options):
    tool = build(options, ["tests/ulp/curves/error_curves.cpp"], "error_curves",
                 FLAGS["avx512"] + f" -isystem {options.eigen}", [])
    printed = subprocess.run([str(tool.resolve())], capture_output=True, text=True, check=True)
    (options.data / "accuracy-curves.csv").write_text(printed.stdout)


# --- The picture -----------------------------------------------------------------------------------

OURS = "#1f6feb"
HUES = {"erf": "#56b4e9", "erfc": "#009e73", "tanh": "#56b4e9", "exp": "#56b4e9",
        "Eigen": "#e69f00"}


def draw(table, path):
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as plt
    plt.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": "gelu", "font.family": "sans-serif",
        "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"], "font.size": 9,
        "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#8c959f",
        "axes.titlesize": 10, "axes.titleweight": "bold", "xtick.color": "#57606a",
        "ytick.color": "#57606a", "figure.facecolor": "white",
    })
    figure, axes = plt.subplots(3, 2, figsize=(10.5, 10), sharey=True)
    for row, form in enumerate(FORMS):
        for column, verb in enumerate(("forward", "derivative")):
            axis, curves = axes[row][column], table[form, verb]
            for name, points in reversed(curves.items()):
                x = [p[0] for p in points]
                y = [min(max(p[1], 0.25), 3e7) for p in points]
                if name.startswith("gelu"):
                    style = {"color": OURS, "lw": 1.8, "zorder": 3}
                    if "fast" in name:
                        style.update(lw=1.2, color="#8250df", zorder=4, ls=(0, (3, 1.5)))
                else:
                    key = next(k for k in ("Eigen", "erfc", "erf", "tanh", "exp") if k in name)
                    style = {"color": HUES[key], "lw": 1.3}
                axis.plot(x, y, label=name, **style)
            axis.set_yscale("log")
            axis.set_ylim(0.22, 3e9)
            axis.set_yticks([1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7])
            axis.set_yticklabels(["1", "10", "100", "10³", "10⁴", "10⁵", "10⁶", "10⁷"])
            axis.minorticks_off()
            axis.grid(color="#eaeef2", lw=0.6)
            axis.set_axisbelow(True)
            axis.set_title(f"{form}, {verb}", loc="left")
            axis.set_xlim(x[0], x[-1])
            handles, labels = axis.get_legend_handles_labels()
            axis.legend(handles[::-1], labels[::-1], frameon=False, fontsize=7.5,
                        loc="upper right")
            if column == 0:
                axis.set_ylabel("largest error, ULP")
            if row == 2:
                axis.set_xlabel("x")
    figure.suptitle("Error in float by intervals of x: gelu (AVX-512) and the usual formulas",
                    x=0.01, ha="left", y=0.995)
    figure.tight_layout(rect=(0, 0, 1, 0.99))
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = re.sub(r"(\d\.\d\d)\d+(?=[ \"\n])", r"\1", path.read_text())  # a third of the size
    path.write_text("".join(line.rstrip() + "\n" for line in text.splitlines()))


def read_curves(path):
    table = {}
    with path.open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for form, verb, name, begin, width, *errors in rows:
            points = [(float(begin) + (k + 0.5) * float(width), float(e))
                      for k, e in enumerate(errors)]
            table.setdefault((form, verb), {})[name] = points
    return table


# --- The page --------------------------------------------------------------------------------------

def ulp(value):
    return str(value) if isinstance(value, str) else f"{value:.4f}"


def promise(value):
    return f"{value:g}"


def place(text):
    """The input in decimal digits, short."""
    return f"{float.fromhex(text):.7g}"


MIDDLE = ("[-2,-1)", "[-3,-2)", "[-5.5,-3)")


def share(function):
    """Of all inputs, and of those in [-5.5, -1)."""
    def of(tallies):
        percent = (100 * sum(t["not_rounded"] for t in tallies)
                   / max(sum(t["inputs"] for t in tallies), 1))
        return f"{percent:.2g}" if percent < 10 else f"{percent:.0f}"
    middle = [function["regions"][name] for name in MIDDLE if name in function["regions"]]
    return f"{of([function])}, {of(middle)} %"


def worst(functions):
    return max(functions, key=lambda f: math.inf if isinstance(f["max_ulp"], str)
               else f["max_ulp"])


def measured(function):
    value = ulp(function["max_ulp"])
    return value if function["within"] else f"**{value}: broken**"


def row(*cells):
    return "| " + " | ".join(cells) + " |"


def table(header, rows):
    return "\n".join([row(*header), row(*["---"] * len(header)), *(row(*r) for r in rows)])


def coverage(part, kind):
    if kind == "double":
        return (f"{part['samples']} points, {part['search']} rounds of search, "
                f"seed {part['seed']}")
    if part["stride"] == 1:
        return "every value"
    return f"one float of {part['stride']}, from bit pattern {part['offset']} on"


def summary(sets):
    rows = []
    for name, data in sets.items():
        for kind in (k for k in TYPES if k in data):
            cells = [TITLES[name], kind]
            for tier in TIERS:
                functions = [f for f in data[kind]["functions"] if f["tier"] == tier]
                bounds = sorted({f["bound"] for f in functions})
                w = worst(functions)
                cells += [", ".join(map(promise, bounds)),
                          measured(w) + f" ({w['form']} {w['verb'].replace('_', ' ')})"]
            rows.append(cells + [coverage(data[kind], kind)])
    return table(["set", "type", "precise: promise", "measured", "fast: promise", "measured",
                  "inputs"], rows)


def details(part):
    by_name = {(f["form"], f["verb"], f["tier"]): f for f in part["functions"]}
    rows = []
    for form in FORMS:
        for verb in VERBS:
            cells = [form, verb.replace("_", " ")]
            for tier in TIERS:
                f = by_name[form, verb, tier]
                cells += [promise(f["bound"]), measured(f), place(f["at"]), share(f)]
            rows.append(cells)
    return table(["form", "verb", "precise: promise", "measured", "at", "not c.r.",
                  "fast: promise", "measured", "at", "not c.r."], rows)


def regions(part):
    """Forward and derivative of the precise tier by region of x."""
    names = []
    for f in part["functions"]:
        names += [n for n in f["regions"] if n not in names]
    order = ["x >= 0", "[-1,0)", "[-2,-1)", "[-3,-2)", "[-5.5,-3)", "x < -5.5",
             "subnormal result", "abs(x-root) < 2^-10"]
    names.sort(key=lambda n: order.index(n) if n in order else len(order))
    rows = []
    for f in part["functions"]:
        if f["tier"] == "precise" and f["verb"] != "backward":
            rows.append([f"{f['form']} {f['verb'].replace('_', ' ')}"] +
                        [f"{f['regions'][n]['max_ulp']:.3f}" if n in f["regions"] else ""
                         for n in names])
    return table(["", *(n.replace("abs(x-root) < 2^-10", "within 2^-10 of a root")
                        for n in names)], rows)


def sixteen_bits(sets):
    rows = []
    for name, data in sets.items():
        for kind in ("half", "bfloat16"):
            if kind not in data:
                continue
            for what, chosen in (("forward, derivative, second derivative", VERBS[:3]),
                                 ("backward", VERBS[3:])):
                f = [f for f in data[kind]["functions"] if f["verb"] in chosen]
                rows.append([TITLES[name], kind, what,
                             ", ".join(sorted({promise(g["bound"]) for g in f})),
                             measured(worst(f)), str(sum(g["not_rounded"] for g in f))])
    return table(["set", "type", "verbs, all forms and tiers", "promise", "measured",
                  "not correctly rounded"], rows)


def used(sets):
    """What the measurements were made with: one row for each instruction set and type."""
    rows = {}
    for name, data in sets.items():
        for kind, part in data.items():
            f = part["facts"]
            rows.setdefault((f["cpu"], f["compiler"], f["revision"]), []).append(
                f"{TITLES[name]} {kind}")
    return table(["CPU", "compiler", "revision", "what"],
                 [[*key, ", ".join(what)] for key, what in rows.items()])


PAGE = """# Accuracy

Every verb has a promise, `gelu::max_ulp<T, Order>(form)`, and this page prints beside it what was
measured. All of it is written by a script from the data in `docs/data/accuracy-*`; anyone can
repeat it:

```sh
tests/ulp/accuracy_docs.py --measure avx512,avx2,sse2,curves
```

## In short

{summary}

*Measured* is the largest error of the four verbs and three forms with their default constants, and
whose it is. {broken}

![Errors over x](error.svg)

Largest errors in 180 intervals of x, float, AVX-512. Here derivatives count the plain ULP next to
their roots too, where the fast tier and the formulas with a cancelling sum leave the scale of the
rest. The formulas that people write are right for positive x and lose the tail: `1 + erf(..)` and
`1 + tanh(..)` have no digits left at -5 and return 0 beyond. [performance.md](performance.md) has
the same picture with more libraries.

## How the error is counted

The error of a result is `|got - exact| / spacing`, where spacing is the distance of neighbouring
numbers of the type in the binade of the exact value, 2^-149 and 2^-1074 for subnormal float and
double results. A correctly rounded result is within 0.5 of these units. NaN or an infinity where a
number is due counts as infinite.

- Default constants, precise tier: as defined, next to the roots of g' and g'' too.
- Fast tier, or other constants: for |x| < 2, derivatives count the spacing of max(|exact|, 2^-4).
- `backward`: what remains after the half ULP that rounding the product may cost, in ULP of the
  derivative. Its promise is that of the derivative.
- *not c.r.* is the share of results that are not correctly rounded: of all inputs, most of which are
  so small or so large that rounding is easy, and of those in [-5.5, -1). For `backward` it is the
  product of the gradient and the exact derivative that would be rounded.

## How it is measured

float and 16-bit types: the array verbs on bit patterns of every kind side by side, subnormal, huge,
infinite and NaN in one array, against an oracle in double arithmetic
(`tests/oracle/double_oracle.hpp`) that is written from the definitions and shares no code with the
library. Next to the roots, where the terms of a derivative cancel, it goes on in double-double. Its
own relative error is below 2^-40, 2^-16 ULP of float: the test `double_oracle_test` checks that
against MPFR on random inputs and where it is hardest. Where a 16-bit result needs more than that to
be judged, the tests ask MPFR.

double: MPFR at 200 bits (`tests/oracle/mpfr_oracle.hpp`), at points drawn from the normal
distribution, the tail down to subnormal results, around the roots at every distance, around zero,
from all bit patterns, and runs of neighbours. A local search goes on from the worst of them. Each
round takes, of every function, the 32 worst points so far and the worst of each region in the
tables below, and tries 31 around each: 24 at relative distances of up to 2^-k, k random from 4 to
52, and a run of 7 neighbours. What a search tries counts as the samples do.

A sample finds the largest error nearly, not exactly. The tests assert the promise for every float:
`tests/run --exhaustive`, or by hand, by region and with a histogram,

```sh
gelu_ulp.avx512 --form erf --verb forward --tier precise --histogram
```

The figures of this page:

{used}

{commands}

## float

{float}

## double

{double}

## half and bfloat16

Every one of the 65536 inputs, computed in float, rounded once.

{sixteen}

## Special values

The same for all types, forms and tiers; the tests check them bit by bit.

| x | forward | derivative | second derivative | backward |
| --- | --- | --- | --- | --- |
| +0, -0 | +0, -0 | 1/2 | 2 C'(0) | grad / 2 |
| +inf | +inf | 1 | 0 | grad |
| -inf | -0 | 0, of either sign | 0 | grad * 0 |
| NaN | NaN | NaN | NaN | NaN |
| finite, result underflows | 0 with the sign of x | 0 | 0 | 0 |

`backward` multiplies as IEEE arithmetic does: a gradient that is NaN gives NaN, an infinite one
times a derivative of zero too. No finite x gives NaN or an infinity, unless the exact result rounds
to infinity.
"""


def page(sets):
    def per_set(kind):
        blocks = []
        for name, data in sets.items():
            if kind in data:
                part = data[kind]
                blocks.append(f"### {TITLES[name]}\n\n{coverage(part, kind).capitalize()}.\n\n"
                              f"{details(part)}\n\nThe precise tier by region:\n\n{regions(part)}")
        return "\n\n".join(blocks)

    broken = [f"- **{TITLES[n]}, {f['type']}, {f['form']} {f['verb'].replace('_', ' ')}, "
              f"{f['tier']}: {ulp(f['max_ulp'])} ULP at {place(f['at'])}, not {promise(f['bound'])}**"
              for n, data in sets.items() for part in data.values()
              for f in part["functions"] if not f["within"]]
    commands = ["```sh"]
    for name in sets:
        commands.append(f"g++ -std=c++17 -O3 {FLAGS[name]} \\\n"
                        f"    -Iinclude -Itests tests/ulp/*.cpp -o gelu_ulp.{name} "
                        "-pthread -lmpfr -lgmp")
    for name, data in sets.items():
        for kind, part in data.items():
            if kind == "double":
                commands.append(f"gelu_ulp.{name} --brief --type double --samples {part['samples']} "
                                f"--search {part['search']} --seed {part['seed']}")
            elif kind == "float":
                commands.append(f"gelu_ulp.{name} --brief --type float "
                                f"--stride {part['stride']} --offset {part['offset']}")
        commands.append(f"gelu_ulp.{name} --brief --type half,bfloat16")
    commands.append("```")
    return PAGE.format(
        summary=summary(sets), used=used(sets), commands="\n".join(commands),
        broken="All promises are kept." if not broken else
        "These promises are not kept:\n\n" + "\n".join(broken),
        float=per_set("float"), double=per_set("double"), sixteen=sixteen_bits(sets))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", type=lambda s: s.split(","), default=[],
                        help=f"any of {', '.join(FLAGS)}, curves")
    parser.add_argument("--types", type=lambda s: s.split(","), default=TYPES,
                        help="measure only these: " + ",".join(TYPES))
    parser.add_argument("--binary", action="append", default=[], metavar="SET=PATH",
                        help="a gelu_ulp that is already built")
    parser.add_argument("--cxx", default=os.environ.get("CXX", "g++"))
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/accuracy")
    parser.add_argument("--eigen", default="/usr/include/eigen3", help="for the curves")
    parser.add_argument("--stride", type=int, default=1, help="of float's bit patterns")
    parser.add_argument("--samples", type=int, default=1000000, help="points for double")
    parser.add_argument("--search", type=int, default=100, help="rounds of search for double")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--revision", help="of the source that --binary was built from")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "docs/data")
    parser.add_argument("--docs", type=pathlib.Path, default=ROOT / "docs")
    options = parser.parse_args()
    options.binary = dict(pair.split("=", 1) for pair in options.binary)
    unknown = set(options.measure) - set(FLAGS) - {"curves"} | set(options.types) - set(TYPES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    options.build.mkdir(parents=True, exist_ok=True)
    for name in options.measure:
        measure_curves(options) if name == "curves" else measure(options, name)
    sets = {}
    for name in FLAGS:
        stored = options.data / f"accuracy-{name}.json"
        if stored.exists():
            data = json.loads(stored.read_text())
            sets[name] = {kind: data[kind] for kind in TYPES if kind in data}
    (options.docs / "accuracy.md").write_text(page(sets))
    curves = options.data / "accuracy-curves.csv"
    if curves.exists():
        draw(read_curves(curves), options.docs / "error.svg")


if __name__ == "__main__":
    main()
