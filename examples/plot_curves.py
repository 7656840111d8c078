#!/usr/bin/env python3
"""Draws the three forms and their derivatives.

    example_curves > data/curves.csv
    plot_curves.py data/curves.csv ../docs/forms.svg
"""
import csv
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "gelu"  # the same input gives the same file
import matplotlib.pyplot as plt

FORMS = {"exact": ("#1f4e79", "-", 2.2), "tanh": ("#e07b00", "--", 1.4),
         "sigmoid": ("#3a9d5d", "-", 1.2)}
PANELS = {"": "g(x)", " derivative": "g′(x)", " second derivative": "g″(x)"}


def main(source, target):
    with open(source, newline="") as file:
        rows = list(csv.DictReader(file))
    x = [float(row["x"]) for row in rows]
    figure, panels = plt.subplots(1, 3, figsize=(10, 3), constrained_layout=True)
    for panel, (suffix, title) in zip(panels, PANELS.items()):
        panel.axhline(0, color="0.75", linewidth=0.6)
        panel.axvline(0, color="0.75", linewidth=0.6)
        for form, (colour, style, width) in FORMS.items():
            panel.plot(x, [float(row[form + suffix]) for row in rows], style, color=colour,
                       linewidth=width, label=form)
        panel.set_title(title, fontsize=11)
        panel.set_xlim(-4, 4)
        panel.spines[["top", "right"]].set_visible(False)
        panel.tick_params(labelsize=8)
    panels[0].legend(frameon=False, fontsize=9)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
