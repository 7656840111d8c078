"""Tables of the exact form in float without segments: what is left of C(-t) and g'(-t) when the
normal density is taken out is so flat that one polynomial or one quotient serves all t. Used by
fit_tables.py, whose mathematics they share.

The precise tier:

    C(-t) = exp(-t^2 / 2) y W(y)    g'(-t) = exp(-t^2 / 2) (root - t) W(y),    y = 1 / (t + k)

W is start + s (lead + s (p[0] + ...)), s = y - centre. Of the floats from 0.3125 on, centre is the one where W of
both orders is nearest to a float, as Gal chooses: so start is as good as exact. Coefficients are rounded from the
highest down, those below fitted again, by least squares of the relative error at Chebyshev nodes.

The fast tier, whose polynomials are in f = t / (t + k):

    C(-t) = exp(-t^2 / 2) W(f) / (t + k)    g'(-t) = exp(-t^2 / 2) (root - t) W(f)

so that t C(-t) has one factor f. Powers of f - centre, fitted and rounded in the same way.
"""

from mpmath import mp, mpf

import fit_tables as fit


def rounded_fit(xs, ys, scales, powers):
    """Float coefficients of x^k, k in powers, lowest first, by least squares of the error divided by
    the scale; and its maximum, in ULP. From the highest down, those below fitted again."""
    p, rest, powers = [], list(ys), list(powers)
    while powers:
        rows = mp.matrix([[x**k / v for k in powers] for x, v in zip(xs, scales)])
        last = mp.lu_solve(rows, mp.matrix([r / v for r, v in zip(rest, scales)]))[len(powers) - 1]
        p.insert(0, fit.round_bits(last, 24))
        k = powers.pop()
        rest = [r - p[0] * x**k for r, x in zip(rest, xs)]
    return p, max(abs(r / v) for r, v in zip(rest, scales)) * mpf(2) ** 24


class RatioTable:
    shift, t_max = mpf("1.5"), mpf(10)
    centre = None  # the same for both orders, which share s

    def __init__(self, form, order, degree):
        self.form, self.order, self.degree = form, order, degree
        RatioTable.centre = RatioTable.centre or self.best_centre()
        lowest, highest = 1 / (self.t_max + self.shift), 1 / self.shift
        ys = fit.chebyshev_nodes(lowest, highest, 6 * degree)
        values = [self.flat(order, y) for y in ys]
        s = [y - self.centre for y in ys]
        self.start = fit.round_bits(self.flat(order, self.centre), 24)
        self.p, self.error_ulp = rounded_fit(s, [v - self.start for v in values], values, range(1, degree + 1))

    def flat(self, order, y):
        t = 1 / y - self.shift
        if order == 0:
            return self.form.scaled(0, t) / y
        return self.form.scaled(1, t) / (fit.ROOTS[self.form.name, 1] - t)

    def best_centre(self):
        def off(y):
            values = [self.flat(order, y) for order in (0, 1)]
            return max(abs(fit.round_bits(v, 24) / v - 1) for v in values)

        with mp.workprec(100):
            return min((mpf("0.3125") + k * mpf(2) ** -18 for k in range(3000)), key=off)


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


def emit(e):
    t = "float"
    s = (f"// {e.form.name} form, order {e.order}: degree {e.degree}; fit error {mp.nstr(e.error_ulp, 2)} ULP.\n"
         f"template <>\nstruct ratio<{e.order}, {e.form.name}_form> {{\n")
    for name, v in (("t_max", e.t_max), ("shift", e.shift), ("centre", e.centre), ("start", e.start), ("lead", e.p[0])):
        s += fit.scalar_line(t, name, v)
    values = ", ".join(fit.short(v, t) for v in e.p[1:])
    return s + f"    static constexpr float p[{len(e.p) - 1}] = {{{values}}};\n}};\n\n"


def emit_fast(e):
    t = "float"
    s = (f"// {e.form.name} form, order {e.order}: degree {e.degree}; fit error {mp.nstr(e.error_ulp, 2)} ULP.\n"
         f"template <>\nstruct fast_ratio<{e.order}, {e.form.name}_form> {{\n")
    for name, v in (("t_max", e.t_max), ("shift", e.shift), ("centre", e.centre)):
        s += fit.scalar_line(t, name, v)
    values = ", ".join(fit.short(v, t) for v in e.p)
    return s + f"    static constexpr float p[{len(e.p)}] = {{{values}}};\n}};\n\n"
