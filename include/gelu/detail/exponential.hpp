// exp of a sum given in parts.
#ifndef GELU_DETAIL_EXPONENTIAL_HPP
#define GELU_DETAIL_EXPONENTIAL_HPP

#include "gelu/detail/rows.hpp"
#include "gelu/detail/tables.hpp"
#include "gelu/detail/tables_double.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// c[0] + x (c[1] + x (c[2] + ...))
template <class B, std::size_t N>
GELU_ALWAYS_INLINE B horner(const B& x, const ops::value_t<B> (&c)[N]) noexcept {
    B sum(c[N - 1]);
    for (std::size_t i = N - 1; i-- > 0;) sum = ops::fma(sum, x, B(c[i]));
    return sum;
}

/// a b, for products that may underflow: on some CPUs a multiplication that does takes a hundred
/// cycles, and a multiply-add none more than usual. Those of float don't, scaled as they are.
template <class B>
GELU_ALWAYS_INLINE B small_product(const B& a, const B& b) noexcept {
    if constexpr (sizeof(ops::value_t<B>) == 4)
        return a * b;
    else
        return ops::fma(a, b, B(ops::value_t<B>(0)));
}
/// v 2^-64, rounded once. Where registers abound float does without a multiply-add that underflows,
/// which is slow on other CPUs: a subnormal result is counted in units of the least one, by an
/// addition.
template <class B>
GELU_ALWAYS_INLINE B scaled_down(const B& v) noexcept {
    using T = ops::value_t<B>;
    if constexpr (sizeof(T) == 4 && sizeof(ops::single_t<B>) == 64) {
        const B least(0x1p-62f), magic(0x1p23f), size = ops::magnitude(v);
        const auto count = ops::bits(ops::fma(size, B(0x1p85f), magic)) - ops::bits(magic);
        const B normal = ops::at_least(size, least) * B(0x1p-64f);
        return ops::with_sign_of(
            ops::select(ops::below(size, least), ops::from_bits(count), normal), v);
    } else {
        return ops::fma(v, B(T(0x1p-64)), B(T(0)));
    }
}

/// x C(x) = max(x, 0) - t C(-t), of t = |x| and t C(-t) 2^64. Where the latter, or what it is made
/// of, may be subnormal, which the caller may have told the CPU to take for 0, C(x) is 1/2.
template <class B>
GELU_ALWAYS_INLINE B max_less(const B& x, const B& t, const B& part) noexcept {
    // the zero of x < 0 is negative
    const B r = ops::fnma(part, B(0x1p-64f), ops::at_least(x, B(-0.0f)));
    return ops::select(ops::below(t, B(0x1p-100f)), x * B(0.5f), r);
}

/// scale (1 + excess)
template <class B>
struct scaled {
    B scale, excess;
};

/// 2^64 exp(-(a b + head + low [+ least]) / unit). a b + head may be large and is never rounded:
/// head is a multiple of the grid that the table's step_high is on, and cancels exactly. about: the
/// sum, roughly; the less so the larger the errors of the table's polynomial.
template <class Table, class B, class... Least>
GELU_ALWAYS_INLINE scaled<B> exponential_about(const B& about, const B& a, const B& b,
                                               const B& head, const B& low,
                                               const Least&... least) noexcept {
    using T = ops::value_t<B>;
    const B magic(sizeof(T) == 4 ? T(12582912) : T(6755399441055744));
    const B m = ops::fma(about, B(Table::inverse_step), magic);
    const B n = m - magic;
    const B left = ops::fnma(n, B(Table::step_high), head);  // exactly
    B r;
    if constexpr (sizeof...(Least) >
                  0) {  // low may be as large as 1: nothing rounded until it is gone
        const B p = a * b;
        r = ((p + left) + low) + (ops::product_error(a, b, p) + ... + least);
        r = ops::fnma(n, B(Table::step_low), r);
    } else {
        const B rest = ops::fma_cancelling(a, b, left);
        if constexpr (sizeof(T) == 4)
            r = rest + ops::fnma(n, B(Table::step_low), low);
        else  // one rounding less at the size of low, which cancels most of rest
            r = ops::fnma(n, B(Table::step_low), rest + low);
    }
    const auto i = ops::bits(m);
    scaled<B> result;
    if constexpr (in_rows<Table>) {
        auto power_tail = ops::columns(ops::rows_at(Table::row, i), 0);
        result.scale =
            ops::from_bits(ops::bits(power_tail.first) - ops::shift_left<Table::shift>(i));
        result.excess = ops::fma(r, horner(r, Table::p), power_tail.second);
    } else {
        result.scale =
            ops::from_bits(ops::lookup(Table::power, i) - ops::shift_left<Table::shift>(i));
        result.excess = ops::fma(r, horner(r, Table::p), ops::lookup(Table::tail, i));
    }
    return result;
}

template <class Table, class B, class... Least>
GELU_ALWAYS_INLINE scaled<B> exponential(const B& a, const B& b, const B& head, const B& low,
                                         const Least&... least) noexcept {
    return exponential_about<Table>(((ops::fma(a, b, head) + low) + ... + least), a, b, head, low,
                                    least...);
}

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
