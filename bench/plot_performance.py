#!/usr/bin/env python3
"""Draws docs/throughput.svg, docs/accuracy-speed.svg and docs/errors.svg and writes the tables of
docs/performance.md, from what bench/peers measured:

    bench/peers
    for f in avx512 avx512-f64 avx512-16bit avx2 avx2-f64 avx2-16bit; do
        cp results/compare-<time>-$f.json docs/data/compare-$f.json
    done
    cp results/ports-<time>.json docs/data/ports.json
    bench/plot_performance.py

Needs matplotlib (Debian: python3-matplotlib). Same data, same bytes.
"""

import argparse
import json
import math
import pathlib
import re

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

FORMS = ["exact", "tanh", "sigmoid"]
VERBS = ["forward", "backward"]
COLUMN = "n02/4096"
# Beyond this many ULP somewhere, a result has lost half of float's digits.
LOST = 4096
OURS, KEPT, LOSES = "#1f6feb", "#57606a", "#c4cad1"

plt.rcParams.update({
    "svg.fonttype": "none",
    "svg.hashsalt": "gelu",
    "font.family": "sans-serif",
    "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans"],
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8c959f",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "xtick.color": "#57606a",
    "ytick.color": "#57606a",
    "figure.facecolor": "white",
})


class Entry:
    def __init__(self, raw):
        self.library, self.version, self.method = raw["library"], raw["version"], raw["method"]
        self.form, self.verb, self.type = raw["form"], raw["verb"], raw["type"]
        self.ns = {column: values[0] for column, values in raw["ns"].items()}
        self.ulp = raw.get("ulp")
        self.curve = [v if isinstance(v, (int, float)) else math.inf
                      for v in raw.get("curve", [])]
        self.at_minus_inf = raw.get("at_minus_inf")
        self.show_version = False

    @property
    def ours(self):
        return self.library == "gelu"

    @property
    def copy(self):
        return self.library == "memcpy"

    @property
    def name(self):
        if self.copy:
            return "memcpy"
        version = f" {self.version}" if self.show_version else ""
        return f"{self.library}{version} {self.method}"

    @property
    def worst(self):
        """The largest error over all finite inputs; infinite where a NaN or infinity comes out."""
        if not self.ulp:
            return math.nan
        return max(value if isinstance(value, (int, float)) else math.inf
                   for value in (self.ulp[k] for k in ("positive", "middle", "tail")))


class Data:
    """What was measured for an instruction set, in float, in double and in 16 bits."""

    def __init__(self, directory, name):
        raw = json.loads((directory / f"compare-{name}.json").read_text())
        double = json.loads((directory / f"compare-{name}-f64.json").read_text())
        short = json.loads((directory / f"compare-{name}-16bit.json").read_text())
        self.facts, self.left_out = raw["facts"], raw["left_out"]
        self.short_facts = short["facts"]
        self.entries = [Entry(e) for e in raw["entries"] + double["entries"] + short["entries"]]
        self.columns = {"f32": raw["columns"], "f64": double["columns"],
                        "bf16": short["columns"], "f16": short["columns"]}
        self.curve_x = raw["curve_x"]
        for e in self.entries:  # where two versions of a library were measured
            e.show_version = any(o.library == e.library and o.version != e.version
                                 for o in self.entries)

    def group(self, form, verb, kind="f32"):
        return [e for e in self.entries if (e.form, e.verb, e.type) == (form, verb, kind)]


def rival(e):
    """Not ours, and not good to half of the digits only (as gelu_compare counts it)."""
    error = e.ulp["positive"] if e.ulp and e.type in ("f32", "f64") else 0
    return not e.ours and not e.copy and not (isinstance(error, (int, float)) and error > 100)


def version_of(e):
    return [int(n) for n in re.findall(r"\d+", e.version)]


def best_other(group, column, accurate=False):
    return min((e for e in group if rival(e) and (not accurate or e.worst < LOST)),
               key=lambda e: e.ns[column], default=None)


def copy_of(group):
    return next(e for e in group if e.copy)


