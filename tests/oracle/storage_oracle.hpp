// The correctly rounded results for all 65536 values of a 16-bit format. Shares no code with the
// library: the rounding is done here, on the values of double_oracle.hpp where their error leaves
// no doubt, and else on MPFR's.
#ifndef TESTS_ORACLE_STORAGE_ORACLE_HPP
#define TESTS_ORACLE_STORAGE_ORACLE_HPP

#include <cmath>
#include <cstdint>
#include <vector>

#include "oracle/double_oracle.hpp"
#include "oracle/mpfr_oracle.hpp"

namespace oracle {

inline constexpr format binary16{11, -13, 16};
inline constexpr format bfloat16{8, -125, 128};

inline std::uint16_t infinity_of(format f) {
    return static_cast<std::uint16_t>(((1 << (16 - f.digits)) - 1) << (f.digits - 1));
}

/// The float that 16 bits stand for.
inline float value_of(std::uint16_t b, format f) {
    const int fraction_bits = f.digits - 1, infinity = infinity_of(f);
    const int magnitude = b & 0x7fff, exponent = magnitude >> fraction_bits;
    double v;
    if (magnitude >= infinity) {
        v = magnitude == infinity ? HUGE_VAL : std::nan("");
    } else {
        const int hidden = exponent == 0 ? 0 : 1 << fraction_bits;
        v = std::ldexp((magnitude & ((1 << fraction_bits) - 1)) + hidden,
                       f.min_exponent - f.digits + (exponent == 0 ? 0 : exponent - 1));
    }
    return static_cast<float>(std::copysign(v, b & 0x8000 ? -1.0 : 1.0));
}

/// The bits of sign * count * 2^spacing, count at most 2^digits; infinity above the largest.
inline std::uint16_t bits_of(bool negative, double count, long spacing, format f) {
    const long lowest = long{f.min_exponent} - f.digits;
    const double magnitude = static_cast<double>(spacing - lowest) * (1 << (f.digits - 1)) + count;
    const double capped = std::fmin(magnitude, double(infinity_of(f)));
    return static_cast<std::uint16_t>(int(capped) | (negative ? 0x8000 : 0));
}

/// v, exactly this number, rounded to the nearest, ties to even.
inline std::uint16_t rounded(double v, format f) {
    if (std::isinf(v)) return static_cast<std::uint16_t>(infinity_of(f) | (v < 0 ? 0x8000 : 0));
    int e = 0;
    const double m = std::frexp(std::fabs(v), &e);
    const long lowest = long{f.min_exponent} - f.digits;
    const long spacing = m == 0 || e - f.digits < lowest ? lowest : e - f.digits;
    const double count = std::nearbyint(std::ldexp(std::fabs(v), -int(spacing)));
    return bits_of(std::signbit(v), count, spacing, f);
}
inline std::uint16_t rounded(const real& v, format f) {
    const long spacing = spacing_exponent(v, f);
    real count = abs(v) / power_of_two(spacing);
    mpfr_rint(count.get(), count.get(), MPFR_RNDN);
    return bits_of(v.is_negative(), count.to_double(), spacing, f);
}

/// Whether every number within a relative 2^-38 of v rounds as v does.
inline bool certain(double v, format f) {
    return rounded(v * (1 - 0x1p-38), f) == rounded(v * (1 + 0x1p-38), f);
}

/// Calls f with the form of the library that a function of the oracle is.
template <class F>
auto with_form(function g, F&& f) {
    switch (g.form) {
        case kind::tanh:
            return f(gelu::tanh_form{g.constant});
        case kind::sigmoid:
            return f(gelu::sigmoid_form{g.constant});
        default:
            return f(gelu::erf_form{});
    }
}

inline real exact(function g, int order, double x) {
    return with_form(g, [&](auto form) {
        return order == 0 ? exact<0>(x, form) : order == 1 ? exact<1>(x, form) : exact<2>(x, form);
    });
}

/// Correctly rounded order 0, 1 or 2 at every value of the format, by its bits; 0x7fff stands for
/// any NaN. `by_mpfr` counts the results that MPFR decided.
inline std::vector<std::uint16_t> correctly_rounded(function g, int order, format f,
                                                    long* by_mpfr = nullptr) {
    std::vector<std::uint16_t> table(65536);
    for (int b = 0; b < 65536; ++b) {
        const float x = value_of(static_cast<std::uint16_t>(b), f);
        std::uint16_t& result = table[static_cast<std::size_t>(b)];
        if (std::isnan(x)) {
            result = 0x7fff;
        } else if (std::isinf(x)) {
            result = rounded(exact(g, order, double(x)).to_double(), f);
        } else {
            const double v = evaluate(g, order, x);
            if (certain(v, f)) {
                result = rounded(v, f);
            } else {
                result = rounded(exact(g, order, double(x)), f);
                if (by_mpfr) ++*by_mpfr;
            }
        }
    }
    return table;
}

}  // namespace oracle

#endif
