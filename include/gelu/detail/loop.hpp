// Loops over arrays: unroll and tail, nothing else. The elements are the batch's, or of a 16-bit
// type that loads and stores convert.
#ifndef GELU_DETAIL_LOOP_HPP
#define GELU_DETAIL_LOOP_HPP

#include "gelu/detail/ops.hpp"
#include "gelu/detail/ops_convert.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// out[i] = f(in[i]). The tail is a padded batch through the same f. out may be in.
template <class B, class In, class Out, class F>
GELU_ALWAYS_INLINE void map(const In* in, Out* out, std::size_t n, const F& f) noexcept {
    std::size_t i = 0;
    for (; i + B::size <= n; i += B::size) ops::store<B>(out + i, f(ops::load<B>(in + i)));
    if (i < n) ops::store_first<B>(out + i, f(ops::load_first<B>(in + i, n - i)), n - i);
}

/// out[i] = f(a[i], b[i]). out may be a or b.
template <class B, class A1, class A2, class Out, class F>
GELU_ALWAYS_INLINE void zip(const A1* a, const A2* b, Out* out, std::size_t n,
                            const F& f) noexcept {
    std::size_t i = 0;
    for (; i + B::size <= n; i += B::size)
        ops::store<B>(out + i, f(ops::load<B>(a + i), ops::load<B>(b + i)));
    if (i < n) {
        const std::size_t rest = n - i;
        ops::store_first<B>(
            out + i, f(ops::load_first<B>(a + i, rest), ops::load_first<B>(b + i, rest)), rest);
    }
}

/// (first[i], second[i]) = f(in[i]). Either output may be in.
template <class B, class In, class First, class Second, class F>
GELU_ALWAYS_INLINE void fork(const In* in, First* first, Second* second, std::size_t n,
                             const F& f) noexcept {
    std::size_t i = 0;
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
