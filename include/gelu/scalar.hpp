/// \file
/// The verbs on one float or double: the reference implementations. Needs no SIMD library.

// float is computed in double by the plain formulas and rounded once. double needs more than plain
// formulas: the condition number of the tails is about x^2, so that rounding x / sqrt 2 alone costs
// hundreds of ULP, and next to a root of g' or g'' the terms cancel altogether. It is computed in
// double-double arithmetic (a sum hi + lo of two doubles, about 104 bits) and rounded once.
//
// All three forms are x C(x) with a gate C, C(x) + C(-x) = 1. With t = |x| only the lower side, the
// one of -t, is ever computed, where nothing but the roots cancels; the other side follows from
//   g(t) = t (1 - C(-t))    g'(t) = 1 - g'(-t)    g''(t) = g''(-t).
#ifndef GELU_SCALAR_HPP
#define GELU_SCALAR_HPP

#include <cmath>
#include <limits>
#include <type_traits>

#include "gelu/detail/config.hpp"
#include "gelu/forms.hpp"

#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ == 2
#error \
    "gelu needs double arithmetic that rounds to double; on 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif

namespace gelu {
inline namespace GELU_ABI {
namespace detail {
namespace reference {

// Every product that meets a sum goes through these (or two_product below), so that the results do
// not depend on whether the compiler contracts a * b + c, and exact sums stay exact. x86 without
// FMA is where std::fma is slow, and where nothing can be contracted.
#if (defined(__x86_64__) || defined(__i386__)) && !defined(__FMA__) && !defined(__FMA4__) && \
        !defined(__AVX512F__) ||                                                             \
    (defined(_M_X64) || defined(_M_IX86)) && !defined(__AVX2__)
inline constexpr bool use_fma = false;
#else
inline constexpr bool use_fma = true;
#endif

GELU_ALWAYS_INLINE double times(double a, double b) {
    return use_fma ? std::fma(a, b, 0.0) : a * b;
}

GELU_ALWAYS_INLINE double multiply_add(double a, double b, double c) {
    return use_fma ? std::fma(a, b, c) : a * b + c;
}

// ---------------------------------------------------------------------------------------------
// The plain formulas in double: what float results are made of.

// sqrt(1/2), 1 / sqrt(2 pi), 2 sqrt(2/pi)
inline constexpr double sqrt_half = 0.7071067811865476;
inline constexpr double inverse_sqrt_2pi = 0.3989422804014327;
inline constexpr double two_sqrt_2_over_pi = 1.5957691216057308;

// g = x Phi(x), g' = Phi(x) + x phi(x), g'' = (2 - x^2) phi(x)
template <int Order>
double plain(double x, erf_form) {
    const double density = Order == 0 ? 0 : inverse_sqrt_2pi * std::exp(-0.5 * x * x);
    if (Order == 2) return multiply_add(-x, x, 2) * density;
    const double gate = 0.5 * std::erfc(-sqrt_half * x);
    return Order == 0 ? x * gate : multiply_add(x, density, gate);
}

// g = x sigma(v), g' = C + x C S v', g'' = C S v' (2 + x v'' / v' + x v' (S - C)), where
// C = sigma(v), S = sigma(-v), S - C = -tanh(v/2); takes slope = v', w = x v', bend = x v'' / v'.
template <int Order>
double plain_logistic(double x, double v, double slope, double w, double bend) {
    const double e = std::exp(-std::fabs(v));
    const double gate = v < 0 ? e / (1 + e) : 1 / (1 + e);
    if (Order == 0) return x * gate;
    if (e == 0) return Order == 1 ? gate : 0.0;  // w may be infinite by now
    const double both = e / ((1 + e) * (1 + e));
    if (Order == 1) return multiply_add(both, w, gate);
    return both * multiply_add(-std::fabs(w), std::tanh(std::fabs(v) / 2), 2 + bend) * slope;
}

template <int Order>
double plain(double x, tanh_form form) {
    const double k = two_sqrt_2_over_pi, cx = form.cubic * x;
    const double stretch = multiply_add(3 * cx, x, 1), slope = k * stretch;
    return plain_logistic<Order>(x, k * x * multiply_add(cx, x, 1), slope, x * slope,
                                 6 * cx * x / stretch);
}

template <int Order>
double plain(double x, sigmoid_form form) {
    const double v = form.slope * x;
    return plain_logistic<Order>(x, v, form.slope, v, 0.0);
}

// ---------------------------------------------------------------------------------------------
// Double-double arithmetic: x = hi + lo exactly, |lo| at most half an ulp of hi.

struct double_double {
    double hi, lo;
    constexpr double_double(double high, double low = 0) : hi(high), lo(low) {}
};

// a + b exactly (Knuth)
GELU_ALWAYS_INLINE double_double two_sum(double a, double b) {
    const double sum = a + b, b_part = sum - a;
    return {sum, (a - (sum - b_part)) + (b - b_part)};
}

// a + b exactly, for |a| >= |b| (Dekker)
GELU_ALWAYS_INLINE double_double fast_two_sum(double a, double b) {
    const double sum = a + b;
    return {sum, b - (sum - a)};
}

// a b exactly, by FMA or from halves of 26 bits (Dekker, Veltkamp); |a|, |b| < 2^996
GELU_ALWAYS_INLINE double_double two_product(double a, double b) {
    const double product = times(a, b);
    if (use_fma) return {product, std::fma(a, b, -product)};
    const double split = 134217729.0;  // 2^27 + 1
    const double a_big = split * a, a_hi = a_big - (a_big - a), a_lo = a - a_hi;
    const double b_big = split * b, b_hi = b_big - (b_big - b), b_lo = b - b_hi;
    return {product, ((a_hi * b_hi - product) + a_hi * b_lo + a_lo * b_hi) + a_lo * b_lo};
}

GELU_ALWAYS_INLINE double_double operator-(double_double a) { return {-a.hi, -a.lo}; }

GELU_ALWAYS_INLINE double_double operator+(double_double a, double_double b) {
    const double_double high = two_sum(a.hi, b.hi), low = two_sum(a.lo, b.lo);
    const double_double sum = fast_two_sum(high.hi, high.lo + low.hi);
    return fast_two_sum(sum.hi, sum.lo + low.lo);
}
GELU_ALWAYS_INLINE double_double operator+(double_double a, double b) {
    const double_double sum = two_sum(a.hi, b);
    return fast_two_sum(sum.hi, sum.lo + a.lo);
}
GELU_ALWAYS_INLINE double_double operator+(double a, double_double b) { return b + a; }
GELU_ALWAYS_INLINE double_double operator-(double_double a, double_double b) { return a + -b; }
GELU_ALWAYS_INLINE double_double operator-(double_double a, double b) { return a + -b; }
GELU_ALWAYS_INLINE double_double operator-(double a, double_double b) { return a + -b; }

GELU_ALWAYS_INLINE double_double operator*(double_double a, double_double b) {
    const double_double p = two_product(a.hi, b.hi);
    return fast_two_sum(p.hi, multiply_add(a.hi, b.lo, multiply_add(a.lo, b.hi, p.lo)));
}
GELU_ALWAYS_INLINE double_double operator*(double_double a, double b) {
    const double_double p = two_product(a.hi, b);
    return fast_two_sum(p.hi, multiply_add(a.lo, b, p.lo));
}
GELU_ALWAYS_INLINE double_double operator*(double a, double_double b) { return b * a; }

GELU_ALWAYS_INLINE double_double operator/(double_double a, double_double b) {
    const double q = a.hi / b.hi;
    const double_double p = two_product(q, b.hi);
    const double rest = (a.hi - p.hi) - p.lo + multiply_add(-q, b.lo, a.lo);
    return fast_two_sum(q, rest / b.hi);
}

// a 2^exponent
inline double_double scale(double_double a, int exponent) {
    return {std::ldexp(a.hi, exponent), std::ldexp(a.lo, exponent)};
}

// m 2^exponent; keeps full precision where the value itself is subnormal in double.
struct scaled {
    double_double m;
    int exponent;
};

// Rounded to double once: where ldexp rounded a subnormal, what it dropped, lo included, decides.
inline double round(scaled a) {
    const double r = std::ldexp(a.m.hi, a.exponent);
    if (std::fabs(r) >= (std::numeric_limits<double>::min)()) return r;
    return r + std::ldexp((a.m.hi - std::ldexp(r, -a.exponent)) + a.m.lo, a.exponent);
}

// x - root, for x within a factor of two of the root, which is given as the sum of three doubles:
// x itself may be the double nearest to the root. The roots below are mpmath.findroot's at 600
// bits.
struct root {
    double hi, mid, lo;
};
inline double_double operator-(double_double x, root r) {
    return (two_sum(x.hi - r.hi, x.lo) - r.mid) - r.lo;
}
inline double_double head(root r) { return {r.hi, r.mid}; }

// How close to a root its own formulas are used: e^d - 1 has its short argument range then.
inline constexpr double near_root = 0x1p-7;

// e^r - 1 for |r| < 0.022, relatively right to 2^-64: the Taylor series, its first two terms in
// double-double.
inline double_double short_expm1(double_double r) {
    const double_double square = r * r;
    constexpr double coefficients[] = {1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720,
                                       1.0 / 120,    1.0 / 24,    1.0 / 6};
    double series = 0;
    for (const double c : coefficients) series = multiply_add(series, r.hi, c);
    return (r + 0.5 * square) + times(times(square.hi, r.hi), series);
}

// e^v for -1200 < v <= 0: v = n ln 2 + r, |r| < 0.35; e^r is the 16th power of e^(r/16).
inline scaled exp(double_double v) {
    const double_double ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
    const int n = static_cast<int>(multiply_add(v.hi, 1.4426950408889634, -0.5));
    const double_double r = v - ln2 * static_cast<double>(n);
    double_double m = 1 + short_expm1({r.hi / 16, r.lo / 16});
    for (int i = 0; i < 4; ++i) m = m * m;
    return {m, n};
}

// 2 sqrt(2/pi) = 4 / sqrt(2 pi)
inline constexpr double_double k_tanh = {0x1.9884533d43651p+0, -0x1.cbc0d30ebfd15p-54};

// ---------------------------------------------------------------------------------------------
// The lower side, t >= 0: C(-t) for Order 0, g'(-t) for 1, g''(-t) for 2.

// Phi(-t) by the midpoint rule of step h = 5/8 (Chiarella and Reichel; Matta and Reichel; see DLMF
// 7.22(i)): with u_k = (k + 1/2) h, k = 0..14,
//   Phi(-t) = e^(-t^2/2) t h/pi sum e^(-u_k^2/2) / (t^2 + u_k^2)  [+ 1 / (1 + e^(2 pi t / h))]
// where the term in brackets is the residue at u = i t, counted for t < 2 pi / h. The rule
// converges like e^(-2 (pi/h)^2): its relative error is below 2^-68 for every t (mpmath).
template <int Order>
scaled lower(double t, erf_form) {
    constexpr int nodes = 15;
    // e^(-u_k^2/2), u_k = (2k + 1) 5/16, hi = float(w), lo = float(w - hi) of mpmath's value; low
    // parts that do not matter to the sum are left out.
    constexpr double_double weights[nodes] = {
        {0x1.e799bcd421824p-1, -0x1.3048b187d6468p-59},
        {0x1.49ed51a6121a5p-1, 0x1.91c6dc8db230cp-55},
        {0x1.2e1a6b4f64a4bp-2, -0x1.c0f0fc418da2cp-58},
        {0x1.76594c65016cap-4, -0x1.c90b935ff588ap-61},
        {0x1.39df00a18e7d6p-6, 0x1.a30eedadcf398p-61},
        {0x1.6421904e9f66bp-9, -0x1.e262b41a3eb29p-65},
        {0x1.116a380abfd69p-12, 0},
        {0x1.1c10b8c0222fep-16, 0},
        {0x1.8f640445d31d4p-21, 0},
        {0x1.7bf44dcb5a407p-26, 0},
        {0x1.e92844429434p-32, 0},
        {0x1.aa1b939c50f79p-38, 0},
        {0x1.f65000495a805p-45, 0},
        {0x1.90aa730e79b99p-52, 0},
        {0x1.b07cfdcd47cfep-60, 0},
    };
    constexpr int in_double_double = 6;  // the rest is below 2^-12 of the sum
    constexpr double_double h_over_pi = {0x1.976fc893c3aa3p-3, 0x1.3a3d9896e3394p-57};
    constexpr double_double two_pi_over_h = {0x1.41b2f769cf0ep+3, 0x1.c3d09eb53c671p-52};

    const double_double square = two_product(t, t);
    const scaled bell = exp({-0.5 * square.hi, -0.5 * square.lo});
    const double_double density = {0.25 * k_tanh.hi, 0.25 * k_tanh.lo};  // of e^(-t^2/2)
    if (Order == 2) return {bell.m * density * (2 - square), bell.exponent};

    if (Order == 1) {
        // Next to the root x0 = -t0, with x = x0 + d: g'(x) = g'(x) - g'(x0) is the sum of
        //   Phi(x) - Phi(x0) = phi(x0) sum (-1)^n He_n(x0) d^(n+1) / (n+1)!, n = 0, 1, ...
        //   x phi(x) - x0 phi(x0) = phi(x0) (d + x (e^(-d (x + x0) / 2) - 1)).
        constexpr root t0 = {0x1.80ead197f00b4p-1, -0x1.13e74c58cada8p-56, -0x1.65d4b5b9cdd03p-111};
        const double_double d = -(t - t0);
        if (std::fabs(d.hi) < near_root) {
            const double x0 = -t0.hi;
            double previous = x0, hermite = multiply_add(x0, x0, -1);  // He_1, He_2
            double power = times(times(d.hi, d.hi), d.hi) / 6, series = 0;
            for (int n = 2; n < 9; ++n) {
                series = multiply_add(n % 2 == 0 ? hermite : -hermite, power, series);
                const double next = multiply_add(x0, hermite, times(-n, previous));
                previous = hermite;
                hermite = next;
                power = times(power, d.hi) / (n + 2);
            }
            const double_double middle = 0.5 * d - head(t0);  // (x + x0) / 2
            const double_double bracket =
                d * (2 + 0.5 * (head(t0) * d)) + series - t * short_expm1(-(d * middle));
            const scaled bell0 = exp(-0.5 * (head(t0) * head(t0)));
            return {bell0.m * density * bracket, bell0.exponent};
        }
    }

    double_double sum = 0;
    for (int k = nodes - 1; k >= 0; --k) {
        const double u = (k + 0.5) * 0.625;  // exact, and so is its square
        if (k >= in_double_double) {
            sum.hi += weights[k].hi / (square.hi + times(u, u));
        } else {
            sum = sum + weights[k] / (square + times(u, u));
        }
    }
    double_double mills = h_over_pi * t * sum;
    if (Order == 1) mills = mills - density * t;
    double_double gate = bell.m * mills;
    if (t < two_pi_over_h.hi) {
        const scaled e = exp(-(two_pi_over_h * t));
        const double_double residue = scale(e.m, e.exponent);
        gate = gate + scale(residue / (1 + residue), -bell.exponent);
    }
    return {gate, bell.exponent};
}

// The two logistic forms, C(-t) = sigma(-v), v = v(t) >= 0. With e = e^-v, S = sigma(v) and
// w = t v', p = 2 v' + t v'', q = t v'^2 at t:
//   C = e S    g'(-t) = C S (1 + e - w)    g''(-t) = C S^2 ((p - q) + e (p + q))
// where g' and g'' have their roots by the last factor; near a root r, the factor minus its value
// at r, 0, is written in the distance d = t - r, in which no term cancels.

struct logistic_arguments {
    double_double v, w, p, q;
};

inline logistic_arguments arguments(double t, sigmoid_form form) {
    const double_double v = two_product(form.slope, t);
    return {v, v, 2 * form.slope, v * form.slope};
}

inline logistic_arguments arguments(double t, tanh_form form) {
    const double_double cxx = two_product(t, t) * form.cubic;
    const double_double slope = k_tanh * (1 + 3 * cxx);
    const double_double w = slope * t;
    return {k_tanh * (1 + cxx) * t, w, k_tanh * (2 + 12 * cxx), slope * w};
}

// Whether t is next to a root of the last factor; if so, the factor.
template <int Order>
bool factor_near_root(double, const logistic_arguments& a, sigmoid_form form,
                      double_double& factor) {
    // in v, for any slope: 1 + e^-v = v, and (2 - v) + e^-v (2 + v) = 0
    constexpr root v1 = {0x1.474973c84120bp+0, 0x1.f8d74bc9ac154p-54, 0x1.44a50180ba78p-108};
    constexpr root v2 = {0x1.331e23ad9de11p+1, 0x1.a9c55ef03c74ap-53, 0x1.672af2735d856p-110};
    constexpr root r = Order == 1 ? v1 : v2;
    if (!(std::fabs(a.v.hi - r.hi) < near_root)) return false;
    const double_double d = a.v - r, em1 = short_expm1(-d);
    if (Order == 1) {
        factor = (head(r) - 1) * em1 - d;
    } else {
        const double_double e = (head(r) - 2) / (head(r) + 2);  // e^-r
        factor = form.slope * (e * (d + (2 + a.v) * em1) - d);
    }
    return true;
}

// For the default constant; at other values of it the roots lie elsewhere.
template <int Order>
bool factor_near_root(double t, const logistic_arguments& a, tanh_form form,
                      double_double& factor) {
    constexpr root t1 = {0x1.81429f9e97e4dp-1, -0x1.3ce60c9e3b279p-55, 0x1.8c8cffd1d8b8bp-110};
    constexpr root t2 = {0x1.6b23142700629p+0, 0x1.8a76a5d7fd655p-54, 0x1.f48c40a27af2ep-110};
    constexpr root r = Order == 1 ? t1 : t2;
    const double c = form.cubic;
    if (c != tanh_form{}.cubic || !(std::fabs(t - r.hi) < near_root)) return false;
    const double_double d = t - r, kd = k_tanh * d, at_root = head(r);
    const double_double tt = two_product(t, t), rr = at_root * at_root;
    const double_double cubes = c * (tt + t * at_root + rr);  // c (t^3 - r^3) / d
    const double_double em1 = short_expm1(-(kd * (1 + cubes)));
    const logistic_arguments root_terms = [&] {
        const double_double crr = c * rr, slope = k_tanh * (1 + 3 * crr), w = slope * at_root;
        return logistic_arguments{0, w, k_tanh * (2 + 12 * crr), slope * w};
    }();
    if (Order == 1) {
        factor = (root_terms.w - 1) * em1 - kd * (1 + 3 * cubes);
    } else {
        const double_double e =
            (root_terms.q - root_terms.p) / (root_terms.q + root_terms.p);  // e^-v(r)
        const double_double p_change = 12 * (c * (kd * (t + at_root)));
        // t (1 + 3 c t^2)^2 = t + 6 c t^3 + 9 c^2 t^5
        const double_double fifths =
            c * (c * (tt * tt + t * at_root * (tt + rr + t * at_root) + rr * rr));
        const double_double q_change = k_tanh * kd * (1 + 6 * cubes + 9 * fifths);
        factor = (p_change - q_change) + e * ((p_change + q_change) + (a.p + a.q) * em1);
    }
    return true;
}

template <int Order, class Form>
scaled lower(double t, Form form) {
    const logistic_arguments a = arguments(t, form);
    const scaled small = exp(-a.v);
    const double_double e = scale(small.m, small.exponent);
    const double_double mirrored = 1 / (1 + e), gate = small.m * mirrored;
    if (Order == 0) return {gate, small.exponent};
    double_double factor = 0;
    if (!factor_near_root<Order>(t, a, form, factor))
        factor = Order == 1 ? (1 + e) - a.w : (a.p - a.q) + e * (a.p + a.q);
    if (Order == 2) factor = factor * mirrored;
    return {gate * mirrored * factor, small.exponent};
}

// Whether every order is within a rounding of its limit at infinity: v > 800, or t^2 / 2 > 800.
inline bool saturated(double t, erf_form) { return t > 40; }
inline bool saturated(double t, tanh_form form) {
    return t > 1000 || two_sqrt_2_over_pi * t * (1 + form.cubic * (t * t)) > 800;
}
inline bool saturated(double t, sigmoid_form form) { return form.slope * t > 800; }

// Constants far outside those that the bounds hold for could overflow the exact products.
inline bool moderate(double constant) { return constant > 0x1p-500 && constant < 0x1p500; }
inline bool moderate(erf_form) { return true; }
inline bool moderate(tanh_form form) { return moderate(form.cubic); }
inline bool moderate(sigmoid_form form) { return moderate(form.slope); }

// Any order at a finite x in double, within 1 ULP.
template <int Order, class Form>
double precise(double x, Form form) {
    if (!moderate(form)) return plain<Order>(x, form);
    const double t = std::fabs(x);
    if (saturated(t, form)) return (Order == 2 || x < 0) ? -0.0 : (Order == 1 ? 1.0 : x);
    // C = 1/2 to hundreds of bits; keeps zeros, and underflow in exact products, out of the rest.
    if (Order == 0 && t < 0x1p-900) return 0.5 * x;
    const scaled low = lower<Order>(t, form);
    if (Order == 2) return round(low);
    if (x < 0) return round(Order == 1 ? low : scaled{low.m * x, low.exponent});
    const double_double high = 1 - scale(low.m, low.exponent);
    return Order == 1 ? high.hi : (high * t).hi;
}

}  // namespace reference

template <int Order, class Form>
double scalar_finite(double x, const Form& form) {
    return reference::precise<Order>(x, form);
}
template <int Order, class Form>
float scalar_finite(float x, const Form& form) {
    const double wide = static_cast<double>(x);
    const double r = reference::plain<Order>(wide, form);
    // A small derivative is a tail, or two terms that cancel next to a root.
    if (Order > 0 && std::fabs(r) < 0x1p-10)
        return static_cast<float>(reference::precise<Order>(wide, form));
    return static_cast<float>(r);
}

/// Any order, any input: what the verbs below share.
template <int Order, class T, class Form>
T scalar(T x, const Form& form) {
    if (std::isnan(x)) return x + x;
    if (std::isinf(x)) return Order == 2 ? T(0) : x > 0 ? (Order == 0 ? x : T(1)) : -T(0);
    return scalar_finite<Order>(x, to_plain(form));
}

}  // namespace detail

/// \defgroup scalars One value
/// The verbs on one float or double, or on one value of a 16-bit type (\ref storage): the reference
/// implementations, which the SIMD verbs are tested against. An integer, a long double or arguments
/// of different types are errors of compilation that say what to convert.
/// @{

/// g(x), the GELU of one value.
///
///     erf_form      g(x) = x Phi(x) = x/2 erfc(-x / sqrt 2)
///     tanh_form     g(x) = x/2 (1 + tanh(sqrt(2/pi) (x + cubic x^3)))
///     sigmoid_form  g(x) = x sigma(slope x) = x / (1 + e^(-slope x))
///
/// Types: float and double; `form` is any of the three or `fast` of one (here the tier makes no
/// difference). Every x is in the domain.
///
/// Error: at most 0.501 ULP for float and 1 ULP for double over the whole range, subnormal results
/// included, for cubic in [0.01, 0.1] and slope in [0.5, 4]. A ULP is the spacing of the type in
/// the binade of the exact result. Measured: float within 0.5001, over 4.8e8 floats of all sizes,
/// every one of 2^-14 <= |x| < 128 among them; double within 0.51 of MPFR (tests/scalar_test.cpp).
/// Any other finite positive constant gives no NaN for finite x.
///
/// Special values: +-0 -> +-0, +inf -> +inf, -inf -> -0, NaN -> NaN; a negative finite x whose
/// result underflows -> -0. Finite for every finite x.
/// May set errno, as std::erfc, std::exp and std::ldexp do on underflow.
///
/// Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv 1606.08415; NIST DLMF chapter 7 for
/// erfc and Phi.
///
/// \snippet reference.cpp forward
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline float forward(float x, Form form = {}) {
    return detail::scalar<0>(x, form);
}
/// The same for double.
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline double forward(double x, Form form = {}) {
    return detail::scalar<0>(x, form);
}

/// g'(x), the slope of the GELU.
///
///     erf_form                 g'(x) = Phi(x) + x phi(x), phi(x) = e^(-x^2/2) / sqrt(2 pi)
///     tanh_form, sigmoid_form  g'(x) = C + x C (1 - C) v'(x), C = sigma(v(x)), where
///                              v = 2 sqrt(2/pi) (x + cubic x^3) or v = slope x
///
/// Types and domain as for `forward`.
///
/// Error: at most 0.6 ULP for float and 1 ULP for double over the whole range, the inputs next to
/// the root (x = -0.7518 for erf_form) included. For a `cubic` in [0.01, 0.1] other than the
/// default, double counts, for |x| < 2, the spacing of max(|exact|, 2^-4).
/// Measured as for `forward`: float within 0.5001, double within 0.51.
///
/// Special values: +-0 -> 1/2, +inf -> 1, -inf -> -0, NaN -> NaN. May set errno.
///
/// Hendrycks and Gimpel, arXiv 1606.08415; NIST DLMF chapter 7.
///
/// \snippet reference.cpp derivative
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline float derivative(float x, Form form = {}) {
    return detail::scalar<1>(x, form);
}
/// The same for double.
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline double derivative(double x, Form form = {}) {
    return detail::scalar<1>(x, form);
}

/// g''(x), the curvature of the GELU.
///
///     erf_form                 g''(x) = (2 - x^2) phi(x)
///     tanh_form, sigmoid_form  g''(x) = C (1 - C) (2 v' + x v'' + x v'^2 (1 - 2 C))
///                              with C and v as for `derivative`
///
/// Types and domain as for `forward`; an even function.
///
/// Error: at most 0.6 ULP for float and 1 ULP for double over the whole range, the inputs next to
/// the two roots (x = +-sqrt 2 for erf_form) included. For a `cubic` in [0.01, 0.1] other than the
/// default, double counts, for |x| < 2, the spacing of max(|exact|, 2^-4).
/// Measured as for `forward`: float within 0.5001, double within 0.51.
///
/// Special values: +-inf -> 0, NaN -> NaN. May set errno.
///
/// Hendrycks and Gimpel, arXiv 1606.08415; NIST DLMF chapter 7.
///
/// \snippet reference.cpp second_derivative
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline float second_derivative(float x, Form form = {}) {
    return detail::scalar<2>(x, form);
}
/// The same for double.
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline double second_derivative(double x, Form form = {}) {
    return detail::scalar<2>(x, form);
}

/// grad g'(x), the chain rule: the gradient with respect to x, given the one with respect to g(x).
///
/// The product of `grad` and `derivative(x, form)` in the type of both, so its error is that of the
/// derivative and half an ULP of the product. An infinite or NaN grad, and inf * 0, give what IEEE
/// multiplication gives. Types, domain, errno and sources as for `derivative`.
///
/// \snippet reference.cpp backward
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline float backward(float grad, float x, Form form = {}) {
    return grad * detail::scalar<1>(x, form);
}
/// The same for double.
template <class Form = erf_form, detail::enable_form<Form> = 0>
inline double backward(double grad, double x, Form form = {}) {
    return grad * detail::scalar<1>(x, form);
}
/// @}

/// \cond
// Integers, long double and mixed arguments would be ambiguous between float and double, with a
// long error message; these say what to do instead.
namespace detail {
template <class T>
inline constexpr bool is_narrow = std::is_same_v<T, float> || std::is_same_v<T, double>;
template <class T>
inline constexpr bool is_wrong = std::is_integral_v<T> || std::is_same_v<T, long double>;
template <class T>
using enable_wrong = std::enable_if_t<is_wrong<T>, int>;
template <class G, class T>
using enable_wrong_pair =
    std::enable_if_t<(is_wrong<G> || is_narrow<G>)&&(is_wrong<T> || is_narrow<T>)&&!(
                         is_narrow<T> && std::is_same_v<G, T>),
                     int>;
}  // namespace detail

template <class T, class Form = erf_form, detail::enable_wrong<T> = 0,
          detail::enable_form<Form> = 0>
T forward(T x, Form = {}) {
    static_assert(!sizeof(T), "gelu::forward takes float, double or a 16-bit type; convert first");
    return x;
}
template <class T, class Form = erf_form, detail::enable_wrong<T> = 0,
          detail::enable_form<Form> = 0>
T derivative(T x, Form = {}) {
    static_assert(!sizeof(T),
                  "gelu::derivative takes float, double or a 16-bit type; convert first");
    return x;
}
template <class T, class Form = erf_form, detail::enable_wrong<T> = 0,
          detail::enable_form<Form> = 0>
T second_derivative(T x, Form = {}) {
    static_assert(!sizeof(T),
                  "gelu::second_derivative takes float, double or a 16-bit type; convert first");
    return x;
}
template <class G, class T, class Form = erf_form, detail::enable_wrong_pair<G, T> = 0,
          detail::enable_form<Form> = 0>
T backward(G, T x, Form = {}) {
    static_assert(!sizeof(T),
                  "gelu::backward takes two values of one type, float, double or a 16-bit type; "
                  "convert first");
    return x;
}
/// \endcond

}  // namespace GELU_ABI
}  // namespace gelu

#endif
