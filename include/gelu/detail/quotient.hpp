// float: the tanh and the sigmoid form for any constants, as x / (1 + exp(-v)) and what follows
// from it. A division costs less than the lookups of a polynomial's pieces.
#ifndef GELU_DETAIL_QUOTIENT_HPP
#define GELU_DETAIL_QUOTIENT_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "gelu/detail/logistic.hpp"
#include "gelu/detail/split.hpp"
#include "gelu/storage.hpp"

// With v = rate u(x), e = exp(-v), y = 1 / (1 + e):
//   C(x) = y    g'(x) = (1 + e (1 + x v')) y^2
// and where y^2 would underflow, C(x) = exp(v), g'(x) = exp(v) (1 + x v').

namespace gelu {
inline namespace GELU_ABI {
namespace detail {
namespace ops {

/// x, or 0 where its sign bit is set: for bits that need not be a number's.
template <class B>
GELU_ALWAYS_INLINE B zero_if_negative(const B& x) noexcept {
#if defined(__SSE2__)
    return at_least(B(value_t<B>(0)), x);  // 0 where x is NaN, as it is the second operand
#else
    using I = integer_t<B>;
    return from_bits(bits(x) & (shift_right<63>(bits(x)) - I(std::uint64_t(1))));
#endif
}
template <class B>
GELU_ALWAYS_INLINE twin<B> zero_if_negative(const twin<B>& x) noexcept {
    return {zero_if_negative(x.first), zero_if_negative(x.second)};
}

}  // namespace ops

namespace quotient {

/// exp(-rate u): u is n steps of ln 2 / (rate Steps), and a rest.
template <int Steps>
struct reduction {
    using Table = tables::exponential<1, float, Steps>;

    explicit GELU_ALWAYS_INLINE reduction(double rate) noexcept {
        const double step = 0.6931471805599453 / (rate * Steps);
        inverse = static_cast<float>(rate * Steps * 1.4426950408889634);
        // Rounded to so few bits that n step_high is exact: in integers, since a compiler may
        // contract a product and a sum here, and not where it knows the constants.
        constexpr std::uint32_t unit = Steps == 1 ? 1u << 9 : 1u << 11;
        const auto bits = copy_bits<std::uint32_t>(static_cast<float>(step));
        step_high = copy_bits<float>((bits + unit / 2) & ~(unit - 1));
        step_low = static_cast<float>(step - static_cast<double>(step_high));
        double factor = 1;
        for (int k = 0; k < Table::degree; ++k)
            p[k] = static_cast<float>(static_cast<double>(Table::p[k]) * (factor *= rate));
    }

    /// n for u; m holds it in its low bits
    template <class B>
    GELU_ALWAYS_INLINE B multiple(const B& u, B& m) const noexcept {
        const B magic(12582912.0f);
        m = ops::fma(u, B(inverse), magic);
        return m - magic;
    }
    /// start 2^-n, start a power of two; Steps is 1
    template <class B>
    static GELU_ALWAYS_INLINE B power(const B& start, const B& m) noexcept {
        return ops::from_bits(ops::bits(start) - ops::shift_left<23>(ops::bits(m)));
    }
    /// scale exp(-rate r)
    template <class B>
    GELU_ALWAYS_INLINE B exp(const B& scale, const B& r) const noexcept {
        return ops::fma(scale, excess(r), scale);
    }
    /// exp(-rate r) - 1
    template <class B>
    GELU_ALWAYS_INLINE B excess(const B& r) const noexcept {
        return r * horner(r, p);
    }
    /// 2^64 exp(-rate u) as bits of the power, by the table, and the excess
    template <class B>
    GELU_ALWAYS_INLINE B excess(const B& m, const B& r, ops::integer_t<B>& power) const noexcept {
        const auto i = ops::bits(m);
        power = ops::lookup(Table::power, i) - ops::shift_left<Table::shift>(i);
        return ops::fma(r, horner(r, p), ops::lookup(Table::tail, i));
    }

    float inverse, step_high, step_low;
    float p[Table::degree];
};

/// v(x) = rate u(x), and its slope. For |x| <= top it is at most cut_v, and from x = top on C(x) is
/// 1; below -t_max every result has rounded to 0. is_sum: u has two terms, whose roundings show.
template <class Form, int Steps>
struct exponent;

inline constexpr double cut_v = 64, largest_v = 120;

template <int Steps>
struct exponent<sigmoid_form, Steps> {
    explicit GELU_ALWAYS_INLINE exponent(sigmoid_form form) noexcept
        : rate(static_cast<float>(form.slope)),
          top(static_cast<float>(cut_v / form.slope)),
          t_max(static_cast<float>(largest_v / form.slope)),
          by(form.slope) {}

    /// u(x) - n step; squared and what it lost are for the next
    template <class B>
    GELU_ALWAYS_INLINE B reduce(const B& x, B& m, B& squared, B& lost) const noexcept {
        (void)squared;
        (void)lost;
        const B n = by.multiple(x, m);
        return ops::fnma(n, B(by.step_low), ops::fnma(n, B(by.step_high), x));
    }
    /// (1 + x v'(x)) unit
    template <class B>
    GELU_ALWAYS_INLINE B bend(const B& x, const B&, const B&, float unit) const noexcept {
        return ops::fma(x, B(rate * unit), B(unit));
    }

    static constexpr bool is_sum = false;
    float rate, top, t_max;
    reduction<Steps> by;
};

template <int Steps>
struct exponent<tanh_form, Steps> {
    explicit GELU_ALWAYS_INLINE exponent(tanh_form form) noexcept
        : cubic(static_cast<float>(form.cubic)),
          cubic_low(static_cast<float>(form.cubic - static_cast<double>(cubic))),
          slope(static_cast<float>(3 * form.cubic * rate)),
          top(form.cubic == tanh_form{}.cubic ? 8.875f : limit(cut_v, form.cubic)),
          t_max(form.cubic == tanh_form{}.cubic ? 11.25f : limit(2 * largest_v, form.cubic)),
          by(rate) {}

    template <class B>
    GELU_ALWAYS_INLINE B reduce(const B& x, B& m, B& squared, B& lost) const noexcept {
        // u = x (high + low)
        const B one(1.0f), c(cubic);
        squared = x * x;
        lost = ops::product_error(x, x, squared);
        const B high = ops::fma(c, squared, one);
        const B rest = ops::fma(c, squared, one - high);
        const B low = ops::fma(c, lost, ops::fma(B(cubic_low), squared, rest));
        const B n = by.multiple(x * high, m);
        const B r = ops::fma_cancelling(x, high, n * B(-by.step_high));
        return ops::fma(x, low, ops::fnma(n, B(by.step_low), r));
    }
    template <class B>
    GELU_ALWAYS_INLINE B bend(const B& x, const B& squared, const B& lost,
                              float unit) const noexcept {
        // The rate in two parts: its rounding would show next to the root.
        constexpr float high = static_cast<float>(rate);
        const B small =
            ops::fma(B(slope * unit), lost, B(static_cast<float>(rate - double(high)) * unit));
        const B rest = ops::fma(B(slope * unit), squared, small);
        return ops::fma(x, rest, ops::fma(x, B(high * unit), B(unit)));
    }

    static constexpr double rate = 1.5957691216057308;  // 2 sqrt(2/pi)
    static constexpr bool is_sum = true;
    float cubic, cubic_low, slope, top, t_max;
    reduction<Steps> by;

private:
    /// A t of v / 2 <= v(t) <= v
    static GELU_ALWAYS_INLINE float limit(double v, double cubic) noexcept {
        return static_cast<float>((std::min)(v / (2 * rate), std::cbrt(v / (2 * rate * cubic))));
    }
};

/// Whether the kernel is good for these constants.
template <class Form>
GELU_ALWAYS_INLINE bool serves(const Form& form) noexcept {
    return logistic::moderate(form) && logistic::root_is_inside(form);
}

}  // namespace quotient

template <int Order, class Form>
struct quotient_kernel : split_kernel<quotient_kernel<Order, Form>> {
    static constexpr int order = Order;
    static constexpr float tiny = 0x1p-125f;  // no product is much smaller than x
    using other = quotient_kernel<1 - Order, Form>;

    explicit GELU_ALWAYS_INLINE quotient_kernel(const Form& form) noexcept : v(form), cut(v.top) {}
    /// With the same constants.
    explicit GELU_ALWAYS_INLINE quotient_kernel(const other& with) noexcept
        : v(with.v), cut(with.cut) {}

    template <class B>
    GELU_ALWAYS_INLINE B inside(const B& x) const noexcept {
        // e times 2^-30: its square is due, and it may be as large as 2^93.
        constexpr float unit = 0x1p-30f;
        const B u = ops::at_most(x, B(v.top));
        B m, squared, lost;
        const B r = v.reduce(u, m, squared, lost);
        const B scale = v.by.power(B(unit), m), e = v.by.exp(scale, r);
        if constexpr (Order == 0) {
            return x / ops::fma(e, B(1 / unit), B(1.0f));
        } else {
            // What e, the numerator and the denominator lose and the division leaves is added, as
            // far as the bound needs it.
            const B one(unit * unit), b = v.bend(u, squared, lost, unit);
            const B f = ops::fma(e, B(2 * unit), one), d = ops::fma(e, e, f);
            const B n = ops::fma(e, b, one), y = B(1.0f) / d, q = n * y;
            B rest = ops::fnma(q, d, n) + (ops::fms(e, b, n) + one);
            if constexpr (quotient::exponent<Form, 1>::is_sum) {
                rest = ops::fnma(q, ops::fma(e, e, f - d), rest);
                const B e_low = ops::fma(scale, v.by.excess(r), scale - e);
                rest = ops::fma(e_low, ops::fnma(e + e, q, b), rest);
            }
            return ops::fma(rest, y, q);
        }
    }
    template <class B>
    GELU_ALWAYS_INLINE B below(const B& x) const noexcept {
        const B t = ops::at_most(ops::magnitude(x), B(v.t_max));
        B m, squared, lost;
        const B r = v.reduce(t, m, squared, lost);
        // 0 where the exponent wrapped round
        const B e = v.by.exp(ops::zero_if_negative(v.by.power(B(0x1p64f), m)), r);
        if constexpr (Order == 0)
            return ops::with_sign_of(scaled_down(t * e), x);
        else
            return ops::with_sign_of(scaled_down(v.bend(B(0.0f) - t, squared, lost, 1.0f) * e), x);
    }

    template <class B>
    GELU_ALWAYS_INLINE float lowest() const noexcept {
        return v.t_max;
    }

    quotient::exponent<Form, 1> v;
    float cut;
};

/// The sigmoid form's value in the fast tier on every x, for registers without instructions to set
/// lanes aside: with t = |x| and e = exp(-v(t)), C(-t) = e / (1 + e).
struct sigmoid_kernel {
    template <class B>
    using step = ops::lockstep<B, 4>;

    explicit GELU_ALWAYS_INLINE sigmoid_kernel(sigmoid_form form) noexcept : v(form) {}

    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        constexpr float least = 0x1p-40f;  // below which x/2 is as good as exact
        const B t = ops::at_least(ops::at_most(ops::magnitude(x), B(v.t_max)), B(least));
        const B down(0x1p-64f);
        B m, squared, lost;
        const B r = v.reduce(t, m, squared, lost);
        const B e = v.by.exp(v.by.power(B(0x1p64f), m), r);
        const B part = ops::quotient(t * e, ops::fma(e, down, B(1.0f)));
        return max_less(x, part, least);
    }

    quotient::exponent<sigmoid_form, 1> v;
};

/// The value in the precise tier: what e, 1 + e and the quotient lost is added in the end.
template <class Form, int Steps>
struct compensated_quotient_kernel : split_kernel<compensated_quotient_kernel<Form, Steps>> {
    static constexpr int order = 0;

    explicit GELU_ALWAYS_INLINE compensated_quotient_kernel(const Form& form) noexcept
        : v(form), cut(v.top) {}

    template <class B>
    GELU_ALWAYS_INLINE B inside(const B& x) const noexcept {
        const B one(1.0f), u = ops::at_most(x, B(v.top));
        B m, squared, lost;
        ops::integer_t<B> power;
        const B r = v.reduce(u, m, squared, lost);
        const B excess = v.by.excess(m, r, power);
        const B scale = ops::from_bits(power - ops::integer_t<B>(64 << 23));
        const B e = ops::fma(scale, excess, scale);
        const B e_low = ops::fma(scale, excess, scale - e);
        const B d = e + one, greater = ops::at_least(e, one), less = ops::at_most(e, one);
        const B d_low = (less - (d - greater)) + e_low;
        // With these signs -0 stays -0, and with u infinity stays that.
        const B y = one / d, q = u * y, over = ops::fma(q, d_low, ops::fms(q, d, u));
        return ops::fnma(over, y, x * y);
    }
    template <class B>
    GELU_ALWAYS_INLINE B below(const B& x) const noexcept {
        const B t = ops::at_most(ops::magnitude(x), B(v.t_max));
        B m, squared, lost;
        ops::integer_t<B> power;
        const B r = v.reduce(t, m, squared, lost);
        const B excess = v.by.excess(m, r, power);
        // 0 where the exponent wrapped round
        const B scale = ops::zero_if_negative(ops::from_bits(power));
        return ops::with_sign_of(scaled_down(ops::fma(t, scale, t * (scale * excess))), x);
    }

    template <class B>
    GELU_ALWAYS_INLINE float lowest() const noexcept {
        return v.t_max;
    }

    quotient::exponent<Form, Steps> v;
    float cut;
};

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