def worth_showing(group):
    """Of each library what no other method of its is both faster and more accurate than."""
    kept = []
    for e in group:
        if e.copy:
            continue
        rivals = [r for r in group if r.library == e.library and r is not e]
        beaten = any(r.ns[COLUMN] <= e.ns[COLUMN] and r.worst <= e.worst * 1.05 for r in rivals)
        if e.ours or not beaten:
            kept.append(e)
    return kept


def save(figure, path):
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None},
                   bbox_inches="tight")
    plt.close(figure)


# --- Throughput ------------------------------------------------------------------------------------

def color(e):
    return OURS if e.ours else KEPT if e.worst < LOST else LOSES


def throughput(data, path):
    """Per form and direction: the fastest methods of every library, as elements per nanosecond."""
    shown = {}
    for form in FORMS:
        for verb in VERBS:
            group = data.group(form, verb)
            best = {}
            for e in worth_showing(group):
                if not e.ours and not rival(e):
                    continue
                # At most the fastest, and the fastest that keeps its digits.
                for key in ((e.library, "any"), (e.library, "kept") if e.worst < LOST else None):
                    if key and (key not in best or e.ns[COLUMN] < best[key].ns[COLUMN]):
                        best[key] = e
            bars = {id(e): e for e in best.values() if not e.ours}
            bars.update({id(e): e for e in group if e.ours})
            shown[form, verb] = sorted(bars.values(), key=lambda e: e.ns[COLUMN])[:12]
    figure, axes = plt.subplots(3, 2, figsize=(10.5, 10.8))
    for row, form in enumerate(FORMS):
        for side, verb in enumerate(VERBS):
            axis, bars = axes[row][side], shown[form, verb]
            rates = [1 / e.ns[COLUMN] for e in bars]
            places = range(len(bars))
            axis.barh(places, rates, color=[color(e) for e in bars], height=0.72)
            for place, rate, e in zip(places, rates, bars):
                axis.text(rate + max(rates) * 0.01, place, f"{rate:.2g}", va="center",
                          color=OURS if e.ours else "#57606a", fontsize=8)
            axis.set_yticks(list(places))
            axis.set_yticklabels([e.name for e in bars])
            for label, e in zip(axis.get_yticklabels(), bars):
                if e.ours:
                    label.set_color(OURS)
                    label.set_fontweight("bold")
            axis.invert_yaxis()
            axis.set_title(f"{form}, {verb}", loc="left")
            axis.tick_params(axis="y", length=0)
            if row == 2:
                axis.set_xlabel("elements per nanosecond, one thread")
    handles = [plt.Rectangle((0, 0), 1, 1, color=c) for c in (OURS, KEPT, LOSES)]
    figure.legend(handles, ["gelu", "others", f"others whose results are off by {LOST} ULP or more "
                            "somewhere, or NaN"], loc="lower center", ncol=3, frameon=False,
                  bbox_to_anchor=(0.5, -0.005))
    figure.suptitle(f"Throughput in float, {instruction_set(data)}, N(0, 2), n = 4096 "
                    f"({data.facts['cpu']})", x=0.01, ha="left", y=0.995)
    figure.tight_layout(rect=(0, 0.02, 1, 0.99))
    save(figure, path)


# --- The accuracy-speed plane ----------------------------------------------------------------------

def instruction_set(data):
    return {"avx512": "AVX-512", "avx2": "AVX2"}[data.facts["instruction_set"]]


# A zero or garbage where a result was due, or NaN: how many ULP that is says nothing more.
WRONG = 1e7


