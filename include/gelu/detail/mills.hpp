// double, the fast tier of the exact form: the exponent kernel with nothing kept that its bound can
// spare.
#ifndef GELU_DETAIL_MILLS_HPP
#define GELU_DETAIL_MILLS_HPP

#include "gelu/detail/exponential.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// x C(x) (Order 0) or g'(x), where a permutation of one register reaches 8 numbers.
template <int Order>
struct mills_kernel {
    template <class B>
    using step = ops::lockstep<B, 4>;

    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        using Table = tables::mills<Order>;
        const B down(5.421010862427522e-20);  // 2^-64
        const B t = ops::at_most(ops::magnitude(x), B(Table::t_max));
        const auto i = ops::shift_right<Table::shift>(
            ops::bits(ops::fma(t, B(Table::scale), B(Table::offset))));
        const B d = t - ops::lookup(Table::centre, i);
        // odd and even terms side by side
        static_assert(Table::degree % 2 == 0, "as many of either");
        const B dd = d * d;
        B odd = ops::lookup(Table::q[Table::degree - 1], i);
        B even = ops::lookup(Table::q[Table::degree - 2], i);
        for (int k = Table::degree - 4; k >= 0; k -= 2) {
            odd = ops::fma(odd, dd, ops::lookup(Table::q[k + 1], i));
            even = ops::fma(even, dd, ops::lookup(Table::q[k], i));
        }
        const B q = ops::fma(odd, d, even);
        // Not a plain product: the compiler would contract it with an addition.
        const auto e = exponential<tables::exponential<2, double, 8>>(
            t, t, ops::lookup(Table::head, i), small_product(d, q));
        const B v = ops::fma(e.scale, e.excess, e.scale);  // V(t) / R(t)
        if constexpr (Order == 0) {
            return ops::fnma(t * v, down, ops::at_least(x, B(0.0)));  // max(x, 0) - t C(-t)
        } else {
            const B lower = (B(tables::root<1, erf_form, double>::whole) - t) * v;
            return ops::fma(ops::with_sign_flipped_unless_negative(lower, x), down,
                            ops::one_unless_negative(x));
        }
    }
};

template <int Order, class B, class Form>
inline constexpr bool has_mills = Order < 2 && sizeof(B) == 64 &&
                                  std::is_same_v<ops::value_t<B>, double>&& tier<
                                      Form>::is_fast&& std::is_same_v<plain_form<Form>, erf_form>;

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
