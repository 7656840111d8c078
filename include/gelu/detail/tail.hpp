// The far tail on its own, x well below zero, where the exponent is all but known in closed form.
#ifndef GELU_DETAIL_TAIL_HPP
#define GELU_DETAIL_TAIL_HPP

#include "gelu/detail/gate.hpp"
#include "gelu/detail/split.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// high + low = root - t
template <class Root, class B>
GELU_ALWAYS_INLINE void from_root(const B& t, B& high, B& low) noexcept {
    const B s = B(Root::a) - t;
    high = s + B(Root::b);
    low = ((B(Root::a) - s) - t) + (((s - high) + B(Root::b)) + B(Root::c));
}

/// A table's entry of segment i, or the one value that serves all segments.
template <std::size_t N, class I>
GELU_ALWAYS_INLINE auto entry(const float (&row)[N], const I& i) noexcept {
    return ops::lookup(row, i);
}
template <class I>
GELU_ALWAYS_INLINE auto entry(float v, const I&) noexcept {
    return typename ops::float_of<I>::type(v);
}

/// Order 0: x C(x), order 1: g'(x), for x below where the table starts.
template <int Order, class Form>
struct tail_kernel {
    template <class B>
    using table = tables::tail<Order, Form, ops::table_width<ops::single_t<B>>>;

    template <class B>
    static GELU_ALWAYS_INLINE B run(const B& x) noexcept {
        constexpr int width = ops::table_width<ops::single_t<B>>, unit = steep<Form>::unit;
        using Table = table<B>;
        const B t = ops::at_most(ops::magnitude(x), B(Table::t_max));
        const B u = Table::i_max < Table::t_max ? ops::at_most(t, B(Table::i_max)) : t;
        const auto i = ops::bits(ops::fma(u, B(Table::scale), B(12582912.0f)));
        const B d = u - ops::lookup(Table::centre, i);
        B low = ops::lookup(Table::q[Table::degree], i), a, b;
        for (int k = Table::degree; k-- > 0;) low = ops::fma(low, d, ops::lookup(Table::q[k], i));
        steep<Form>::split(t, a, b, low);
        const B head = entry(Table::head, i);
        // Where L hardly varies, so that one head serves, the power doesn't wait for its
        // polynomial.
        B about;
        if constexpr (std::is_array_v<decltype(Table::head)>)
            about = ops::fma(a, b, head) + low;
        else if constexpr (Table::lean == 0)
            about = ops::fma(a, b, B(Table::level));
        else
            about = ops::fma(a, b + B(Table::lean), B(Table::level));
        using Exponential = tables::exponential<unit, float, width>;
        const auto e = exponential_about<Exponential>(about, a, b, head, low);
        B r;
        if constexpr (unit == 2 && Order == 0) {
            r = ops::fma(e.scale, e.excess, e.scale);
        } else if constexpr (unit == 2 || Order == 0) {
            r = ops::fma(t, e.scale, t * (e.scale * e.excess));
        } else {
            B high, rest;
            from_root<typename Table::zero>(t, high, rest);
            const B part = rest * e.scale;
            r = ops::fma(high, e.scale, ops::fma(ops::fma(high, e.scale, part), e.excess, part));
        }
        // Negative, whatever the factor's sign.
        if (GELU_UNLIKELY(ops::any_tiny(r, 0x1p-62f)))
            return counted_down(ops::with_sign_of(ops::magnitude(r), x));
        return r * B(unit == 2 || Order == 0 ? -0x1p-64f : 0x1p-64f);
    }
};

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
