// A form's value and slopes on one batch.
#ifndef GELU_DETAIL_KERNEL_HPP
#define GELU_DETAIL_KERNEL_HPP

#include "gelu/detail/ops.hpp"
#include "gelu/forms.hpp"
#include "gelu/scalar.hpp"

namespace gelu {
inline namespace GELU_ABI {
namespace detail {

/// Order 0, 1, 2 of a form as a function on batches.
template <int Order, class Form>
struct kernel {
    Form form;

    template <class B>
    GELU_ALWAYS_INLINE B operator()(const B& x) const noexcept {
        using T = ops::value_t<B>;
        alignas(B) T lanes[B::size];
        x.store_aligned(lanes);
        for (T& lane : lanes) lane = scalar<Order>(lane, form);
        return B::load_aligned(lanes);
    }
};

/// Calls f with the kernel that fits the form's constants: chosen once per call, not per element.
template <int Order, class B, class Form, class F>
GELU_ALWAYS_INLINE void with_kernel(const Form& form, F&& f) {
    f(kernel<Order, Form>{form});
}

}  // namespace detail
}  // namespace GELU_ABI
}  // namespace gelu

#endif
