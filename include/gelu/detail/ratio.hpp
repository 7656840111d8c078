// float: the exact form as the normal density times what is left, which is flat: for registers
// whose permutations reach few numbers, or none.
#ifndef GELU_DETAIL_RATIO_HPP
#define GELU_DETAIL_RATIO_HPP

#include "gelu/detail/tail.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// With t = |x|, for x >= -cut:
///     t C(-t) = exp(-t^2 / 2) W(t)    g'(-t) = exp(-t^2 / 2) W(t)
/// The precise tier keeps what W and the products lose, and adds it in the end.
template <int Order, bool IsFast>
struct ratio_kernel : split_kernel<ratio_kernel<Order, IsFast>> {
    template <class B>
    using step = ops::lockstep<B, IsFast ? 4 : 2>;

    static constexpr int order = Order;
    using other = ratio_kernel<1 - Order, IsFast>;
    using Table = tables::ratio<Order, erf_form, IsFast>;
    static constexpr float cut = Table::t_max;

    template <class B>
    static GELU_ALWAYS_INLINE B inside(const B& x) noexcept {
        const B t = ops::at_most(ops::magnitude(x), B(Table::t_max));
        const auto i = ops::shift_right<22>(ops::bits(t + B(Table::shift)));
        const B d = t - ops::lookup(Table::centre, i);
        B bend = ops::lookup(Table::p[Table::degree - 1], i);
        for (int k = Table::degree - 1; k-- > 1;)
            bend = ops::fma(bend, d, ops::lookup(Table::p[k], i));
        const B lead = ops::lookup(Table::p[0], i), head = ops::lookup(Table::head, i);
        const B slope = ops::fma(d, bend, lead);
        const B w = ops::fma(d, slope, head);
        B scale;
        const B excess = density(t, scale);
        if constexpr (IsFast) {
            const B p = w * scale;
            if constexpr (Order == 0)
                return ops::fnma(p, excess, ops::at_least(x, B(0.0f)) - p);
            else
                return ops::subtracted_unless_signed(B(1.0f), ops::fma(p, excess, p), x);
        } else {
            B slope_low = ops::fma(d, bend, lead - slope);
            if constexpr (Order == 1) slope_low = slope_low + ops::lookup(Table::lead_low, i);
            B w_low = ops::fma(d, slope_low, ops::fma(d, slope, head - w));
            if constexpr (Order == 1) w_low = w_low + ops::lookup(Table::head_low, i);
            // Next to the root w_low is no rounding error: d is short there.
            const B part = ops::fma(Order == 0 ? w : w + w_low, excess, w_low);
            if constexpr (Order == 0) {
                const B above = ops::at_least(x, B(0.0f)), a = ops::fnma(w, scale, above);
                const B low = ops::fma(part, scale, ops::fma(w, scale, a - above));
                // In this order -0 stays -0, and infinity, where low is NaN, infinity.
                return a - ops::at_most(B(1.0f), low);
            } else {
                const B by = ops::with_sign_flipped_unless_negative(scale, x);
                const B above = ops::one_unless_negative(x), a = ops::fma(w, by, above);
                return a + ops::fma(part, by, ops::fma(w, by, above - a));
            }
        }
    }
    template <class B>
    static GELU_ALWAYS_INLINE B below(const B& x) noexcept {
        return tail_kernel<Order, erf_form>::run(x);
    }
    template <class B>
    static GELU_ALWAYS_INLINE float lowest() noexcept {
        return tail_kernel<Order, erf_form>::template table<B>::t_max;
    }

private:
    /// exp(-t^2 / 2) = scale (1 + excess)
    template <class B>
    static GELU_ALWAYS_INLINE B density(const B& t, B& scale) noexcept {
        using Exponential = tables::exponential<2, float, 8>;
        // The low bits hold n and 64 powers of two more, as the table's powers begin at 2^64.
        const B magic(12582912.0f + 64 * 8);
        const B m = ops::fma(t * t, B(Exponential::inverse_step), magic), n = m - magic;
        const B most = ops::fma_cancelling(t, t, n * B(-Exponential::step_high));
        const B r = ops::fnma(n, B(Exponential::step_low), most);
        const auto i = ops::bits(m);
        scale = ops::from_bits(ops::lookup(Exponential::power, i) -
                               ops::shift_left<Exponential::shift>(i));
        return ops::fma(r, horner(r, Exponential::p), ops::lookup(Exponential::tail, i));
    }
};

/// The fast tier on every x, without lookups. With f = t / (t + shift):
///     t C(-t) = exp(-t^2 / 2) f W(f)    g'(-t) = exp(-t^2 / 2) (root - t) W(f)
template <int Order>
struct fast_ratio_kernel {
    template <class B>
    using step = ops::lockstep<B, 4>;

    using Table = tables::fast_ratio<Order, erf_form>;
    static constexpr float least = 0x1p-40f;  // below which x/2 is as good as exact

    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        // Not so small that something is subnormal.
        const B t = ops::at_least(ops::at_most(ops::magnitude(x), B(Table::t_max)), B(least));
        const B f = ops::quotient(t, t + B(Table::shift));
        const B w = horner(f - B(Table::centre), Table::p);
        const B q = w * (Order == 0 ? f : B(tables::root<1, erf_form, float>::whole) - t);
        // exp(-t^2 / 2) = 2^-n (1 + excess)
        using Exponential = tables::exponential<2, float, 1>;
        const B magic(12582912.0f);
        const B m = ops::fma(t * t, B(Exponential::inverse_step), magic), n = m - magic;
        const B most = square_and(t, n * B(-Exponential::step_high));
        const B r = ops::fnma(n, B(Exponential::step_low), most);
        const B scale = ops::from_bits(ops::bits(B(0x1p64f)) - ops::shift_left<23>(ops::bits(m)));
        const B v = ops::fma(q, r * horner(r, Exponential::p), q) * scale;
        if constexpr (Order == 0) {
            return max_less(x, v, least);
        } else {
            const auto negative = ops::negative(x);
            if (GELU_UNLIKELY(ops::any_tiny(v, 0x1p-62f))) {
                const B lower = counted_down(v);
                return ops::select(negative, lower, B(1.0f) - lower);
            }
            const B lower = v * B(0x1p-64f);
            return ops::select(negative, lower, B(1.0f) - lower);
        }
    }

private:
    /// t t + c, for a c that cancels nearly all of the square.
    template <class B>
    static GELU_ALWAYS_INLINE B square_and(const B& t, const B& c) noexcept {
        if constexpr (has_fma) return ops::fma(t, t, c);
        const B magic(0x1.8p15f), high = (t + magic) - magic;  // of 12 bits
        return (high * high + c) + (t + high) * (t - high);
    }
};

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
