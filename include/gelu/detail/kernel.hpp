// A form's value and slopes on one batch.
#ifndef GELU_DETAIL_KERNEL_HPP
#define GELU_DETAIL_KERNEL_HPP

#include <cerrno>

#include "gelu/detail/gate.hpp"
#include "gelu/detail/general.hpp"
#include "gelu/detail/logistic.hpp"
#include "gelu/detail/mills.hpp"
#include "gelu/detail/ratio.hpp"
#include "gelu/detail/window.hpp"
#include "gelu/scalar.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// The logistic forms' segments in double are so wide that every rounding of the linear term shows.
template <class Form, class T>
inline constexpr bool splits_slope = has_fma && sizeof(T) == 8 && steep<Form>::unit == 1;

/// V(t) / R(t) / down of order Order: C(-t), or g' and g'' at -t without their root.
template <int Order, class Form, int Width, int Steps, class B>
GELU_ALWAYS_INLINE scaled<B> decay(const B& t) noexcept {
    using T = ops::value_t<B>;
    using Table = tables::exponent<Order, Form, T, Width>;
    const B ti = Table::i_max < Table::t_max ? ops::at_most(t, B(Table::i_max)) : t;
    const auto i =
        ops::shift_right<Table::shift>(ops::bits(ops::fma(ti, B(Table::scale), B(Table::offset))));
    B d, q, low, head, a, b;
    if constexpr (in_rows<Table>) {
        const auto rows = ops::rows_at(Table::row, i);
        auto begin = ops::columns(rows, 0);
        d = ti - begin.first;
        q = begin.second;
        for (int k = 2; k < Table::degree + 1; k += 2) {
            auto two = ops::columns(rows, std::size_t(k));
            q = ops::fma(ops::fma(q, d, two.first), d, two.second);
        }
        auto end = ops::columns(rows, std::size_t(Table::degree + 1));
        low = end.first;
        head = end.second;
    } else {
        d = ti - ops::lookup(Table::centre, i);
        q = ops::lookup(Table::q[Table::degree - 1], i);
        for (int k = Table::degree - 1; k-- > 1;) q = ops::fma(q, d, ops::lookup(Table::q[k], i));
        low = ops::lookup(Table::tail, i);
        // Segments are wide, and rounding q[0] + d (...) would show.
        if constexpr (splits_slope<Form, T>) {
            const B lead = ops::lookup(Table::q[0], i);
            const B slope = ops::fma(q, d, lead);
            low = ops::fma(ops::fma(q, d, lead - slope), d, low);
            q = slope;
        } else {  // in this order: registers are few
            low = ops::fma(q * d, d, low);
            q = ops::lookup(Table::q[0], i);
        }
        head = ops::lookup(Table::head, i);
    }
    if constexpr (sizeof(T) == 4) low = ops::fma(q, d, low);
    steep<Form>::split(t, a, b, low);
    using Exponential = tables::exponential<steep<Form>::unit, T, Steps>;
    if constexpr (sizeof(T) == 4) {
        return exponential<Exponential>(a, b, head, low);
    } else if constexpr (splits_slope<Form, T>) {
        const B p = small_product(q, d);
        return exponential<Exponential>(a, b, head, p, low + ops::fms(q, d, p));
    } else {
        return exponential<Exponential>(a, b, head, ops::fma(q, d, low));
    }
}

template <class Table, class = void>
inline constexpr bool has_far = false;
template <class Table>
inline constexpr bool has_far<Table, std::void_t<decltype(Table::z_far)>> = true;

/// Moves the root for the lanes whose linear factor has another one in the far tail.
template <class Table, class B>
GELU_ALWAYS_INLINE void move_root(const B& t, B& low) noexcept {
    if constexpr (has_far<Table>) {
        const B ti = ops::at_most(t, B(Table::i_max));
        const B z = ops::fma(ti, B(Table::scale), B(Table::offset));
        low = low + ops::select(ops::below(z, B(Table::z_far)), B(0.0), B(Table::root_shift));
    }
}

/// Usual: double, none of whose lanes is close to what is subnormal.
template <int Order, class Form>
struct exponent_kernel;

