"""Tables of V(t) = C(-t) or g'(-t) next to zero, for the kernels that need no exponential there.
Used by fit_tables.py, whose mathematics they share.

Segment i is that of the t whose k u^2 + b u is next to the integer i, u = min(t, index_high). With d = centre - t it
holds t V(t) = t head + d (p[0] + d (p[1] + ...)) for the value, and V(t) = head + d (...) for the derivative; in the
fast tier the value's is t V(t) = head + d (...). Errors count relative to V(t) up to `cut`, where t is -x, and
relative to 1 above, where only x > 0 is served, by 1 - V.

k is 0 or a power of two with a sign, so that with a sum, a multiply-add and a constant to add to the index is in the
low bits: k makes segments narrower, or wider, with t.

Centres are chosen so that rounding hurts least, as Gal does: of the floats in the middle of a
segment those where head, 1 - head and p[0] are nearly floats, and of these the one whose
arithmetic, done here as the kernel does it, errs least. The centre of the segment that holds the
root of g' is that root, so that the result vanishes with d; the first segment's is 0, and the last
one's `high`, where 1 - V rounds to 1, unless `high` is `cut`.
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
    def __init__(self, value, root, order, segments, fast, cut, high, degree, k, spare=0, report=None):
        """value(t): V in mpmath; root: that of V, or None; k: the coefficient of t^2 in the index;
        spare: how far the index at cut stays below the most that it can be; fast: for the fast tier,
        whose errors count relative to 2^-4 at least for t < 2 where V has a root."""
        self.value, self.root, self.order, self.fast = value, None if fast else root, order, fast
        self.floor = 2.0**-4 if fast and order else 0.0
        self.cut, self.high, self.degree, self.segments = mpf(cut), mpf(high), degree, segments
        # The last segment, from just above cut on, serves only 1 - V, and holds all that is above.
        self.has_last = self.cut != self.high
        top = segments - (mpf("1.52") if self.has_last else mpf("0.52")) - spare
        self.k, self.b = mpf(k), f32(top / self.cut / (k or 1) - (self.cut if k else 0))
        b = mpf(float(self.b)) * (k or 1)

        def inverse(index):
            return (mp.sqrt(b * b + 4 * self.k * index) - b) / (2 * self.k) if k else index / b

        edges = [mpf(0)] + [inverse(i - mpf("0.5")) for i in range(1, segments)] + [self.high]
        self.index_high = mpf(float(f32(inverse(mpf(segments - 1))))) if self.has_last else self.cut
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
        last = self.has_last and i == self.segments - 1
        if has_root or last or i == 0:
            c = mpf(float(f32(float(self.root)))) if has_root else self.high if last else mpf(0)
            v0 = self.value(c)
            slopes = [(v - v0) / (c - t) for v, t in zip(vs, ts)]
            weights = [1 / s if has_root else c - t if last else (c - t) / v for s, v, t in zip(slopes, vs, ts)]
            if self.order == 0:
                if self.fast:
                    v0 *= c
                    slopes = [(v * t - v0) / (c - t) for v, t in zip(vs, ts)]
                else:
                    slopes = [s * t for s, t in zip(slopes, ts)]
                weights = [w / t for w, t in zip(weights, ts)]
            if self.order == 0 and i == 0 and not self.fast:  # the factor d of what is left
                p = [0.0] + self.solve([-t for t in ts], [-s / t for s, t in zip(slopes, ts)],
                                       [-w * t for w, t in zip(weights, ts)], self.degree - 1)
            else:
                p = self.solve([c - t for t in ts], slopes, weights, self.degree)
            if has_root:  # the leading slope apart, where the sum is small
                self.lead[i] = p[0]
                p[0] -= float(self.lead[i])
            trials = [(float(c), float(v0), p)]
        else:
            by = ts if self.order == 0 else [mpf(1)] * n
            poly = self.solve([mid - t for t in ts], [v * f for v, f in zip(vs, by)],
                              [self.weight(t, v) / f for t, v, f in zip(ts, vs, by)], self.degree + 1)
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
            fit = d * sum(a * d**k for k, a in enumerate(p))
            if self.order == 0:
                t1 = np.maximum(t.astype(f64), 1e-30)
                fit = (fit + head) / t1 if self.fast else fit / t1 + head
            else:
                fit = fit + head
            w = np.where(t <= f32(self.cut), 1 / np.maximum(np.abs(v), np.where(t < 2, self.floor, 0)), 1.0)
            self.fit_error = max(self.fit_error, float(np.max(np.abs(fit - v) * w * (t > 0))) * 2**24)
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
        if self.order == 0 and not self.fast:
            v = v / c.astype(f64)
            slope = slope + v
            share = np.maximum(np.abs(slope / v / c * h / 2), 1e-30)
        else:
            share = np.maximum(np.abs(slope / v * h / 2), 1e-30)
        head = v.astype(f32)
        score = (np.abs(head / v - 1) + 0.7 * np.abs((1 - head).astype(f64) - (1 - v))
                 + share * np.abs(slope.astype(f32) / slope - 1))
        return [(float(c[k]), float(v[k]),
                 [float(slope[k])] + [float(about(s[k : k + 1], i)[0]) for i in range(2, len(poly))])
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
            if self.fast:
                got = fma(d, q, np.full_like(t, head))
                if self.order == 0:
                    got = (0 * t if negative else t) - got
                elif not negative:
                    got = 1 - got
            elif self.order == 0:
                got = fma(t, -a if negative else a, -(d * q))
            else:
                got = fma(d, lead, fma(d, q, np.full_like(t, a))) if negative else fma(-d, q + lead, a)
            exact = v if negative else 1 - v
            if self.order == 0:
                exact = (-exact if negative else exact) * t.astype(f64)
            counted = np.maximum(np.abs(exact), np.where(t < 2, self.floor, 0))
            e = np.abs(got - exact) / spacing(counted)
            if negative:
                e = e[t <= f32(self.cut)]
            worst = max(worst, float(e.max(initial=0)))
        return worst
