// Loops over arrays: unroll and tail, nothing else. The elements are the batch's, or of a 16-bit
// type that loads and stores convert. W is B, or several of B in lockstep.
#ifndef GELU_DETAIL_LOOP_HPP
#define GELU_DETAIL_LOOP_HPP

#include "gelu/detail/split_loop.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// Elements of other types that are converted at a time for a split kernel, which takes long to
/// compile: so it is compiled for floats only.
inline constexpr std::size_t split_block = 1024;

/// Elements, padded with zeros to Step.
template <class T, std::size_t Step>
struct padded {
    padded() noexcept {}
    padded(const T* p, std::size_t n) noexcept {
        std::memset(static_cast<void*>(elements), 0, sizeof elements);
        std::memcpy(static_cast<void*>(elements), p, n * sizeof(T));
    }
    void copy_to(T* p, std::size_t n) const noexcept {
        std::memcpy(static_cast<void*>(p), elements, n * sizeof(T));
    }
    alignas(64) T elements[Step];
};

template <class T, class... Us>
inline constexpr bool all_are = (std::is_same<T, Us>::value && ...);

/// The kernel of a conversion.
struct same {
    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        return x;
    }
};

/// Calls run(i, m) for the part of n elements that is whole steps of W and starts on a line of out
/// where that is streamed, and run_padded(i, m) for the few before and behind.
template <class B, class W, class F, class T, class Run, class RunPadded>
GELU_ALWAYS_INLINE void in_split_parts(const T* out, std::size_t n, const Run& run,
                                       const RunPadded& run_padded) noexcept {
    const std::size_t begin = before_streams<B, F>(out, n), end = n - (n - begin) % W::size;
    if (begin != 0) run_padded(std::size_t(0), begin);
    if (begin != end) run(begin, end - begin);
    if (end != n) run_padded(end, n - end);
}

/// out[i] = f(in[i]). The tail is a padded batch through the same f. out may be in.
template <class B, class W, class In, class Out, class F>
GELU_ALWAYS_INLINE void map(const In* in, Out* out, std::size_t n, const F& f) noexcept {
    using T = ops::value_t<B>;
    if constexpr (is_split<F> && !all_are<T, In, Out>) {
        T values[split_block];
        for (std::size_t i = 0; i < n; i += split_block) {
            const std::size_t m = n - i < split_block ? n - i : split_block;
            map<B, B>(in + i, values, m, same{});
            map<B, W>(values, values, m, f);
            map<B, B>(values, out + i, m, same{});
        }
    } else if constexpr (is_split<F>) {
        using pass = map_pass<B, W, F>;
        in_split_parts<B, W, F>(
            out, n,
            [&](std::size_t i, std::size_t m) {
                split_loop<B, W>(pass{f, in + i, out + i, m});
            },
            [&](std::size_t i, std::size_t m) {
                padded<T, W::size> x(in + i, m);
                padded<T, W::size> y;
                split_loop<B, W>(pass{f, x.elements, y.elements, W::size});
                y.copy_to(out + i, m);
            });
    } else {
        std::size_t i = 0;
        for (; i + W::size <= n; i += W::size)
            ops::store_all<B>(out + i, f(ops::load_all<B, W>(in + i)));
        if constexpr (W::size != B::size)
            for (; i + B::size <= n; i += B::size) ops::store<B>(out + i, f(ops::load<B>(in + i)));
        if (i < n) ops::store_first<B>(out + i, f(ops::load_first<B>(in + i, n - i)), n - i);
    }
}

