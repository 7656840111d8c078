// One rounding to a 16-bit format: float results that would round the wrong way, put right.
#ifndef GELU_DETAIL_SETTLE_HPP
#define GELU_DETAIL_SETTLE_HPP

#include <cstddef>
#include <limits>
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

/// The form whose float results are rounded to 16 bits: with a bound relative to the result, which
/// the fast tier's derivatives lack next to their roots.
template <int Order, class Form>
GELU_ALWAYS_INLINE constexpr const auto& form_to_round(const Form& form) noexcept {
    if constexpr (Order > 0)
        return to_plain(form);
    else
        return form;
}

/// A form's order in double; the last input's result is kept, for arrays that repeat one value.
template <int Order, class Form>
class in_double {
public:
    explicit in_double(const Form& form) noexcept : form_(to_plain(form)) {}

    double operator()(float x) noexcept {
        if (x != x_) {
            x_ = x;
            const double wide = static_cast<double>(x);
            result_ = off_the_tie<Order>(wide, reference::plain<Order>(wide, form_));
        }
        return result_;
    }

private:
    plain_form<Form> form_;
    float x_ = std::numeric_limits<float>::quiet_NaN();
    double result_ = 0;
};

/// r rounded to the format, but in its marked lanes order Order at x, times a factor if it has one.
template <int Order, class Format, bool HasFactor, class B, class Form>
GELU_NOINLINE B round_in_double(const B x, const B factor, const B r,
                                const ops::int_mask_t<B> marked, const Form& form) noexcept {
    alignas(B) float xs[B::size], factors[B::size], rs[B::size], marks[B::size];
    x.store_aligned(xs);
    factor.store_aligned(factors);
    r.store_aligned(rs);
    ops::select_marked<B>(marked, B(1.0f), B(0.0f)).store_aligned(marks);
    in_double<Order, Form> f(form);
    for (std::size_t i = 0; i < B::size; ++i)
        if (marks[i] != 0.0f) {
            const double v = f(xs[i]);
            rs[i] = round_to_odd(HasFactor ? static_cast<double>(factors[i]) * v : v);
        }
    return ops::round_to(B::load_aligned(rs), Format{});
}

template <int Order, class Form>
constexpr int kernel_ulps() noexcept {
    constexpr double bound = max_ulp<float, Order, Form>();
    constexpr int whole = static_cast<int>(bound);
    return whole < bound ? whole + 1 : whole;
}

/// out[i] = r[i] rounded as the exact result is: order 0, 1 or 2 at in[i], times grad[i] unless
/// that is null. r has that from the float kernels; all other arrays are of one 16-bit format.
template <int Order, class B, class GradPointer, class In, class Out, class Form>
GELU_ALWAYS_INLINE void round_results(const float* r, GradPointer grad, const In* in, Out* out,
                                      std::size_t n, const Form& form) noexcept {
    using Format = format_of<Out>;
    constexpr bool has_factor = !std::is_same<GradPointer, std::nullptr_t>::value;
    // A derivative's error counts up to twice in a product's unit, and the product rounds once.
    constexpr int ulps = kernel_ulps<Order, Form>() * (has_factor ? 2 : 1) + has_factor;
    const auto round = [&](const B& v, const auto& load) {
        ops::settled<B, Format, ulps> result{v};
        auto marked = ops::near_tie<ulps>(v, Format{});
        if (GELU_UNLIKELY(xsimd::any(marked))) {
            const B x = load(in);
            if constexpr (has_factor) {
                // At 0 the derivative is 1/2, and the product exact.
                marked = marked & ops::int_mask<B>(x != B(0.0f));
                result.v = round_in_double<Order, Format, true>(x, load(grad), v, marked, form);
            } else {
                if constexpr (Order == 0) {
                    // A result next to x/2 and to a tie: x/2 is the tie, as both have few bits, and
                    // the exact result lies on the side that the sign of x says. Far enough from
                    // it, even where a float has few bits left, to be `settled`.
                    const B off = xsimd::abs((v + v) - x);
                    const auto tiny = marked & ops::int_mask<B>(off <= xsimd::abs(x) * B(0x1p-21f));
                    const B half =
                        ops::select(ops::negative(x), B(0.5f - 0x1p-12f), B(0.5f + 0x1p-12f));
                    result.v = ops::select_marked<B>(tiny, x * half, v);
                    marked = marked & !tiny;
                }
                if (xsimd::any(marked))
                    result.v = round_in_double<Order, Format, false>(x, x, result.v, marked, form);
            }
        }
        return result;
    };
    std::size_t i = 0;
    for (; i + B::size <= n; i += B::size)
        ops::store<B>(out + i, round(ops::load<B>(r + i),
                                     [&](const auto* p) { return ops::load<B>(p + i); }));
    if (i < n)
        ops::store_first<B>(out + i,
                            round(ops::load_first<B>(r + i, n - i),
                                  [&](const auto* p) { return ops::load_first<B>(p + i, n - i); }),
                            n - i);
}

/// Elements of a block, whose float results fit into the nearest cache with room to spare.
inline constexpr std::size_t storage_block = 1024;

/// f(first, count) for each block of n elements.
template <class F>
GELU_ALWAYS_INLINE void in_blocks(std::size_t n, const F& f) noexcept {
    for (std::size_t i = 0; i < n; i += storage_block)
        f(i, n - i < storage_block ? n - i : storage_block);
}

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