def accuracy_speed(data, path):
    figure, axes = plt.subplots(1, 3, figsize=(13.5, 5.4), sharey=True)
    for axis, form in zip(axes, FORMS):
        points = worth_showing(data.group(form, "forward"))
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.axhspan(0.3, 1, color=OURS, alpha=0.07, lw=0)
        labels = []
        for e in sorted(points, key=lambda e: e.ns[COLUMN]):
            x, y = e.ns[COLUMN], min(e.worst, WRONG)
            axis.plot(x, y, "o", ms=9 if e.ours else 5.5, color=OURS if e.ours else KEPT,
                      mec="white", mew=0.6, zorder=3)
            if e.ours:
                fast = e.method == "fast"
                axis.annotate(e.name, (x, y), xytext=(-8 if fast else 8, -3.5),
                              textcoords="offset points", ha="right" if fast else "left",
                              color=OURS, fontweight="bold", fontsize=9.5)
                continue
            # Turned, and moved to the right until clear of the label before it.
            near = [at for at, other in labels if abs(math.log10(other / y)) < 1]
            at = max([math.log10(x)] + [n + 0.085 for n in near])
            labels.append((at, y))
            axis.annotate(e.name, (x, y), xytext=(10 ** at, y * 2.6), textcoords="data",
                          rotation=55, ha="left", va="bottom", rotation_mode="anchor",
                          color="#24292f", fontsize=7.5,
                          arrowprops={"arrowstyle": "-", "color": "#afb8c1", "lw": 0.6,
                                      "shrinkA": 0, "shrinkB": 3})
        axis.set_title(form, loc="left")
        axis.set_xlabel("ns per element")
        axis.set_ylim(0.3, 1e12)
        axis.set_yticks([1, 10, 100, 1e3, 1e4, 1e5, 1e6, WRONG])
        axis.set_yticklabels(["1", "10", "100", "10³", "10⁴", "10⁵", "10⁶", "10⁷ or more,\nor NaN"])
        axis.minorticks_off()
        low = min(e.ns[COLUMN] for e in points) / 4
        high = max(e.ns[COLUMN] for e in points) * 3
        axis.set_xlim(low, high)
        ticks = [t for t in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10) if low < t < high]
        axis.set_xticks(ticks)
        axis.set_xticklabels([f"{t:g}" for t in ticks])
        axis.grid(color="#eaeef2", lw=0.6)
        axis.set_axisbelow(True)
    axes[0].set_ylabel("largest error over all of float, ULP")
    figure.suptitle(f"Accuracy against speed, forward in float, {instruction_set(data)}, "
                    f"N(0, 2), n = 4096: lower left is better ({data.facts['cpu']})",
                    x=0.01, ha="left", y=0.99)
    figure.tight_layout(rect=(0, 0, 1, 0.98))
    save(figure, path)


# --- Errors over x ---------------------------------------------------------------------------------

def errors(data, path):
    """The largest error by intervals of x, of us and of what else people use."""
    shown = {
        "exact": ["XNNPACK vgelu avx512f u32", "Eigen erf", "Eigen erfc", "oneDNN eltwise_gelu_erf",
                  "loop -O3 std::erf", "MKL vCdfNorm HA"],
        "tanh": ["XNNPACK vtanh avx512f", "Eigen tanh", "Eigen logistic",
                 "oneDNN eltwise_gelu_tanh", "loop -O3 std::tanh", "bare exp x/(1+exp)"],
        "sigmoid": ["XNNPACK vsigmoid avx512f, vmul", "Eigen logistic", "oneDNN eltwise_swish",
                    "loop -O3 x/(1+std::exp)", "bare exp x/(1+exp)"],
    }
    # Okabe and Ito's colours, without their blue.
    hues = ["#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#6e7781"]
    figure, axes = plt.subplots(3, 1, figsize=(9.5, 10.5))
    for axis, form in zip(axes, FORMS):
        start, end, step = data.curve_x[form]
        x = [start + step * i for i in range(int((end - start) / step))]
        newest = {}
        for e in data.group(form, "forward"):
            key = f"{e.library} {e.method}"
            if key not in newest or version_of(e) > version_of(newest[key]):
                newest[key] = e

        def draw(e, **style):
            y = [min(max(v, 0.3), WRONG * 1.7) for v in e.curve]
            axis.step(x, y, where="post", **style)

        for name, hue in zip(shown[form], hues):
            if name in newest:
                draw(newest[name], color=hue, lw=1.1, label=newest[name].name)
        for method, style in (("fast", {"lw": 1.6, "ls": (0, (3, 1))}), ("precise", {"lw": 2})):
            draw(newest[f"gelu {method}"], color=OURS, label=f"gelu {method}", **style)
        axis.set_yscale("log")
        axis.set_ylim(0.25, 5e7)
        axis.set_yticks([1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7])
        axis.set_yticklabels(["1", "10", "100", "10³", "10⁴", "10⁵", "10⁶", "0 or NaN"])
        axis.minorticks_off()
        axis.grid(color="#eaeef2", lw=0.6)
        axis.set_axisbelow(True)
        axis.set_title(form, loc="left")
        axis.set_ylabel("largest error, ULP")
        axis.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
        axis.set_xlim(start, end)
    axes[-1].set_xlabel("x")
    figure.suptitle(f"Errors of the forward pass in float, {instruction_set(data)}", x=0.01,
                    ha="left", y=0.995)
    figure.tight_layout(rect=(0, 0, 1, 0.99))
    save(figure, path)


