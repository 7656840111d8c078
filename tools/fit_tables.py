#!/usr/bin/env python3
"""Fits the tables of include/gelu/detail/tables.hpp and tables_double.hpp and writes both files.

    python3 tools/fit_tables.py            writes the files
    python3 tools/fit_tables.py --check    fails if a committed file differs in any bit

Every number comes from mpmath at 320 bits, by interpolation at Chebyshev nodes, so the output
does not depend on the machine. Needs mpmath (gmpy2 makes it several times faster).

The mathematics. At -t, t >= 0, each form, each order, is

    V(t) = R(t) exp(-S(t) - L(t))

with S the steep part of the exponent, known in closed form, R a linear factor that holds the
only root, and L slowly varying:

    form      S(t)                               order  V          R
    erf       t^2 / 2                            0      C(-t)      1
    tanh      2 sqrt(2/pi) (t + cubic t^3)       1      g'(-t)     t1 - t, g'(-t1) = 0
    sigmoid   slope t                            2      g''(-t)    t2 - t, g''(-t2) = 0

L is tabulated: segment i about a centre c holds L(c) as a sum of two numbers and the polynomial
(L(c + d) - L(c)) / d. `unit` is 2 for the erf form (whose steep part is then t^2, one fused
multiply-add) and 1 otherwise; everything stored is in units of it.
"""

import argparse
import pathlib
import sys

from mpmath import mp, mpf

from window_tables import WindowTable

mp.prec = 320


class ErfForm:
    name = "erf"
    unit = 2

    def steep(self, t):
        return t * t / 2

    def scaled(self, order, t):
        """V(t) exp(S(t))"""
        gate = mp.erfc(t / mp.sqrt(2)) / 2 * mp.exp(t * t / 2)
        phi = 1 / mp.sqrt(2 * mp.pi)
        return (gate, gate - t * phi, (2 - t * t) * phi)[order]


class LogisticForm:
    unit = 1

    def scaled(self, order, t):
        e = mp.exp(-self.steep(t))
        c = 1 / (1 + e)
        s1, s2 = self.steep1(t), self.steep2(t)
        return (c, c - t * c * c * s1, c * c * (2 * s1 + t * (s2 + s1 * s1 * (1 - 2 * c))))[order]


class TanhForm(LogisticForm):
    name = "tanh"

    def __init__(self):
        self.k = 2 * mp.sqrt(2 / mp.pi)
        self.cubic = mpf(0.044715)

    def steep(self, t):
        return self.k * (t + self.cubic * t**3)

    def steep1(self, t):
        return self.k * (1 + 3 * self.cubic * t * t)

    def steep2(self, t):
        return self.k * 6 * self.cubic * t


class SigmoidForm(LogisticForm):
    name = "sigmoid"

    def __init__(self):
        self.slope = mpf(1.702)

    def steep(self, t):
        return self.slope * t

    def steep1(self, t):
        return self.slope

    def steep2(self, t):
        return mpf(0)


FORMS = (ErfForm(), TanhForm(), SigmoidForm())


def find_root(form, order):
    return mp.findroot(lambda t: form.scaled(order, t), mpf("0.752") if order == 1 else mpf("1.41"))


ROOTS = {(f.name, o): find_root(f, o) for f in FORMS for o in (1, 2)}


def slow(form, order, t):
    """unit * L(t)"""
    v = form.scaled(order, t)
    if order:
        if abs(t - ROOTS[form.name, order]) < mpf(2) ** -150:
            t += mpf(2) ** -140
            v = form.scaled(order, t)
        v = v / (ROOTS[form.name, order] - t)
    return -form.unit * mp.log(v)


def chebyshev_nodes(lo, hi, n):
    return [(lo + hi) / 2 + (hi - lo) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * n)) for i in range(n)]


def interpolate(xs, ys):
    """Coefficients, lowest first, of the polynomial through the points (Newton's form, expanded)."""
    n = len(xs)
    a = list(ys)
    for j in range(1, n):
        for i in range(n - 1, j - 1, -1):
            a[i] = (a[i] - a[i - 1]) / (xs[i] - xs[i - j])
    poly = [mpf(0)] * n
    for i in range(n - 1, -1, -1):
        for j in range(n - 1, 0, -1):
            poly[j] = poly[j - 1] - xs[i] * poly[j]
        poly[0] = a[i] - xs[i] * poly[0]
    return poly


