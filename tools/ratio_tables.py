"""Tables of the exact form in float for what is left of C(-t) and g'(-t) when the normal density is taken out,
which is flat. Used by fit_tables.py, whose mathematics they share.

Where a permutation reaches 8 entries, in both tiers, for t up to t_max:

    t C(-t) = exp(-t^2 / 2) W(t)    g'(-t) = exp(-t^2 / 2) W(t)

Segments are the half octaves of t + shift: narrow next to zero, where W bends most, and told apart by two bits of a
float. In each W is head + d (p[0] + d (p[1] + ...)), d = t - centre. Of the floats where W is about the geometric mean
of what it is at both ends, so that head - W is exact, centre is the one where rounding head and p[0] hurts least, as
Gal chooses. Of t C(-t) the first segment's centre is 0, where W vanishes. The centre of the segment with the root of g'
is the float next to that: head is 0, so that W vanishes with d, and what it should be, and what p[0] is rounded by, is
in head_low and lead_low. Fits are least squares of the relative error at Chebyshev nodes; p[0] is rounded first, then
the others from the highest down, what is left being fitted again each time.

The fast tier elsewhere, whose polynomials are in f = t / (t + k) and serve all t:

    C(-t) = exp(-t^2 / 2) W(f) / (t + k)    g'(-t) = exp(-t^2 / 2) (root - t) W(f)

so that t C(-t) has one factor f. Powers of f - centre, fitted and rounded in the same way.
"""

from mpmath import mp, mpf

import fit_tables as fit


def least_squares(xs, ys, scales, powers):
    rows = mp.matrix([[x**k / v for k in powers] for x, v in zip(xs, scales)])
    return mp.lu_solve(rows, mp.matrix([y / v for y, v in zip(ys, scales)]))


def rounded_fit(xs, ys, scales, powers):
    """Float coefficients of x^k, k in powers, lowest first, by least squares of the error divided by
    the scale; and its maximum, in ULP. From the highest down, those below fitted again."""
    p, rest, powers = [], list(ys), list(powers)
    while powers:
        last = least_squares(xs, rest, scales, powers)[len(powers) - 1]
        p.insert(0, fit.round_bits(last, 24))
        k = powers.pop()
        rest = [r - p[0] * x**k for r, x in zip(rest, xs)]
    return p, max(abs(r / v) for r, v in zip(rest, scales)) * mpf(2) ** 24


class RatioTable:
    t_max = mpf(10)

    def __init__(self, form, order, degree):
        self.form, self.order, self.degree = form, order, degree
        # Such that the root of g' is well inside of a segment.
        self.shift = (mpf("0.75"), mpf(1))[order]
        self.centre, self.head, self.head_low, self.lead_low = ([mpf(0)] * 8 for _ in range(4))
        self.p = [[mpf(0)] * 8 for _ in range(degree)]
        self.error_ulp = mpf(0)
        edges = [e for e in (mpf(m) * 2**k for k in range(-1, 4) for m in (1, mpf("1.5"))) if e > self.shift]
        for lo, hi in zip([self.shift] + edges, edges):
            self.fit_segment(lo, min(hi, self.t_max + self.shift))

    def fit_segment(self, lo, hi):
        """What is in the half octave lo to hi of t + shift."""
        octave = int(mp.floor(mp.log(lo, 2)))
        i = (2 * (octave + 127) + (lo >= mpf("1.5") * mpf(2) ** octave)) % 8
        lo, hi = lo - self.shift, hi - self.shift
        root = fit.ROOTS[self.form.name, 1]
        has_root = self.order == 1 and lo < root < hi
        if has_root:
            centre, head = fit.round_bits(root, 24), mpf(0)
            self.head_low[i] = fit.round_bits(self.flat(centre), 24)
        elif self.order == 0 and not lo:
            centre = head = mpf(0)
        else:
            centre, head = self.best_centre(lo, hi)
        ts = fit.chebyshev_nodes(lo, hi, 6 * self.degree)
        values = [self.flat(t) for t in ts]
        # Rounding p[0] hurts most, so it comes first, and the others make up for it.
        ds, rest = [t - centre for t in ts], [v - head - self.head_low[i] for v in values]
        exact = least_squares(ds, rest, values, range(1, self.degree + 1))[0]
        lead = fit.round_bits(exact, 24)
        if has_root:
            self.lead_low[i] = fit.round_bits(exact - lead, 24)
        rest = [r - (lead + self.lead_low[i]) * d for r, d in zip(rest, ds)]
        p, error = rounded_fit(ds, rest, values, range(2, self.degree + 1))
        p.insert(0, lead)
        self.centre[i], self.head[i] = centre, head
        for k in range(self.degree):
            self.p[k][i] = p[k]
        self.error_ulp = max(self.error_ulp, error)

    def flat(self, t):
        return self.form.scaled(self.order, t) * (t if self.order == 0 else 1)

    def slope(self, t):
        """The derivative of flat."""
        gate, phi = self.form.scaled(0, t), 1 / mp.sqrt(2 * mp.pi)
        return gate * (1 + t * t) - t * phi if self.order == 0 else t * gate - 2 * phi

    def best_centre(self, lo, hi):
        """The centre and head of a segment without zeros."""
        half, mean = (hi - lo) / 2, mp.sqrt(self.flat(lo) * self.flat(hi))
        middle = mp.findroot(lambda t: abs(self.flat(t)) - mean, (lo, hi), solver="anderson")

        def off(t):
            v, slope = self.flat(t), self.slope(t)
            return (abs(fit.round_bits(v, 24) - v) + half * abs(fit.round_bits(slope, 24) - slope)) / abs(v)

        with mp.workprec(100):
            best = min((fit.round_bits(middle + half * k / 15000, 24) for k in range(-1500, 1501)), key=off)
            return best, fit.round_bits(self.flat(best), 24)


