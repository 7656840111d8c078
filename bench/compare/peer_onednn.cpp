// oneDNN's eltwise primitives, one per array size, made on first use and kept.
#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <utility>
#include <vector>

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

template <class T>
constexpr auto type_of = std::is_same<T, float>::value            ? dnnl::memory::data_type::f32
                         : std::is_same<T, gelu::bfloat16>::value ? dnnl::memory::data_type::bf16
                                                                  : dnnl::memory::data_type::f16;
template <class T>
dnnl::memory::desc vector_of(std::size_t n) {
    return {{static_cast<dnnl::memory::dim>(n)}, type_of<T>, dnnl::memory::format_tag::a};
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

template <algorithm A, class T>
void forward(const T*, const T* in, T* out, std::size_t n) {
    static std::map<std::size_t, forward_work> made;
    auto at = made.find(n);
    if (at == made.end()) {
        const auto d = vector_of<T>(n);
        const dnnl::eltwise_forward::primitive_desc pd(cpu(), dnnl::prop_kind::forward_inference, A,
                                                       d, d, alpha<A>);
        at = made.emplace(n,
                          forward_work{dnnl::memory(d, cpu(), nullptr),
                                       dnnl::memory(d, cpu(), nullptr), dnnl::eltwise_forward(pd)})
                 .first;
    }
    forward_work& w = at->second;
    w.src.set_data_handle(const_cast<T*>(in));
    w.dst.set_data_handle(out);
    w.primitive.execute(order(), {{DNNL_ARG_SRC, w.src}, {DNNL_ARG_DST, w.dst}});
    order().wait();
}

template <algorithm A, class T>
void backward(const T* grad, const T* in, T* out, std::size_t n) {
    static std::map<std::size_t, backward_work> made;
    auto at = made.find(n);
    if (at == made.end()) {
        const auto d = vector_of<T>(n);
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
    w.src.set_data_handle(const_cast<T*>(in));
    w.diff_dst.set_data_handle(const_cast<T*>(grad));
    w.diff_src.set_data_handle(out);
    w.primitive.execute(
        order(),
        {{DNNL_ARG_SRC, w.src}, {DNNL_ARG_DIFF_DST, w.diff_dst}, {DNNL_ARG_DIFF_SRC, w.diff_src}});
    order().wait();
}

// Which types there are depends on the CPU: half needs AVX512-FP16.
template <algorithm A, class T>
bool known(verb v) {
    const auto d = vector_of<T>(64);
    const dnnl::eltwise_forward::primitive_desc made(
        cpu(),
        v == verb::forward ? dnnl::prop_kind::forward_inference : dnnl::prop_kind::forward_training,
        A, d, d, alpha<A>, 0.0F, {}, true);
    if (v == verb::forward || !made) return bool(made);
    return bool(
        dnnl::eltwise_backward::primitive_desc(cpu(), A, d, d, d, alpha<A>, 0.0F, made, {}, true));
}

template <algorithm A, class T>
void add(std::vector<entry>& to, const char* method, form f) {
    if (known<A, T>(verb::forward))
        to.push_back(make_entry<T>(method, f, verb::forward, forward<A>));
    if (known<A, T>(verb::backward))
        to.push_back(make_entry<T>(method, f, verb::backward, backward<A>));
}
template <algorithm A>
void add_types(std::vector<entry>& to, const char* method, form f) {
    add<A, float>(to, method, f);
    add<A, gelu::bfloat16>(to, method, f);
    add<A, gelu::float16>(to, method, f);
}
}  // namespace

const peer* gelu_compare_peer() {
    static const std::string version = [] {
        const dnnl_version_t* v = dnnl_version();
        return std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
               std::to_string(v->patch);
    }();
    static const std::vector<entry> entries = [] {
        std::vector<entry> all;
        add_types<algorithm::eltwise_gelu_erf>(all, "eltwise_gelu_erf", form::exact);
        add_types<algorithm::eltwise_gelu_tanh>(all, "eltwise_gelu_tanh", form::tanh);
        add_types<algorithm::eltwise_swish>(all, "eltwise_swish", form::sigmoid);
        return all;
    }();
    static const peer self = {"oneDNN", version.c_str(), entries.data(), entries.size()};
    return &self;
}
