// oneDNN's eltwise primitives, one per array size, made on first use and kept.
#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <utility>

#include "peer.hpp"

namespace {
using namespace compare;
using dnnl::algorithm;

dnnl::engine& cpu() {
    static dnnl::engine e(dnnl::engine::kind::cpu, 0);
    return e;
}
dnnl::stream& order() {
    static dnnl::stream s(cpu());
    return s;
}

dnnl::memory::desc vector_of(std::size_t n) {
    return {{static_cast<dnnl::memory::dim>(n)},
            dnnl::memory::data_type::f32,
            dnnl::memory::format_tag::a};
}

struct forward_work {
    dnnl::memory src, dst;
    dnnl::eltwise_forward primitive;
};
struct backward_work {
    dnnl::memory src, diff_dst, diff_src;
    dnnl::eltwise_backward primitive;
};

template <algorithm A>
constexpr float alpha = A == algorithm::eltwise_swish ? 1.702F : 0.0F;

template <algorithm A>
void forward(const float*, const float* in, float* out, std::size_t n) {
    static std::map<std::size_t, forward_work> made;
    auto at = made.find(n);
    if (at == made.end()) {
        const auto d = vector_of(n);
        const dnnl::eltwise_forward::primitive_desc pd(cpu(), dnnl::prop_kind::forward_inference, A,
                                                       d, d, alpha<A>);
        at = made.emplace(n,
                          forward_work{dnnl::memory(d, cpu(), nullptr),
                                       dnnl::memory(d, cpu(), nullptr), dnnl::eltwise_forward(pd)})
                 .first;
    }
    forward_work& w = at->second;
    w.src.set_data_handle(const_cast<float*>(in));
    w.dst.set_data_handle(out);
    w.primitive.execute(order(), {{DNNL_ARG_SRC, w.src}, {DNNL_ARG_DST, w.dst}});
    order().wait();
}

template <algorithm A>
void backward(const float* grad, const float* in, float* out, std::size_t n) {
    static std::map<std::size_t, backward_work> made;
    auto at = made.find(n);
    if (at == made.end()) {
        const auto d = vector_of(n);
        const dnnl::eltwise_forward::primitive_desc hint(cpu(), dnnl::prop_kind::forward_training,
                                                         A, d, d, alpha<A>);
        const dnnl::eltwise_backward::primitive_desc pd(cpu(), A, d, d, d, alpha<A>, 0.0F, hint);
        at = made.emplace(
                     n,
                     backward_work{dnnl::memory(d, cpu(), nullptr), dnnl::memory(d, cpu(), nullptr),
                                   dnnl::memory(d, cpu(), nullptr), dnnl::eltwise_backward(pd)})
                 .first;
    }
    backward_work& w = at->second;
    w.src.set_data_handle(const_cast<float*>(in));
    w.diff_dst.set_data_handle(const_cast<float*>(grad));
    w.diff_src.set_data_handle(out);
    w.primitive.execute(
        order(),
        {{DNNL_ARG_SRC, w.src}, {DNNL_ARG_DIFF_DST, w.diff_dst}, {DNNL_ARG_DIFF_SRC, w.diff_src}});
    order().wait();
}

const entry entries[] = {
    {"eltwise_gelu_erf", form::exact, verb::forward, forward<algorithm::eltwise_gelu_erf>, nullptr},
    {"eltwise_gelu_erf", form::exact, verb::backward, backward<algorithm::eltwise_gelu_erf>,
     nullptr},
    {"eltwise_gelu_tanh", form::tanh, verb::forward, forward<algorithm::eltwise_gelu_tanh>,
     nullptr},
    {"eltwise_gelu_tanh", form::tanh, verb::backward, backward<algorithm::eltwise_gelu_tanh>,
     nullptr},
    {"eltwise_swish", form::sigmoid, verb::forward, forward<algorithm::eltwise_swish>, nullptr},
    {"eltwise_swish", form::sigmoid, verb::backward, backward<algorithm::eltwise_swish>, nullptr},
};
}  // namespace

const peer* gelu_compare_peer() {
    static const std::string version = [] {
        const dnnl_version_t* v = dnnl_version();
        return std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
               std::to_string(v->patch);
    }();
    static const peer self = {"oneDNN", version.c_str(), entries, sizeof entries / sizeof *entries};
    return &self;
}
