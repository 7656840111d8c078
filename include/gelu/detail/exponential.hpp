// exp of a sum given in parts.
#ifndef GELU_DETAIL_EXPONENTIAL_HPP
#define GELU_DETAIL_EXPONENTIAL_HPP

#include "gelu/detail/ops_lanes.hpp"
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

/// a b. In double a multiply-add, which costs no more, and which the compiler does not contract
/// with a sum; some CPUs take a hundred cycles for other products that underflow.
template <class B>
GELU_ALWAYS_INLINE B small_product(const B& a, const B& b) noexcept {
    if constexpr (sizeof(ops::value_t<B>) == 4)
        return a * b;
    else
        return ops::fma(a, b, B(ops::value_t<B>(0)));
}

// Arithmetic that makes or takes a subnormal number takes Intel's CPUs more than a hundred cycles,
// but for sums, and for products in multiply-adds. So exp(-v) is 1 / down times too large on its
// way, what vanishes beside a 1 is kept from vanishing, and subnormal results are counted at the
// end.
template <class T>
inline constexpr int up_bits = sizeof(T) == 4 ? 64 : 256;
template <class T>
inline constexpr T down = sizeof(T) == 4 ? T(0x1p-64) : T(0x1p-256);

/// double: smaller |x| give what this one gives, but for x C(x), which is x/2 there.
inline constexpr double least_t = 0x1p-100;

/// double: v down is nothing beside a 1 for v below this, and is far from subnormal from there on.
inline constexpr double vanishing = 0x1p-500;
/// v >= 0, raised where it vanishes.
template <class B>
GELU_ALWAYS_INLINE B beside_one(const B& v) noexcept {
    return ops::at_least(v, B(vanishing));
}
/// Any v, or 0 where it vanishes.
template <class B>
GELU_ALWAYS_INLINE B zero_beside_one(const B& v) noexcept {
    return ops::select(ops::below(ops::magnitude(v), B(vanishing)), B(0.0), v);
}
/// v down, rounded once, subnormal results in units of the least number, by an addition.
template <class B>
GELU_ALWAYS_INLINE B counted_down(const B& v) noexcept {
    using T = ops::value_t<B>;
    constexpr bool single = sizeof(T) == 4;
    const B least(single ? T(0x1p-62) : T(0x1p-766)), up(single ? T(0x1p85) : T(0x1p818)),
        magic(single ? T(0x1p23) : T(0x1p52)), size = ops::magnitude(v);
    const auto count = ops::bits(ops::fma(ops::at_most(size, least), up, magic)) - ops::bits(magic);
    const B normal = ops::at_least(size, least) * B(down<T>);
    return ops::with_sign_of(ops::select(ops::below(size, least), ops::from_bits(count), normal),
                             v);
}
template <class B>
GELU_ALWAYS_INLINE B scaled_down(const B& v) noexcept {
    using T = ops::value_t<B>;
    if (GELU_UNLIKELY(ops::any_tiny(v, sizeof(T) == 4 ? T(0x1p-62) : T(0x1p-766))))
        return counted_down(v);
    return v * B(down<T>);
}

/// V(t) for x < 0, else 1 - V(t), of v = V(t) / down.
template <bool IsUsual, class B>
GELU_ALWAYS_INLINE B one_less(const B& x, const B& v) noexcept {
    const B by(down<ops::value_t<B>>);
    if constexpr (IsUsual)
        return ops::fma(ops::with_sign_flipped_unless_negative(v, x), by,
                        ops::one_unless_negative(x));
    else
        return ops::select(ops::negative(x), counted_down(v),
                           ops::fnma(zero_beside_one(v), by, B(1.0)));
}

/// By reference: GCC copies larger arguments in pieces, which are then read as a whole.
template <class Kernel, class B>
GELU_NOINLINE B run_unusual(const Kernel& kernel, const B& x) noexcept {
    return kernel.template run<false>(x);
}
/// A kernel for double on any x, of its run<IsUsual>(x): usual is least_t <= |x| <= usual_t, where
/// nothing is subnormal; the bits there are the same either way.
template <class Kernel, class B>
GELU_ALWAYS_INLINE B run_guarded(const Kernel& kernel, const B& x, double usual_t) noexcept {
    const B size = ops::magnitude(x);
    const auto m = ops::below(size, B(least_t)) | ops::below(B(usual_t), size);
    if (GELU_UNLIKELY(ops::any_of(m))) {
        const B copy = x;  // so that x need not be in memory elsewhere
        return run_unusual(kernel, copy);
    }
    return kernel.template run<true>(x);
}

/// x C(x) = max(x, 0) - t C(-t), of part = t C(-t) 2^64 with t = max(|x|, least).
template <class B>
GELU_ALWAYS_INLINE B max_less(const B& x, const B& part, float least) noexcept {
    const B by(down<float>), above = ops::at_least(x, B(-0.0f));  // the zero of x < 0 is negative
    B r;
    if (GELU_UNLIKELY(ops::any_tiny(part, 0x1p-62f))) {
        const auto is_small = ops::below(part, B(0x1p-62f));
        const B normal = ops::fnma(ops::select(is_small, B(0.0f), part), by, above);
        r = ops::select(is_small & ops::below(x, B(0.0f)), counted_down(B(0.0f) - part), normal);
    } else {
        r = ops::fnma(part, by, above);
    }
    const B size = ops::magnitude(x);
    if (GELU_UNLIKELY(ops::any_small(x, least)))  // zeros, too
        r = ops::select(ops::below(size, B(least)), ops::half_of(x), r);
    return r;
}

/// scale (1 + excess)
template <class B>
struct scaled {
    B scale, excess;
};

/// exp(-(a b + head + low [+ least]) / unit) / down. a b + head may be large and is never rounded:
/// head is a multiple of the grid that the table's step_high is on, and cancels exactly. about: the
/// sum, roughly; the less so the larger the errors of the table's polynomial.
template <class Table, class B, class... Least>
GELU_ALWAYS_INLINE scaled<B> exponential_about(const B& about, const B& a, const B& b,
                                               const B& head, const B& low,
                                               const Least&... least) noexcept {
    using T = ops::value_t<B>;
    // The low bits hold n less what the tables' powers, which begin at 2^64, want of 1 / down.
    constexpr int steps = 1 << ((sizeof(T) == 4 ? 23 : 52) - Table::shift);
    const B magic((sizeof(T) == 4 ? T(12582912) : T(6755399441055744)) -
                  T((up_bits<T> - 64) * steps));
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