/// |x| as far as the tables reach.
template <bool IsUsual, class B>
GELU_ALWAYS_INLINE B in_table(const B& size, ops::value_t<B> t_max) noexcept {
    return IsUsual ? size : ops::at_most(size, B(t_max));
}
/// |x|, in double no less than least_t.
template <bool IsUsual, class B>
GELU_ALWAYS_INLINE B size_of(const B& x) noexcept {
    using T = ops::value_t<B>;
    const B size = ops::magnitude(x);
    return IsUsual || sizeof(T) == 4 ? size : ops::at_least(size, B(static_cast<T>(least_t)));
}
/// V(t) / down for x > 0, where it is subtracted from 1.
template <bool IsUsual, class B>
GELU_ALWAYS_INLINE B subtrahend(const B& v) noexcept {
    if constexpr (IsUsual || sizeof(ops::value_t<B>) == 4)
        return v;
    else
        return beside_one(v);
}
/// The same of a part that a multiply-add takes, or without those a product.
template <bool IsUsual, class B>
GELU_ALWAYS_INLINE B subtrahend_part(const B& v) noexcept {
    if constexpr (IsUsual || has_fma || sizeof(ops::value_t<B>) == 4)
        return v;
    else
        return zero_beside_one(v);
}
template <bool IsUsual, class B>
GELU_ALWAYS_INLINE B result_of(const B& v) noexcept {
    if constexpr (IsUsual)
        return v * B(down<ops::value_t<B>>);
    else
        return scaled_down(v);
}

template <class Form>
struct exponent_kernel<0, Form> {
    template <int Width, int Steps, bool IsUsual, class B>
    static GELU_ALWAYS_INLINE B run(const B& x) noexcept {
        using T = ops::value_t<B>;
        const B one(T(1)), by(down<T>), size = size_of<IsUsual>(x);
        const B t = in_table<IsUsual>(size, tables::exponent<0, Form, T, Width>::t_max);
        const auto e = decay<0, Form, Width, Steps>(t);
        const auto negative = ops::negative(x);
        const B part = small_product(e.scale, e.excess);
        // x > 0: the gate is 1 - C(-x), in two parts
        const B scale = subtrahend<IsUsual>(e.scale);
        const B gate = ops::fnma(scale, by, one);
        const B lost = ops::fnma(scale, by, one - gate);
        const B main = ops::select(negative, e.scale, gate);
        const B above = ops::fnma(subtrahend_part<IsUsual>(part), by, lost);
        const B rest = ops::select(negative, part, above);
        const B m = IsUsual ? t : ops::select(negative, t, size);
        B r = ops::fma(m, main, small_product(t, rest));
        r = ops::with_sign_of(ops::select(negative, result_of<IsUsual>(r), r), x);
        if constexpr (!IsUsual && sizeof(T) == 8)
            r = ops::select(ops::below(ops::magnitude(x), B(least_t)), ops::half_of(x), r);
        return r;
    }
};

template <class Form>
struct exponent_kernel<1, Form> {
    template <int Width, int Steps, bool IsUsual, class B>
    static GELU_ALWAYS_INLINE B run(const B& x) noexcept {
        using T = ops::value_t<B>;
        using Table = tables::exponent<1, Form, T, Width>;
        const B one(T(1)), by(down<T>), t = in_table<IsUsual>(size_of<IsUsual>(x), Table::t_max);
        const auto e = decay<1, Form, Width, Steps>(t);
        B high, low;
        from_root<tables::root<1, Form, T>>(t, high, low);
        move_root<Table>(t, low);
        const B p_low = small_product(low, e.scale);
        const B part = ops::fma(ops::fma(high, e.scale, p_low), e.excess, p_low);
        const B below = result_of<IsUsual>(ops::fma(high, e.scale, part));
        // x > 0: 1 - V, in two parts
        const B scale = subtrahend<IsUsual>(e.scale), p = high * scale;
        const B above = ops::fnma(p, by, one);
        const B lost = ops::fnma(p, by, one - above);
        const B more = part + ops::fms(high, scale, p);
        const B rest = ops::fnma(subtrahend_part<IsUsual>(more), by, lost);
        B r = ops::select(ops::negative(x), below, above + rest);
        // g'(0) = 1/2 exactly, which rounding each product misses by one ULP.
        if constexpr (!has_fma) {
            const B size = ops::magnitude(x), least(sizeof(T) == 4 ? T(0) : T(least_t));
            r = ops::select(ops::below(least, size), r, B(T(0.5)) + size);
        }
        return r;
    }
};

