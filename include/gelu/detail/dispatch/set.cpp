// The verbs on arrays for one instruction set, behind a table of functions. Compiled once for each
// set with the set's flags; GELU_DISPATCH_SET names it. Whatever the linker could give to another
// file carries the set in its name, or is internal; nothing here runs before the set is chosen.
#include <gelu/dispatch.h>
#include <gelu/gelu.hpp>

#include "table.hpp"

// Flags for the whole build, -march=native say, that leave no set older than they are.
#if defined(GELU_DISPATCH_SET_sse2) && defined(__SSE3__) ||  \
    defined(GELU_DISPATCH_SET_sse4_2) && defined(__AVX__) || \
    defined(GELU_DISPATCH_SET_avx2) && defined(__AVX512F__)
#error \
    "gelu::dispatch: the compiler's flags ask for more than the instruction set that this file is compiled for; leave -mavx2 and its like out of CMAKE_CXX_FLAGS"
#endif
#if defined(GELU_DISPATCH_SET_sse4_2) && !defined(__SSE4_2__) ||                   \
    defined(GELU_DISPATCH_SET_avx2) && !(defined(__AVX2__) && defined(__FMA__)) || \
    defined(GELU_DISPATCH_SET_avx512) && !defined(__AVX512VL__)
#error "gelu::dispatch: the flags for this instruction set are missing"
#endif

namespace {

/// Calls f with the form that the numbers name.
template <class F>
GELU_ALWAYS_INLINE void with_form(int form, double constant, F&& f) noexcept {
    switch (form) {
        case GELU_ERF:
            return f(gelu::erf_form{});
        case GELU_TANH:
            return f(gelu::tanh_form{constant});
        case GELU_SIGMOID:
            return f(gelu::sigmoid_form{constant});
        case GELU_ERF | GELU_FAST:
            return f(gelu::fast<gelu::erf_form>{});
        case GELU_TANH | GELU_FAST:
            return f(gelu::fast<gelu::tanh_form>{{constant}});
        default:
            return f(gelu::fast<gelu::sigmoid_form>{{constant}});
    }
}

template <class T, int Order>
int transform(const void* in, void* out, std::size_t n, int form, double constant) noexcept {
    with_form(form, constant, [&](const auto& f) {
        const T* const from = static_cast<const T*>(in);
        // 16 bits use this form in any case; one that is used twice is compiled once.
        if constexpr (gelu::detail::is_storage<T>)
            gelu::detail::transform<Order>(from, static_cast<T*>(out), n,
                                           gelu::detail::form_to_round<Order, T>(f));
        else
            gelu::detail::transform<Order>(from, static_cast<T*>(out), n, f);
    });
    return GELU_OK;
}

template <class T>
int backward(const void* grad, const void* in, void* grad_in, std::size_t n, int form,
             double constant) noexcept {
    with_form(form, constant, [&](const auto& f) {
        const T *const g = static_cast<const T*>(grad), *const x = static_cast<const T*>(in);
        if constexpr (gelu::detail::is_storage<T>)
            gelu::detail::transform_backward(g, x, static_cast<T*>(grad_in), n,
                                             gelu::detail::form_to_round<1, T>(f));
        else
            gelu::detail::transform_backward(g, x, static_cast<T*>(grad_in), n, f);
    });
    return GELU_OK;
}

template <class In, class Out>
void convert(const In* in, Out* out, std::size_t n) noexcept {
    using batch = gelu::detail::native_batch<float>;
    gelu::detail::map<batch, batch>(in, out, n, [](const batch& x) { return x; });
}
template <class T>
void widen(const void* in, float* out, std::size_t n) noexcept {
    convert(static_cast<const T*>(in), out, n);
}
template <class T>
void narrow(const float* in, void* out, std::size_t n) noexcept {
    convert(in, static_cast<T*>(out), n);
}

}  // namespace

#define GELU_DISPATCH_CONCAT_(a, b) a##b
#define GELU_DISPATCH_CONCAT(a, b) GELU_DISPATCH_CONCAT_(a, b)
#define GELU_DISPATCH_ORDERS(T) \
    { transform<T, 0>, transform<T, 1>, transform<T, 2> }

// In the order of gelu_type.
namespace gelu_dispatch {
extern const table GELU_DISPATCH_CONCAT(table_, GELU_DISPATCH_SET);
const table GELU_DISPATCH_CONCAT(table_, GELU_DISPATCH_SET) = {
    {GELU_DISPATCH_ORDERS(float), GELU_DISPATCH_ORDERS(double), GELU_DISPATCH_ORDERS(gelu::float16),
     GELU_DISPATCH_ORDERS(gelu::bfloat16)},
    {backward<float>, backward<double>, backward<gelu::float16>, backward<gelu::bfloat16>},
    {nullptr, nullptr, widen<gelu::float16>, widen<gelu::bfloat16>},
    {nullptr, nullptr, narrow<gelu::float16>, narrow<gelu::bfloat16>},
};
}  // namespace gelu_dispatch
