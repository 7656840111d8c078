// What the kernels need to know of a form: the steep part of its exponent.
#ifndef GELU_DETAIL_GATE_HPP
#define GELU_DETAIL_GATE_HPP

#include "gelu/detail/exponential.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// unit S(t) = a b + low: the steep part of the exponent of a form, as an exact product and a
/// small rest. usual_t: up to there, in double, nothing is subnormal.
template <class Form>
struct steep;

template <>
struct steep<erf_form> {
    static constexpr int unit = 2;
    static constexpr double usual_t = 37;
    template <class B>
    static GELU_ALWAYS_INLINE void split(const B& t, B& a, B& b, B& low) noexcept {
        a = t;
        b = t;
        (void)low;
    }
};

template <>
struct steep<sigmoid_form> {
    static constexpr int unit = 1;
    static constexpr double usual_t = 401;
    template <class B>
    static GELU_ALWAYS_INLINE void split(const B& t, B& a, B& b, B& low) noexcept {
        using T = ops::value_t<B>;
        constexpr T high = T(1.702);
        a = t;
        b = B(high);
        if constexpr (1.702 != double(high)) low = ops::fma(t, B(T(1.702 - double(high))), low);
    }
};

template <>
struct steep<tanh_form> {
    static constexpr int unit = 1;
    static constexpr double usual_t = 20.75;
    template <class B>
    static GELU_ALWAYS_INLINE void split(const B& t, B& a, B& b, B& low) noexcept {
        using T = ops::value_t<B>;
        // k = 2 sqrt(2/pi) and kc in two parts; k_high so short that b - k_high below is exact
        constexpr double k = 1.5957691216057308, kc = k * 0.044715;
        constexpr bool single = sizeof(T) == 4;
        constexpr T k_high = T(single ? 1673285.0 / 1048576 : 1.595769121605727);
        constexpr T k_low = T(single ? k - double(k_high) : 3.675065195634423e-15);
        constexpr T kc_high = T(single ? kc : 0.07135481627260025);
        constexpr T kc_low = T(single ? kc - double(kc_high) : -4.1218577217431825e-18);
        const B w = t * t, w_low = ops::product_error(t, t, w);
        b = ops::fma(B(kc_high), w, B(k_high));
        const B rest = ops::fma(B(kc_low), w, B(k_low));
        const B lost = ops::fma_cancelling(B(kc_high), w, B(k_high) - b);
        a = t;
        low = ops::fma(t, ops::fma(B(kc_high), w_low, rest) + lost, low);
    }
};

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
