// float: V(t) = C(-t) or g'(-t) by polynomials of segments next to zero, without an exponential.
#ifndef GELU_DETAIL_WINDOW_HPP
#define GELU_DETAIL_WINDOW_HPP

#include "gelu/detail/quotient.hpp"
#include "gelu/detail/tail.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// Polynomials of the segment that |x| lies in. Loops locate it a step ahead, so that the lookups
/// of one step go on beside the arithmetic of another.
template <class Kernel, class Table>
struct segment_kernel : split_kernel<Kernel> {
    template <class B>
    using step = ops::lockstep<B, 2>;

    using segments = Table;
    static constexpr float cut = Table::cut;

    /// |x| as far as the table reaches. A NaN is lost where the value's last product has it anyway.
    template <class B>
    static GELU_ALWAYS_INLINE B limited(const B& x) noexcept {
        if constexpr (Kernel::order == 0)
            return ops::magnitude_at_most(x, B(Table::high));
        else
            return ops::at_most(ops::magnitude(x), B(Table::high));
    }
    /// The segment's index, and how far limited |x| lies from its centre.
    template <class B, class I>
    static GELU_ALWAYS_INLINE void locate(const B& size, I& i, B& d) noexcept {
        const B u =
            Table::high == Table::index_high ? size : ops::at_most(size, B(Table::index_high));
        if constexpr (Table::is_square)
            i = ops::bits(ops::fma(u, u + B(Table::b), B(Table::c)));
        else
            i = ops::bits(ops::fma(u, B(Table::b), B(Table::c)));
        d = ops::lookup(Table::centre, i) - size;
    }
    template <class B>
    static GELU_ALWAYS_INLINE B inside(const B& x) noexcept {
        ops::integer_t<B> i;
        B d;
        locate(limited(x), i, d);
        return Kernel::inside(x, i, d);
    }

protected:
    /// p[0] + d (p[1] + ...)
    template <class B, class I>
    static GELU_ALWAYS_INLINE B slope(const I& i, const B& d) noexcept {
        B q = ops::lookup(Table::p[Table::degree - 1], i);
        for (int k = Table::degree - 1; k-- > 0;) q = ops::fma(q, d, ops::lookup(Table::p[k], i));
        return q;
    }
};

/// The precise tier next to zero: one multiply-add joins the segment's constant, whose rounding is
/// nearly all of the error.
template <int Order, class Form, int Segments>
struct window_kernel
    : segment_kernel<window_kernel<Order, Form, Segments>, tables::window<Order, Form, Segments>> {
    static constexpr int order = Order;
    using other = window_kernel<1 - Order, Form, Segments>;
    using Table = tables::window<Order, Form, Segments>;
    using window_kernel::segment_kernel::inside;

    template <class B, class I>
    static GELU_ALWAYS_INLINE B inside(const B& x, const I& i, const B& d) noexcept {
        const B q = window_kernel::slope(i, d), head = ops::lookup(Table::head, i);
        const B constant = ops::subtracted_unless_signed(B(1.0f), head, x);
        if constexpr (Order == 0) {
            return ops::fms(x, constant, d * q);
        } else {
            // Next to the root the leading slope comes last; 1 - V has no root.
            const B lead = ops::lookup(Table::lead, i);
            const B signed_d = ops::with_sign_flipped_unless_negative(d, x);
            const B r = ops::fma(signed_d, ops::added_unless_signed(q, lead, x), constant);
            return ops::fma_if_signed(d, lead, r, x);
        }
    }
    template <class B>
    static GELU_ALWAYS_INLINE B below(const B& x) noexcept {
        return tail_kernel<Order, Form>::run(x);
    }
    template <class B>
    static GELU_ALWAYS_INLINE float lowest() noexcept {
        return tail_kernel<Order, Form>::template table<B>::t_max;
    }
};

/// The fast tier: x C(x) = max(x, 0) - t C(-t).
template <int Order, class Form, int Segments>
struct fast_window_kernel : segment_kernel<fast_window_kernel<Order, Form, Segments>,
                                           tables::fast_window<Order, Form, Segments>> {
    static constexpr int order = Order;
    using other = fast_window_kernel<1 - Order, Form, Segments>;
    using Table = tables::fast_window<Order, Form, Segments>;
    static constexpr float tiny = 0x1p-125f;  // no product is much smaller than x
    using fast_window_kernel::segment_kernel::inside;

    template <class B, class I>
    static GELU_ALWAYS_INLINE B inside(const B& x, const I& i, const B& d) noexcept {
        const B v = ops::fma(fast_window_kernel::slope(i, d), d, ops::lookup(Table::head, i));
        if constexpr (Order == 0)
            return ops::at_least(x, B(0.0f)) - v;
        else
            return ops::subtracted_unless_signed(B(1.0f), v, x);
    }
    template <class B>
    static GELU_ALWAYS_INLINE B below(const B& x) noexcept {
        if constexpr (is_quotient_below)
            return quotient_kernel<Order, Form>(Form{}).below(x);
        else
            return tail_kernel<Order, Form>::run(x);
    }
    template <class B>
    static GELU_ALWAYS_INLINE float lowest() noexcept {
        if constexpr (is_quotient_below)
            return quotient_kernel<Order, Form>(Form{}).template lowest<B>();
        else
            return tail_kernel<Order, Form>::template table<B>::t_max;
    }

private:
    static constexpr bool is_quotient_below =  // less work
        std::is_same_v<Form, tanh_form> && Table::cut > 6;
};

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
