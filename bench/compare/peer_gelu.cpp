// This library.
#include <gelu/gelu.hpp>

#include "peer.hpp"

namespace {
using namespace compare;

template <class Form, class T>
void forward(const T*, const T* in, T* out, std::size_t n) {
    gelu::forward(in, out, n, Form{});
}
template <class Form, class T>
void backward(const T* grad, const T* in, T* out, std::size_t n) {
    gelu::backward(grad, in, out, n, Form{});
}

#define GELU_TYPE(id, type, T)                                                           \
    make_entry<T>("precise", form::id, verb::forward, forward<gelu::type>),              \
        make_entry<T>("fast", form::id, verb::forward, forward<gelu::fast<gelu::type>>), \
        make_entry<T>("precise", form::id, verb::backward, backward<gelu::type>),        \
        make_entry<T>("fast", form::id, verb::backward, backward<gelu::fast<gelu::type>>)
#define GELU_FORM(id, type)                                                                       \
    GELU_TYPE(id, type, float), GELU_TYPE(id, type, double), GELU_TYPE(id, type, gelu::bfloat16), \
        GELU_TYPE(id, type, gelu::float16)

const entry entries[] = {
    GELU_FORM(exact, erf_form),
    GELU_FORM(tanh, tanh_form),
    GELU_FORM(sigmoid, sigmoid_form),
};
const peer self = {"gelu", GELU_VERSION_STRING, entries, sizeof entries / sizeof *entries};
}  // namespace

const peer* gelu_compare_peer() { return &self; }
