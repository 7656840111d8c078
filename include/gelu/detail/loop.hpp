// Loops over arrays: unroll, tail and lanes set aside, nothing else. The elements are the batch's,
// or of a 16-bit type that loads and stores convert. W is B, or several of B in lockstep.
#ifndef GELU_DETAIL_LOOP_HPP
#define GELU_DETAIL_LOOP_HPP

#include "gelu/detail/split.hpp"

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

// Loops of split kernels do so much with each element that few loads are under way at a time: so
// they ask for what is due later, also for what is to be overwritten, which is read first.

/// Asks for the cache lines of the step at element `from` of p.
template <class W, class T>
GELU_ALWAYS_INLINE void ask_for(const T* p, std::size_t from) noexcept {
    constexpr std::size_t line = 64 / sizeof(T);
    for (std::size_t k = 0; k < W::size; k += line) ops::prefetch(p + from + k);
}

/// Asks for inputs more than a stretch after element i of n: the next are looked at before the
/// kernel comes to them.
template <class B, class W, class T>
GELU_ALWAYS_INLINE void ask_for_inputs(std::size_t i, std::size_t n, const T* p) noexcept {
    constexpr std::size_t ahead = stretch<B> + 512;
    ask_for<W>(p, i + ahead < n ? i + ahead : i);
}

/// Asks for other arrays' elements 64 batches after element i of n.
template <class B, class W, class... Ts>
GELU_ALWAYS_INLINE void ask_for_others(std::size_t i, std::size_t n, const Ts*... p) noexcept {
    constexpr std::size_t ahead = 64 * B::size;
    const std::size_t from = i + ahead < n ? i + ahead : i;
    (ask_for<W>(p, from), ...);
}

// What the loops of split kernels do at element i of `size`, of the kernel's own type. Not lambdas:
// GCC leaves those out of line.

/// out = f(in)
template <class B, class W, class F>
struct map_pass {
    using T = ops::value_t<B>;
    static constexpr int columns = 1;
    F f;
    const T* in;
    T* out;
    std::size_t size;

    GELU_ALWAYS_INLINE void ask(std::size_t i) const noexcept {
        ask_for_inputs<B, W>(i, size, in);
        ask_for_others<B, W>(i, size, out);
    }
    template <class... Place>
    GELU_ALWAYS_INLINE void inside(std::size_t i, const W& x,
                                   const Place&... place) const noexcept {
        ops::store_all<B>(out + i, f.inside(x, place...));
    }
    GELU_ALWAYS_INLINE void outside(std::size_t i) const noexcept {
        f.template outside_step<B>(in + i, out + i);
    }
    template <class Apart, class Tally, class M>
    GELU_ALWAYS_INLINE Tally set_aside(Apart& apart, Tally n, std::size_t at, std::size_t,
                                       const M& m, const W& x) const noexcept {
        return apart.add(n, at, m, x);
    }
    template <class Apart, class Tally>
    GELU_ALWAYS_INLINE void finish(Apart& apart, Tally n, std::size_t first) const noexcept {
        apart.apply(f, n, 0, 0);
        apart.put_back(n, 0, out + first);
    }
};

/// out = factor f(in)
template <class B, class W, class F>
struct map_times_pass {
    using T = ops::value_t<B>;
    static constexpr int columns = 2;
    F f;
    const T* factor;
    const T* in;
    T* out;
    std::size_t size;

