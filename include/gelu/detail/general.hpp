// float with any constants on any instruction set: computed in double lanes by the plain formulas,
// and rounded once. Nothing is compensated, and where FMA is missing nothing is lost.
#ifndef GELU_DETAIL_GENERAL_HPP
#define GELU_DETAIL_GENERAL_HPP

#include "gelu/detail/exponential.hpp"
#include "gelu/detail/ops_widen.hpp"
#include "gelu/detail/tables_general.hpp"
#include "gelu/forms.hpp"

// The notation is that of scalar.hpp: t = |x|, and on the lower side, of -t,
//   exact form                C = e K(t)    g' = e (t1 - t) K1(t)    g'' = (2 - t^2) phi(t)
//   logistic, e = exp(-v(t))  C = e / d     g' = e (d - w) / d^2     g'' = e (p d - q (1 - e)) /
//   d^3
// where e = exp(-t^2/2) and t1 the root in the first line; d = 1 + e, w = t v', p = 2 v' + t v'',
// q = t v'^2 in the second. v is bounded where e has long rounded to 0 in float, so that no factor
// overflows that e multiplies.

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// exp(-y) for y in [0, 700], exactly 1 for tiny y.
template <int Degree, class D>
GELU_ALWAYS_INLINE D exp_of_minus(const D& y) noexcept {
    // The low bits of m are 1023 + n, n <= 0: shifted, 2^n.
    const D magic(6755399441055744.0 + 1023);
    const D m = ops::fma(y, D(-1.4426950408889634), magic);
    const D r = ops::fma(m - magic, D(0.6931471805599453), y);
    const D scale = ops::from_bits(ops::shift_left<52>(ops::bits(m)));
    return ops::fma(r * scale, horner(r, tables::exponential_in_double<Degree>::p), scale);
}

/// x C(x) (Order 0), g'(x) or g''(x) on double lanes.
template <int Order, class Form>
struct in_double_lanes;

template <int Order>
struct in_double_lanes<Order, erf_form> {
    explicit GELU_ALWAYS_INLINE in_double_lanes(erf_form) noexcept {}

    template <class D>
    GELU_ALWAYS_INLINE D operator()(const D& x) const noexcept {
        if constexpr (Order == 2) {
            const D t = ops::at_most(ops::magnitude(x), D(15.0));
            const D square = t * t;  // exactly
            const D e = exp_of_minus<7>(square * D(0.5));
            return (D(2.0) - square) * (e * D(0.3989422804014327));
        } else {
            using Mills = tables::mills_in_double<Order>;
            const D limit(static_cast<double>(Mills::t_max));
            const D t = ops::at_most(ops::magnitude(x), limit);
            const D e = exp_of_minus<7>(t * (t * D(0.5)));
            const D p = horner(t, Mills::p), q = horner(t, Mills::q);
            const auto negative = ops::negative(x);
            if constexpr (Order == 0) {
                const D c = e * p / q;
                const D gate = ops::select(negative, c, D(1.0) - c);
                return ops::at_least(x, D(-static_cast<double>(Mills::t_max))) * gate;
            } else {
                const D lower = (D(Mills::root) - t) * e * p / q;
                return ops::select(negative, lower, D(1.0) - lower);
            }
        }
    }
};

template <class D>
GELU_ALWAYS_INLINE D at_most_700(const D& v) noexcept {
    return ops::at_most(v, D(700.0));
}

/// x sigma(v) for x > 0, x sigma(-v) for x < 0
template <class D>
GELU_ALWAYS_INLINE D times_sigma(const D& x, const D& v) noexcept {
    const D e = exp_of_minus<7>(v), finite = ops::at_least(x, D(-3.4028234663852886e38));
    return finite * ops::select(ops::negative(x), e, D(1.0)) / (D(1.0) + e);
}
/// g' of a logistic form
template <class D>
GELU_ALWAYS_INLINE D slope_of(const D& x, const D& e, const D& d, const D& w) noexcept {
    const D lower = e * (d - w) / (d * d);
    return ops::select(ops::negative(x), lower, D(1.0) - lower);
}

template <int Order>
struct in_double_lanes<Order, sigmoid_form> {
    // Larger ones give the same results, or infinities on the way.
    explicit GELU_ALWAYS_INLINE in_double_lanes(sigmoid_form form) noexcept
        : slope(form.slope < 1e150 ? form.slope : 1e150) {}

    template <class D>
    GELU_ALWAYS_INLINE D operator()(const D& x) const noexcept {
        const D v = at_most_700(ops::magnitude(x) * D(slope));
        if constexpr (Order == 0) {
            return times_sigma(x, v);
        } else {
            const D e = exp_of_minus<11>(v), d = D(1.0) + e;
            if constexpr (Order == 1) return slope_of(x, e, d, v);
            // w = v, p = 2 slope, q = slope v
            const D bracket = ops::fma(D(2.0), d, v * (e - D(1.0)));
            return D(slope) * e * bracket / (d * d * d);
        }
    }

    double slope;
};

template <int Order>
struct in_double_lanes<Order, tanh_form> {
    explicit GELU_ALWAYS_INLINE in_double_lanes(tanh_form form) noexcept : cubic(form.cubic) {}

    template <class D>
    GELU_ALWAYS_INLINE D operator()(const D& x) const noexcept {
        const double k = 1.5957691216057308;  // 2 sqrt(2/pi)
        const D t = ops::magnitude(x), kt = t * D(k);
        const D c = Order == 2 ? ops::at_most(t * t * D(cubic), D(1e90)) : t * t * D(cubic);
        const D v = at_most_700(ops::fma(kt, c, kt));
        if constexpr (Order == 0) {
            return times_sigma(x, v);
        } else {
            const D e = exp_of_minus<11>(v), d = D(1.0) + e;
            const D w = ops::at_most(ops::fma(kt * D(3.0), c, kt), D(1e90));
            if constexpr (Order == 1) return slope_of(x, e, d, w);
            // p = k (2 + 12 c), q = k w (1 + 3 c)
            const D p = ops::fma(c, D(12.0), D(2.0)), q = w * ops::fma(c, D(3.0), D(1.0));
            const D bracket = ops::fma(p, d, q * (e - D(1.0)));
            return D(k) * e * bracket / (d * d * d);
        }
    }

    double cubic;
};

/// The kernel that needs neither tables nor FMA.
template <int Order, class Form>
struct general_kernel {
    template <class B>
    using step = ops::lockstep<B, 2>;

    explicit GELU_ALWAYS_INLINE general_kernel(const Form& form) noexcept : f(to_plain(form)) {}

    template <class W>
    GELU_ALWAYS_INLINE W operator()(const W& x) const noexcept {
        return ops::narrow<W>(f(ops::widen(x)));
    }

    in_double_lanes<Order, plain_form<Form>> f;
};

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