# --- Tables ----------------------------------------------------------------------------------------

def ulp_text(value):
    if not isinstance(value, (int, float)):
        return "NaN"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}" if value < 9999 else f"{value:.1e}"


def heading(column):
    kind, n = column.rsplit("/", 1)
    kind = {"n01": "N(0,1)", "n02": "N(0,2)", "uniform8": "±8"}.get(kind, kind)
    n = f"{int(n) >> 20}Mi" if int(n) % (1 << 20) == 0 else n
    return f"{kind} {n}"


def table(rows):
    lines = ["| " + " | ".join(rows[0]) + " |", "|" + " --- |" * len(rows[0])]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows[1:]])


def accurate_table(data, kind):
    return ratio_table(data, kind, True)


def ratio_table(data, kind, accurate=False):
    columns = data.columns[kind]
    rows = [[""] + [heading(c) for c in columns] + ["best other"]]
    for form in FORMS:
        for verb in VERBS:
            group = data.group(form, verb, kind)
            for e in group:
                if not e.ours:
                    continue
                best = [best_other(group, c, accurate) for c in columns]
                if not all(best):
                    continue
                # XNNPACK's unrollings take turns at being the best.
                names = list(dict.fromkeys(re.sub(r"^(XNNPACK .*) u\d+$", r"\1", b.name)
                                           for b in best))
                rows.append([f"{form} {verb}, {e.method}"] +
                            [f"{e.ns[c] / b.ns[c]:.2f}" for c, b in zip(columns, best)] +
                            [", ".join(names)])
    return table(rows)


def copy_table(data, kind):
    columns = data.columns[kind]
    rows = [[""] + [heading(c) for c in columns]]
    for form in FORMS:
        for verb in VERBS:
            group = data.group(form, verb, kind)
            for e in group:
                if e.ours:
                    copy = copy_of(group)
                    rows.append([f"{form} {verb}, {e.method}"] +
                                [f"{e.ns[c] / copy.ns[c]:.2f}" for c in columns])
    return table(rows)


def short_table(data, kind):
    """16-bit types: ns per element, ours beside each library's fastest."""
    libraries = [name for name in ("oneDNN", "Highway")
                 if any(e.library == name and e.type == kind for e in data.entries)]
    rows = [["ns per element", "n", "precise", "fast", *libraries, "memcpy",
             "fast / best other", "fast / memcpy"]]
    for form in FORMS:
        for verb in VERBS:
            group = data.group(form, verb, kind)
            for column in data.columns[kind]:
                def least(chosen):
                    return min((e.ns[column] for e in group if chosen(e)), default=None)

                def ours(method):
                    return least(lambda e: e.ours and e.method == method)
                copy = copy_of(group).ns[column]
                times = [ours("precise"), ours("fast"),
                         *(least(lambda e, n=name: e.library == n) for name in libraries), copy]
                rows.append([f"{form} {verb}", heading(column).split()[-1]] +
                            [f"{t:.3f}" if t else "" for t in times] +
                            [f"{ours('fast') / t:.2f}" if t else "" for t in (least(rival), copy)])
    return table(rows)


def short_revision(data):
    return table([["16-bit types", ""], ["revision", data.short_facts.get("revision", "")],
                  ["libraries", data.short_facts["libraries"]]])


