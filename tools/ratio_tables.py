"""Tables of the exact form in float without segments: what is left of C(-t) and g'(-t) when the
normal density and the steepest factor are taken out is so flat that one polynomial serves all t.
Used by fit_tables.py, whose mathematics they share.

    C(-t) = exp(-t^2 / 2) y W(y)    g'(-t) = exp(-t^2 / 2) (root - t) W(y),    y = 1 / (t + k)

W is start + s (lead + s (p[0] + ...)), s = y - centre. Of the floats from 0.3125 on, centre is the one where W of
both orders is nearest to a float, as Gal chooses: so start is as good as exact. Coefficients are rounded from the
highest down, those below fitted again, by least squares of the relative error at Chebyshev nodes.
"""

from mpmath import mp, mpf

import fit_tables as fit


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
        rest, self.p = [v - self.start for v in values], []
        for n in range(degree, 0, -1):
            rows = mp.matrix([[d**j / v for j in range(1, n + 1)] for d, v in zip(s, values)])
            highest_one = mp.lu_solve(rows, mp.matrix([r / v for r, v in zip(rest, values)]))[n - 1]
            self.p.insert(0, fit.round_bits(highest_one, 24))
            rest = [r - self.p[0] * d**n for r, d in zip(rest, s)]
        self.error_ulp = max(abs(r / v) for r, v in zip(rest, values)) * mpf(2) ** 24

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


def emit(e):
    t = "float"
    s = (f"// {e.form.name} form, order {e.order}: degree {e.degree}; fit error {mp.nstr(e.error_ulp, 2)} ULP.\n"
         f"template <>\nstruct ratio<{e.order}, {e.form.name}_form> {{\n")
    for name, v in (("t_max", e.t_max), ("shift", e.shift), ("centre", e.centre), ("start", e.start), ("lead", e.p[0])):
        s += fit.scalar_line(t, name, v)
    values = ", ".join(fit.short(v, t) for v in e.p[1:])
    return s + f"    static constexpr float p[{len(e.p) - 1}] = {{{values}}};\n}};\n\n"
