// A form's value and slopes on one batch.
#ifndef GELU_DETAIL_KERNEL_HPP
#define GELU_DETAIL_KERNEL_HPP

#include <cerrno>

#include "gelu/detail/gate.hpp"
#include "gelu/detail/general.hpp"
#include "gelu/scalar.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// V(t) / R(t) 2^64 of order Order: C(-t), or g' and g'' at -t without their root.
template <int Order, class Form, int Width, int Steps, class B>
GELU_ALWAYS_INLINE scaled<B> decay(const B& t) noexcept {
    using T = ops::value_t<B>;
    using Table = tables::exponent<Order, Form, T, Width>;
    const B ti = Table::i_max < Table::t_max ? ops::at_most(t, B(Table::i_max)) : t;
    const auto i =
        ops::shift_right<Table::shift>(ops::bits(ops::fma(ti, B(Table::scale), B(Table::offset))));
    const B d = ti - ops::lookup(Table::centre, i);
    B q = ops::lookup(Table::q[Table::degree - 1], i);
    for (int k = Table::degree - 1; k-- > 0;) q = ops::fma(q, d, ops::lookup(Table::q[k], i));
    B low = ops::fma(q, d, ops::lookup(Table::tail, i));
    B a, b;
    steep<Form>::split(t, a, b, low);
    return exponential<tables::exponential<steep<Form>::unit, T, Steps>>(
        a, b, ops::lookup(Table::head, i), low);
}

/// high + low = root - t
template <class Root, class B>
GELU_ALWAYS_INLINE void from_root(const B& t, B& high, B& low) noexcept {
    const B s = B(Root::a) - t;
    high = s + B(Root::b);
    low = ((B(Root::a) - s) - t) + (((s - high) + B(Root::b)) + B(Root::c));
}

template <int Order, class Form>
struct exponent_kernel;

template <class Form>
struct exponent_kernel<0, Form> {
    template <int Width, int Steps, class B>
    static GELU_ALWAYS_INLINE B run(const B& x) noexcept {
        using T = ops::value_t<B>;
        const B up = B(T(1)), down(T(5.421010862427522e-20));  // 2^-64
        const B size = ops::magnitude(x);
        const B t = ops::at_most(size, B(tables::exponent<0, Form, T, Width>::t_max));
        const auto e = decay<0, Form, Width, Steps>(t);
        const auto negative = ops::negative(x);
        const B part = e.scale * e.excess;
        // x > 0: the gate is 1 - C(-x), in two parts
        const B gate = ops::fnma(e.scale, down, up);
        const B lost = ops::fnma(e.scale, down, up - gate);
        const B main = ops::select(negative, e.scale, gate);
        const B rest = ops::select(negative, part, ops::fnma(part, down, lost));
        const B m = ops::select(negative, t, size);
        const B r = ops::fma(m, main, t * rest);
        return ops::with_sign_of(ops::select(negative, r * down, r), x);
    }
};

template <class Form>
struct exponent_kernel<1, Form> {
    template <int Width, int Steps, class B>
    static GELU_ALWAYS_INLINE B run(const B& x) noexcept {
        using T = ops::value_t<B>;
        const B one = B(T(1)), down(T(5.421010862427522e-20));
        const B t = ops::at_most(ops::magnitude(x), B(tables::exponent<1, Form, T, Width>::t_max));
        const auto e = decay<1, Form, Width, Steps>(t);
        B high, low;
        from_root<tables::root<1, Form, T>>(t, high, low);
        const B p = high * e.scale, p_low = low * e.scale;
        const B part = ops::fma(ops::fma(high, e.scale, p_low), e.excess, p_low);
        const B below = ops::fma(high, e.scale, part) * down;
        // x > 0: 1 - V, in two parts
        const B above = ops::fnma(p, down, one);
        const B lost = ops::fnma(p, down, one - above);
        const B rest = ops::fnma(part + ops::fms(high, e.scale, p), down, lost);
        return ops::select(ops::negative(x), below, above + rest);
    }
};

template <class Form>
struct exponent_kernel<2, Form> {
    template <int Width, int Steps, class B>
    static GELU_ALWAYS_INLINE B run(const B& x) noexcept {
        using T = ops::value_t<B>;
        const B t = ops::at_most(ops::magnitude(x), B(tables::exponent<2, Form, T, Width>::t_max));
        const auto e = decay<2, Form, Width, Steps>(t);
        B high, low;
        from_root<tables::root<2, Form, T>>(t, high, low);
        const B p_low = low * e.scale;
        const B part = ops::fma(ops::fma(high, e.scale, p_low), e.excess, p_low);
        return ops::fma(high, e.scale, part) * B(T(5.421010862427522e-20));
    }
};

/// The tables' kernel, for the forms' default constants.
template <int Order, class Form>
struct table_kernel {
    /// As many batches as the registers hold without spilling much.
    template <class B>
    using step = ops::lockstep<B, sizeof(B) == 64 ? 4 : 2>;

    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        constexpr int width = ops::table_width<ops::single_t<B>>;
        return exponent_kernel<Order, plain_form<Form>>::template run<width, width>(x);
    }
};

/// Any constants, any instruction set: the scalar verb in each lane.
template <int Order, class Form>
struct lane_kernel {
    template <class B>
    using step = B;

    Form form;

    template <class W>
    GELU_ALWAYS_INLINE W operator()(const W& several) const noexcept {
        using B = ops::single_t<W>;
        using T = ops::value_t<B>;
        return ops::each(
            [&](const B& x) {
                alignas(B) T lanes[B::size];
                x.store_aligned(lanes);
                const int before = errno;  // which the scalar verbs may set
                for (T& lane : lanes) lane = scalar<Order>(lane, form);
                errno = before;
                return B::load_aligned(lanes);
            },
            several);
    }
};

/// Calls f with the kernel that fits the form's constants: chosen once per call, not per element.
template <int Order, class B, class Form, class F>
GELU_ALWAYS_INLINE void with_kernel(const Form& form, F&& f) {
    if constexpr (ops::table_width<B> != 0) {
        if (to_plain(form) == plain_form<Form>{}) return f(table_kernel<Order, Form>{});
    }
    if constexpr (sizeof(ops::value_t<B>) == 4 && ops::has_double_lanes<B>)
        f(general_kernel<Order, Form>(form));
    else
        f(lane_kernel<Order, Form>{form});
}

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