class FastRatioTable:
    # Where what W's sum and f round hurts least; a multiple of 2^-9 whose coefficients round well.
    shift, centre, t_max = mpf("2.75"), mpf("0.412109375"), mpf("14.75")

    def __init__(self, form, order, degree):
        self.form, self.order, self.degree = form, order, degree
        top = self.t_max / (self.t_max + self.shift)
        fs = fit.chebyshev_nodes(mpf(0), top, 6 * degree)
        ts = [f * self.shift / (1 - f) for f in fs]
        values = [form.scaled(0, t) * (t + self.shift) if order == 0 else
                  form.scaled(1, t) / (fit.ROOTS[form.name, 1] - t) for t in ts]
        self.p, self.error_ulp = rounded_fit([f - self.centre for f in fs], values, values, range(degree + 1))


def emit(e, tier):
    t = "float"
    s = (f"// {e.form.name} form, order {e.order}: degree {e.degree}; fit error {mp.nstr(e.error_ulp, 2)} ULP.\n"
         f"template <>\nstruct ratio<{e.order}, {e.form.name}_form, {'true' if tier == 'fast' else 'false'}> {{\n"
         f"    static constexpr int degree = {e.degree};\n")
    for name, v in (("t_max", e.t_max), ("shift", e.shift)):
        s += fit.scalar_line(t, name, v)
    s += fit.row("centre", e.centre, t)
    if tier == "fast":  # one of each two is 0
        s += fit.row("head", [a + b for a, b in zip(e.head, e.head_low)], t)
    else:
        s += fit.row("head", e.head, t)
        if e.order == 1:
            s += fit.row("head_low", e.head_low, t) + fit.row("lead_low", e.lead_low, t)
    s += f"    alignas(64) static constexpr {t} p[{e.degree}][8] = {{\n"
    for r in e.p:
        s += "        {" + ", ".join(fit.short(v, t) for v in r) + "},\n"
    return s + "    };\n};\n\n"


def emit_fast(e):
    t = "float"
    s = (f"// {e.form.name} form, order {e.order}: degree {e.degree}; fit error {mp.nstr(e.error_ulp, 2)} ULP.\n"
         f"template <>\nstruct fast_ratio<{e.order}, {e.form.name}_form> {{\n")
    for name, v in (("t_max", e.t_max), ("shift", e.shift), ("centre", e.centre)):
        s += fit.scalar_line(t, name, v)
    values = ", ".join(fit.short(v, t) for v in e.p)
    return s + f"    static constexpr float p[{len(e.p)}] = {{{values}}};\n}};\n\n"
