// double: the tanh and the sigmoid form for any constant. Both gates are logistic functions,
// C(-t) = e / (1 + e) with e = exp(-v(t)): an exponential and a division.
#ifndef GELU_DETAIL_LOGISTIC_HPP
#define GELU_DETAIL_LOGISTIC_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "gelu/detail/exponential.hpp"
#include "gelu/forms.hpp"
#include "gelu/scalar.hpp"

// The notation is that of scalar.hpp and general.hpp: d = 1 + e, w = t v', p = 2 v' + t v'',
// q = t v'^2, and
//   C(-t) = e / d    g'(-t) = e (d - w) / d^2    g''(-t) = e ((p - q) + e (p + q)) / d^3

namespace gelu {
inline namespace GELU_ABI {
namespace detail {
namespace logistic {

/// high + low, the low part small, not always within half an ulp of the high one.
template <class B>
struct parts {
    B high, low;
};

/// a + b exactly, for |a| >= |b| or a = 0
template <class B>
GELU_ALWAYS_INLINE parts<B> ordered_sum(const B& a, const B& b) noexcept {
    const B sum = a + b;
    return {sum, (a - sum) + b};
}
/// a + b exactly
template <class B>
GELU_ALWAYS_INLINE parts<B> sum(const B& a, const B& b) noexcept {
    const B sum = a + b, part = sum - a;
    return {sum, (a - (sum - part)) + (b - part)};
}
/// a b exactly
template <class B>
GELU_ALWAYS_INLINE parts<B> product(const B& a, const B& b) noexcept {
    const B p = small_product(a, b);
    return {p, ops::product_error(a, b, p)};
}
template <class B>
GELU_ALWAYS_INLINE parts<B> operator+(const parts<B>& a, const parts<B>& b) noexcept {
    const parts<B> high = sum(a.high, b.high);
    return ordered_sum(high.high, high.low + (a.low + b.low));
}
template <class B>
GELU_ALWAYS_INLINE parts<B> operator-(const parts<B>& a, const parts<B>& b) noexcept {
    const parts<B> high = sum(a.high, B(0.0) - b.high);
    return ordered_sum(high.high, high.low + (a.low - b.low));
}
template <class B>
GELU_ALWAYS_INLINE parts<B> operator*(const parts<B>& a, const parts<B>& b) noexcept {
    const parts<B> p = product(a.high, b.high);
    return {p.high, ops::fma(a.high, b.low, ops::fma(a.low, b.high, p.low))};
}
template <class B>
GELU_ALWAYS_INLINE parts<B> operator*(const parts<B>& a, const B& b) noexcept {
    const parts<B> p = product(a.high, b);
    return {p.high, ops::fma(a.low, b, p.low)};
}
/// a 2^n, given as the factor
template <class B>
GELU_ALWAYS_INLINE parts<B> shifted(const parts<B>& a, const B& power) noexcept {
    return {small_product(a.high, power), small_product(a.low, power)};
}

/// Every result has rounded to 0 before largest_v, and exp(-v) / down is normal; up to usual_v
/// nothing is subnormal, nor what exp(-v) loses.
inline constexpr double largest_v = 800, usual_v = 660;

template <class B>
GELU_ALWAYS_INLINE parts<B> zero_beside_one(const parts<B>& v) noexcept {
    const auto vanishes = ops::below(ops::magnitude(v.high), B(vanishing));
    return {ops::select(vanishes, B(0.0), v.high), ops::select(vanishes, B(0.0), v.low)};
}

/// exp(-rate u): u is n steps of ln 2 / (rate Steps), and a rest.
template <int Steps>
struct reduction {
    using Table = tables::exponential<1, double, Steps>;

    /// ln 2 / rate = high + low
    GELU_ALWAYS_INLINE reduction(double rate, double high, double low) noexcept
        : inverse(Steps / high),
          // so short that n step_high is exact
          step_high(static_cast<double>(static_cast<float>(high / Steps))),
          step_low((high / Steps - step_high) + low / Steps) {
        double factor = 1;
        for (int k = 0; k < Table::degree; ++k) p[k] = Table::p[k] * (factor *= rate);
    }

    /// n for u. In the low bits of m it is less what the table's powers, which begin at 2^64, want
    /// of 1 / down.
    template <class B>
    GELU_ALWAYS_INLINE B multiple(const B& u, B& m) const noexcept {
        const B magic(6755399441055744.0 - (up_bits<double> - 64) * Steps);
        m = ops::fma(u, B(inverse), magic);
        return m - magic;
    }

    /// 2^(-n / Steps) / down, and what rounding the table lost.
    template <class B>
    GELU_ALWAYS_INLINE B power(const B& m, B& tail) const noexcept {
        const auto i = ops::bits(m);
        B scale;
        if constexpr (in_rows<Table>) {
            auto row = ops::columns(ops::rows_at(Table::row, i), 0);
            scale = ops::from_bits(ops::bits(row.first) - ops::shift_left<Table::shift>(i));
            tail = row.second;
        } else {
            scale = ops::from_bits(ops::lookup(Table::power, i) - ops::shift_left<Table::shift>(i));
            tail = ops::lookup(Table::tail, i);
        }
        return scale;
    }
    /// exp(-rate u) / down = scale (1 + excess)
    template <class B>
    GELU_ALWAYS_INLINE void exp(const B& m, const B& r, B& scale, B& excess) const noexcept {
        B tail;
        scale = power(m, tail);
        excess = ops::fma(r, horner(r, p), tail);
    }

    double inverse, step_high, step_low;
    double p[Table::degree];
};

/// v(t) = rate u(t), and what the derivatives need of it.
template <class Form, int Steps>
struct exponent;

template <class B>
struct bends {
    parts<B> p, q;
};

template <int Steps>
struct exponent<sigmoid_form, Steps> {
    explicit GELU_ALWAYS_INLINE exponent(sigmoid_form form) noexcept
        : rate(form.slope),
          t_max(largest_v / rate),
          usual_t(usual_v / rate),
          by(rate, ln2 / rate, lost(rate)) {}

    /// u(t) - n step
    template <class B>
    GELU_ALWAYS_INLINE B reduce(const B& t, B& m) const noexcept {
        const B n = by.multiple(t, m);
        return ops::fnma(n, B(by.step_low), ops::fnma(n, B(by.step_high), t));
    }
    /// 1 - w + e = main + small
    template <class B>
    GELU_ALWAYS_INLINE void less_w(const B& e, const B& t, B& main, B& small) const noexcept {
        main = ops::fnma(B(rate), t, B(1.0));
        small = e;
    }
    template <class B>
    GELU_ALWAYS_INLINE parts<B> w(const B& t) const noexcept {
        return product(B(rate), t);
    }
    /// p / rate and q / rate
    template <class B>
    GELU_ALWAYS_INLINE bends<B> bend(const B&, const parts<B>& w) const noexcept {
        return {{B(2.0), B(0.0)}, w};
    }
    template <class B>
    GELU_ALWAYS_INLINE parts<B> times_rate(const parts<B>& a) const noexcept {
        return a * B(rate);
    }

    double rate, t_max, usual_t;
    reduction<Steps> by;

private:
    static constexpr double ln2 = 0.6931471805599453, ln2_low = 2.3190468138462996e-17;

    static GELU_ALWAYS_INLINE double lost(double rate) noexcept {
        const reference::double_double p = reference::two_product(ln2 / rate, rate);
        return (((ln2 - p.hi) - p.lo) + ln2_low) / rate;
    }
};

template <int Steps>
struct exponent<tanh_form, Steps> {
    explicit GELU_ALWAYS_INLINE exponent(tanh_form form) noexcept
        : cubic(form.cubic),
          t_max(is_default(form)
                    ? 22
                    : (std::min)(largest_v / rate, std::cbrt(largest_v / (rate * cubic)))),
          usual_t(is_default(form) ? 20.375 : usual(t_max, cubic)),
          by(rate, 0.4343655803180796, -2.0655701738821453e-17) {}

    // u(t) = t (high + low)
    template <class B>
    GELU_ALWAYS_INLINE void stretch(const B& t, B& high, B& low) const noexcept {
        const B one(1.0), c(cubic), square = t * t, lost = ops::product_error(t, t, square);
        high = ops::fma(c, square, one);
        low = ops::fma(c, lost, ops::fma_cancelling(c, square, one - high));
    }
    template <class B>
    GELU_ALWAYS_INLINE B reduce(const B& t, B& m) const noexcept {
        B high, low;
        stretch(t, high, low);
        const B n = by.multiple(t * high, m);
        const B r = ops::fma_cancelling(t, high, n * B(-by.step_high));
        return ops::fma(t, low, ops::fnma(n, B(by.step_low), r));
    }
    template <class B>
    GELU_ALWAYS_INLINE void less_w(const B& e, const B& t, B& main, B& small) const noexcept {
        // v' = rate + 3 rate (high - 1 + low), the rate so short that rate - slope is exact
        B high, low;
        stretch(t, high, low);
        const B three(3 * rate), short_rate(1.595769121605727), more = high - B(1.0);
        const B slope = ops::fma(three, more, short_rate);
        const B lost = ops::fma_cancelling(three, more, short_rate - slope);
        const B lost_too =
            ops::fma(more, B(-5.211238691983589e-16), lost + B(3.675065195634423e-15));
        const B rest = ops::fma(three, low, lost_too);
        main = ops::fnma(t, slope, B(1.0));
        small = ops::fnma(t, rest, e);
    }
    // v' / rate = 1 + 3 cubic t^2
    template <class B>
    GELU_ALWAYS_INLINE parts<B> slope(const B& t) const noexcept {
        parts<B> b;
        stretch(t, b.high, b.low);
        return b + shifted(parts<B>{b.high - B(1.0), b.low}, B(2.0));
    }
    template <class B>
    GELU_ALWAYS_INLINE parts<B> w(const B& t) const noexcept {
        return times_rate(slope(t) * t);
    }
    template <class B>
    GELU_ALWAYS_INLINE bends<B> bend(const B& t, const parts<B>& w) const noexcept {
        const parts<B> s = slope(t);
        return {shifted(s, B(4.0)) - parts<B>{B(2.0), B(0.0)}, s * w};
    }
    template <class B>
    GELU_ALWAYS_INLINE parts<B> times_rate(const parts<B>& a) const noexcept {
        return a * parts<B>{B(rate), B(rate_low)};
    }

    static constexpr double rate = 1.5957691216057308;  // 2 sqrt(2/pi), and
    static constexpr double rate_low = -9.96930880911092e-17;
    double cubic, t_max, usual_t;
    reduction<Steps> by;

private:
    static GELU_ALWAYS_INLINE bool is_default(tanh_form form) noexcept {
        return form.cubic == tanh_form{}.cubic;
    }
    /// Newton's steps from above: where v is usual_v - 20 or little more.
    static GELU_ALWAYS_INLINE double usual(double t, double cubic) noexcept {
        for (int k = 0; k < 4; ++k) {
            const double bend = cubic * t * t;
            t -= (t * (1 + bend) - (usual_v - 20) / rate) / (1 + 3 * bend);
        }
        return t;
    }
};

/// Constants for which nothing overflows, and results round to 0 before exp(-v) does. Others go
/// lane by lane.
inline bool moderate(tanh_form form) noexcept {
    return form.cubic >= 0x1p-20 && form.cubic <= 0x1p10;
}
inline bool moderate(sigmoid_form form) noexcept {
    return form.slope >= 0x1p-10 && form.slope <= 0x1p10;
}

/// Whether the root of g' is where the fast tier's error is absolute, well within (-2, 2).
constexpr bool root_is_inside(tanh_form) noexcept { return true; }
constexpr bool root_is_inside(sigmoid_form form) noexcept { return form.slope >= 1; }

/// x C(x)
template <class Form, bool Fast, int Steps>
struct value_kernel {
    template <class B>
    using step = ops::lockstep<B, 4>;

    explicit GELU_ALWAYS_INLINE value_kernel(const Form& form) noexcept : v(form) {}

    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        return run_guarded(*this, x, v.usual_t);
    }
    template <bool IsUsual, class B>
    GELU_ALWAYS_INLINE B run(const B& x) const noexcept {
        const B one(1.0), by(down<double>), magnitude = ops::magnitude(x);
        const B size = IsUsual ? magnitude : ops::at_least(magnitude, B(least_t));
        const B t = IsUsual ? size : ops::at_most(size, B(v.t_max));
        B m;
        const B r = v.reduce(t, m);
        const auto negative = ops::negative(x);
        B large, excess;
        v.by.exp(m, r, large, excess);
        // C(-t) = e / d, C(t) = 1 / d
        B result;
        if constexpr (Fast) {
            const B whole = ops::fma(large, excess, large);
            const B d = ops::fma(IsUsual || has_fma ? whole : beside_one(whole), by, one);
            result = small_product(IsUsual ? t : ops::select(negative, t, size),
                                   ops::select(negative, whole, one) / d);
        } else {
            // d = d_high + d_low, 1 / d = y (1 + rest)
            const B scale = (IsUsual ? large : beside_one(large)) * by,
                    whole = ops::fma(scale, excess, scale);
            const B d_high = one + whole;
            const B d_low = ((one - d_high) + whole) + ops::fma(scale, excess, scale - whole);
            const B y = one / d_high;
            const B rest = ops::fnma(y, d_low, ops::fma_cancelling(B(0.0) - y, d_high, one));
            const B above = ops::select(negative, large, one);
            const B c = above * y, lost = ops::product_error(above, y, c);
            const B more = ops::select(negative, excess, B(0.0)) + rest;
            result = ops::fma(IsUsual ? t : ops::select(negative, t, size), c,
                              small_product(t, ops::fma(c, more, lost)));
        }
        if constexpr (IsUsual)
            return ops::with_sign_of(small_product(result, ops::select(negative, by, one)), x);
        result = ops::with_sign_of(ops::select(negative, counted_down(result), result), x);
        return ops::select(ops::below(magnitude, B(least_t)), ops::half_of(x), result);
    }

    exponent<Form, Steps> v;
};

/// g'(x) within the bound of the fast tier.
template <class Form, int Steps>
struct fast_slope_kernel {
    template <class B>
    using step = ops::lockstep<B, 4>;

    explicit GELU_ALWAYS_INLINE fast_slope_kernel(const Form& form) noexcept : v(form) {}

    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        return run_guarded(*this, x, v.usual_t);
    }
    template <bool IsUsual, class B>
    GELU_ALWAYS_INLINE B run(const B& x) const noexcept {
        const B one(1.0), size = ops::magnitude(x);
        const B t = IsUsual ? size : ops::at_least(ops::at_most(size, B(v.t_max)), B(least_t));
        B m;
        const B r = v.reduce(t, m);
        B scale, excess;
        v.by.exp(m, r, scale, excess);
        const B small = (IsUsual ? scale : beside_one(scale)) * B(down<double>);
        const B e = ops::fma(small, excess, small);
        const B square = ops::fma(e, B(2.0) + e, one);  // d^2
        // e (d - w) with one rounding
        B main, rest;
        v.less_w(e, t, main, rest);
        const B factor = main + rest, p = scale * factor;
        rest = ops::fma(scale, (main - factor) + rest, ops::product_error(scale, factor, p));
        const B numerator = p + ops::fma(p, excess, rest);
        const B lower = numerator / square;
        return one_less<IsUsual>(x, lower);
    }

    exponent<Form, Steps> v;
};

/// g'(x) (Order 1) or g''(x) in sums of two parts.
template <int Order, class Form, int Steps>
struct slope_kernel {
    template <class B>
    using step = B;

    explicit GELU_ALWAYS_INLINE slope_kernel(const Form& form) noexcept : v(form) {}

    template <class W>
    GELU_ALWAYS_INLINE W operator()(const W& x) const noexcept {
        return ops::each([&](const auto& one) { return on_one(one); }, x);
    }

private:
    template <class B>
    GELU_ALWAYS_INLINE B on_one(const B& x) const noexcept {
        const B one(1.0);
        const B t = ops::at_least(ops::at_most(ops::magnitude(x), B(v.t_max)), B(least_t));
        B m, scale, excess;
        const B r = v.reduce(t, m);
        v.by.exp(m, r, scale, excess);
        const B whole = ops::fma(scale, excess, scale);
        const parts<B> large{whole, ops::fma(scale, excess, scale - whole)};
        const parts<B> e = shifted(zero_beside_one(large), B(down<double>));
        parts<B> d = ordered_sum(one, e.high);
        d.low = d.low + e.low;
        const B y = one / d.high;
        const B rest = ops::fnma(y, d.low, ops::fma_cancelling(B(0.0) - y, d.high, one));
        const parts<B> s{y, small_product(y, rest)}, w = v.w(t);

        parts<B> factor;
        if constexpr (Order == 1) {
            factor = d - w;
        } else {
            const auto bend = v.bend(t, w);
            factor = (bend.p - bend.q) + e * (bend.p + bend.q);
        }
        if constexpr (std::is_same_v<Form, sigmoid_form>) factor = next_to_root(w, factor);
        parts<B> lower = (large * s) * s * factor;
        if constexpr (Order == 2) {
            lower = v.times_rate(lower * s);
            return scaled_down(lower.high + lower.low);
        } else {
            // x > 0: 1 - g'(-t)
            const parts<B> small = shifted(zero_beside_one(lower), B(down<double>));
            const parts<B> above = ordered_sum(one, B(0.0) - small.high);
            return ops::select(ops::negative(x), scaled_down(lower.high + lower.low),
                               above.high + (above.low - small.low));
        }
    }

    /// The factor, relatively right where its terms cancel too. For the sigmoid form that is where
    /// v = w is fixed, whatever the slope.
    template <class B>
    GELU_ALWAYS_INLINE parts<B> next_to_root(const parts<B>& w,
                                             const parts<B>& factor) const noexcept {
        using Table = tables::logistic_factor<Order>;
        parts<B> delta = sum(B(Table::a) - w.high, B(Table::b));
        delta = ordered_sum(delta.high, delta.low + (B(Table::c) - w.low));
        // Not a plain product: the compiler would contract it with the additions.
        parts<B> slope = ordered_sum(B(Table::start_high),
                                     small_product(delta.high, horner(delta.high, Table::p)));
        slope.low = slope.low + B(Table::start_low);
        const parts<B> near = delta * slope;
        const auto is_near = ops::below(ops::magnitude(delta.high), B(Table::radius));
        return {ops::select(is_near, near.high, factor.high),
                ops::select(is_near, near.low, factor.low)};
    }

    exponent<Form, Steps> v;
};

template <class B, class Form>
inline constexpr bool serves =
    std::is_same_v<ops::value_t<B>, double> && !std::is_same_v<plain_form<Form>, erf_form>;

/// Calls f with the kernel for the form, and says whether there is one. With the default constants
/// the tables are faster for derivatives.
template <int Order, class B, class Form, class F>
GELU_ALWAYS_INLINE bool with_kernel(const Form& form, F&& f) {
    using Plain = plain_form<Form>;
    constexpr bool is_fast = tier<Form>::is_fast;
    constexpr int steps = sizeof(B) == 64 ? 8 : 128;  // in one register, or in memory
    const Plain plain = to_plain(form);
    if (!moderate(plain)) return false;
    if constexpr (Order == 0) {
        f(value_kernel<Plain, is_fast, steps>(plain));
    } else {
        if constexpr (Order == 1 && is_fast) {
            if (root_is_inside(plain)) {
                f(fast_slope_kernel<Plain, steps>(plain));
                return true;
            }
        }
        if (plain == Plain{}) return false;
        f(slope_kernel<Order, Plain, steps>(plain));
    }
    return true;
}

}  // namespace logistic
}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
