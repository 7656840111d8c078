// Several batches in lockstep, with the vocabulary of one. A kernel written over a batch runs over
// them unchanged, its operations side by side, so that the latency of each hides behind the others.
#ifndef GELU_DETAIL_LOCKSTEP_HPP
#define GELU_DETAIL_LOCKSTEP_HPP

#include "gelu/detail/ops.hpp"
#include "gelu/detail/ops_convert.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {
namespace ops {

/// Two of B, a batch or itself a pair.
template <class B>
struct twin {
    using value_type = value_t<B>;
    static constexpr std::size_t size = 2 * B::size;

    B first, second;

    twin() = default;
    GELU_ALWAYS_INLINE twin(const B& a, const B& b) noexcept : first(a), second(b) {}
    explicit GELU_ALWAYS_INLINE twin(value_type v) noexcept : first(v), second(v) {}

    friend GELU_ALWAYS_INLINE twin operator+(const twin& a, const twin& b) noexcept {
        return {a.first + b.first, a.second + b.second};
    }
    friend GELU_ALWAYS_INLINE twin operator-(const twin& a, const twin& b) noexcept {
        return {a.first - b.first, a.second - b.second};
    }
    friend GELU_ALWAYS_INLINE twin operator*(const twin& a, const twin& b) noexcept {
        return {a.first * b.first, a.second * b.second};
    }
    friend GELU_ALWAYS_INLINE twin operator/(const twin& a, const twin& b) noexcept {
        return {a.first / b.first, a.second / b.second};
    }
};

/// The lanes of a twin that fulfil a condition.
template <class M>
struct twin_mask {
    M first, second;

