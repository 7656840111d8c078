// Kernels that serve most lanes quickly and leave some to another kernel: to lanes below a cut, and
// to those so small that products with them are subnormal, which many CPUs multiply slowly.
//
// A lane's own value alone decides which kernel it goes through, so neighbours change nothing.
// Loops (split_loop.hpp) set such lanes aside and run the other kernel over all of them together.
#ifndef GELU_DETAIL_SPLIT_HPP
#define GELU_DETAIL_SPLIT_HPP

#include "gelu/detail/ops_lanes.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// The batches that a split kernel's other kernel goes through at a time.
template <class B>
using outer_step = ops::lockstep<B, 4>;

/// Kernel has: order; cut; inside(x), for x >= -cut; below(x), for x < -cut; lowest(), from where
/// on below(-t) is -0; and other, the kernel of the other order with the same cut, if there is one.
template <class Kernel>
struct split_kernel {
    template <class B>
    using step = ops::lockstep<B, 4>;

    /// Below this magnitude x/2 is as good as exact; above it nothing on the way is subnormal,
    /// products of roundings included.
    static constexpr float tiny = 0x1p-40f;

    /// Whether there may be lanes of is_outside(x), size of their magnitudes up to some limit.
    /// True where there are zeros.
    template <class W>
    GELU_ALWAYS_INLINE bool any_outside(const W& x, const W& size) const noexcept {
        return ops::any_below_or_tiny(x, -self().cut, size, Kernel::tiny);
    }
    template <class W>
    GELU_ALWAYS_INLINE bool any_outside(const W& x) const noexcept {
        // Zeros, less 1, are large.
        const auto size = ops::bits(ops::magnitude(x)) - ops::integer_t<W>(1);
        return any_outside(x, ops::from_bits(size));
    }
    /// The lanes that inside() doesn't serve.
    template <class W>
    GELU_ALWAYS_INLINE auto is_outside(const W& x) const noexcept {
        auto m = ops::below(x, W(-self().cut));
        if (GELU_UNLIKELY(ops::any_tiny(x, Kernel::tiny))) {
            const W size = ops::magnitude(x);
            m = m | (ops::below(size, W(Kernel::tiny)) & ops::below(W(0.0f), size));
        }
        return m;
    }
    /// The kernel of the lanes of is_outside(x).
    template <class W>
    GELU_ALWAYS_INLINE W outside(const W& x) const noexcept {
        using B = ops::single_t<W>;
        const auto least = ops::least_of(ops::magnitude(x));
        if (!ops::any_less(least, ops::bits(B(Kernel::tiny)))) {
            if (!ops::any_less(least, ops::bits(B(self().template lowest<W>()))))
                return ops::with_sign_of(W(0.0f), x);
            return self().below(x);
        }
        const auto is_tiny = ops::below(ops::magnitude(x), W(Kernel::tiny));
        const W of_tiny = Kernel::order == 0 ? ops::half_of(x) : W(0.5f);
        if (!ops::any_below(x, -self().cut)) return of_tiny;
        return ops::select(is_tiny, of_tiny, self().below(ops::select(is_tiny, W(-self().cut), x)));
    }
    /// outside() of n elements, whole outer steps. Compiled once for all loops, which call it
    /// seldom.
    template <class B>
    GELU_NOINLINE void outside_all(const ops::value_t<B>* in, ops::value_t<B>* out,
                                   std::size_t n) const noexcept {
        for (std::size_t i = 0; i < n; i += outer_step<B>::size)
            ops::store_all<B>(out + i, outside(ops::load_all<B, outer_step<B>>(in + i)));
    }
    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        return GELU_UNLIKELY(any_outside(x)) ? both(x) : self().inside(x);
    }

private:
    GELU_ALWAYS_INLINE const Kernel& self() const noexcept {
        return static_cast<const Kernel&>(*this);
    }
    template <class B>
    GELU_NOINLINE B both(const B x) const noexcept {
        const auto m = is_outside(x);
        return ops::select(m, outside(x), self().inside(ops::select(m, B(1.0f), x)));
    }
};

template <class Kernel, class = void>
inline constexpr bool is_split = false;
template <class Kernel>
inline constexpr bool is_split<Kernel, std::void_t<decltype(Kernel::cut)>> = true;
template <class Kernel, class = void>
inline constexpr bool has_segments = false;
template <class Kernel>
inline constexpr bool has_segments<Kernel, std::void_t<typename Kernel::segments>> = true;
template <class F, class G, class = void>
inline constexpr bool are_siblings = false;
/// Whether G is the kernel of the other order that shares F's cut, and so the lanes set aside.
template <class F, class G>
inline constexpr bool are_siblings<F, G, std::void_t<typename F::other>> =
    std::is_same_v<typename F::other, G>;

/// A split kernel's for the other order: made of the first where it holds constants, so that the
/// compiler sees that they are the same.
template <class F>
GELU_ALWAYS_INLINE typename F::other sibling(const F& f) noexcept {
    if constexpr (std::is_constructible<typename F::other, const F&>::value)
        return typename F::other(f);
    else
        return {};
}

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