    GELU_ALWAYS_INLINE void ask(std::size_t i) const noexcept {
        ask_for_inputs<B, W>(i, size, in);
        ask_for_others<B, W>(i, size, factor, out);
    }
    template <class... Place>
    GELU_ALWAYS_INLINE void inside(std::size_t i, const W& x,
                                   const Place&... place) const noexcept {
        ops::store_all<B>(out + i, ops::load_all<B, W>(factor + i) * f.inside(x, place...));
    }
    GELU_NOINLINE void outside(std::size_t i) const noexcept {
        using V = outer_step<B>;
        alignas(B) T slopes[V::size];
        f.template outside_step<B>(in + i, slopes);
        ops::store_all<B>(out + i, ops::underflowing_product(ops::load_all<B, V>(factor + i),
                                                             ops::load_all<B, V>(slopes)));
    }
    template <class Apart, class Tally, class M>
    GELU_ALWAYS_INLINE Tally set_aside(Apart& apart, Tally n, std::size_t at, std::size_t i,
                                       const M& m, const W& x) const noexcept {
        return apart.add(n, at, m, x, ops::load_all<B, W>(factor + i));
    }
    template <class Apart, class Tally>
    GELU_ALWAYS_INLINE void finish(Apart& apart, Tally n, std::size_t first) const noexcept {
        apart.apply(f, n, 0, 0);
        apart.multiply(n, 0, 1);
        apart.put_back(n, 0, out + first);
    }
};

/// first = f(in), second = g(in), g the sibling of f
template <class B, class W, class F>
struct fork_pass {
    using T = ops::value_t<B>;
    static constexpr int columns = 2;
    F f;
    const T* in;
    T* first;
    T* second;
    std::size_t size;

    GELU_ALWAYS_INLINE void ask(std::size_t i) const noexcept {
        ask_for_inputs<B, W>(i, size, in);
        ask_for_others<B, W>(i, size, first, second);
    }
    template <class... Place>
    GELU_ALWAYS_INLINE void inside(std::size_t i, const W& x,
                                   const Place&... place) const noexcept {
        const W y = f.inside(x, place...), z = sibling(f).inside(x);
        ops::store_all<B>(first + i, y);
        ops::store_all<B>(second + i, z);
    }
    GELU_NOINLINE void outside(std::size_t i) const noexcept {
        using V = outer_step<B>;
        alignas(B) T values[V::size];  // as either output may be in
        f.template outside_step<B>(in + i, values);
        sibling(f).template outside_step<B>(in + i, second + i);
        ops::store_all<B>(first + i, ops::load_all<B, V>(values));
    }
    template <class Apart, class Tally, class M>
    GELU_ALWAYS_INLINE Tally set_aside(Apart& apart, Tally n, std::size_t at, std::size_t,
                                       const M& m, const W& x) const noexcept {
        return apart.add(n, at, m, x);
    }
    template <class Apart, class Tally>
    GELU_ALWAYS_INLINE void finish(Apart& apart, Tally n, std::size_t begin) const noexcept {
        apart.apply(sibling(f), n, 0, 1);
        apart.put_back(n, 1, second + begin);
        apart.apply(f, n, 0, 0);
        apart.put_back(n, 0, first + begin);
    }
};

/// Does the outer steps from element i on whose inputs all lie outside; where they end.
template <class B, class Pass>
GELU_NOINLINE std::size_t outside_loop(const Pass pass, std::size_t i, std::size_t end) noexcept {
    using V = outer_step<B>;
    for (; i + V::size <= end; i += V::size) {
        if (!ops::all<B>(pass.f.is_outside(ops::load_all<B, V>(pass.in + i)))) break;
        pass.outside(i);
    }
    return i;
}

/// The marks of all steps that n inputs have.
template <class W>
GELU_ALWAYS_INLINE ops::marks all_steps(std::size_t n) noexcept {
    return ~ops::marks(0) >> (64 - n / W::size);
}

