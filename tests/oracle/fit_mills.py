#!/usr/bin/env python3
"""Prints the polynomial that double_oracle.hpp uses for the normal distribution's tail.

With E(t) = exp(t^2/2) Q(t), Q(t) = erfc(t/sqrt 2)/2, t >= 0, the function (t + K) E(t) is smooth in
y = (t - K)/(t + K), which maps [0, inf) to [-1, 1). Its Chebyshev interpolant, computed at 60
digits, is printed as monomial coefficients, lowest first, with the relative error reached.

    python3 tests/oracle/fit_mills.py
"""
import mpmath as mp

mp.mp.dps = 60
K = mp.mpf(4)
DEGREE = 26


def scaled_tail(y):
    if y == 1:
        return 1 / mp.sqrt(2 * mp.pi)
    t = K * (1 + y) / (1 - y)
    if t > 200:  # asymptotic series: erfc underflows long before it is needed
        total = term = mp.mpf(1)
        for k in range(1, 12):
            term *= -(2 * k - 1) / t**2
            total += term
        return (t + K) / t / mp.sqrt(2 * mp.pi) * total
    return (t + K) * mp.exp(t * t / 2) * mp.erfc(t / mp.sqrt(2)) / 2


def chebyshev(f, degree):
    n = degree + 1
    nodes = [mp.cos(mp.pi * (j + mp.mpf(1) / 2) / n) for j in range(n)]
    values = [f(y) for y in nodes]
    return [
        (1 if k == 0 else 2) / mp.mpf(n)
        * mp.fsum(v * mp.cos(k * mp.pi * (j + mp.mpf(1) / 2) / n) for j, v in enumerate(values))
        for k in range(n)
    ]


def monomial(c):
    previous, current = [mp.mpf(1)], [mp.mpf(0), mp.mpf(1)]
    total = [mp.mpf(0)] * len(c)
    total[0] = c[0]
    for k in range(1, len(c)):
        for i, v in enumerate(current):
            total[i] += c[k] * v
        following = [mp.mpf(0)] + [2 * v for v in current]
        for i, v in enumerate(previous):
            following[i] -= v
        previous, current = current, following
    return total


coefficients = [float(v) for v in monomial(chebyshev(scaled_tail, DEGREE))]
worst = 0
for i in range(4001):
    y = mp.mpf(-1) + mp.mpf(i) / 2000
    exact = scaled_tail(y)
    worst = max(worst, abs(mp.polyval(coefficients[::-1], y) / exact - 1))
print(f"// K = {mp.nstr(K, 5)}, degree {DEGREE}: relative error 2^{mp.nstr(mp.log(worst, 2), 4)}")
for c in coefficients:
    print(f"    {c.hex()},")
