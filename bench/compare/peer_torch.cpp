// libtorch's operators on tensors that are views of the arrays.
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu_backward.h>
#include <c10/core/InferenceMode.h>
#include <torch/version.h>

#include <cstdint>

#include "peer.hpp"

namespace {
using namespace compare;

template <class T>
at::Tensor view(const T* p, std::size_t n) {
    return at::from_blob(const_cast<T*>(p), {static_cast<std::int64_t>(n)},
                         at::TensorOptions().dtype(sizeof(T) == 4 ? at::kFloat : at::kDouble));
}

template <class T>
void exact(const T*, const T* in, T* out, std::size_t n) {
    const c10::InferenceMode guard;
    at::Tensor y = view(out, n);
    at::gelu_out(y, view(in, n), "none");
}
template <class T>
void tanh(const T*, const T* in, T* out, std::size_t n) {
    const c10::InferenceMode guard;
    at::Tensor y = view(out, n);
    at::gelu_out(y, view(in, n), "tanh");
}
template <class T>
void exact_backward(const T* grad, const T* in, T* out, std::size_t n) {
    const c10::InferenceMode guard;
    at::Tensor y = view(out, n);
    at::gelu_backward_out(y, view(grad, n), view(in, n), "none");
}
template <class T>
void tanh_backward(const T* grad, const T* in, T* out, std::size_t n) {
    const c10::InferenceMode guard;
    at::Tensor y = view(out, n);
    at::gelu_backward_out(y, view(grad, n), view(in, n), "tanh");
}
template <class T>
void sigmoid(const T*, const T* in, T* out, std::size_t n) {
    const c10::InferenceMode guard;
    at::Tensor y = view(out, n);
    const at::Tensor x = view(in, n);
    at::mul_out(y, x, at::sigmoid(at::mul(x, constants<double>::slope)));
}
template <class T>
void sigmoid_backward(const T* grad, const T* in, T* out, std::size_t n) {
    // The derivative of silu(a x) / a is that of silu at a x.
    const c10::InferenceMode guard;
    at::Tensor y = view(out, n);
    at::silu_backward_out(y, view(grad, n), at::mul(view(in, n), constants<double>::slope));
}

#define BOTH(method, id, v, f)                        \
    {method, form::id, verb::v, f<float>, nullptr}, { \
        method, form::id, verb::v, nullptr, f<double> \
    }

const entry entries[] = {
    BOTH("gelu", exact, forward, exact),
    BOTH("gelu_backward", exact, backward, exact_backward),
    BOTH("gelu tanh", tanh, forward, tanh),
    BOTH("gelu_backward tanh", tanh, backward, tanh_backward),
    BOTH("x * sigmoid", sigmoid, forward, sigmoid),
    BOTH("silu_backward", sigmoid, backward, sigmoid_backward),
};
const peer self = {"libtorch", TORCH_VERSION, entries, sizeof entries / sizeof *entries};
}  // namespace

const peer* gelu_compare_peer() {
    at::set_num_threads(1);
    return &self;
}
