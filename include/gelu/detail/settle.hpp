// One rounding to a 16-bit format: float results that would round the wrong way, put right.
#ifndef GELU_DETAIL_SETTLE_HPP
#define GELU_DETAIL_SETTLE_HPP

#include <cstddef>
#include <type_traits>

#include "gelu/accuracy.hpp"
#include "gelu/detail/kernel.hpp"
#include "gelu/detail/ops_convert.hpp"
#include "gelu/storage.hpp"

// A float within w ULP of the exact result rounds to a 16-bit format as the exact result does,
// unless it lies within w ULP of a tie, a value halfway between two of the format: about one
// result in 2700 for half and one in 22000 for bfloat16. Those are evaluated again, in double.
// What double cannot tell apart from a tie either is x/2 for tiny x, and its side is known.

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// The form whose kernel a verb uses. What is settled needs a bound relative to the result, which
/// the fast tier's derivatives lack next to their roots.
template <int Order, bool Settled, class Form>
GELU_ALWAYS_INLINE constexpr const auto& kernel_form(const Form& form) noexcept {
    if constexpr (Settled && Order > 0)
        return to_plain(form);
    else
        return form;
}

template <int Order, class Form>
constexpr int kernel_ulps() noexcept {
    constexpr double bound = max_ulp<float, Order, Form>();
    constexpr int whole = static_cast<int>(bound);
    return whole < bound ? whole + 1 : whole;
}

/// A form's order at the marked lanes of x, times the factor, in double, as floats that round to 16
/// bits as the exact results do; the other lanes are r's.
template <int Order, class B, class Form>
GELU_NOINLINE B evaluate_in_double(const B x, const B factor, const B r,
                                   const ops::int_mask_t<B> marked, const Form& form) noexcept {
    using D = xsimd::batch<double, typename B::arch_type>;
    constexpr std::size_t size = B::size;
    alignas(B) float xs[size], factors[size], rs[size], marks[size];
    alignas(D) double wide[size + D::size] = {};
    std::size_t lane[size], n = 0;
    x.store_aligned(xs);
    factor.store_aligned(factors);
    r.store_aligned(rs);
    ops::select_marked<B>(marked, B(1.0f), B(0.0f)).store_aligned(marks);
    for (std::size_t i = 0; i < size; ++i) {
        if (marks[i] == 0.0f) continue;
        wide[n] = static_cast<double>(xs[i]);
        lane[n++] = i;
    }
    with_kernel<Order, D>(form, [&](const auto& k) {
        for (std::size_t i = 0; i < n; i += D::size)
            k(D::load_aligned(wide + i)).store_aligned(wide + i);
    });
    for (std::size_t j = 0; j < n; ++j) {
        const std::size_t i = lane[j];
        const double v = off_the_tie<Order>(static_cast<double>(xs[i]), wide[j]);
        rs[i] = round_to_odd(static_cast<double>(factors[i]) * v);
    }
    return B::load_aligned(rs);
}

/// The float result r of order 0, 1 or 2 at x, as a float that rounds to the format as the exact
/// result does; x is of a 16-bit type.
template <int Order, class Format, class B, class Form>
GELU_ALWAYS_INLINE B settle(const B& x, const B& r, const Form& form) noexcept {
    auto marked = ops::near_tie<B>(r, kernel_ulps<Order, Form>(), Format{});
    if (!xsimd::any(marked)) return r;
    B settled = r;
    if constexpr (Order == 0) {
        // r next to x/2 and to a tie: x/2 is the tie, as both have few bits. These are tiny x.
        const B twice = r + r;
        const auto tiny =
            marked & ops::int_mask<B>(xsimd::abs(twice - x) <= xsimd::abs(x) * B(0x1p-21f));
        settled = ops::select_marked<B>(
            tiny, x * xsimd::select(x < B(0.0f), B(0.5f - 0x1p-15f), B(0.5f + 0x1p-15f)), r);
        marked = marked & !tiny;
        if (!xsimd::any(marked)) return settled;
    }
    return evaluate_in_double<Order, B>(x, B(1.0f), settled, marked, form);
}

/// The same for the product of grad and the derivative at x.
template <class Format, class B, class Form>
GELU_ALWAYS_INLINE B settle_product(const B& grad, const B& x, const B& product,
                                    const Form& form) noexcept {
    // The derivative's error counts up to twice in the product's unit; the product rounds once.
    constexpr int ulps = 2 * kernel_ulps<1, Form>() + 1;
    auto marked = ops::near_tie<B>(product, ulps, Format{});
    if (!xsimd::any(marked)) return product;
    // At 0 the derivative is 1/2, and the product exact.
    marked = marked & ops::int_mask<B>(x != B(0.0f));
    if (!xsimd::any(marked)) return product;
    return evaluate_in_double<1, B>(x, grad, product, marked, form);
}

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
