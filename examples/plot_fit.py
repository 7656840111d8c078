#!/usr/bin/env python3
"""Draws the error curves of the fitting study.

    example_fit_constants --csv fit.csv
    plot_fit.py fit.csv docs/fit.svg
"""
import csv
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "gelu"  # the same input gives the same file
import matplotlib.pyplot as plt


def main(source, target):
    with open(source, newline="") as file:
        rows = list(csv.DictReader(file))
    x = [float(row["x"]) for row in rows]
    figure, panels = plt.subplots(1, 2, figsize=(9.5, 3.8), constrained_layout=True)
    for panel, form in zip(panels, ("tanh", "sigmoid")):
        for name in rows[0]:
            if name.startswith(form):
                label = name[len(form) + 1:]
                panel.plot(x, [float(row[name]) for row in rows], label=label, linewidth=1.3)
        panel.axhline(0, color="0.7", linewidth=0.6)
        panel.set_title(f"GELU, {form} form minus exact form", fontsize=10)
        panel.set_xlabel("x")
        panel.ticklabel_format(axis="y", style="sci", scilimits=(-2, 2))
        panel.legend(fontsize=8, frameon=False, ncol=2, loc="upper center",
                     bbox_to_anchor=(0.5, -0.2))
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
