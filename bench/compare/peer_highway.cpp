// Highway's contributed mathematical functions, compiled for this file's instruction set. 16-bit
// types are promoted to float and demoted from it.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/detect_targets.h>
#include <hwy/highway.h>
#include <gelu/storage.hpp>

#include "peer.hpp"

#if defined(HWY_MAJOR)
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define VERSION TEXT(HWY_MAJOR) "." TEXT(HWY_MINOR) "." TEXT(HWY_PATCH)
#else
#define VERSION "?"
#endif

namespace {
using namespace compare;
namespace hn = hwy::HWY_NAMESPACE;

// Highway's vectors have no operators under every compiler, so the formulas are spelled out.
template <class T>
struct lib {
    using C = std::conditional_t<sizeof(T) == 2, float, T>;  // computed in
    using D = hn::ScalableTag<C>;
    using V = hn::Vec<D>;
    static V set(double x) { return hn::Set(D(), static_cast<C>(x)); }
    static V argument(V x) {
        using k = constants<double>;
        return hn::Mul(x,
                       hn::MulAdd(hn::Mul(x, x), set(2 * k::tanh_cubic), set(2 * k::tanh_linear)));
    }
    static V argument_slope(V x) {
        using k = constants<double>;
        return hn::MulAdd(hn::Mul(x, x), set(6 * k::tanh_cubic), set(2 * k::tanh_linear));
    }
    using narrow =
        std::conditional_t<std::is_same<T, gelu::bfloat16>::value, hwy::bfloat16_t, hwy::float16_t>;
    static V load(const T* p) {
        if constexpr (sizeof(T) == 2)
            return hn::PromoteTo(
                D(), hn::LoadU(hn::Rebind<narrow, D>(), reinterpret_cast<const narrow*>(p)));
        else
            return hn::LoadU(D(), p);
    }
    static void store(V v, T* p) {
        if constexpr (sizeof(T) == 2) {
            const hn::Rebind<narrow, D> d;
            hn::StoreU(hn::DemoteTo(d, v), d, reinterpret_cast<narrow*>(p));
        } else {
            hn::StoreU(v, D(), p);
        }
    }
    template <class F>
    static void map(const T* grad, const T* in, T* out, std::size_t n, F f) {
        const D d;
        for (std::size_t i = 0; i < n; i += hn::Lanes(d)) {
            V y = f(d, load(in + i));
            if (grad) y = hn::Mul(y, load(grad + i));
            store(y, out + i);
        }
    }
    static void tanh(const T*, const T* in, T* out, std::size_t n) {
        map(nullptr, in, out, n, [](D d, V x) {
            const V h = hn::Mul(set(0.5), x);
            return hn::MulAdd(h, hn::Tanh(d, hn::Mul(set(0.5), argument(x))), h);
        });
    }
    static void tanh_exp(const T*, const T* in, T* out, std::size_t n) {
        map(nullptr, in, out, n,
            [](D d, V x) { return hn::Div(x, hn::Add(set(1), hn::Exp(d, hn::Neg(argument(x))))); });
    }
    static void tanh_backward(const T* grad, const T* in, T* out, std::size_t n) {
        map(grad, in, out, n, [](D d, V x) {
            const V s = hn::Div(set(1), hn::Add(set(1), hn::Exp(d, hn::Neg(argument(x)))));
            return hn::Mul(s,
                           hn::MulAdd(hn::Mul(x, hn::Sub(set(1), s)), argument_slope(x), set(1)));
        });
    }
    static void sigmoid_exp(const T*, const T* in, T* out, std::size_t n) {
        map(nullptr, in, out, n, [](D d, V x) {
            return hn::Div(x,
                           hn::Add(set(1), hn::Exp(d, hn::Mul(set(-constants<double>::slope), x))));
        });
    }
    static void sigmoid_backward(const T* grad, const T* in, T* out, std::size_t n) {
        map(grad, in, out, n, [](D d, V x) {
            const V v = hn::Mul(set(constants<double>::slope), x);
            const V s = hn::Div(set(1), hn::Add(set(1), hn::Exp(d, hn::Neg(v))));
            return hn::Mul(s, hn::MulAdd(v, hn::Sub(set(1), s), set(1)));
        });
    }
};

#define EVERY(method, id, v, f)                                        \
    make_entry(method, form::id, verb::v, lib<float>::f),              \
        make_entry(method, form::id, verb::v, lib<double>::f),         \
        make_entry(method, form::id, verb::v, lib<gelu::bfloat16>::f), \
        make_entry(method, form::id, verb::v, lib<gelu::float16>::f)

const entry entries[] = {
    EVERY("Tanh", tanh, forward, tanh),
    EVERY("x/(1+Exp)", tanh, forward, tanh_exp),
    EVERY("1/(1+Exp)", tanh, backward, tanh_backward),
    EVERY("x/(1+Exp)", sigmoid, forward, sigmoid_exp),
    EVERY("1/(1+Exp)", sigmoid, backward, sigmoid_backward),
};
const peer self = {"Highway", VERSION, entries, sizeof entries / sizeof *entries};
}  // namespace

const peer* gelu_compare_peer() { return &self; }
