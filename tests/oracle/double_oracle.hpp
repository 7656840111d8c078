// Exact results for float inputs: g, g' and g'' of the three forms in double arithmetic, written
// from the definitions and sharing no code with the library. Fast enough to sweep all 2^32 floats.
//
// Relative error: below 2^-40 for every finite float and every constant for which the library
// promises bounds (double_oracle_test.cpp measures it against MPFR), that is 2^-16 ULP of float.
// Plain double is enough for that nearly everywhere: x^2 of a float is exact in double, and the
// exponents stay below 110, so their rounding costs at most 2^-45. Where the two terms of a
// derivative cancel by more than eight bits, next to its roots, the input is evaluated again in
// double-double arithmetic.
#ifndef TESTS_ORACLE_DOUBLE_ORACLE_HPP
#define TESTS_ORACLE_DOUBLE_ORACLE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace oracle {

enum class kind { erf, tanh, sigmoid };

/// A form of GELU; `constant` is the cubic coefficient or the slope, unused by the exact form.
struct function {
    kind form = kind::erf;
    double constant = 0;
};

inline double default_constant(kind form) {
    return form == kind::tanh ? 0.044715 : form == kind::sigmoid ? 1.702 : 0.0;
}

// An unevaluated sum of two doubles. Only for the few inputs next to a root, hence plain and slow:
// the volatile copies keep compilers from contracting a product into a later sum.
struct double_double {
    double hi = 0, lo = 0;

    static double rounded(double v) {
        volatile double w = v;
        return w;
    }
    static double_double sum(double a, double b) {
        const double s = rounded(a + b), t = rounded(s - a);
        return {s, rounded(a - rounded(s - t)) + rounded(b - t)};
    }
    static double_double product(double a, double b) {
        const double p = rounded(a * b);
        return {p, std::fma(a, b, -p)};
    }
    friend double_double operator+(double_double a, double_double b) {
        const double_double s = sum(a.hi, b.hi), t = sum(a.lo, b.lo);
        const double_double u = sum(s.hi, rounded(s.lo + t.hi));
        return sum(u.hi, rounded(u.lo + t.lo));
    }
    friend double_double operator-(double_double a) { return {-a.hi, -a.lo}; }
    friend double_double operator-(double_double a, double_double b) { return a + -b; }
    friend double_double operator*(double_double a, double_double b) {
        const double_double p = product(a.hi, b.hi);
        return sum(p.hi, rounded(p.lo + rounded(rounded(a.hi * b.lo) + rounded(a.lo * b.hi))));
    }
    friend double_double operator/(double_double a, double_double b) {
        const double q = a.hi / b.hi;
        const double_double r = a - b * double_double{q, 0};
        const double p = r.hi / b.hi;
        const double_double s = r - b * double_double{p, 0};
        return double_double{q, 0} + sum(p, s.hi / b.hi);
    }
};

