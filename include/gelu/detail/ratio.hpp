// float: the exact form as the normal density times what is left, which one polynomial serves: for
// registers whose permutations reach few numbers.
#ifndef GELU_DETAIL_RATIO_HPP
#define GELU_DETAIL_RATIO_HPP

#include "gelu/detail/tail.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// c[0] + x (c[1] + ...), even and odd terms side by side.
template <class B, std::size_t N>
GELU_ALWAYS_INLINE B split_horner(const B& x, const ops::value_t<B> (&c)[N]) noexcept {
    const B square = x * x;
    B same(c[N - 1]), other(c[N - 2]);
    for (std::size_t k = N - 1; k > 1; k -= 2) same = ops::fma(same, square, B(c[k - 2]));
    for (std::size_t k = N - 2; k > 1; k -= 2) other = ops::fma(other, square, B(c[k - 2]));
    return N % 2 == 0 ? ops::fma(same, x, other) : ops::fma(other, x, same);
}

/// The precise tier for x >= -cut, with t = |x| and y = 1 / (t + shift):
///     C(-t) = exp(-t^2 / 2) y W(y)    g'(-t) = exp(-t^2 / 2) (root - t) W(y)
/// What y, t y, W and the product with it lose is kept and added in the end.
template <int Order>
struct ratio_kernel : split_kernel<ratio_kernel<Order>> {
    template <class B>
    using step = ops::lockstep<B, Order == 0 ? 2 : 4>;

    static constexpr int order = Order;
    using other = ratio_kernel<1 - Order>;
    using Table = tables::ratio<Order, erf_form>;
    static constexpr float cut = Table::t_max;
    static constexpr float tiny = 0x1p-100f;  // for the low parts

    template <class B>
    static GELU_ALWAYS_INLINE B inside(const B& x) noexcept {
        const B t = ops::at_most(ops::magnitude(x), B(Table::t_max));
        // 1 / (t + shift) = y (1 + rest)
        const B d = t + B(Table::shift), d_low = t - (d - B(Table::shift)), y = B(1.0f) / d;
        const B rest = ops::fnma(y, d_low, ops::fnma(y, d, B(1.0f)));
        // W = w + w_low; the slope at y is about that from the centre on.
        const B s = y - B(Table::centre), lead(Table::lead), start(Table::start);
        const B bend = split_horner(s, Table::p), slope = ops::fma(s, bend, lead);
        const B w = ops::fma(s, slope, start);
        B w_low = ops::fma(y * rest, slope, ops::fma(s, slope, start - w));
        if constexpr (Order == 0) w_low = ops::fma(s, ops::fma(s, bend, lead - slope), w_low);
        B scale;
        const B excess = density(t, scale);
        if constexpr (Order == 0) {
            const B f = t * y, f_low = ops::fma(f, rest, ops::fms(t, y, f));
            const B p = f * w, p_low = low_of_product(f, f_low, w, w_low, p);
            const B above = ops::at_least(x, B(0.0f)), a = ops::fnma(p, scale, above);
            const B low =
                ops::fma(ops::fma(p, excess, p_low), scale, ops::fma(p, scale, a - above));
            // In this order -0 stays -0, and infinity, where low is NaN, infinity.
            return a - ops::at_most(B(1.0f), low);
        } else {
            B f, f_low;
            from_root<tables::root<1, erf_form, float>>(t, f, f_low);
            const B p = f * w, p_low = low_of_product(f, f_low, w, w_low, p);
            // Next to the root p_low is no rounding error: f is short there.
            const B part = ops::fma(p + p_low, excess, p_low);
            const B q = ops::with_sign_flipped_unless_negative(p, x);
            const B q_low = ops::with_sign_flipped_unless_negative(part, x);
            const B above = ops::one_unless_negative(x), a = ops::fma(q, scale, above);
            return a + ops::fma(q_low, scale, ops::fma(q, scale, above - a));
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
    /// f w - p, p = f w rounded
    template <class B>
    static GELU_ALWAYS_INLINE B low_of_product(const B& f, const B& f_low, const B& w,
                                               const B& w_low, const B& p) noexcept {
        return ops::fma(f_low, w, ops::fma(f, w_low, ops::fms(f, w, p)));
    }
    /// exp(-t^2 / 2) = scale (1 + excess)
    template <class B>
    static GELU_ALWAYS_INLINE B density(const B& t, B& scale) noexcept {
        using Exponential = tables::exponential<2, float, 8>;
        const B magic(12582912.0f);
        const B m = ops::fma(t * t, B(Exponential::inverse_step), magic), n = m - magic;
        const B most = ops::fma_cancelling(t, t, n * B(-Exponential::step_high));
        const B r = ops::fnma(n, B(Exponential::step_low), most);
        const auto i = ops::bits(m);
        // The table's powers begin at 2^64.
        const ops::integer_t<B> down(64 << 23);
        scale = ops::from_bits(ops::lookup(Exponential::power, i) -
                               ops::shift_left<Exponential::shift>(i) - down);
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

    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        const B t = ops::at_most(ops::magnitude(x), B(Table::t_max));
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
        if constexpr (Order == 0)
            return max_less(x, t, v);
        else
            return ops::fma(ops::with_sign_flipped_unless_negative(v, x), B(0x1p-64f),
                            ops::one_unless_negative(x));
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
