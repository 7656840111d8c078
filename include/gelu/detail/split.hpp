// Kernels that serve most lanes quickly and leave some to another kernel: to lanes below a cut, and
// to those so small that products with them are subnormal, which many CPUs multiply slowly.
//
// A lane's own value alone decides which kernel it goes through, so neighbours change nothing.
// Loops (loop.hpp) set such lanes aside and run the other kernel over all of them together.
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

    /// Below this magnitude x/2 is as good as exact; above it nothing on the way is subnormal.
    static constexpr float tiny = 0x1p-125f;

    template <class W>
    GELU_ALWAYS_INLINE bool any_outside(const W& x) const noexcept {
        return ops::any_below_or_tiny(x, -self().cut, tiny);
    }
    /// The lanes that inside() doesn't serve.
    template <class W>
    GELU_ALWAYS_INLINE auto is_outside(const W& x) const noexcept {
        auto m = ops::below(x, W(-self().cut));
        if (GELU_UNLIKELY(ops::any_tiny(x, tiny))) {
            const W size = ops::magnitude(x);
            m = m | (ops::below(size, W(tiny)) & ops::below(W(0.0f), size));
        }
        return m;
    }
    /// The kernel of the lanes of is_outside(x).
    template <class W>
    GELU_ALWAYS_INLINE W outside(const W& x) const noexcept {
        if (!ops::any_tiny(x, tiny)) {
            if (!ops::any_tiny(x, self().template lowest<W>()))
                return ops::with_sign_of(W(0.0f), x);
            return self().below(x);
        }
        const auto is_tiny = ops::below(ops::magnitude(x), W(tiny));
        const W of_tiny = at_tiny(x);
        if (!ops::any_below(x, -self().cut)) return of_tiny;
        return ops::select(is_tiny, of_tiny, self().below(ops::select(is_tiny, W(-self().cut), x)));
    }
    /// outside() of an outer step in memory. Compiled once for all loops, which call it seldom.
    template <class B>
    GELU_NOINLINE void outside_step(const ops::value_t<B>* in,
                                    ops::value_t<B>* out) const noexcept {
        ops::store_all<B>(out, outside(ops::load_all<B, outer_step<B>>(in)));
    }
    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        return GELU_UNLIKELY(any_outside(x)) ? both(x) : self().inside(x);
    }

private:
    GELU_ALWAYS_INLINE const Kernel& self() const noexcept {
        return static_cast<const Kernel&>(*this);
    }
    template <class W>
    static GELU_ALWAYS_INLINE W at_tiny(const W& x) noexcept {
        if constexpr (Kernel::order == 0) {
            // x/2 in units of 2^-149, without a subnormal factor
            const W unit(tiny);
            const auto half = ops::bits(ops::magnitude(x) + unit) - ops::bits(unit);
            return ops::with_sign_of(ops::from_bits(half), x);
        } else {
            return W(0.5f);
        }
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

/// The elements that loops look at, and then set lanes of aside, at a time: 64 steps of two
/// batches, whose marks make a word.
template <class B>
inline constexpr std::size_t stretch = 128 * B::size;

/// Lanes set aside, up to `capacity` and from up to `reach` elements. Columns: arrays of them. How
/// many there are is the caller's to keep, in registers: a counter beside the arrays would go
/// through memory for each batch.
template <class B, int Columns>
class set_aside {
public:
    using T = ops::value_t<B>;
    static constexpr std::size_t capacity = stretch<B> + 256, reach = 4096;

    struct tally {
        std::size_t lanes = 0, batches = 0;
    };

    /// Takes the lanes of m from batches that start at element `at`: from xs, one for each column.
    template <class M, class V, class... Vs>
    GELU_ALWAYS_INLINE tally add(tally n, std::size_t at, const M& m, const V& x,
                                 const Vs&... xs) noexcept {
        if constexpr (V::size == B::size) {
            const ops::marks set = ops::marks_of<B>(m);
            int column = 0;
            ops::store_packed<B>(lanes_[column++] + n.lanes, x, set);
            (ops::store_packed<B>(lanes_[column++] + n.lanes, xs, set), ...);
            batches_[n.batches] = {static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(set)};
            return {n.lanes + ops::count(set), n.batches + (set != 0)};
        } else {
            n = add(n, at, m.first, x.first, xs.first...);
            return add(n, at + V::size / 2, m.second, x.second, xs.second...);
        }
    }
    /// A column's lanes through kernel.outside, to another column or the same.
    template <class Kernel>
    GELU_ALWAYS_INLINE void apply(const Kernel& kernel, tally n, int from, int to) noexcept {
        ops::store_all<B>(lanes_[from] + n.lanes, outer_step<B>(-kernel.cut));
        for (std::size_t i = 0; i < n.lanes; i += outer_step<B>::size)
            kernel.template outside_step<B>(lanes_[from] + i, lanes_[to] + i);
    }
    GELU_ALWAYS_INLINE void multiply(tally n, int c, int by) noexcept {
        for (std::size_t i = 0; i < n.lanes; i += B::size)
            ops::store<B>(lanes_[c] + i, ops::underflowing_product(ops::load<B>(lanes_[by] + i),
                                                                   ops::load<B>(lanes_[c] + i)));
    }
    GELU_ALWAYS_INLINE void put_back(tally n, int c, T* out) const noexcept {
        const T* from = lanes_[c];
        for (std::size_t i = 0; i < n.batches; ++i) {
            T* const p = out + batches_[i].at;
            const ops::marks m = batches_[i].lanes;
            ops::store<B>(p, ops::load_packed<B>(from, ops::load<B>(p), m));
            from += ops::count(m);
        }
    }

private:
    struct batch_lanes {
        std::uint16_t at, lanes;
    };
    alignas(B) T lanes_[Columns][capacity + outer_step<B>::size];
    batch_lanes batches_[reach / B::size + 1];
};

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
