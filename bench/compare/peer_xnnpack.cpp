// XNNPACK's microkernels, from the static library that Debian's libxnnpack-dev holds. It has no
// header for them, so they are declared here.
#include <cstddef>

#include "peer.hpp"

namespace {
using namespace compare;
}

extern "C" {
using xnn_kernel = void(std::size_t bytes, const float* in, float* out, const void* params);
using xnn_kernel2 = void(std::size_t bytes, const float* a, const float* b, float* out,
                         const void* params);
#ifdef __AVX512F__
xnn_kernel xnn_f32_vgelu_ukernel__avx512f_rational_12_10_nr_u16;
xnn_kernel xnn_f32_vgelu_ukernel__avx512f_rational_12_10_nr_u32;
xnn_kernel xnn_f32_vgelu_ukernel__avx512f_rational_12_10_nr_u48;
xnn_kernel xnn_f32_vgelu_ukernel__avx512f_rational_12_10_nr_u64;
xnn_kernel xnn_f32_vtanh_ukernel__avx512f_rational_9_8_nr_u32;
xnn_kernel xnn_f32_vsigmoid_ukernel__avx512f_rr2_lut32_p2_perm2_scalef_div_u64;
xnn_kernel2 xnn_f32_vmul_ukernel__avx512f_u32;
#else
xnn_kernel xnn_f32_vgelu_ukernel__fma3_rational_12_10_div_u8;
xnn_kernel xnn_f32_vgelu_ukernel__fma3_rational_12_10_div_u16;
xnn_kernel xnn_f32_vgelu_ukernel__fma3_rational_12_10_div_u24;
xnn_kernel xnn_f32_vgelu_ukernel__fma3_rational_12_10_div_u32;
xnn_kernel xnn_f32_vtanh_ukernel__fma3_rational_9_8_div_u32;
xnn_kernel xnn_f32_vsigmoid_ukernel__avx2_rr1_p5_div_u40;
xnn_kernel2 xnn_f32_vmul_ukernel__avx_u16;
#endif
}

namespace {

template <xnn_kernel* Kernel>
void whole(const float*, const float* in, float* out, std::size_t n) {
    Kernel(n * sizeof(float), in, out, nullptr);
}

// The two compositions spend a pass over L1 each on the argument and on the product.
template <xnn_kernel* Tanh>
void with_tanh(const float*, const float* in, float* out, std::size_t n) {
    using k = constants<float>;
    alignas(64) float u[piece], t[piece];
    for (std::size_t i = 0; i < n; i += piece) {
        const std::size_t m = n - i < piece ? n - i : piece;
        for (std::size_t j = 0; j < m; ++j) {
            const float x = in[i + j];
            u[j] = x * (k::tanh_linear + k::tanh_cubic * x * x);
        }
        Tanh(m * sizeof(float), u, t, nullptr);
        for (std::size_t j = 0; j < m; ++j) {
            const float h = 0.5F * in[i + j];
            out[i + j] = h + h * t[j];
        }
    }
}

template <xnn_kernel* Sigmoid, xnn_kernel2* Multiply>
void with_sigmoid(const float*, const float* in, float* out, std::size_t n) {
    alignas(64) float v[piece], s[piece];
    const float minmax[2] = {-__builtin_inff(), __builtin_inff()};
    for (std::size_t i = 0; i < n; i += piece) {
        const std::size_t m = n - i < piece ? n - i : piece;
        for (std::size_t j = 0; j < m; ++j) v[j] = constants<float>::slope * in[i + j];
        Sigmoid(m * sizeof(float), v, s, nullptr);
        Multiply(m * sizeof(float), in + i, s, out + i, minmax);
    }
}

const entry entries[] = {
#ifdef __AVX512F__
    {"vgelu avx512f u16", form::exact, verb::forward,
     whole<xnn_f32_vgelu_ukernel__avx512f_rational_12_10_nr_u16>, nullptr},
    {"vgelu avx512f u32", form::exact, verb::forward,
     whole<xnn_f32_vgelu_ukernel__avx512f_rational_12_10_nr_u32>, nullptr},
    {"vgelu avx512f u48", form::exact, verb::forward,
     whole<xnn_f32_vgelu_ukernel__avx512f_rational_12_10_nr_u48>, nullptr},
    {"vgelu avx512f u64", form::exact, verb::forward,
     whole<xnn_f32_vgelu_ukernel__avx512f_rational_12_10_nr_u64>, nullptr},
    {"vtanh avx512f", form::tanh, verb::forward,
     with_tanh<xnn_f32_vtanh_ukernel__avx512f_rational_9_8_nr_u32>, nullptr},
    {"vsigmoid avx512f, vmul", form::sigmoid, verb::forward,
     with_sigmoid<xnn_f32_vsigmoid_ukernel__avx512f_rr2_lut32_p2_perm2_scalef_div_u64,
                  xnn_f32_vmul_ukernel__avx512f_u32>,
     nullptr},
#else
    {"vgelu fma3 u8", form::exact, verb::forward,
     whole<xnn_f32_vgelu_ukernel__fma3_rational_12_10_div_u8>, nullptr},
    {"vgelu fma3 u16", form::exact, verb::forward,
     whole<xnn_f32_vgelu_ukernel__fma3_rational_12_10_div_u16>, nullptr},
    {"vgelu fma3 u24", form::exact, verb::forward,
     whole<xnn_f32_vgelu_ukernel__fma3_rational_12_10_div_u24>, nullptr},
    {"vgelu fma3 u32", form::exact, verb::forward,
     whole<xnn_f32_vgelu_ukernel__fma3_rational_12_10_div_u32>, nullptr},
    {"vtanh fma3", form::tanh, verb::forward,
     with_tanh<xnn_f32_vtanh_ukernel__fma3_rational_9_8_div_u32>, nullptr},
    {"vsigmoid avx2, vmul", form::sigmoid, verb::forward,
     with_sigmoid<xnn_f32_vsigmoid_ukernel__avx2_rr1_p5_div_u40, xnn_f32_vmul_ukernel__avx_u16>,
     nullptr},
#endif
};
const peer self = {"XNNPACK", GELU_PEER_VERSION, entries, sizeof entries / sizeof *entries};
}  // namespace

const peer* gelu_compare_peer() { return &self; }
