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

/// The form whose kernel a verb uses. What is settled needs a bound relative to the result, which
/// the fast tier's derivatives lack next to their roots.
template <int Order, bool Settled, class Form>
GELU_ALWAYS_INLINE constexpr const auto& kernel_form(const Form& form) noexcept {
    if constexpr (Settled && Order > 0)
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

/// Whether any lane of a batch, or of several in lockstep, is near a tie: a mask that is not empty.
template <class Format, int Ulps, class B>
GELU_ALWAYS_INLINE auto near_tie(const B& v) noexcept {
    return ops::near_tie<Ulps>(v, Format{});
}
template <class Format, int Ulps, class B>
GELU_ALWAYS_INLINE auto near_tie(const ops::twin<B>& v) noexcept {
    return near_tie<Format, Ulps>(v.first) | near_tie<Format, Ulps>(v.second);
}

/// Elements of a block.
inline constexpr std::size_t storage_block = 1024;

/// Watches the results of a block of an array for ties, and settles those it saw afterwards: what
/// is rare is out of the loop, which then calls nothing and keeps its registers.
template <int Order, class Format, int Ulps, class B, bool HasFactor>
class near_ties {
public:
    /// The results for the next elements of the block, r at x or times a factor.
    template <class W>
    GELU_ALWAYS_INLINE auto watch(const W& x, const W& r) noexcept {
        return watch(x, r, x);
    }
    template <class W>
    GELU_ALWAYS_INLINE auto watch(const W& x, const W& r, const W& factor) noexcept {
        if (GELU_UNLIKELY(xsimd::any(near_tie<Format, Ulps>(r)))) {
            ops::store_all<B>(x_ + position_, x);
            ops::store_all<B>(r_ + position_, r);
            if constexpr (HasFactor) ops::store_all<B>(factor_ + position_, factor);
            for (std::size_t i = 0; i < W::size; i += B::size) seen_[count_++] = position_ + i;
        }
        position_ += W::size;
        return ops::settled<W, Format, Ulps>{r};
    }

    /// Behind the block: corrects what was seen of its n results.
    template <class T, class Form>
    GELU_ALWAYS_INLINE void settle(T* out, std::size_t n, const Form& form) noexcept {
        if (GELU_UNLIKELY(count_ != 0)) settle_seen(out, n, form);
        position_ = count_ = 0;
    }

private:
    template <class T, class Form>
    GELU_NOINLINE void settle_seen(T* out, std::size_t n, const Form& form) const noexcept {
        in_double<Order, Form> f(form);
        for (std::size_t k = 0; k < count_; ++k) {
            const std::size_t at = seen_[k];
            const B x = ops::load<B>(x_ + at);
            B r = ops::load<B>(r_ + at);
            auto marked = near_tie<Format, Ulps>(r);
            if constexpr (HasFactor) {
                // At 0 the derivative is 1/2, and the product exact.
                marked = marked & ops::int_mask<B>(x != B(0.0f));
            } else if constexpr (Order == 0) {
                // A result next to x/2 and to a tie: x/2 is the tie, as both have few bits, and the
                // exact result lies on the side that the sign of x says.
                const B off = xsimd::abs((r + r) - x);
                const auto tiny = marked & ops::int_mask<B>(off <= xsimd::abs(x) * B(0x1p-21f));
                const B half =
                    ops::select(ops::negative(x), B(0.5f - 0x1p-15f), B(0.5f + 0x1p-15f));
                r = ops::select_marked<B>(tiny, x * half, r);
                marked = marked & !tiny;
            }
            if (xsimd::any(marked)) {
                alignas(B) float marks[B::size], lanes[B::size];
                ops::select_marked<B>(marked, B(1.0f), B(0.0f)).store_aligned(marks);
                r.store_aligned(lanes);
                for (std::size_t i = 0; i < B::size; ++i)
                    if (marks[i] != 0.0f) lanes[i] = round_to_odd(factor(at + i) * f(x_[at + i]));
                r = B::load_aligned(lanes);
            }
            if (n - at < B::size)
                ops::store_first<B>(out + at, r, n - at);
            else
                ops::store<B>(out + at, r);
        }
    }

    double factor(std::size_t i) const noexcept {
        if constexpr (HasFactor)
            return static_cast<double>(factor_[i]);
        else
            return 1;
    }

    alignas(B) float x_[storage_block], r_[storage_block], factor_[HasFactor ? storage_block : 1];
    std::size_t seen_[storage_block / B::size], count_ = 0, position_ = 0;
};

template <int Order, class Form>
constexpr int kernel_ulps() noexcept {
    constexpr double bound = max_ulp<float, Order, Form>();
    constexpr int whole = static_cast<int>(bound);
    return whole < bound ? whole + 1 : whole;
}

/// Where nothing is to settle.
struct no_ties {
    template <class W>
    GELU_ALWAYS_INLINE W watch(const W&, const W& r) noexcept {
        return r;
    }
    template <class T, class Form>
    GELU_ALWAYS_INLINE void settle(T*, std::size_t, const Form&) noexcept {}
};

template <int Order, class In, class Out, class B, class Form, bool = same_format<In, Out>>
struct ties_of_results {
    using type = no_ties;
};
template <int Order, class In, class Out, class B, class Form>
struct ties_of_results<Order, In, Out, B, Form, true> {
    using type = near_ties<Order, format_of<In>, kernel_ulps<Order, Form>(), B, false>;
};
/// For results of order 0, 1 or 2, from an array of In to one of Out.
template <int Order, class In, class Out, class B, class Form>
using ties_of = typename ties_of_results<Order, In, Out, B, Form>::type;
/// For products of a factor and the derivative at x: the derivative's error counts up to twice in
/// the product's unit, and the product rounds once.
template <class Format, class B, class Form>
using ties_of_products = near_ties<1, Format, 2 * kernel_ulps<1, Form>() + 1, B, true>;

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