namespace detail {

constexpr double_double ln2{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
constexpr double_double sqrt_8_pi{0x1.9884533d43651p+0, -0x1.cbc0d30ebfd15p-54};
constexpr double_double inv_sqrt_2pi{0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56};

inline double_double exp(double_double v) {
    const double n = std::nearbyint(v.hi / ln2.hi);
    const double_double r = v - ln2 * double_double{n, 0};
    double_double e{1, 0};
    for (int k = 27; k >= 1; --k) e = double_double{1, 0} + e * r / double_double{double(k), 0};
    return {std::ldexp(e.hi, int(n)), std::ldexp(e.lo, int(n))};
}

// Order 1 or 2 at x in double-double, for abs(x) below 40: what a root needs.
template <kind Form>
inline double careful(int order, double x, double constant) {
    const double_double X{x, 0}, one{1, 0}, two{2, 0}, c{constant, 0};
    if (Form == kind::erf) {
        const double_double xx = X * X;
        const double_double phi = inv_sqrt_2pi * exp(xx * double_double{-0.5, 0});
        if (order == 2) return ((two - xx) * phi).hi;
        // Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/(3 5) + ...)
        double_double term = X, sum = X;
        for (int k = 3; std::fabs(term.hi) > 0x1p-110 * std::fabs(sum.hi); k += 2) {
            term = term * xx / double_double{double(k), 0};
            sum = sum + term;
        }
        return (double_double{0.5, 0} + phi * sum + X * phi).hi;
    }
    double_double v, v1, v2;
    if (Form == kind::tanh) {
        const double_double cx = c * X;
        v = sqrt_8_pi * X * (one + cx * X);
        v1 = sqrt_8_pi * (one + double_double{3, 0} * cx * X);
        v2 = sqrt_8_pi * double_double{6, 0} * cx;
    } else {
        v = c * X;
        v1 = c;
    }
    const double_double e = exp(v.hi > 0 ? -v : v);
    const double_double inverse = one / (one + e);
    const double_double both = e * inverse * inverse;
    if (order == 1) return ((v.hi > 0 ? one : e) * inverse + X * both * v1).hi;
    const double_double tanh_half = (one - e) * inverse;  // tanh(abs(v)/2)
    const double_double bend = X * v1 * v1 * (v.hi > 0 ? tanh_half : -tanh_half);
    return (both * (two * v1 + X * v2 - bend)).hi;
}

inline double from_bits(std::uint64_t b) {
    double v;
    std::memcpy(&v, &b, sizeof v);
    return v;
}
inline std::uint64_t to_bits(double v) {
    std::uint64_t b;
    std::memcpy(&b, &v, sizeof b);
    return b;
}

// e^v for v in [-700, 0]: relative error below 2^-51.
inline double exp_negative(double v) {
    constexpr double shift = 0x1.8p52;
    const double biased = v * 0x1.71547652b82fep0 + shift;
    const double n = biased - shift;
    const double r = (v - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33;
    double p = 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1;
    p = p * r + 1;
    return p * from_bits((to_bits(biased) + 1023) << 52);
}

// exp(t^2/2) erfc(t/sqrt 2)/2 for t >= 0, by fit_mills.py.
// K = 4.0, degree 26: relative error 2^-52.17
inline double scaled_tail(double t) {
    constexpr double c[] = {
        0x1.82b4bb8c94dcep-1,   -0x1.373e3a893c28ap-1,  0x1.8c6dbf2cfc2aep-2,
        -0x1.7dff2bff6830dp-3,  0x1.eec4cc3e4df0fp-5,   -0x1.ee276104a7e07p-8,
        -0x1.c81719d683aa0p-9,  0x1.ab825fcbc3022p-10,  0x1.17a4af3379dfcp-13,
        -0x1.e4a42891facc5p-13, -0x1.002050a38039fp-19, 0x1.26d0e022b5dfap-15,
        0x1.80da7e25ae3d2p-21,  -0x1.8d52fd6960900p-18, -0x1.526f244f5b410p-21,
        0x1.127e946167aa3p-20,  0x1.25ba4f6575191p-22,  -0x1.501f0bb367692p-23,
        -0x1.7b87a8dfcc1ecp-24, 0x1.f741e3fb5bfd1p-27,  0x1.87ff0fa0aaf0bp-26,
        0x1.872383917b912p-30,  -0x1.396db39e6d060p-28, -0x1.d3d88cb4d74f6p-31,
        0x1.59e9228ec616cp-31,  0x1.01359aeb0a77bp-33,  -0x1.86ff9277044c1p-35,
    };
    const double r = 1 / (t + 4), y = (t - 4) * r;
    double p = c[26];
#pragma GCC unroll 32
    for (int k = 25; k >= 0; --k) p = p * y + c[k];
    return p * r;
}

// a where v < 0 or v is -0, else b. Written on bits, like the rest of the main path without
// branches, so that compilers vectorise it whatever the instruction set.
inline double where_negative(double v, double a, double b) {
    const std::uint64_t mask = 0 - (to_bits(v) >> 63);
    return from_bits((to_bits(a) & mask) | (to_bits(b) & ~mask));
}
// The smaller of two numbers that are not negative.
inline double smaller(double a, double b) { return from_bits(std::min(to_bits(a), to_bits(b))); }

// Negative where a + b cancels by more than eight bits.
inline double margin(double a, double b) {
    return std::fabs(a + b) - 0x1p-8 * (std::fabs(a) + std::fabs(b));
}

struct results {
    double value, slope, curvature, slope_margin, curvature_margin;
};

template <kind Form>
inline results evaluate(double x, double constant) {
    results out;
    if (Form == kind::erf) {
        const double t = smaller(std::fabs(x), 37.0), xx = t * t;
        const double e = exp_negative(-0.5 * xx);
        const double q = e * scaled_tail(t);
        const double gate = where_negative(x, q, 1 - q);
        const double phi = e * inv_sqrt_2pi.hi, bend = x * phi;
        out.value = x * gate;
        out.slope = gate + bend;
        out.curvature = (2 - xx) * phi;  // xx is exact, and so is 2 - xx next to its root
        out.slope_margin = margin(gate, bend);
        out.curvature_margin = 1;
        return out;
    }
    double v, v1, v2;
    if (Form == kind::tanh) {
        const double cx = constant * x, k = sqrt_8_pi.hi;
        v = k * x * (1 + cx * x);
        v1 = k * (1 + 3 * cx * x);
        v2 = 6 * k * cx;
    } else {
        v = constant * x;
        v1 = constant;
        v2 = 0;
    }
    const double e = exp_negative(-smaller(std::fabs(v), 700.0));
    const double inverse = 1 / (1 + e);
    const double gate = where_negative(v, e, 1.0) * inverse;
    const double both = e * inverse * inverse;
    const double tanh_half = (1 - e) * inverse;
    const double bend = x * both * v1;
    const double up = 2 * v1 + x * v2;
    const double down = -std::fabs(x) * v1 * v1 * tanh_half;
    out.value = x * gate;
    out.slope = gate + bend;
    out.curvature = both * (up + down);
    out.slope_margin = margin(gate, bend);
    out.curvature_margin = margin(up, down);
    return out;
}

template <kind Form>
inline void evaluate(double constant, const float* x, std::size_t n, double* value, double* slope,
                     double* curvature) {
    constexpr std::size_t block = 512;
    double slope_margin[block], curvature_margin[block];
    for (std::size_t begin = 0; begin < n; begin += block) {
        const std::size_t m = n - begin < block ? n - begin : block;
        const float* __restrict__ in = x + begin;
        double* __restrict__ g0 = value + begin;
        double* __restrict__ g1 = slope + begin;
        double* __restrict__ g2 = curvature + begin;
        for (std::size_t i = 0; i < m; ++i) {
            const results r = evaluate<Form>(double(in[i]), constant);
            g0[i] = r.value;
            g1[i] = r.slope;
            g2[i] = r.curvature;
            slope_margin[i] = r.slope_margin;
            curvature_margin[i] = r.curvature_margin;
        }
        for (std::size_t i = 0; i < m; ++i) {
            if (slope_margin[i] < 0) g1[i] = careful<Form>(1, double(in[i]), constant);
            if (curvature_margin[i] < 0) g2[i] = careful<Form>(2, double(in[i]), constant);
        }
    }
}

}  // namespace detail

/// value[i], slope[i], curvature[i] = g, g', g'' of the finite x[i]. Results for infinities and NaN
/// mean nothing.
inline void evaluate(function f, const float* x, std::size_t n, double* value, double* slope,
                     double* curvature) {
    switch (f.form) {
        case kind::erf:
            return detail::evaluate<kind::erf>(f.constant, x, n, value, slope, curvature);
        case kind::tanh:
            return detail::evaluate<kind::tanh>(f.constant, x, n, value, slope, curvature);
        case kind::sigmoid:
            return detail::evaluate<kind::sigmoid>(f.constant, x, n, value, slope, curvature);
    }
}

/// Order 0, 1 or 2 at one finite float.
inline double evaluate(function f, int order, float x) {
    double r[3] = {};
    evaluate(f, &x, 1, &r[0], &r[1], &r[2]);
    return r[order];
}

}  // namespace oracle

#endif