/// Which of the steps of W that n inputs have, up to a stretch, have lanes below `limit`: bit k
/// stands for the k-th. All of them where a lane is tiny.
template <class B, class W>
GELU_NOINLINE ops::marks outside_steps(const ops::value_t<B>* in, std::size_t n,
                                       ops::value_t<B> limit, ops::value_t<B> tiny) noexcept {
    ops::flags below;
    auto least = ops::least_doubled(B(1.0f));
    for (std::size_t i = 0, k = 0; i < n; i += W::size, ++k) {
        const W x = ops::load_all<B, W>(in + i);
        below.set(k, ops::lanes_below<B>(x, limit));
        least = ops::lesser(least, ops::least_doubled(x));
    }
    const ops::marks all = all_steps<W>(n);
    if (GELU_UNLIKELY(ops::any_less(least, ops::least_doubled(B(tiny))))) {
        // Or zeros.
        auto nonzero = ops::least_bits(B(1.0f));
        for (std::size_t i = 0; i < n; i += W::size)
            nonzero = ops::lesser(nonzero, ops::least_bits(ops::load_all<B, W>(in + i)));
        if (ops::any_less(nonzero, ops::least_bits(B(tiny)))) return all;
    }
    return below.marks() & all;
}

/// When the lanes of a stretch that inside() doesn't serve are set aside. Where branches on a
/// step's inputs would often go either way, as in `seldom`, they cost more than the kernel on
/// inputs that are not the same in each call.
enum class aside {
    seldom,  // on the way, from steps that have some
    before,  // from the steps that a look ahead found
    often    // on the way, from all steps
};

/// Sets aside the lanes of the marked steps from element i on.
template <class B, class W, class Pass, class Apart>
GELU_NOINLINE typename Apart::tally set_steps_aside(const Pass pass, Apart& apart,
                                                    typename Apart::tally n, std::size_t base,
                                                    std::size_t i, ops::marks marked) noexcept {
    for (; marked != 0; marked &= marked - 1) {
        const std::size_t at = i + ops::zeros_below(marked) * W::size;
        const W x = ops::load_all<B, W>(pass.in + at);
        n = pass.set_aside(apart, n, at - base, at, pass.f.is_outside(x), x);
    }
    return n;
}

/// inside() for the steps from i to end. A function of its own: among calls GCC loads tables again
/// and again. Kernels of segments locate those of the next step before they evaluate this one's.
template <class B, class W, aside When, class Pass, class Apart>
GELU_NOINLINE typename Apart::tally inside_loop(const Pass pass, Apart& apart,
                                                typename Apart::tally n, std::size_t base,
                                                std::size_t i, std::size_t end) noexcept {
    const auto load = [&](std::size_t at) {
        W x = ops::load_all<B, W>(pass.in + at);
        if (When == aside::often ||
            (When == aside::seldom && GELU_UNLIKELY(pass.f.any_outside(x)))) {
            const auto is_outside = pass.f.is_outside(x);
            n = pass.set_aside(apart, n, at - base, at, is_outside, x);
            x = ops::select(is_outside, W(ops::value_t<B>(1)), x);
        }
        return x;
    };
    if constexpr (has_segments<decltype(Pass::f)>) {
        W x = load(i), d;
        ops::integer_t<W> s;
        pass.f.locate(x, s, d);
        const std::size_t last = end - W::size;
        for (; i < end; i += W::size) {
            const W x_now = x, d_now = d;
            const auto s_now = s;
            pass.ask(i);
            // Without a branch where loading the last step again does no harm.
            if (When == aside::before || i < last) x = load(i < last ? i + W::size : i);
            pass.f.locate(x, s, d);
            pass.inside(i, x_now, s_now, d_now);
        }
    } else {
        for (; i < end; i += W::size) {
            pass.ask(i);
            pass.inside(i, load(i));
        }
    }
    return n;
}

