"""Tables of V(t) = C(-t) or g'(-t) next to zero, for the kernels that need no exponential there.
Used by fit_tables.py, whose mathematics they share.

Segment i, the integer next to a u^2 + b u, u = min(t, index_high), holds V(t) = head + d (p[0] + d (p[1] + ...)), d =
centre - t. Errors count relative to V(t) up to `cut`, where t is -x, and relative to 1
above, where only x > 0 is served, by 1 - V.

Centres are chosen so that rounding hurts least, as Gal does: of the floats in the middle of a
segment those where V(c), 1 - V(c) and p[0] are nearly floats, and of these the one whose
arithmetic, done here as the kernel does it, errs least. The centre of the segment that holds the
root of g' is that root, so that the result vanishes with d; the first segment's is 0, and the last
one's `high`, where 1 - V rounds to 1.
"""

import numpy as np
from mpmath import mp, mpf

f32, f64 = np.float32, np.float64


def fma(a, b, c):
    """Rounded once, but for ties of the double sum, which do not matter here."""
    return (a.astype(f64) * np.asarray(b, f64) + np.asarray(c, f64)).astype(f32)


def spacing(v):
    return np.exp2(np.floor(np.log2(np.maximum(np.abs(v), 2.0**-126))) - 23)


class WindowTable:
    def __init__(self, value, root, order, segments, cut, high, degree, bend=0, fast=False, report=None):
        """value(t): V in mpmath; root: that of V, or None; bend: the share of t^2 in the index;
        fast: for the fast tier, whose errors count relative to 2^-4 at least for t < 2 where V has
        a root, and whose value is rounded on its own."""
        self.value, self.root, self.order, self.fast = value, None if fast else root, order, fast
        self.floor = 2.0**-4 if fast and order else 0.0
        self.cut, self.high, self.degree, self.segments = mpf(cut), mpf(high), degree, segments
        # The last segment, from just above cut on, serves only 1 - V; index_high lies in it.
        self.index_high = self.cut + mpf("0.0625")
        top = segments - mpf("1.52")
        self.a, self.b = f32(bend * top / self.cut**2), f32((1 - bend) * top / self.cut)
        a, b = mpf(float(self.a)), mpf(float(self.b))
        edges = [u / b if a == 0 else (mp.sqrt(b * b + 4 * a * u) - b) / (2 * a)
                 for u in (max(i - mpf("0.5"), mpf(0)) for i in range(segments))] + [self.high]
        self.centre, self.head = np.zeros(segments, f32), np.zeros(segments, f32)
        self.lead = np.zeros(segments, f32)
        self.p = np.zeros((degree, segments), f32)
        self.error = self.fit_error = 0.0
        with mp.workprec(100):
            for i in range(segments):
                self.fit_segment(i, edges[i], edges[i + 1], report)

    def fit_segment(self, i, lo, hi, report):
        mid, h = (lo + hi) / 2, hi - lo
        n = 18
        ts = [mid + h / 2 * mp.cos(mp.pi * (2 * k + 1) / (2 * n)) for k in range(n)]
        vs = [self.value(t) for t in ts]
        has_root = self.root is not None and lo < self.root < hi
        exact = self.interpolated(mid, h, ts, vs, has_root)
        last = i == self.segments - 1
        if has_root or last or i == 0:
            c = mpf(float(f32(float(self.root)))) if has_root else self.high if last else mpf(0)
            v0 = self.value(c)
            slopes = [(v - v0) / (c - t) for v, t in zip(vs, ts)]
            weights = [1 / s if has_root else c - t if last else (c - t) / v for s, v, t in zip(slopes, vs, ts)]
            p = self.solve([c - t for t in ts], slopes, weights, self.degree)
            if has_root:  # the leading slope apart, where the sum is small
                self.lead[i] = p[0]
                p[0] -= float(self.lead[i])
            trials = [(float(c), float(v0), p)]
        else:
            poly = self.solve([mid - t for t in ts], vs, [self.weight(t, v) for t, v in zip(ts, vs)], self.degree + 1)
            falling = abs(self.value(hi)) < abs(self.value(lo))
            trials = self.choose(float(mid), float(h if falling else -h), poly)

        def errors_of(trials, samples):
            t = np.unique(np.linspace(float(lo), float(hi), samples).astype(f32))
            if has_root:
                near = [float(self.root) + s * 2.0**-k for k in range(3, 20) for s in (-1, 1)]
                t = np.unique(np.concatenate([t, np.array(near).astype(f32)]))
            t = t[(t >= f32(lo)) & (t <= f32(hi))]
            v = exact(t)
            return t, v, [self.measure(t, v, self.lead[i], *trial) for trial in trials]

        _, _, errors = errors_of(trials, 500)
        trials = [trials[k] for k in np.argsort(errors, kind="stable")[:8]]
        t, v, errors = errors_of(trials, 30000)
        best = int(np.argmin(errors))
        c, head, p = trials[best]
        self.centre[i], self.head[i], self.p[:, i] = c, head, p
        if not has_root:
            d = c - t.astype(f64)
            fit = head + d * sum(a * d**k for k, a in enumerate(p))
            w = np.where(t <= f32(self.cut), 1 / np.maximum(np.abs(v), np.where(t < 2, self.floor, 0)), 1.0)
            self.fit_error = max(self.fit_error, float(np.max(np.abs(fit - v) * w)) * 2**24)
        self.error = max(self.error, errors[best])
        if report:
            report(i, float(lo), float(hi), "centre", c, "error", round(errors[best], 3))

    def interpolated(self, mid, h, ts, vs, has_root):
        """V on a segment in double arithmetic, relatively right next to its root."""
        xs = [(t - mid) / h for t in ts]
        a = [v / (self.root - t) for v, t in zip(vs, ts)] if has_root else list(vs)
        n = len(xs)
        for j in range(1, n):
            for k in range(n - 1, j - 1, -1):
                a[k] = (a[k] - a[k - 1]) / (xs[k] - xs[k - j])
        xs, a, mid, h = [float(x) for x in xs], [float(y) for y in a], float(mid), float(h)
        high = float(f32(float(self.root))) if has_root else 0.0
        low = float(self.root - high) if has_root else 0.0

        def evaluate(t):
            t = t.astype(f64)
            x = (t - mid) / h
            sum_ = np.full_like(x, a[-1])
            for k in range(n - 2, -1, -1):
                sum_ = sum_ * (x - xs[k]) + a[k]
            return sum_ * ((high - t) + low) if has_root else sum_

        return evaluate

    def weight(self, t, v):
        return 1 / max(abs(v), self.floor if t < 2 else 0) if t <= self.cut else mpf(1)

    def solve(self, xs, ys, ws, terms):
        """Least weighted squares: the coefficients, lowest first, as doubles."""
        h = max(abs(x) for x in xs)
        m, rhs = mp.matrix(len(xs), terms), mp.matrix(len(xs), 1)
        for r, (x, y, w) in enumerate(zip(xs, ys, ws)):
            for k in range(terms):
                m[r, k] = (x / h) ** k * w
            rhs[r] = y * w
        found = mp.lu_solve(m, rhs)
        return [float(found[k] / h**k) for k in range(terms)]

    def choose(self, mid, h, poly):
        """Centres and their coefficients; the more of them the nearer the end mid + h/2, where V
        is small and so is best not the difference of two terms."""
        c = np.unique(np.linspace(mid - 0.1 * h, mid + 0.35 * h, 40001).astype(f32))

        def about(s, k):
            """Coefficient k of the polynomial about mid - s."""
            total, binomial = np.zeros_like(s), 1.0
            for i in range(k, len(poly)):
                total = total + binomial * poly[i] * s ** (i - k)
                binomial = binomial * (i + 1) / (i + 1 - k)
            return total

        s = mid - c.astype(f64)
        v, slope = about(s, 0), about(s, 1)
        share = np.maximum(np.abs(slope / v * h / 2), 1e-30)
        head = v.astype(f32)
        score = (np.abs(head / v - 1) + 0.7 * np.abs((1 - head).astype(f64) - (1 - v))
                 + share * np.abs(slope.astype(f32) / slope - 1))
        return [(float(c[k]), float(v[k]), [float(about(s[k : k + 1], i)[0]) for i in range(1, len(poly))])
                for k in np.argsort(score, kind="stable")[:64]]

    def measure(self, t, v, lead, centre, head, p):
        """Largest error in ULP of the kernel's arithmetic on these t, for both signs of x."""
        head, p = f32(head), [f32(a) for a in p]
        d = f32(centre) - t
        q = np.full_like(t, p[-1])
        for a in reversed(p[:-1]):
            q = fma(q, d, a)
        worst = 0.0
        for negative in (True, False):
            a = head if negative else f32(1) - head
            if self.order == 0 and self.fast:
                got = fma(-t, fma(d, q, np.full_like(t, head)), 0 * t if negative else t)
                exact = (-v if negative else 1 - v) * t.astype(f64)
            elif self.order == 0:
                got = fma(-t if negative else t, a, -((t * d) * q))
                exact = (-v if negative else 1 - v) * t.astype(f64)
            else:
                got = fma(d, lead, fma(d, q, np.full_like(t, a))) if negative else fma(-d, q + lead, a)
                exact = v if negative else 1 - v
            counted = np.maximum(np.abs(exact), np.where(t < 2, self.floor, 0))
            e = np.abs(got - exact) / spacing(counted)
            if negative:
                e = e[t <= f32(self.cut)]
            worst = max(worst, float(e.max(initial=0)))
        return worst
