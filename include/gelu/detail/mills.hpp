// double, the exact form: the value by rows of Phi and phi; the fast tier's slope, the exponent
// kernel with nothing kept that its bound can spare.
#ifndef GELU_DETAIL_MILLS_HPP
#define GELU_DETAIL_MILLS_HPP

#include "gelu/detail/gate.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

template <int Order, class Form>
struct table_kernel;

/// x Phi(x) (Order 0, both tiers), where rows of four numbers fill registers; the fast tier's g'(x)
/// (Order 1), where a permutation of one register reaches 8 numbers.
template <int Order>
struct mills_kernel;

#if !defined(__AVX2__)
template <int Order, class B, class Form>
inline constexpr bool has_mills = false;
#else
template <int Order, class B, class Form>
inline constexpr bool has_mills =
    std::is_same_v<ops::value_t<B>, double>&& std::is_same_v<plain_form<Form>, erf_form> &&
    (Order == 0 ? has_fma && (sizeof(B) == 32 || sizeof(B) == 64)
                : Order == 1 && tier<Form>::is_fast && sizeof(B) == 64);

/// With d = c - t, u = c d and w = d^2,
///
///     Phi(-t) = Phi(-c) + phi(c) d S,   S = the sum of (-w/2)^j / j! u^k / (k! (k + 2 j + 1)),
///
/// about the nearest c of a table. Its rounded numbers are next to the exact ones, and the sum is
/// small beside Phi(-c), so that one multiply-add at the end makes nearly all of the error.
template <>
struct mills_kernel<0> {
    using Table = tables::normal_rows;
    template <class B>
    using step = ops::lockstep<B, 4>;

    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        if (GELU_UNLIKELY(ops::any_of(is_tail(x) | is_tiny(x)))) {
            const B copy = x;  // as in run_guarded()
            return with_outside(copy);
        }
        return inside(x);
    }

private:
    template <class B>
    static GELU_ALWAYS_INLINE auto is_tail(const B& x) noexcept {
        return ops::below(x, B(-Table::high));
    }
    /// Products with them are subnormal; zeros, too.
    template <class B>
    static GELU_ALWAYS_INLINE auto is_tiny(const B& x) noexcept {
        return ops::below(ops::magnitude(x), B(least_t));
    }
    template <class W>
    static GELU_NOINLINE W with_outside(const W& x) noexcept {
        using form = std::enable_if_t<W::size != 0, erf_form>;  // complete when this is called
        constexpr double all_zero = -39;                        // from where on results are -0
        const auto tail = is_tail(x), tiny = is_tiny(x);
        const bool is_zero = !ops::any_of(tail & ops::below(W(all_zero), x));
        W r = is_zero ? ops::select(tail, W(-0.0), x) : table_kernel<0, form>{}(x);
        if (ops::any_of(ops::below(W(-Table::high * (1 + 0x1p-52)), x))) {
            const W within = inside(ops::select(tail | tiny, W(1.0), x));
            r = ops::select(tail, r, ops::select(tiny, ops::half_of(x), within));
        }
        return r;
    }
    template <class B>
    static GELU_ALWAYS_INLINE B inside(const B& x) noexcept {
        const B t = ops::at_most(ops::magnitude(x), B(Table::high)), magic(6755399441055744.0);
        const auto i = ops::bits(ops::fma(t, ops::fma(t, B(Table::a), B(Table::b)), magic));
        auto row = ops::all_four_columns(ops::rows_at(Table::row, i));
        const B c = row.first, d = c - t, u = c * d, w = d * d;
        B s0(1.0 / 40320), s1(-0.5 / 960), s2(0.125 / 14);
        for (const double a : {1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2})
            s0 = ops::fma(s0, u, B(a));
        for (const double a : {1.0 / 168, 1.0 / 36, 1.0 / 10, 1.0 / 4, 1.0 / 3})
            s1 = ops::fma(s1, u, B(-0.5 * a));
        s2 = ops::fma(ops::fma(s2, u, B(0.125 / 6)), u, B(0.125 / 5));
        s2 = ops::fma(w, B(-1.0 / 48 / 7), s2);
        const B s = ops::fma(ops::fma(s2, w, s1), w, ops::fma(s0, u, B(1.0)));
        // x > 0: x (1 - Phi(-c)) - t phi(c) d S, x < 0: x Phi(-c) - t phi(c) d S
        const B slope = small_product(t, row.fourth * d);
        return ops::fms(x, ops::unless_signed(x, row.third, row.second), small_product(slope, s));
    }
};
#endif

template <>
struct mills_kernel<1> {
    template <class B>
    using step = ops::lockstep<B, 4>;

    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        return run_guarded(*this, x, steep<erf_form>::usual_t);
    }
    template <bool IsUsual, class B>
    GELU_ALWAYS_INLINE B run(const B& x) const noexcept {
        using Table = tables::mills<1>;
        const B size = ops::magnitude(x);
        const B t = IsUsual ? size : ops::at_most(ops::at_least(size, B(least_t)), B(Table::t_max));
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
        const auto e = exponential<tables::exponential<2, double, 8>>(
            t, t, ops::lookup(Table::head, i), small_product(d, q));
        const B v = ops::fma(e.scale, e.excess, e.scale);  // V(t) / R(t)
        const B lower = (B(tables::root<1, erf_form, double>::whole) - t) * v;
        return one_less<IsUsual>(x, lower);
    }
};

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