/// out[i] = a[i] f(b[i]). out may be a or b.
template <class B, class W, class A1, class A2, class Out, class F>
GELU_ALWAYS_INLINE void map_times(const A1* a, const A2* b, Out* out, std::size_t n,
                                  const F& f) noexcept {
    using T = ops::value_t<B>;
    if constexpr (is_split<F> && !all_are<T, A1, A2, Out>) {
        T factors[split_block], values[split_block];
        for (std::size_t i = 0; i < n; i += split_block) {
            const std::size_t m = n - i < split_block ? n - i : split_block;
            map<B, B>(a + i, factors, m, same{});
            map<B, B>(b + i, values, m, same{});
            map_times<B, W>(factors, values, values, m, f);
            map<B, B>(values, out + i, m, same{});
        }
    } else if constexpr (is_split<F>) {
        using pass = map_times_pass<B, W, F>;
        in_split_parts<B, W, F>(
            out, n,
            [&](std::size_t i, std::size_t m) {
                split_loop<B, W>(pass{f, a + i, b + i, out + i, m});
            },
            [&](std::size_t i, std::size_t m) {
                padded<T, W::size> u(a + i, m);
                padded<T, W::size> x(b + i, m);
                padded<T, W::size> y;
                split_loop<B, W>(pass{f, u.elements, x.elements, y.elements, W::size});
                y.copy_to(out + i, m);
            });
    } else {
        std::size_t i = 0;
        for (; i + W::size <= n; i += W::size)
            ops::store_all<B>(out + i, ops::times_slope(ops::load_all<B, W>(a + i),
                                                        f(ops::load_all<B, W>(b + i))));
        if constexpr (W::size != B::size)
            for (; i + B::size <= n; i += B::size)
                ops::store<B>(out + i,
                              ops::times_slope(ops::load<B>(a + i), f(ops::load<B>(b + i))));
        if (i < n) {
            const std::size_t rest = n - i;
            ops::store_first<B>(out + i,
                                ops::times_slope(ops::load_first<B>(a + i, rest),
                                                 f(ops::load_first<B>(b + i, rest))),
                                rest);
        }
    }
}

/// first[i] = f(in[i]), second[i] = g(in[i]), g the sibling of f if that has one. Either output may
/// be in.
template <class B, class W, class In, class First, class Second, class F, class G>
GELU_ALWAYS_INLINE void fork(const In* in, First* first, Second* second, std::size_t n, const F& f,
                             const G& g) noexcept {
    using T = ops::value_t<B>;
    if constexpr (are_siblings<F, G> && !all_are<T, In, First, Second>) {
        T values[split_block], slopes[split_block];
        for (std::size_t i = 0; i < n; i += split_block) {
            const std::size_t m = n - i < split_block ? n - i : split_block;
            map<B, B>(in + i, values, m, same{});
            fork<B, W>(values, values, slopes, m, f, g);
            map<B, B>(values, first + i, m, same{});
            map<B, B>(slopes, second + i, m, same{});
        }
    } else if constexpr (are_siblings<F, G>) {
        using pass = fork_pass<B, W, F>;
        in_split_parts<B, W, F>(
            first, n,
            [&](std::size_t i, std::size_t m) {
                split_loop<B, W>(pass{f, in + i, first + i, second + i, m});
            },
            [&](std::size_t i, std::size_t m) {
                padded<T, W::size> x(in + i, m);
                padded<T, W::size> y;
                padded<T, W::size> z;
                split_loop<B, W>(pass{f, x.elements, y.elements, z.elements, W::size});
                y.copy_to(first + i, m);
                z.copy_to(second + i, m);
            });
    } else {
        std::size_t i = 0;
        for (; i + W::size <= n; i += W::size) {
            const W x = ops::load_all<B, W>(in + i);
            const W y = f(x), z = g(x);
            ops::store_all<B>(first + i, y);
            ops::store_all<B>(second + i, z);
        }
        if constexpr (W::size != B::size)
            for (; i + B::size <= n; i += B::size) {
                const B x = ops::load<B>(in + i);
                const B y = f(x), z = g(x);
                ops::store<B>(first + i, y);
                ops::store<B>(second + i, z);
            }
        if (i < n) {
            const std::size_t rest = n - i;
            const B x = ops::load_first<B>(in + i, rest);
            const B y = f(x), z = g(x);
            ops::store_first<B>(first + i, y, rest);
            ops::store_first<B>(second + i, z, rest);
        }
    }
}

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
