// One rounding to a 16-bit format: float results that would round the wrong way, put right.
#ifndef GELU_DETAIL_SETTLE_HPP
#define GELU_DETAIL_SETTLE_HPP

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "gelu/accuracy.hpp"
#include "gelu/detail/kernel.hpp"
#include "gelu/detail/ops_convert.hpp"
#include "gelu/storage.hpp"

// A float less than w ULP from the exact result rounds to a 16-bit format as the exact result does,
// unless it lies less than w ULP from a tie, a value halfway between two of the format. With w = 1
// that is a tie itself: about one result in 8200 for half and one in 65500 for bfloat16. Those are
// evaluated again, in double.
// What double cannot tell apart from a tie either is x/2 for tiny x, and its side is known.

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// The form whose float results are rounded to T: the precise one of a derivative, which has a
/// bound relative to the result next to the roots too; the quickest of a value, where few results
/// are so near a tie that they are evaluated again in double.
template <int Order, class T, class Form, class B = xsimd::batch<float>>
GELU_ALWAYS_INLINE constexpr auto form_to_round(const Form& form) noexcept {
    constexpr bool is_half = std::is_same<format_of<T>, format_of<float16>>::value;
    constexpr int width = ops::table_width<B>;
    if constexpr (Order > 0 || width == 0 || (is_half && width == 16))
        return to_plain(form);
    else
        return fast<plain_form<Form>>{to_plain(form)};
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

/// The whole ULP that float results may be off by: the bound, which none reaches, is not among
/// them, and a derivative's error counts up to twice in the unit of a product, which rounds once.
template <int Order, bool HasFactor, class Form>
constexpr int whole_ulps() noexcept {
    constexpr double bound = max_ulp<float, Order, Form>() * (HasFactor ? 2 : 1) + HasFactor * 0.5;
    constexpr int below = static_cast<int>(bound);
    return below < bound ? below : below - 1;
}

/// Rounds float results r that have an error of Ulps: order Order at `in`, times grad unless that
/// is null.
template <int Order, int Ulps, class B, class GradPointer, class In, class Out, class Form>
struct rounding {
    using Format = format_of<Out>;
    using settled = ops::settled<B, Format, Ulps>;
    static constexpr bool has_factor = !std::is_same<GradPointer, std::nullptr_t>::value;
    static constexpr std::size_t count = 4, step = count * B::size;

    const float* r;
    GradPointer grad;
    const In* in;
    Out* out;
    const Form& form;

    /// `step` elements from i on, of which few are near a tie: one branch for all.
    GELU_ALWAYS_INLINE void operator()(std::size_t i) const noexcept {
        B v[count];
        for (std::size_t k = 0; k < count; ++k) v[k] = ops::load<B>(r + i + k * B::size);
        if (GELU_UNLIKELY(ops::any_near_tie<Ulps>(v, Format{}))) return one_by_one(i, step);
        for (std::size_t k = 0; k < count; ++k) ops::store<B>(out + i + k * B::size, settled{v[k]});
    }

    /// Up to `step` elements, those near a tie evaluated again in double.
    GELU_NOINLINE void one_by_one(std::size_t i, std::size_t n) const noexcept {
        alignas(B) float xs[step], factors[step];
        std::uint64_t marked = 0;
        for (std::size_t k = 0; k < n; k += B::size) {
            const std::size_t m = n - k;
            const B x = some(in + i + k, m);
            B v = some(r + i + k, m);
            // As lanes of 0 and -1, since there are marks of float conditions only.
            const B near = ops::select_marked<B>(settle_tiny(v, x), B(-1.0f), B(0.0f));
            marked |= std::uint64_t(ops::marks_of<B>(ops::negative(near))) << k;
            // Before out is written, which may be in or grad.
            x.store_aligned(xs + k);
            if constexpr (has_factor) some(grad + i + k, m).store_aligned(factors + k);
            if (m >= B::size)
                ops::store<B>(out + i + k, settled{v});
            else
                ops::store_first<B>(out + i + k, settled{v}, m);
        }
        in_double<Order, Form> f(form);
        for (; marked != 0; marked &= marked - 1) {
            const std::size_t k = ops::zeros_below(marked);
            const double v = f(xs[k]);
            out[i + k] = to_storage<Out>(has_factor ? static_cast<double>(factors[k]) * v : v);
        }
    }

private:
    template <class T>
    static GELU_ALWAYS_INLINE B some(const T* p, std::size_t n) noexcept {
        return n >= B::size ? ops::load<B>(p) : ops::load_first<B>(p, n);
    }
    /// Settles the results next to zero, and returns what else is near a tie.
    static GELU_ALWAYS_INLINE ops::int_mask_t<B> settle_tiny(B& v, const B& x) noexcept {
        const auto near = ops::near_tie<Ulps>(v, Format{});
        if constexpr (has_factor) {
            // At 0 the derivative is 1/2, and the product exact, perhaps a tie.
            const auto at_zero = near & ops::int_mask<B>(x == B(0.0f));
            v = ops::select_marked<B>(at_zero, ops::round_to(v, Format{}), v);
            return near & !at_zero;
        } else if constexpr (Order == 0) {
            // A result next to x/2 and to a tie: x/2 is the tie, as both have few bits, and the
            // exact result lies on the side that the sign of x says. Far enough from it, even where
            // a float has few bits left, to be `settled`.
            const B off = xsimd::abs((v + v) - x);
            const auto tiny = near & ops::int_mask<B>(off <= xsimd::abs(x) * B(0x1p-21f));
            const B half = ops::select(ops::negative(x), B(0.5f - 0x1p-12f), B(0.5f + 0x1p-12f));
            v = ops::select_marked<B>(tiny, x * half, v);
            return near & !tiny;
        } else {
            return near;
        }
    }
};

/// out[i] = r[i] rounded as the exact result is: order 0, 1 or 2 at in[i], times grad[i] unless
/// that is null. r has that from the float kernels; all other arrays are of one 16-bit format.
template <int Order, class B, class GradPointer, class In, class Out, class Form>
GELU_ALWAYS_INLINE void round_results(const float* r, GradPointer grad, const In* in, Out* out,
                                      std::size_t n, const Form& form) noexcept {
    constexpr bool has_factor = !std::is_same<GradPointer, std::nullptr_t>::value;
    constexpr int ulps = whole_ulps<Order, has_factor, Form>();
    const rounding<Order, ulps, B, GradPointer, In, Out, Form> round{r, grad, in, out, form};
    std::size_t i = 0;
    for (; i + round.step <= n; i += round.step) round(i);
    if (i < n) round.one_by_one(i, n - i);
}

/// Elements of a block, whose float results fit into the nearest cache with room to spare.
inline constexpr std::size_t storage_block = 2048;

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
