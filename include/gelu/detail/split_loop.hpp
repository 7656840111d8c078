// Loops of split kernels over whole steps, which set aside the lanes that inside() doesn't serve.
#ifndef GELU_DETAIL_SPLIT_LOOP_HPP
#define GELU_DETAIL_SPLIT_LOOP_HPP

#include <algorithm>

#include "gelu/detail/ops_widen.hpp"
#include "gelu/detail/split.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

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
        constexpr std::size_t step = outer_step<B>::size;
        kernel.template outside_all<B>(lanes_[from], lanes_[to],
                                       (n.lanes + step - 1) / step * step);
    }
    GELU_ALWAYS_INLINE void multiply(tally n, int c, int by) noexcept {
        using V = outer_step<B>;
        ops::store_all<B>(lanes_[by] + n.lanes, V(T(1)));
        for (std::size_t i = 0; i < n.lanes; i += V::size)
            ops::store_all<B>(lanes_[c] + i, ops::times_slope(ops::load_all<B, V>(lanes_[by] + i),
                                                              ops::load_all<B, V>(lanes_[c] + i)));
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

// Loops of split kernels do so much with each element that few loads are under way at a time: so
// they ask for what is due later.

/// Asks for the cache lines of the step at element `from` of p.
template <class W, class T>
GELU_ALWAYS_INLINE void ask_for(const T* p, std::size_t from) noexcept {
    constexpr std::size_t line = 64 / sizeof(T);
    for (std::size_t k = 0; k < W::size; k += line) ops::prefetch(p + from + k);
}

/// How far ahead of an element to ask: for inputs more than a stretch, since the next one is looked
/// at, and lanes of it set aside, before the kernel comes to it; for results too, as what is
/// overwritten is read first.
struct distance {
    std::size_t inputs, factors, results;
};
/// For elements up to `end` of n. None where that would reach too far.
template <class B>
GELU_ALWAYS_INLINE distance distance_before(std::size_t end, std::size_t n) noexcept {
    constexpr std::size_t near = 64 * B::size, inputs = stretch<B> + 1024;
    return {end + inputs <= n ? inputs : 0, end + near <= n ? near : 0, end + near <= n ? near : 0};
}

/// The inputs, all outside, that loops do at a time.
template <class B>
inline constexpr std::size_t longest_run = 8 * outer_step<B>::size;

// What the loops of split kernels do at element i of `size`, of the kernel's own type. Not lambdas:
// GCC leaves those out of line.

/// out = f(in)
template <class B, class W, class F>
struct map_pass {
    using T = ops::value_t<B>;
    static constexpr int columns = 1;
    static constexpr std::size_t outputs = 1;
    F f;
    const T* in;
    T* out;
    std::size_t size;

    GELU_ALWAYS_INLINE T* output(std::size_t) const noexcept { return out; }
    GELU_ALWAYS_INLINE bool is_in_place() const noexcept { return in == out; }
    /// The elements from i on, with results to `to` instead.
    GELU_ALWAYS_INLINE map_pass from(std::size_t i, T* to) const noexcept {
        return {f, in + i, to, size - i};
    }
    GELU_ALWAYS_INLINE void ask_inputs(std::size_t i, distance d) const noexcept {
        ask_for<W>(in, i + d.inputs);
    }
    GELU_ALWAYS_INLINE void ask(std::size_t i, distance d) const noexcept {
        ask_inputs(i, d);
        ask_for<W>(out, i + d.results);
    }
    template <class... Place>
    GELU_ALWAYS_INLINE void inside(std::size_t i, const W& x,
                                   const Place&... place) const noexcept {
        ops::store_all<B>(out + i, f.inside(x, place...));
    }
    /// n elements, outer steps, all of which inside() doesn't serve.
    GELU_ALWAYS_INLINE void outside(std::size_t i, std::size_t n) const noexcept {
        f.template outside_all<B>(in + i, out + i, n);
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
    static constexpr std::size_t outputs = 1;
    F f;
    const T* factor;
    const T* in;
    T* out;
    std::size_t size;

    GELU_ALWAYS_INLINE T* output(std::size_t) const noexcept { return out; }
    GELU_ALWAYS_INLINE bool is_in_place() const noexcept { return in == out || factor == out; }
    GELU_ALWAYS_INLINE map_times_pass from(std::size_t i, T* to) const noexcept {
        return {f, factor + i, in + i, to, size - i};
    }
    GELU_ALWAYS_INLINE void ask_inputs(std::size_t i, distance d) const noexcept {
        ask_for<W>(in, i + d.inputs);
        ask_for<W>(factor, i + d.inputs);
    }
    GELU_ALWAYS_INLINE void ask(std::size_t i, distance d) const noexcept {
        ask_inputs(i, d);
        ask_for<W>(out, i + d.results);
    }
    template <class... Place>
    GELU_ALWAYS_INLINE void inside(std::size_t i, const W& x,
                                   const Place&... place) const noexcept {
        ops::store_all<B>(out + i, ops::load_all<B, W>(factor + i) * f.inside(x, place...));
    }
    GELU_NOINLINE void outside(std::size_t i, std::size_t n) const noexcept {
        using V = outer_step<B>;
        alignas(B) T slopes[longest_run<B>];
        f.template outside_all<B>(in + i, slopes, n);
        for (std::size_t k = 0; k < n; k += V::size)
            ops::store_all<B>(out + i + k, ops::times_slope(ops::load_all<B, V>(factor + i + k),
                                                            ops::load_all<B, V>(slopes + k)));
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
    static constexpr std::size_t outputs = 2;
    F f;
    const T* in;
    T* first;
    T* second;
    std::size_t size;

    GELU_ALWAYS_INLINE T* output(std::size_t k) const noexcept { return k == 0 ? first : second; }
    GELU_ALWAYS_INLINE bool is_first_in_place() const noexcept { return in == first; }
    GELU_ALWAYS_INLINE bool is_in_place() const noexcept { return in == first || in == second; }
    GELU_ALWAYS_INLINE fork_pass from(std::size_t i, T* to) const noexcept {
        return {f, in + i, to, to + stretch<B>, size - i};
    }
    GELU_ALWAYS_INLINE void ask_inputs(std::size_t i, distance d) const noexcept {
        ask_for<W>(in, i + d.inputs);
    }
    GELU_ALWAYS_INLINE void ask(std::size_t i, distance d) const noexcept {
        ask_inputs(i, d);
        ask_for<W>(first, i + d.results);
        ask_for<W>(second, i + d.results);
    }
    GELU_ALWAYS_INLINE map_pass<B, W, F> values() const noexcept { return {f, in, first, size}; }
    GELU_ALWAYS_INLINE auto slopes() const noexcept {
        return map_pass<B, W, typename F::other>{sibling(f), in, second, size};
    }
    template <class... Place>
    GELU_ALWAYS_INLINE void inside(std::size_t i, const W& x,
                                   const Place&... place) const noexcept {
        const W y = f.inside(x, place...), z = sibling(f).inside(x);
        ops::store_all<B>(first + i, y);
        ops::store_all<B>(second + i, z);
    }
    GELU_NOINLINE void outside(std::size_t i, std::size_t n) const noexcept {
        alignas(B) T values[longest_run<B>];  // as either output may be in
        f.template outside_all<B>(in + i, values, n);
        sibling(f).template outside_all<B>(in + i, second + i, n);
        std::copy_n(values, n, first + i);
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
    for (bool is_outside = true; is_outside;) {
        const std::size_t begin = i;
        for (; i + V::size <= end && i - begin < longest_run<B>; i += V::size) {
            is_outside = ops::all<B>(pass.f.is_outside(ops::load_all<B, V>(pass.in + i)));
            if (!is_outside) break;
        }
        if (i == begin) break;
        pass.outside(begin, i - begin);
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

/// When the lanes of a stretch that inside() doesn't serve are set aside. A branch on each step's
/// inputs that goes either way costs about as much as the kernel, unless a benchmark repeats
/// inputs so that the CPU learns them.
enum class aside {
    seldom,  // on the way, from steps that have some, by a branch
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
    const distance ahead = distance_before<B>(end, pass.size);
    const auto without_outside = [&](const W& x, std::size_t at) GELU_ALWAYS_INLINE_LAMBDA {
        const auto is_outside = pass.f.is_outside(x);
        n = pass.set_aside(apart, n, at - base, at, is_outside, x);
        return ops::select(is_outside, W(ops::value_t<B>(1)), x);
    };
    if constexpr (has_segments<decltype(Pass::f)>) {
        W x, d;
        ops::integer_t<W> s;
        const auto locate = [&](std::size_t at, bool is_new) GELU_ALWAYS_INLINE_LAMBDA {
            x = ops::load_all<B, W>(pass.in + at);
            if (When == aside::often && is_new) x = without_outside(x, at);
            W size = pass.f.limited(x);
            if (When == aside::seldom && GELU_UNLIKELY(pass.f.any_outside(x, size)) && is_new) {
                x = without_outside(x, at);
                size = pass.f.limited(x);
            }
            pass.f.locate(size, s, d);
        };
        locate(i, true);
        for (; i < end; i += W::size) {
            const W x_now = x, d_now = d;
            const auto s_now = s;
            pass.ask(i, ahead);
            // The last step's again, rather than a branch around.
            const bool is_last = i + W::size == end;
            locate(is_last ? i : i + W::size, !is_last);
            pass.inside(i, x_now, s_now, d_now);
        }
    } else {
        for (; i < end; i += W::size) {
            pass.ask(i, ahead);
            const W x = ops::load_all<B, W>(pass.in + i);
            pass.inside(i, When == aside::often ? without_outside(x, i) : x);
        }
    }
    return n;
}

/// inside_loop(). Where two orders' tables fill the registers, one after the other, the first of
/// which sets lanes aside for both.
template <class B, class W, aside When, class Pass, class Apart>
GELU_ALWAYS_INLINE typename Apart::tally inside_loops(const Pass& pass, Apart& apart,
                                                      typename Apart::tally n, std::size_t base,
                                                      std::size_t i, std::size_t end) noexcept {
    if constexpr (Pass::outputs == 2 && sizeof(B) == 64 && has_segments<decltype(Pass::f)>) {
        // The output that is the input comes last.
        if (pass.is_first_in_place()) {
            n = inside_loop<B, W, When>(pass.slopes(), apart, n, base, i, end);
            inside_loop<B, W, aside::before>(pass.values(), apart, n, base, i, end);
        } else {
            n = inside_loop<B, W, When>(pass.values(), apart, n, base, i, end);
            inside_loop<B, W, aside::before>(pass.slopes(), apart, n, base, i, end);
        }
        return n;
    } else {
        return inside_loop<B, W, When>(pass, apart, n, base, i, end);
    }
}

// Stores to arrays larger than caches read what they overwrite. Stores around the caches don't,
// but lanes that are put back later need the results at hand. So a stretch's results go to memory
// that stays cached, and on to the array while the loop computes the next stretch's. Kernels of
// less than 512 bits, and those with a division, take so long that they wait for little of it.

/// Arrays of so many bytes are streamed: caches seldom keep two of that size.
inline constexpr std::size_t streamed_bytes = std::size_t(32) << 20;

template <class B, class Kernel>
inline constexpr bool can_stream = ops::has_streams<B>&& has_segments<Kernel>;

/// How many of n results, less than B has, to leave out so that the others may be streamed.
template <class B, class Kernel>
GELU_ALWAYS_INLINE std::size_t before_streams(const ops::value_t<B>* out, std::size_t n) noexcept {
    constexpr std::size_t size = sizeof(*out);
    const auto offset = reinterpret_cast<std::uintptr_t>(out) % sizeof(B);
    if (!can_stream<B, Kernel> || n < streamed_bytes / size + B::size || offset % size != 0)
        return 0;
    return (sizeof(B) - offset) % sizeof(B) / size;
}

/// A pass that on its way streams the results of the stretch before, one array of them behind
/// another.
template <class B, class W, class Pass>
struct streaming : Pass {
    const ops::value_t<B>* ready;
    ops::value_t<B>* to[Pass::outputs];

    GELU_ALWAYS_INLINE void stream(std::size_t begin, std::size_t end) const noexcept {
        for (std::size_t i = begin; i < end; i += B::size)
            for (std::size_t o = 0; o < Pass::outputs; ++o)
                ops::stream<B>(to[o] + i, ready + o * stretch<B> + i);
    }
    GELU_ALWAYS_INLINE void ask(std::size_t i, distance d) const noexcept {
        Pass::ask_inputs(i, d);
        stream(i, i + W::size);
    }
    GELU_ALWAYS_INLINE auto values() const noexcept { return of_output<0>(Pass::values()); }
    GELU_ALWAYS_INLINE auto slopes() const noexcept { return of_output<1>(Pass::slopes()); }

private:
    template <std::size_t Output, class Part>
    GELU_ALWAYS_INLINE streaming<B, W, Part> of_output(const Part& part) const noexcept {
        return {part, ready + Output * stretch<B>, {to[Output]}};
    }
};

/// A pass over whole stretches whose results are streamed; how many elements they have.
template <class B, class W, class Pass>
GELU_NOINLINE std::size_t streamed_loop(const Pass pass) noexcept {
    alignas(B) ops::value_t<B> results[2][Pass::outputs * stretch<B>];
    set_aside<B, Pass::columns> apart;
    std::size_t i = 0;
    int k = 0;
    const auto streaming_before = [&](const Pass& part) {
        streaming<B, W, Pass> both{part, results[k ^ 1], {}};
        for (std::size_t o = 0; o < Pass::outputs; ++o)
            both.to[o] = pass.output(o) + (i - stretch<B>);
        return both;
    };
    for (; pass.size - i >= stretch<B>; i += stretch<B>, k ^= 1) {
        const Pass part = pass.from(i, results[k]);
        std::size_t begin = 0;
        if (part.f.any_outside(ops::load_all<B, W>(part.in))) {
            begin = outside_loop<B>(part, 0, stretch<B>);
            if (i != 0) streaming_before(part).stream(0, begin);
        }
        if (begin == stretch<B>) continue;
        const auto marked = outside_steps<B, W>(part.in + begin, stretch<B> - begin, -part.f.cut,
                                                decltype(Pass::f)::tiny);
        const auto n = set_steps_aside<B, W>(part, apart, {}, 0, begin, marked);
        if (i == 0)
            inside_loops<B, W, aside::before>(part, apart, n, 0, begin, stretch<B>);
        else
            inside_loops<B, W, aside::before>(streaming_before(part), apart, n, 0, begin,
                                              stretch<B>);
        if (n.lanes != 0) part.finish(apart, n, 0);
    }
    streaming_before(pass).stream(0, stretch<B>);
    ops::end_streams();
    return i;
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
    std::size_t i = 0;
    if constexpr (can_stream<B, Kernel>) {
        bool is_streamed = n * sizeof(ops::value_t<B>) >= streamed_bytes && !pass.is_in_place();
        for (std::size_t o = 0; o < Pass::outputs; ++o)
            is_streamed &= reinterpret_cast<std::uintptr_t>(pass.output(o)) % sizeof(B) == 0;
        if (is_streamed) i = streamed_loop<B, W>(pass);
    }
    for (std::size_t base = i; i < n;) {
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
                n_apart = inside_loops<B, W, first>(pass, apart, n_apart, base, i, end);
            } else if (when == aside::often) {
                n_apart = inside_loops<B, W, aside::often>(pass, apart, n_apart, base, i, end);
            } else {
                n_apart = set_steps_aside<B, W>(pass, apart, n_apart, base, i, marked);
                inside_loops<B, W, aside::before>(pass, apart, n_apart, base, i, end);
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

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
