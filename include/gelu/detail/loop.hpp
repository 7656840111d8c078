// Loops over arrays: unroll and tail, nothing else. The elements are the batch's, or of a 16-bit
// type that loads and stores convert. W is B, or several of B in lockstep.
#ifndef GELU_DETAIL_LOOP_HPP
#define GELU_DETAIL_LOOP_HPP

#include "gelu/detail/lockstep.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// out[i] = f(in[i]). The tail is a padded batch through the same f. out may be in.
template <class B, class W, class In, class Out, class F>
GELU_ALWAYS_INLINE void map(const In* in, Out* out, std::size_t n, const F& f) noexcept {
    std::size_t i = 0;
    for (; i + W::size <= n; i += W::size)
        ops::store_all<B>(out + i, f(ops::load_all<B, W>(in + i)));
    if constexpr (W::size != B::size)
        for (; i + B::size <= n; i += B::size) ops::store<B>(out + i, f(ops::load<B>(in + i)));
    if (i < n) ops::store_first<B>(out + i, f(ops::load_first<B>(in + i, n - i)), n - i);
}

/// out[i] = f(a[i], b[i]). out may be a or b.
template <class B, class W, class A1, class A2, class Out, class F>
GELU_ALWAYS_INLINE void zip(const A1* a, const A2* b, Out* out, std::size_t n,
                            const F& f) noexcept {
    std::size_t i = 0;
    for (; i + W::size <= n; i += W::size)
        ops::store_all<B>(out + i, f(ops::load_all<B, W>(a + i), ops::load_all<B, W>(b + i)));
    if constexpr (W::size != B::size)
        for (; i + B::size <= n; i += B::size)
            ops::store<B>(out + i, f(ops::load<B>(a + i), ops::load<B>(b + i)));
    if (i < n) {
        const std::size_t rest = n - i;
        ops::store_first<B>(
            out + i, f(ops::load_first<B>(a + i, rest), ops::load_first<B>(b + i, rest)), rest);
    }
}

/// (first[i], second[i]) = f(in[i]). Either output may be in.
template <class B, class W, class In, class First, class Second, class F>
GELU_ALWAYS_INLINE void fork(const In* in, First* first, Second* second, std::size_t n,
                             const F& f) noexcept {
    std::size_t i = 0;
    for (; i + W::size <= n; i += W::size) {
        const auto both = f(ops::load_all<B, W>(in + i));
        ops::store_all<B>(first + i, both.first);
        ops::store_all<B>(second + i, both.second);
    }
    if constexpr (W::size != B::size)
        for (; i + B::size <= n; i += B::size) {
            const auto both = f(ops::load<B>(in + i));
            ops::store<B>(first + i, both.first);
            ops::store<B>(second + i, both.second);
        }
    if (i < n) {
        const std::size_t rest = n - i;
        const auto both = f(ops::load_first<B>(in + i, rest));
        ops::store_first<B>(first + i, both.first, rest);
        ops::store_first<B>(second + i, both.second, rest);
    }
}

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
