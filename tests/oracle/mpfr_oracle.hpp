// The exact values that the tests measure against, and the error of a result in ULP.
//
// Everything is computed by MPFR at `oracle::bits` bits, straight from the defining formulas: the
// terms of g' and g'' cancel by 60 bits at most for a double next to a root, and the condition of
// the tails costs 11 more, so more than 100 correct bits remain. Only Phi, by far the slowest, is
// first taken to fewer bits from a sum, and by MPFR's own erfc to all of them where the terms do
// cancel. Of the library only the constants stored in the form types are used, none of its
// arithmetic. Link with -lmpfr -lgmp.
#ifndef GELU_TESTS_ORACLE_MPFR_ORACLE_HPP
#define GELU_TESTS_ORACLE_MPFR_ORACLE_HPP

#include <mpfr.h>

#include <cmath>
#include <limits>
#include <utility>

#include "gelu/forms.hpp"

namespace oracle {

inline constexpr mpfr_prec_t bits = 200;
inline constexpr mpfr_prec_t phi_bits = 160;

/// An MPFR number of `bits` bits as a value. Its exponent range is far wider than that of double.
class real {
public:
    real() {
        mpfr_init2(value_, bits);
        mpfr_set_zero(value_, 1);
    }
    real(double x) : real() { mpfr_set_d(value_, x, MPFR_RNDN); }  // exact
    real(const real& other) : real() { mpfr_set(value_, other.value_, MPFR_RNDN); }
    real& operator=(const real& other) {
        mpfr_set(value_, other.value_, MPFR_RNDN);
        return *this;
    }
    ~real() { mpfr_clear(value_); }

    mpfr_ptr get() { return value_; }
    mpfr_srcptr get() const { return value_; }

    /// Rounded to nearest, once, subnormal results included.
    double to_double() const { return mpfr_get_d(value_, MPFR_RNDN); }
    float to_float() const { return mpfr_get_flt(value_, MPFR_RNDN); }