def round_bits(x, bits):
    """x rounded to nearest with that many significant bits."""
    if x == 0:
        return mpf(0)
    e = bits - mp.frexp(x)[1]
    return mpf(int(mp.nint(mp.ldexp(x, e)))) * mpf(2) ** -e


def round_grid(x, exponent):
    return mpf(int(mp.nint(mp.ldexp(x, -exponent)))) * mpf(2) ** exponent


BITS = {"float": 24, "double": 53}


class ExponentTable:
    """L of one form and order: octaves 2^mantissa segments, chosen by the top bits of
    z = fma(min(t, i_max), scale, offset): `mantissa` bits of its mantissa, `octaves` octaves from
    offset = 1 + first / 2^mantissa on. Small offsets crowd the segments towards t = 0."""

    def __init__(self, form, order, type_, mantissa, octaves, first, degree, t_max, i_max, grid):
        self.form, self.order, self.type = form, order, type_
        self.mantissa, self.octaves, self.degree = mantissa, octaves, degree
        self.t_max, self.i_max, self.grid = mpf(t_max), mpf(i_max), grid
        self.width = octaves << mantissa
        bits = BITS[type_]
        self.first = first
        self.offset = 1 + mpf(first) / 2**mantissa
        z_max = self.offset * mpf(2) ** octaves * (1 - mpf(2) ** -18)
        self.scale = round_bits((z_max - self.offset) / self.i_max, bits)
        self.fit()

    def fit(self):
        bits = BITS[self.type]
        per = 2**self.mantissa
        edges = [mpf(2) ** (i // per) * (1 + mpf(i % per) / per)
                 for i in range(self.first, self.first + self.width + 1)]
        bias = 127 if self.type == "float" else 1023
        rotate = ((bias << self.mantissa) + self.first) % self.width
        self.centre = [None] * self.width
        self.head = [None] * self.width
        self.tail = [None] * self.width
        self.coefficients = [[None] * self.width for _ in range(self.degree)]
        self.error = mpf(0)
        for i in range(self.width):
            lo = (edges[i] - self.offset) / self.scale
            hi = min((edges[i + 1] - self.offset) / self.scale, self.i_max)
            c = round_bits((lo + hi) / 2, bits - 2)
            value = slow(self.form, self.order, c)
            head = round_grid(value, self.grid)
            xs = chebyshev_nodes(lo, hi, self.degree)
            poly = interpolate([x - c for x in xs],
                               [(slow(self.form, self.order, x) - value) / (x - c) if x != c else mpf(0) for x in xs])
            tail = round_bits(value - head, bits)
            poly = [round_bits(a, bits) for a in poly]
            j = (rotate + i) % self.width
            self.centre[j], self.head[j], self.tail[j] = c, head, tail
            for k, a in enumerate(poly):
                self.coefficients[k][j] = a
            for s in range(4 * self.degree + 1):
                t = lo + (hi - lo) * s / (4 * self.degree)
                q = mpf(0)
                for a in reversed(poly):
                    q = q * (t - c) + a
                e = abs(head + tail + (t - c) * q - slow(self.form, self.order, t)) / self.form.unit
                self.error = max(self.error, e)
        self.error_ulp = self.error * mpf(2) ** bits


def hexfloat(x, type_):
    return float(x).hex() + ("f" if type_ == "float" else "")


def short(x, type_):
    """Shortest decimal that reads back to the same number."""
    import struct
    f = float(x)
    assert mpf(f) == x or x == 0, x
    if type_ == "double":
        return repr(f)
    for digits in range(1, 10):
        s = "%.*g" % (digits, f)
        if struct.unpack("f", struct.pack("f", float(s)))[0] == f:
            break
    return (s if ("." in s or "e" in s) else s + ".0") + "f"


def row(name, values, type_):
    text = ", ".join(short(v, type_) for v in values)
    return f"    alignas(64) static constexpr {type_} {name}[{len(values)}] = {{{text}}};\n"


# form, order -> largest t that matters and (if smaller) where L stops mattering, per type
T_MAX = {
    "float": {("erf", 0): (14.5, 14.5), ("erf", 1): (14.75, 14.75), ("erf", 2): (15, 15),
              ("tanh", 0): (10.875, 5.625), ("tanh", 1): (11, 11), ("tanh", 2): (11.25, 11.25),
              ("sigmoid", 0): (64.5, 13.5), ("sigmoid", 1): (66.5, 66.5), ("sigmoid", 2): (67, 67)},
}


class ExpTable:
    """exp(-r / unit) 2^64 on |r| <= unit ln 2 / (2 steps), and 2^(-i / steps) with what rounding
    it lost. The reduction step unit ln 2 / steps = step_high + step_low."""

    def __init__(self, type_, steps, unit, degree, grid, rough=0):
        """rough: how far from the exponent may be what the power is chosen by."""
        self.type, self.steps, self.unit, self.degree = type_, steps, unit, degree
        bits = BITS[type_]
        step = unit * mp.log(2) / steps
        self.inverse = round_bits(1 / step, bits)
        self.step_high = round_grid(step, grid)
        self.step_low = round_bits(step - self.step_high, bits)
        self.power, self.rest = [], []
        for i in range(steps):
            exact = mpf(2) ** (-mpf(i) / steps)
            kept = round_bits(exact, bits)
            self.power.append(kept)
            self.rest.append(round_bits(exact / kept - 1, bits))
        # (exp(-r / unit) - 1) / r, its constant term the exact -1/unit
        half = step / 2 * mpf("1.02") + mpf(rough)
        xs = chebyshev_nodes(-half, half, degree - 1)
        ys = [((mp.exp(-x / unit) - 1) / x + mpf(1) / unit) / x if abs(x) > mpf(2) ** -100
              else mpf(1) / (2 * unit**2) for x in xs]
        self.poly = [-mpf(1) / unit] + [round_bits(a, bits) for a in interpolate(xs, ys)]
        self.error = mpf(0)
        for s in range(101):
            r = -half + 2 * half * s / 100
            p = mpf(0)
            for a in reversed(self.poly):
                p = p * r + a
            self.error = max(self.error, abs(p * r - (mp.exp(-r / unit) - 1)))
        self.error_ulp = self.error * mpf(2) ** bits



class TailTable:
    """The slow part L of the exponent where V(t) is far below 1: t from `low` on, segments of one
    size up to i_max, above which L stays what it is there. The factor F keeps L nearly constant,
    but for the tanh form's derivative:

        V(t) = F(t) exp(-S(t) - L(t))      erf: F = 1/t, -t for orders 0, 1
                                           tanh: F = 1, root - t; sigmoid: F = 1, 1/slope - t
    """

    def __init__(self, form, order, width, low, t_max, i_max, degree, grid):
        self.form, self.order, self.width, self.degree = form, order, width, degree
        self.low, self.t_max, self.i_max, self.grid = mpf(low), mpf(t_max), mpf(i_max), grid
        self.zero = None  # of F
        if order and form.name != "erf":
            self.zero = 1 / form.slope if form.name == "sigmoid" else ROOTS[form.name, 1]
        # Segment k mod width is about the integer k of t scale.
        self.scale = round_bits((width - mpf("1.01")) / (self.i_max - self.low), 24)
        with mp.workprec(160):
            self.fit()

    def slow(self, t):
        v = self.form.scaled(self.order, t)
        if self.form.name == "erf":
            v = v * t if self.order == 0 else -v / t
        elif self.order == 1:
            v /= self.zero - t
        return -self.form.unit * mp.log(v)

    def fit(self):
        ends = self.slow(self.low), self.slow(self.i_max)
        self.varies = abs(ends[0] - ends[1]) > mpf("0.2")
        if not self.varies:  # L is about level + t lean
            few = abs(ends[0] - ends[1]) < mpf("0.001")
            self.lean = mpf(0) if few else round_bits((ends[1] - ends[0]) / (self.i_max - self.low), 24)
            off = [self.slow(t) - t * self.lean for t in mp.linspace(self.low, self.i_max, 201)]
            self.level = round_bits((max(off) + min(off)) / 2, 24)
            self.rough = (max(off) - min(off)) / 2
        self.centre, self.head = [mpf(0)] * self.width, [round_grid(sum(ends) / 2, self.grid)] * self.width
        self.q = [[mpf(0)] * self.width for _ in range(self.degree + 1)]
        self.error = mpf(0)
        first = int(mp.nint(self.low * self.scale))
        for k in range(first, int(mp.nint(self.i_max * self.scale)) + 1):
            lo = max(self.low, (k - mpf("0.5")) / self.scale)
            hi = min(self.i_max, (k + mpf("0.5")) / self.scale)
            c, i = round_bits((lo + hi) / 2, 22), k % self.width
            self.centre[i] = c
            if self.varies:
                self.head[i] = round_grid(self.slow(c), self.grid)
            xs = chebyshev_nodes(lo, hi, self.degree + 1)
            poly = interpolate([x - c for x in xs], [self.slow(x) - self.head[i] for x in xs])
            poly = [round_bits(a, 24) for a in poly]
            for n, a in enumerate(poly):
                self.q[n][i] = a
            for x in [lo + (hi - lo) * n / 32 for n in range(33)]:
                fitted = self.head[i] + sum(a * (x - c) ** n for n, a in enumerate(poly))
                self.error = max(self.error, abs(fitted - self.slow(x)) / self.form.unit)
        self.error_ulp = self.error * mpf(2) ** 24


HEADER = """// Generated by tools/fit_tables.py: do not edit. Each block says which fit made it and the error
// that the fit reaches, rounding of the coefficients included, relative to the result in ULP.
#ifndef GELU_DETAIL_TABLES_HPP
#define GELU_DETAIL_TABLES_HPP

#include <cstdint>

#include "gelu/forms.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {
namespace tables {

/// The slow part L of the exponent of V(t) = R(t) exp(-S(t) - L(t)), times the form's unit:
/// segment i about centre[i] is head + tail + d (q[0] + d (q[1] + ...)), d = t - centre. The
/// index is the low bits of bits(fma(min(t, i_max), scale, offset)) >> shift.
/// Width: the entries that one lookup reaches on the instruction set it is for.
template <int Order, class Form, class T, int Width>
struct exponent;

/// exp(-r / unit) - 1 = tail[i] + r (p[0] + r (p[1] + ...)), and 2^(64 - i/steps), i's bits
/// already taken off: subtracting n << shift from power[n mod steps] gives 2^(64 - n/steps).
template <int Unit, class T, int Steps>
struct exponential;

/// The same for t far from zero, V(t) = F(t) exp(-S(t) - L(t)) with F = 1/t, -t (erf form, orders 0
/// and 1), 1, zero - t (the others): L times the unit is head + q[0][i] + d (q[1][i] + ...), d = u -
/// centre[i], u = min(t, i_max), where i is the low bits of u scale rounded to an integer. Without a
/// row of heads it is about level + lean t.
template <int Order, class Form, int Width>
struct tail;

/// V(t) = C(-t) or g'(-t) for t in [0, high]: the segment's index i is the low bits of fma(u, u + b,
/// c), or of fma(u, b, c) (is_square says which), u = min(t, index_high), and d = centre[i] - t. t V(t)
/// (Order 0) is t head[i] + d (p[0][i] + d (p[1][i] + ...)), V(t) (Order 1) is head[i] + d (lead[i] + p[0][i] +
/// d (p[1][i] + ...)). lead is 0 but in the segment of the root. Good for x = -t down to -cut, and for
/// 1 - V.
template <int Order, class Form, int Segments>
struct window;

/// The same for the fast tier: t V(t) (Order 0) and V(t) (Order 1) are head[i] + d (p[0][i] + ...).
template <int Order, class Form, int Segments>
struct fast_window;

/// exp(t^2 / 2) t C(-t) (Order 0) and exp(t^2 / 2) g'(-t) (Order 1) for t up to t_max: head_low[i] + head[i] + d (lead_low[i]
/// + p[0][i] + d (p[1][i] + ...)), d = t - centre[i], i the low bits of bits(t + shift) >> 22. What a table has not is 0.
template <int Order, class Form, bool IsFast>
struct ratio;

/// exp(t^2 / 2) C(-t) = W / (t + shift), exp(t^2 / 2) g'(-t) = (root - t) W, for t up to t_max: W is
/// p[0] + s (p[1] + ...), s = t / (t + shift) - centre.
template <int Order, class Form>
struct fast_ratio;

/// The only root of g' (Order 1) and g'' (Order 2) of a form at -t: a sum of three parts, the
/// first two short enough for exact differences next to it.
template <int Order, class Form, class T>
struct root;

"""
FOOTER = """
}  // namespace tables
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
"""


def scalar_line(type_, name, value):
    return f"    static constexpr {type_} {name} = {short(value, type_)};\n"


def emit_exponent(e, registers):
    t = e.type
    mantissa_bits = 23 if t == "float" else 52
    s = (f"// {e.form.name} form, order {e.order}: {e.width} segments of degree {e.degree}, "
         f"{e.octaves} octaves; fit error {mp.nstr(e.error_ulp, 2)} ULP.\n"
         "template <>\n"
         f"struct exponent<{e.order}, {e.form.name}_form, {t}, {registers}> {{\n"
         f"    static constexpr int degree = {e.degree}, shift = {mantissa_bits - e.mantissa};\n")
    s += scalar_line(t, "scale", e.scale) + scalar_line(t, "offset", e.offset)
    s += scalar_line(t, "t_max", e.t_max) + scalar_line(t, "i_max", e.i_max)
    s += row("centre", e.centre, t) + row("head", e.head, t) + row("tail", e.tail, t)
    s += f"    alignas(64) static constexpr {t} q[{e.degree}][{e.width}] = {{\n"
    for r in e.coefficients:
        s += "        {" + ", ".join(short(v, t) for v in r) + "},\n"
    return s + "    };\n};\n\n"


def emit_exponential(e):
    t = e.type
    s = (f"// exp(-r / {e.unit}), {e.steps} steps to a factor of two; fit error {mp.nstr(e.error_ulp, 2)} ULP.\n"
         f"template <>\nstruct exponential<{e.unit}, {t}, {e.steps}> {{\n"
         f"    static constexpr int degree = {e.degree}, shift = {(23 if t == 'float' else 52) - e.steps.bit_length() + 1};\n")
    s += scalar_line(t, "inverse_step", e.inverse)
    s += scalar_line(t, "step_high", e.step_high) + scalar_line(t, "step_low", e.step_low)
    bits, bias, kind, suffix = ((23, 127, "std::uint32_t", "u") if t == "float" else (52, 1023, "std::uint64_t", "u"))
    words = []
    for i, p in enumerate(e.power):
        ex = mp.frexp(p)[1] - 1
        frac = int(mp.ldexp(p, bits - ex)) - (1 << bits)
        word = ((ex + bias + 64) << bits) | frac
        words.append((word + (i << (bits - e.steps.bit_length() + 1))) % (1 << (32 if t == "float" else 64)))
    s += f"    alignas(64) static constexpr {kind} power[{e.steps}] = {{" + ", ".join(hex(w) + suffix for w in words) + "};\n"
    s += row("tail", e.rest, t)
    s += f"    static constexpr {t} p[{e.degree}] = {{" + ", ".join(short(a, t) for a in e.poly) + "};\n"
    return s + "};\n\n"


def root_lines(x, type_):
    grids = {"float": (-11, -31), "double": (-25, -70)}[type_]
    a = round_grid(x, grids[0])
    b = round_grid(x - a, grids[1])
    c = round_bits(x - a - b, BITS[type_])
    return "".join(scalar_line(type_, name, v)
                   for name, v in (("whole", round_bits(x, BITS[type_])), ("a", a), ("b", b), ("c", c)))


def emit_root(form, order, type_):
    return (f"template <>\nstruct root<{order}, {form.name}_form, {type_}> {{\n"
            + root_lines(ROOTS[form.name, order], type_) + "};\n\n")


def emit_tail(e):
    t = "float"
    s = (f"// {e.form.name} form, order {e.order}: degree {e.degree}; fit error {mp.nstr(e.error_ulp, 2)} ULP.\n"
         f"template <>\nstruct tail<{e.order}, {e.form.name}_form, {e.width}> {{\n"
         f"    static constexpr int degree = {e.degree};\n")
    for name in ("scale", "t_max", "i_max"):
        s += scalar_line(t, name, getattr(e, name))
    if e.zero is not None:
        s += (f"    struct zero {{\n" + root_lines(e.zero, t) + "    };\n").replace("    static", "        static")
    if e.varies:
        s += row("head", e.head, t)
    else:
        for name, v in (("head", e.head[0]), ("level", e.level), ("lean", e.lean)):
            s += scalar_line(t, name, v)
    s += row("centre", e.centre, t)
    s += f"    alignas(64) static constexpr {t} q[{e.degree + 1}][{e.width}] = {{\n"
    for r in e.q:
        s += "        {" + ", ".join(short(v, t) for v in r) + "},\n"
    return s + "    };\n};\n\n"


def emit_window(form, order, w):
    t = "float"
    s = (f"// {form.name} form, order {order}: degree {w.degree}; fit error {w.fit_error:.2g} ULP, with the\n"
         f"// arithmetic {w.error:.2f} ULP on the points of the fit.\n"
         f"template <>\nstruct {'fast_' if w.fast else ''}window<{order}, {form.name}_form, {w.segments}> {{\n"
         f"    static constexpr int degree = {w.degree};\n")
    s += f"    static constexpr bool is_square = {'true' if w.k else 'false'};\n"
    for name in ("cut", "high", "index_high", "b"):
        s += scalar_line(t, name, mpf(float(getattr(w, name))))
    s += scalar_line(t, "c", 12582912 / (w.k or 1)) + row("centre", w.centre, t) + row("head", w.head, t)
    if order and not w.fast:
        s += row("lead", w.lead, t)
    s += f"    alignas(64) static constexpr {t} p[{w.degree}][{w.segments}] = {{\n"
    for r in w.p:
        s += "        {" + ", ".join(short(mpf(float(v)), t) for v in r) + "},\n"
    return s + "    };\n};\n\n"


# form, order -> where L stops to matter; entries of a table -> lowest t, degree
TAILS = {
    ("erf", 0): (14.5, {16: ("4.75", 4), 8: ("3.9375", 6)}), ("erf", 1): (14.75, {16: ("4.75", 4), 8: ("3.9375", 6)}),
    ("tanh", 0): (6, {16: ("4.5", 2), 8: ("4.5625", 3)}), ("tanh", 1): (11, {16: ("4.5", 4), 8: ("4.1875", 5)}),
    ("sigmoid", 0): (11.5, {16: ("7.9375", 2)}), ("sigmoid", 1): (13, {16: ("7.9375", 3), 8: ("6.6875", 4)}),
}

# tier, segments -> form, order -> cut, high, degree, the coefficient of t^2 in the index (0 or a power of two with a
# sign), and by how much the index at cut stays below the most that it can be. What is missing is a quotient.
WINDOWS = {
    ("precise", 32): {("erf", 0): (4.8125, 5.625, 5, 0.5, 0.15), ("erf", 1): (4.8125, 6.0625, 5, 0.25, 0.25),
                      ("tanh", 0): (4.5625, 5.1875, 5, 0.5, 0.3), ("tanh", 1): (4.5625, 5.625, 5, 0.25, 0.3),
                      ("sigmoid", 0): (8, 10.75, 5, -0.0625), ("sigmoid", 1): (8, 12, 6, -0.0625)},
    ("precise", 16): {("tanh", 1): (4.25, 5.625, 7, 0.125, 0.2), ("sigmoid", 1): (6.75, 12, 7, -0.125, 0.4)},
    ("fast", 32): {("erf", 0): (8.0625, 8.0625, 6, 0.25), ("erf", 1): (8.0625, 8.0625, 6, 0.25),
                   ("tanh", 0): (6.75, 6.75, 6, 0.5), ("tanh", 1): (6.75, 6.75, 6, 0.5),
                   ("sigmoid", 1): (12, 12, 6, -0.0625)},
    ("fast", 8): {("tanh", 0): (4.625, 5.1875, 8, 0.125), ("tanh", 1): (4.625, 5.625, 9, 0)},
}

# form, order -> degree, with the normal density taken out: in segments, and without
RATIOS = {"precise": {("erf", 0): 7, ("erf", 1): 7}, "fast": {("erf", 0): 6, ("erf", 1): 6}}
FAST_RATIOS = {("erf", 0): 9, ("erf", 1): 8}

# type, entries that one lookup reaches -> form, order -> (mantissa, octaves, first, degree)
SHAPES = {
    ("float", 16): {("erf", 2): (2, 4, 0, 6), ("tanh", 2): (3, 4, 0, 6), ("sigmoid", 2): (1, 8, 0, 8)},
    ("float", 8): {("erf", 2): (2, 4, 0, 6), ("tanh", 2): (3, 4, 0, 6), ("sigmoid", 2): (1, 8, 0, 8)},
}
GRIDS = {"float": -16, "double": -38}
EXPONENTIALS = (("float", 1, 1, 6, 0), ("float", 1, 2, 6, 0), ("float", 16, 2, 3, "0.0155"), ("float", 16, 1, 3, 0),
                ("float", 8, 2, 4, "0.0265"), ("float", 8, 1, 4, 0))


def generate(report=print):
    import ratio_tables
    text = HEADER
    for form in FORMS:
        for order in (1, 2):
            for type_ in ("float",):
                text += emit_root(form, order, type_)
    for type_, steps, unit, degree, rough in EXPONENTIALS:
        text += emit_exponential(ExpTable(type_, steps, unit, degree, GRIDS[type_], rough))
    for (type_, width), shapes in SHAPES.items():
        for form in FORMS:
            for order in (0, 1, 2):
                if (form.name, order) not in shapes:
                    continue
                m, oc, first, degree = shapes[form.name, order]
                e = ExponentTable(form, order, type_, m, oc, first, degree, *T_MAX[type_][form.name, order], GRIDS[type_])
                report(form.name, order, type_, width, "degree", degree, "fit error", mp.nstr(e.error_ulp, 3), "ULP")
                text += emit_exponent(e, width)
    for form in FORMS:
        for order in (0, 1):
            i_max, shapes = TAILS[form.name, order]
            for width, (low, degree) in shapes.items():
                e = TailTable(form, order, width, mpf(low), T_MAX["float"][form.name, order][0], i_max, degree, GRIDS["float"])
                report(form.name, order, "tail of", width, "degree", degree, "fit error", mp.nstr(e.error_ulp, 3), "ULP")
                if not e.varies:
                    rough = [mpf(x[4]) for x in EXPONENTIALS if x[:3] == ("float", width, form.unit)][0]
                    assert e.rough < rough + mpf("1e-4"), (form.name, order, width, mp.nstr(e.rough, 5))
                text += emit_tail(e)
    for (tier, segments), shapes in WINDOWS.items():
        for form in FORMS:
            for order in (0, 1):
                if (form.name, order) not in shapes:
                    continue
                w = WindowTable(lambda t: form.scaled(order, t) * mp.exp(-form.steep(t)),
                                ROOTS[form.name, 1] if order else None, order, segments,
                                tier == "fast", *shapes[form.name, order])
                report(form.name, order, tier, "window of", segments, "degree", w.degree, "error", w.error, "ULP")
                text += emit_window(form, order, w)
    for tier, degrees in RATIOS.items():
        for (name, order), degree in degrees.items():
            e = ratio_tables.RatioTable(FORMS[0], order, degree)
            report(name, order, tier, "ratio of degree", e.degree, "fit error", mp.nstr(e.error_ulp, 3), "ULP")
            text += ratio_tables.emit(e, tier)
    for (name, order), degree in FAST_RATIOS.items():
        e = ratio_tables.FastRatioTable(FORMS[0], order, degree)
        report(name, order, "fast ratio of degree", e.degree, "fit error", mp.nstr(e.error_ulp, 3), "ULP")
        text += ratio_tables.emit_fast(e)
    return text + FOOTER


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed file, write nothing")
    parser.add_argument("--output", default=str(pathlib.Path(__file__).parent.parent / "include/gelu/detail"),
                        help="the folder of both files")
    args = parser.parse_args()
    import double_tables
    same = True
    for name, text in (("tables.hpp", generate()), ("tables_double.hpp", double_tables.generate())):
        path = pathlib.Path(args.output) / name
        if args.check:
            good = path.read_text() == text
            same = same and good
            print(name, "is", "as the recipe makes it" if good else "NOT what the recipe makes")
        else:
            path.write_text(text)
    sys.exit(0 if same else 1)