    friend GELU_ALWAYS_INLINE twin_mask operator|(const twin_mask& a, const twin_mask& b) noexcept {
        return {a.first | b.first, a.second | b.second};
    }
    friend GELU_ALWAYS_INLINE twin_mask operator&(const twin_mask& a, const twin_mask& b) noexcept {
        return {a.first & b.first, a.second & b.second};
    }
};

template <class B>
struct integer_of<twin<B>> {
    using type = twin<integer_t<B>>;
};
template <class I>
struct float_of<twin<I>> {
    using type = twin<typename float_of<I>::type>;
};
template <class B>
struct single_of<twin<B>> : single_of<B> {};

// Qualified calls where xsimd has the name too: found through a batch, its fma is the better match,
// and for AVX-512 version 8.1 has a product and a sum there.
template <class B>
GELU_ALWAYS_INLINE twin<B> fma(const twin<B>& a, const twin<B>& b, const twin<B>& c) noexcept {
    return {ops::fma(a.first, b.first, c.first), ops::fma(a.second, b.second, c.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> fms(const twin<B>& a, const twin<B>& b, const twin<B>& c) noexcept {
    return {ops::fms(a.first, b.first, c.first), ops::fms(a.second, b.second, c.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> fnma(const twin<B>& a, const twin<B>& b, const twin<B>& c) noexcept {
    return {ops::fnma(a.first, b.first, c.first), ops::fnma(a.second, b.second, c.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> magnitude(const twin<B>& x) noexcept {
    return {magnitude(x.first), magnitude(x.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> quotient(const twin<B>& a, const twin<B>& b) noexcept {
    return {quotient(a.first, b.first), quotient(a.second, b.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> at_most(const twin<B>& x, const twin<B>& limit) noexcept {
    return {at_most(x.first, limit.first), at_most(x.second, limit.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> at_least(const twin<B>& x, const twin<B>& limit) noexcept {
    return {at_least(x.first, limit.first), at_least(x.second, limit.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> with_sign_of(const twin<B>& size, const twin<B>& x) noexcept {
    return {with_sign_of(size.first, x.first), with_sign_of(size.second, x.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> with_sign_flipped_unless_negative(const twin<B>& v,
                                                             const twin<B>& x) noexcept {
    return {ops::with_sign_flipped_unless_negative(v.first, x.first),
            ops::with_sign_flipped_unless_negative(v.second, x.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> unless_signed(const twin<B>& x, const twin<B>& yes,
                                         const twin<B>& no) noexcept {
    return {ops::unless_signed(x.first, yes.first, no.first),
            ops::unless_signed(x.second, yes.second, no.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> subtracted_unless_signed(const twin<B>& from, const twin<B>& v,
                                                    const twin<B>& x) noexcept {
    return {ops::subtracted_unless_signed(from.first, v.first, x.first),
            ops::subtracted_unless_signed(from.second, v.second, x.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> added_unless_signed(const twin<B>& v, const twin<B>& more,
                                               const twin<B>& x) noexcept {
    return {ops::added_unless_signed(v.first, more.first, x.first),
            ops::added_unless_signed(v.second, more.second, x.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> fma_if_signed(const twin<B>& a, const twin<B>& b, const twin<B>& c,
                                         const twin<B>& x) noexcept {
    return {ops::fma_if_signed(a.first, b.first, c.first, x.first),
            ops::fma_if_signed(a.second, b.second, c.second, x.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> magnitude_at_most(const twin<B>& x, const twin<B>& limit) noexcept {
    return {magnitude_at_most(x.first, limit.first), magnitude_at_most(x.second, limit.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<B> one_unless_negative(const twin<B>& x) noexcept {
    return {ops::one_unless_negative(x.first), ops::one_unless_negative(x.second)};
}
template <class B>
GELU_ALWAYS_INLINE auto negative(const twin<B>& x) noexcept {
    return twin_mask<decltype(negative(x.first))>{negative(x.first), negative(x.second)};
}
template <class B>
GELU_ALWAYS_INLINE auto below(const twin<B>& x, const twin<B>& limit) noexcept {
    return twin_mask<decltype(below(x.first, limit.first))>{below(x.first, limit.first),
                                                            below(x.second, limit.second)};
}
template <class B>
GELU_ALWAYS_INLINE B greatest_bits(const B& x) noexcept {
    return x;
}
template <class B>
GELU_ALWAYS_INLINE auto greatest_bits(const twin<B>& x) noexcept {
    return ops::greater_bits(greatest_bits(x.first), greatest_bits(x.second));
}
template <class B>
GELU_ALWAYS_INLINE bool any_below(const twin<B>& x, value_t<B> limit) noexcept {
    return ops::any_below(greatest_bits(x), limit);
}
template <class M, class B>
GELU_ALWAYS_INLINE twin<B> select(const twin_mask<M>& m, const twin<B>& a,
                                  const twin<B>& b) noexcept {
    return {ops::select(m.first, a.first, b.first), ops::select(m.second, a.second, b.second)};
}
template <class B>
GELU_ALWAYS_INLINE twin<integer_t<B>> bits(const twin<B>& x) noexcept {
    return {bits(x.first), bits(x.second)};
}
template <class I>
GELU_ALWAYS_INLINE twin<typename float_of<I>::type> from_bits(const twin<I>& x) noexcept {
    return {from_bits(x.first), from_bits(x.second)};
}
template <int N, class I>
GELU_ALWAYS_INLINE twin<I> shift_left(const twin<I>& x) noexcept {
    return {shift_left<N>(x.first), shift_left<N>(x.second)};
}
template <int N, class I>
GELU_ALWAYS_INLINE twin<I> shift_right(const twin<I>& x) noexcept {
    return {shift_right<N>(x.first), shift_right<N>(x.second)};
}
template <class T, std::size_t N, class I>
GELU_ALWAYS_INLINE auto lookup(const T (&row)[N], const twin<I>& index) noexcept {
    return twin<decltype(lookup(row, index.first))>(lookup(row, index.first),
                                                    lookup(row, index.second));
}

/// f on each batch of the arguments.
template <class F, class B, class... Bs>
GELU_ALWAYS_INLINE B each(const F& f, const B& x, const Bs&... more) noexcept {
    return f(x, more...);
}
template <class F, class B, class... Bs>
GELU_ALWAYS_INLINE twin<B> each(const F& f, const twin<B>& x, const Bs&... more) noexcept {
    return {each(f, x.first, more.first...), each(f, x.second, more.second...)};
}

template <class B, int Count>
struct lockstep_of {
    using type = twin<typename lockstep_of<B, Count / 2>::type>;
};
template <class B>
struct lockstep_of<B, 1> {
    using type = B;
};
/// Count (1, 2, 4) batches side by side.
template <class B, int Count>
using lockstep = typename lockstep_of<B, Count>::type;

/// W, which is B or several of B, from consecutive elements.
template <class B, class W, class T>
GELU_ALWAYS_INLINE W load_all(const T* p) noexcept {
    if constexpr (W::size == B::size) {
        return load<B>(p);
    } else {
        using half = decltype(W::first);
        return {load_all<B, half>(p), load_all<B, half>(p + half::size)};
    }
}
template <class B, class T, class W>
GELU_ALWAYS_INLINE void store_all(T* p, const W& v) noexcept {
    if constexpr (W::size == B::size) {
        store<B>(p, v);
    } else {
        store_all<B>(p, v.first);
        store_all<B>(p + W::size / 2, v.second);
    }
}

}  // namespace ops
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