    bool is_zero() const { return mpfr_zero_p(value_) != 0; }
    bool is_nan() const { return mpfr_nan_p(value_) != 0; }
    bool is_inf() const { return mpfr_inf_p(value_) != 0; }
    bool is_negative() const { return mpfr_signbit(value_) != 0; }  // true for -0

private:
    mpfr_t value_;
};

inline real operator+(const real& a, const real& b) {
    real r;
    mpfr_add(r.get(), a.get(), b.get(), MPFR_RNDN);
    return r;
}
inline real operator-(const real& a, const real& b) {
    real r;
    mpfr_sub(r.get(), a.get(), b.get(), MPFR_RNDN);
    return r;
}
inline real operator*(const real& a, const real& b) {
    real r;
    mpfr_mul(r.get(), a.get(), b.get(), MPFR_RNDN);
    return r;
}
inline real operator/(const real& a, const real& b) {
    real r;
    mpfr_div(r.get(), a.get(), b.get(), MPFR_RNDN);
    return r;
}
inline real operator-(const real& a) {
    real r;
    mpfr_neg(r.get(), a.get(), MPFR_RNDN);
    return r;
}
inline real abs(const real& a) {
    real r;
    mpfr_abs(r.get(), a.get(), MPFR_RNDN);
    return r;
}
inline real exp(const real& a) {
    real r;
    mpfr_exp(r.get(), a.get(), MPFR_RNDN);
    return r;
}
inline real erfc(const real& a) {
    real r;
    mpfr_erfc(r.get(), a.get(), MPFR_RNDN);
    return r;
}
inline real sqrt(const real& a) {
    real r;
    mpfr_sqrt(r.get(), a.get(), MPFR_RNDN);
    return r;
}
inline real pi() {
    real r;
    mpfr_const_pi(r.get(), MPFR_RNDN);
    return r;
}
inline real power_of_two(long exponent) {
    real r(1.0);
    mpfr_mul_2si(r.get(), r.get(), exponent, MPFR_RNDN);
    return r;
}
/// The e of |a| in [2^(e-1), 2^e), counted as std::numeric_limits counts; a is not zero.
inline long exponent(const real& a) { return static_cast<long>(mpfr_get_exp(a.get())); }

/// Phi(x), relatively right to 2^-150, a hundred times as fast as by mpfr_erfc where x is about
/// -15: the midpoint rule of step h for the integral of e^(-u^2/2) t / (pi (t^2 + u^2)), t = |x|,
/// whose terms are all positive and which converges like e^(-2 (pi/h)^2), and the residue at u = i
/// t.
inline real normal_probability(const real& x) {
    constexpr int nodes = 36;  // e^(-u^2/2) < 2^-160 behind the last
    constexpr double h = 27.0 / 64;
    struct rule {
        real weight[nodes], square[nodes], h_over_pi = real(h) / pi(),
                                           two_pi_over_h = real(2.0) * pi() / real(h);
        rule() {
            for (int k = 0; k < nodes; ++k) {
                const real u((k + 0.5) * h);
                square[k] = u * u;
                weight[k] = exp(-(square[k] * real(0.5)));
            }
        }
    };
    static const rule r;
    const real t = abs(x), tt = t * t;
    mpfr_t sum, term;
    mpfr_inits2(phi_bits, sum, term, mpfr_ptr(nullptr));
    mpfr_set_zero(sum, 1);
    for (int k = nodes; k-- > 0;) {
        mpfr_add(term, tt.get(), r.square[k].get(), MPFR_RNDN);
        mpfr_div(term, r.weight[k].get(), term, MPFR_RNDN);
        mpfr_add(sum, sum, term, MPFR_RNDN);
    }
    real lower = exp(-(tt * real(0.5))) * t * r.h_over_pi;
    mpfr_mul(lower.get(), lower.get(), sum, MPFR_RNDN);
    mpfr_clears(sum, term, mpfr_ptr(nullptr));
    if (mpfr_cmp(t.get(), r.two_pi_over_h.get()) < 0)
        lower = lower + real(1.0) / (real(1.0) + exp(t * r.two_pi_over_h));
    return x.is_negative() ? lower : real(1.0) - lower;
}

namespace detail {

// C, C' and C'' of a gate at x. A form is value = x C(x).
struct gate {
    real c, c1, c2;
};

template <int Order>
gate gate_at(const real& x, gelu::erf_form) {
    static const real sqrt_half = sqrt(real(0.5));
    static const real inverse_sqrt_two_pi = real(1.0) / sqrt(real(2.0) * pi());
    const long lost_bits = 40;
    gate g;
    if (Order < 2) g.c = normal_probability(x);
    if (Order > 0) g.c1 = inverse_sqrt_two_pi * exp(-(x * x * real(0.5)));
    if (Order == 1) {
        const real sum = g.c + x * g.c1;
        if (!g.c.is_zero() && (sum.is_zero() || exponent(sum) < exponent(g.c) - lost_bits))
            g.c = real(0.5) * erfc(-(x * sqrt_half));
    }
    if (Order == 2) g.c2 = -(x * g.c1);
    return g;
}

// sigma(v(x)) from v and its derivatives
template <int Order>
gate logistic_gate(const real& v, const real& v1, const real& v2) {
    gate g;
    const real e = exp(-v), one(1.0);
    g.c = one / (one + e);
    if (Order > 0) {
        // sigma(-v) = e sigma(v), and where e overflows, 1
        const real mirrored = e.is_inf() ? one : e * g.c, both = g.c * mirrored;
        g.c1 = both * v1;
        if (Order > 1) g.c2 = both * (v2 + v1 * v1 * (mirrored - g.c));
    }
    return g;
}

template <int Order>
gate gate_at(const real& x, gelu::tanh_form form) {
    static const real k = real(2.0) * sqrt(real(2.0) / pi());
    const real c(form.cubic), xx = x * x;
    return logistic_gate<Order>(k * (x + c * xx * x), k * (real(1.0) + real(3.0) * c * xx),
                                real(6.0) * k * c * x);
}

template <int Order>
gate gate_at(const real& x, gelu::sigmoid_form form) {
    const real a(form.slope);
    return logistic_gate<Order>(a * x, a, real(0.0));
}

template <int Order, class Form>
gate gate_at(const real& x, const gelu::fast<Form>& form) {
    return gate_at<Order>(x, form.form);
}

}  // namespace detail

/// The exact g (Order 0), g' (1) or g'' (2) of `form` at x, to at least 100 bits. What
/// underflows even MPFR's exponent range is a zero, for Order 0 with the sign of the exact value.
/// Infinities and NaN as in the library's contract.
template <int Order, class Form>
real exact(double x, const Form& form) {
    static_assert(Order >= 0 && Order <= 2, "orders are 0, 1 and 2");
    if (std::isnan(x)) return real(x);
    if (std::isinf(x)) {
        if (Order == 2) return real(0.0);
        if (x > 0) return Order == 0 ? real(x) : real(1.0);
        return Order == 0 ? real(-0.0) : real(0.0);
    }
    const real xr(x);
    const detail::gate g = detail::gate_at<Order>(xr, form);
    if (Order == 0) return xr * g.c;
    if (Order == 1) return g.c + xr * g.c1;
    return real(2.0) * g.c1 + xr * g.c2;
}

/// A binary floating-point format in the terms of std::numeric_limits: `digits` bits of
/// significand with the hidden one, normal numbers from 2^(min_exponent - 1), all numbers below
/// 2^max_exponent. float16 is {11, -13, 16}, bfloat16 {8, -125, 128}.
struct format {
    int digits, min_exponent, max_exponent;
};

/// The format of T; specialise it for types that std::numeric_limits doesn't know.
template <class T>
struct format_of {
    static constexpr format value{std::numeric_limits<T>::digits,
                                  std::numeric_limits<T>::min_exponent,
                                  std::numeric_limits<T>::max_exponent};
    static_assert(std::numeric_limits<T>::is_specialized, "specialise oracle::format_of");
};

/// The exponent of 2 of the spacing of format `f` in the binade of `exact`; in the subnormal range,
/// zero included, that of the smallest number. With `floor_exponent` the spacing is that of
/// max(|exact|, 2^floor_exponent).
inline long spacing_exponent(const real& exact, format f,
                             int floor_exponent = std::numeric_limits<int>::min()) {
    const long lowest = long{f.min_exponent} - f.digits;
    long e = exact.is_zero() ? lowest : exponent(exact) - f.digits;
    if (floor_exponent != std::numeric_limits<int>::min())
        e = e < floor_exponent + 1 - f.digits ? floor_exponent + 1 - f.digits : e;
    return e < lowest ? lowest : e;
}

/// |got - exact| in units of the spacing of `f` in the exact value's binade. NaN for NaN and the
/// same infinity are right (0), any other pair with a NaN or an infinity is wrong (infinity);
/// an infinite result is right where the exact value rounds to it.
inline double ulp_error(double got, const real& exact, format f,
                        int floor_exponent = std::numeric_limits<int>::min()) {
    const double infinite = std::numeric_limits<double>::infinity();
    if (exact.is_nan() || std::isnan(got)) return exact.is_nan() && std::isnan(got) ? 0 : infinite;
    if (exact.is_inf()) return got == exact.to_double() ? 0 : infinite;
    if (std::isinf(got)) {
        // the midpoint between the largest number and 2^max_exponent, which rounds away
        const real limit =
            power_of_two(f.max_exponent) - power_of_two(f.max_exponent - f.digits - 1);
        return mpfr_cmp(abs(exact).get(), limit.get()) >= 0 && exact.is_negative() == (got < 0)
                   ? 0
                   : infinite;
    }
    const real error = abs(real(got) - exact);
    return (error / power_of_two(spacing_exponent(exact, f, floor_exponent))).to_double();
}

/// The same for a type: float, double, or any T that converts to double exactly and has a
/// format_of.
template <class T>
double ulp_error(T got, const real& exact) {
    return ulp_error(static_cast<double>(got), exact, format_of<T>::value);
}

/// The rule of the derivative bounds for refitted constants and for fast forms: for |x| < 2 the
/// spacing is that of max(|exact|, 2^-4), elsewhere it is the plain one.
template <class T>
double ulp_error_near_roots_floored(T got, const real& exact, double x) {
    return std::fabs(x) < 2 ? ulp_error(static_cast<double>(got), exact, format_of<T>::value, -4)
                            : ulp_error(got, exact);
}

/// Whether `got` has the sign bit of the exact value: -0 where a negative value underflows. True
/// for NaN.
template <class T>
bool sign_matches(T got, const real& exact) {
    const double g = static_cast<double>(got);
    return std::isnan(g) || exact.is_nan() || std::signbit(g) == exact.is_negative();
}

}  // namespace oracle

#endif