def group_table(data, form, verb, kind):
    columns = data.columns[kind]
    group = data.group(form, verb, kind)
    backward = verb == "backward"
    rows = [["ns per element"] + [heading(c) for c in columns] +
            ["ULP, x ≥ 0", "[-5.5, 0)", "tail"] + (["root"] if backward else []) + ["at -inf"]]
    for e in sorted(group, key=lambda e: e.ns[COLUMN]):
        row = [f"**{e.name}**" if e.ours else e.name] + [f"{e.ns[c]:.3f}" for c in columns]
        if e.ulp:
            keys = ["positive", "middle", "tail"] + (["root"] if backward else [])
            row += [ulp_text(e.ulp[k]) for k in keys] + [e.at_minus_inf.lstrip("-")
                                                         if "nan" in e.at_minus_inf
                                                         else e.at_minus_inf]
        else:
            row += [""] * (4 + backward)
        rows.append(row)
    return table(rows)


def input_table(data, kind):
    inputs = [c for c in data.entries[0].ns if c.endswith("/4096") and c != COLUMN]
    order = ["n01/4096", "uniform8/4096", "tail/4096", "small/4096", "subnormal_in/4096", "subnormal_out/4096",
             "huge/4096", "nan/4096"]
    inputs = [c for c in order if c in inputs]
    rows = [["time over N(0, 2)'s"] + [c.split("/")[0] for c in inputs]]
    for form in FORMS:
        for verb in VERBS:
            for e in data.group(form, verb, kind):
                if e.ours:
                    rows.append([f"{form} {verb}, {e.method}"] +
                                [f"{e.ns[c] / e.ns[COLUMN]:.2f}" for c in inputs])
    return table(rows)


def facts_table(data):
    facts = data.facts
    rows = [["", ""], ["CPU", facts["cpu"]], ["compiler", facts["compiler"]],
            ["C library", f"glibc {facts['glibc']}"], ["revision", facts.get("revision", "")],
            ["libraries", facts["libraries"]]]
    if data.left_out:
        rows.append(["left out", "; ".join(data.left_out)])
    return table(rows)


def ports_table(ports):
    rows = [["per element"] + [f"{s} {what}" for s in ("AVX-512", "AVX2")
                                      for what in ("instructions", "port bound", "simulated")]]
    found = {(k["set"], k["form"], k["verb"], k["tier"]): k for k in ports["kernels"]}
    for form in FORMS:
        for verb in VERBS:
            for tier in ("precise", "fast"):
                row = [f"{form} {verb}, {tier}"]
                for name in ("avx512", "avx2"):
                    k = found.get((name, form, verb, tier))
                    row += [f"{k[key]:.2f}" if k else ""
                            for key in ("instructions", "bound", "simulated")]
                rows.append(row)
    return table(rows)


def write_tables(sets, path):
    text = path.read_text()
    makers = {"ports": ports_table, "facts": facts_table, "ratios": ratio_table,
              "accurate": accurate_table, "copies": copy_table, "inputs": input_table,
              "group": group_table, "short": short_table, "short_facts": short_revision}

    def replace(match):
        words = match.group(1).split()
        made = makers[words[0]](sets[words[1]], *words[2:])
        return f"<!-- table: {match.group(1)} -->\n\n{made}\n\n<!-- end -->"

    path.write_text(re.sub(r"<!-- table: (.*?) -->.*?<!-- end -->", replace, text, flags=re.S))


def main():
    docs = pathlib.Path(__file__).resolve().parent.parent / "docs"
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=pathlib.Path, default=docs / "data")
    parser.add_argument("--docs", type=pathlib.Path, default=docs)
    arguments = parser.parse_args()
    sets = {name: Data(arguments.data, name) for name in ("avx512", "avx2")}
    sets["mca"] = json.loads((arguments.data / "ports.json").read_text())
    throughput(sets["avx512"], arguments.docs / "throughput.svg")
    accuracy_speed(sets["avx512"], arguments.docs / "accuracy-speed.svg")
    errors(sets["avx512"], arguments.docs / "errors.svg")
    page = arguments.docs / "performance.md"
    if page.exists():
        write_tables(sets, page)


if __name__ == "__main__":
    main()