template <class Form>
struct exponent_kernel<2, Form> {
    template <int Width, int Steps, bool IsUsual, class B>
    static GELU_ALWAYS_INLINE B run(const B& x) noexcept {
        using T = ops::value_t<B>;
        using Table = tables::exponent<2, Form, T, Width>;
        const B t = in_table<IsUsual>(size_of<IsUsual>(x), Table::t_max);
        const auto e = decay<2, Form, Width, Steps>(t);
        B high, low;
        from_root<tables::root<2, Form, T>>(t, high, low);
        move_root<Table>(t, low);
        const B p_low = small_product(low, e.scale);
        const B part = ops::fma(ops::fma(high, e.scale, p_low), e.excess, p_low);
        return result_of<IsUsual>(ops::fma(high, e.scale, part));
    }
};

/// The tables' kernel, for the forms' default constants.
template <int Order, class Form>
struct table_kernel {
    /// Four in lockstep beat two and one on AVX-512 and AVX2, spilled registers included.
    template <class B>
    using step = ops::lockstep<B, 4>;

    template <bool IsUsual, class B>
    GELU_ALWAYS_INLINE B run(const B& x) const noexcept {
        constexpr int width = ops::table_width<ops::single_t<B>>;
        return exponent_kernel<Order, plain_form<Form>>::template run<width, width, IsUsual>(x);
    }
    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        if constexpr (sizeof(ops::value_t<B>) == 4)
            return run<false>(x);
        else
            return run_guarded(*this, x, steep<plain_form<Form>>::usual_t);
    }
};

/// Where neither tables nor double lanes serve: the scalar verb in each lane.
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
    if constexpr (has_mills<Order, B, Form>) return f(mills_kernel<Order>{});
    if constexpr (logistic::serves<B, Form>)
        if (logistic::with_kernel<Order, B>(form, f)) return;
    using Plain = plain_form<Form>;
    constexpr bool is_fast = tier<Form>::is_fast, is_wide = ops::table_width<B> == 16;
    constexpr bool is_erf = std::is_same_v<Plain, erf_form>;
    constexpr bool is_tanh = std::is_same_v<Plain, tanh_form>;
    constexpr bool splits = Order < 2 && ops::packs<B>() && ops::table_width<B> != 0;
    constexpr bool is_sigmoid = !is_erf && !is_tanh;
    constexpr bool without_lookups = is_fast && sizeof(ops::value_t<B>) == 4 &&
                                     ops::table_width<B> == 0 && ops::has_double_lanes<B>;
    constexpr bool has_fast_ratio = without_lookups && is_erf && Order < 2;
    constexpr bool has_sigmoid = without_lookups && is_sigmoid && Order == 0;
    constexpr int segments = is_wide ? 32 : is_fast ? 8 : 16;
    // What is missing here takes less time as a quotient, or has too few segments.
    constexpr bool has_ratio = splits && is_erf && !is_wide;
    constexpr bool has_window = splits && (is_fast ? is_wide && is_sigmoid && Order == 0
                                                   : is_wide || (!is_erf && Order == 1));
    constexpr bool has_fast_window =
        splits && is_fast && (is_tanh || (is_wide && (is_erf || Order == 1)));
    constexpr bool has_quotient = splits && !is_erf && (is_fast || Order == 0);
    constexpr bool has_split = has_ratio || has_window || has_fast_window || has_quotient;
    constexpr bool has_value_of_its_own = Order == 0 && logistic::serves<B, Form>;
    constexpr bool has_table = ops::table_width<B> != 0 && !has_split && !has_value_of_its_own;
    const Plain plain = to_plain(form);
    if constexpr (has_ratio) return f(ratio_kernel<Order, is_fast>{});
    if constexpr (has_fast_ratio) return f(fast_ratio_kernel<Order>{});
    if constexpr (has_sigmoid)
        if (logistic::moderate(plain)) return f(sigmoid_kernel(plain));
    if constexpr (has_window)
        if (plain == Plain{}) return f(window_kernel<Order, Plain, segments>{});
    if constexpr (has_fast_window)
        if (plain == Plain{}) return f(fast_window_kernel<Order, Plain, segments>{});
    if constexpr (has_quotient && is_fast)
        if (quotient::serves(plain)) return f(quotient_kernel<Order, Plain>(plain));
    if constexpr (has_quotient && !is_fast)
        if (logistic::moderate(plain))
            return f(compensated_quotient_kernel<Plain, ops::table_width<B>>(plain));
    if constexpr (has_table)
        if (plain == Plain{}) return f(table_kernel<Order, Form>{});
    if constexpr (sizeof(ops::value_t<B>) == 4 && ops::has_double_lanes<B>)
        f(general_kernel<Order, Form>(form));
    else
        f(lane_kernel<Order, Form>{form});
}

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
