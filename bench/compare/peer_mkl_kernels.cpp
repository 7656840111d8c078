// MKL's code for one instruction set, called directly. By itself MKL takes it on Intel's CPUs only,
// and on others the code for any x86-64; what it could do here is the harder rival. The names are
// exported but not documented, so this is left out when they are not there.
#include <dlfcn.h>

#include <string>

#include "mkl.hpp"

namespace {
using namespace compare;

#ifdef __AVX512F__
#define SET "Z0"
const char* const file = "libmkl_vml_avx512.so.3";
#else
#define SET "L9"
const char* const file = "libmkl_vml_avx2.so.3";
#endif

using kernel = void (*)(int n, const float* in, float* out);
enum accuracy { ha, la, ep };
kernel erfs[3], cdfs[3], exps[3], tanhs[3];

template <accuracy A>
struct floats {
    using T = float;
    static void erf(std::size_t n, const T* a, T* y) { erfs[A](static_cast<int>(n), a, y); }
    static void cdf(std::size_t n, const T* a, T* y) { cdfs[A](static_cast<int>(n), a, y); }
    static void exp(std::size_t n, const T* a, T* y) { exps[A](static_cast<int>(n), a, y); }
    static void tanh(std::size_t n, const T* a, T* y) { tanhs[A](static_cast<int>(n), a, y); }
};

bool load() {
    const std::string directory = GELU_MKL_DIRECTORY "/";
    for (const char* name :
         {"libmkl_core.so.3", "libmkl_sequential.so.3", "libmkl_intel_lp64.so.3"})
        if (!dlopen((directory + name).c_str(), RTLD_LAZY | RTLD_GLOBAL)) return false;
    void* library = dlopen((directory + file).c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (!library) return false;
    const struct {
        const char* name;
        kernel* at;
    } functions[] = {{"Erf", erfs}, {"CdfNorm", cdfs}, {"Exp", exps}, {"Tanh", tanhs}};
    const char* const accuracies[] = {"HAynn", "LAynn", "EPnnn"};
    for (const auto& f : functions)
        for (int a = 0; a < 3; ++a) {
            const std::string name =
                std::string("mkl_vml_kernel_s") + f.name + "_" SET + accuracies[a];
            f.at[a] = reinterpret_cast<kernel>(dlsym(library, name.c_str()));
            if (!f.at[a]) return false;
        }
    return true;
}

const entry entries[] = {
    {"vErf EP", form::exact, verb::forward, erf<floats<ep>>, nullptr},
    {"vErf LA", form::exact, verb::forward, erf<floats<la>>, nullptr},
    {"vErf HA", form::exact, verb::forward, erf<floats<ha>>, nullptr},
    {"vCdfNorm LA", form::exact, verb::forward, cdf<floats<la>>, nullptr},
    {"vCdfNorm HA", form::exact, verb::forward, cdf<floats<ha>>, nullptr},
    {"vCdfNorm, vExp LA", form::exact, verb::backward, cdf_exp_backward<floats<la>>, nullptr},
    {"vCdfNorm, vExp HA", form::exact, verb::backward, cdf_exp_backward<floats<ha>>, nullptr},
    {"vTanh LA", form::tanh, verb::forward, tanh<floats<la>>, nullptr},
    {"x/(1+vExp EP)", form::tanh, verb::forward, tanh_exp<floats<ep>>, nullptr},
    {"x/(1+vExp LA)", form::tanh, verb::forward, tanh_exp<floats<la>>, nullptr},
    {"1/(1+vExp LA)", form::tanh, verb::backward, tanh_backward<floats<la>>, nullptr},
    {"x/(1+vExp EP)", form::sigmoid, verb::forward, sigmoid<floats<ep>>, nullptr},
    {"x/(1+vExp LA)", form::sigmoid, verb::forward, sigmoid<floats<la>>, nullptr},
    {"1/(1+vExp LA)", form::sigmoid, verb::backward, sigmoid_backward<floats<la>>, nullptr},
};
#ifdef __AVX512F__
const peer self = {"MKL's AVX-512 kernels", "", entries, sizeof entries / sizeof *entries};
#else
const peer self = {"MKL's AVX2 kernels", "", entries, sizeof entries / sizeof *entries};
#endif
}  // namespace

const peer* gelu_compare_peer() { return load() ? &self : nullptr; }