/// A pass over all its elements, a multiple of W::size, by stretches, each in the way that suits
/// the one before.
template <class B, class W, class Pass>
GELU_NOINLINE void split_loop(const Pass pass) noexcept {
    using Kernel = decltype(Pass::f);
    using apart_t = set_aside<B, Pass::columns>;
    const std::size_t n = pass.size;
    apart_t apart;
    typename apart_t::tally n_apart;
    // With few registers, or a division to wait for, a look ahead costs less than tests between,
    // unless there are few steps.
    constexpr aside first = sizeof(B) == 64 && has_segments<Kernel> ? aside::seldom : aside::before;
    aside when = first == aside::before && n < stretch<B> / 8 ? aside::often : first;
    for (std::size_t i = 0, base = 0; i < n;) {
        const std::size_t end = n - i < stretch<B> ? n : i + stretch<B>;
        if (pass.f.any_outside(ops::load_all<B, W>(pass.in + i))) i = outside_loop<B>(pass, i, end);
        if (i < end) {
            const std::size_t steps = (end - i) / W::size, batches = n_apart.batches;
            ops::marks marked = 0;
            if (when == aside::before) {
                marked = outside_steps<B, W>(pass.in + i, end - i, -pass.f.cut, Kernel::tiny);
                // Some kernels' inside() may overflow for inputs outside.
                if (has_segments<Kernel> ? 2 * ops::count(marked) > steps : marked != 0)
                    when = aside::often;
            }
            if (first == aside::seldom && when == first) {
                n_apart = inside_loop<B, W, first>(pass, apart, n_apart, base, i, end);
            } else if (when == aside::often) {
                n_apart = inside_loop<B, W, aside::often>(pass, apart, n_apart, base, i, end);
            } else {
                n_apart = set_steps_aside<B, W>(pass, apart, n_apart, base, i, marked);
                inside_loop<B, W, aside::before>(pass, apart, n_apart, base, i, end);
            }
            const std::size_t found = n_apart.batches - batches;
            when = 2 * found > steps ? aside::often : 8 * found > steps ? aside::before : first;
        }
        i = end;
        if (n_apart.lanes > apart_t::capacity - stretch<B> ||
            end - base > apart_t::reach - stretch<B> || end == n) {
            if (n_apart.lanes != 0) pass.finish(apart, n_apart, base);
            n_apart = {};
            base = end;
        }
    }
}

template <class T, class... Us>
inline constexpr bool all_are = (std::is_same<T, Us>::value && ...);

/// The kernel of a conversion.
struct same {
    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        return x;
    }
};

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
        const std::size_t whole = n - n % W::size, rest = n - whole;
        using pass = map_pass<B, W, F>;
        if (whole != 0) split_loop<B, W>(pass{f, in, out, whole});
        if (rest != 0) {
            padded<T, W::size> x(in + whole, rest);
            padded<T, W::size> y;
            split_loop<B, W>(pass{f, x.elements, y.elements, W::size});
            y.copy_to(out + whole, rest);
        }
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
        const std::size_t whole = n - n % W::size, rest = n - whole;
        using pass = map_times_pass<B, W, F>;
        if (whole != 0) split_loop<B, W>(pass{f, a, b, out, whole});
        if (rest != 0) {
            padded<T, W::size> u(a + whole, rest);
            padded<T, W::size> x(b + whole, rest);
            padded<T, W::size> y;
            split_loop<B, W>(pass{f, u.elements, x.elements, y.elements, W::size});
            y.copy_to(out + whole, rest);
        }
    } else {
        std::size_t i = 0;
        for (; i + W::size <= n; i += W::size)
            ops::store_all<B>(out + i, ops::load_all<B, W>(a + i) * f(ops::load_all<B, W>(b + i)));
        if constexpr (W::size != B::size)
            for (; i + B::size <= n; i += B::size)
                ops::store<B>(out + i, ops::load<B>(a + i) * f(ops::load<B>(b + i)));
        if (i < n) {
            const std::size_t rest = n - i;
            ops::store_first<B>(
                out + i, ops::load_first<B>(a + i, rest) * f(ops::load_first<B>(b + i, rest)),
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
        const std::size_t whole = n - n % W::size, rest = n - whole;
        using pass = fork_pass<B, W, F>;
        if (whole != 0) split_loop<B, W>(pass{f, in, first, second, whole});
        if (rest != 0) {
            padded<T, W::size> x(in + whole, rest);
            padded<T, W::size> y;
            padded<T, W::size> z;
            split_loop<B, W>(pass{f, x.elements, y.elements, z.elements, W::size});
            y.copy_to(first + whole, rest);
            z.copy_to(second + whole, rest);
        }
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
