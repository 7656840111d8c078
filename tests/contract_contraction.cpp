// Prints a hash of the results of every kernel. Compiled with -ffp-contract=off and constants that
// the compiler sees, and with =fast and constants that it doesn't, it must print the same: whether
// the compiler may fuse products and sums is the consumer's choice.
#include <cinttypes>
#include <gelu/gelu.hpp>
#include <random>
#include <vector>

#include "support/bits.hpp"

namespace {

using namespace gelu_tests;

/// Any bit pattern, and exact quotients where the kernels do most of their work: nothing that
/// contraction could change.
template <class T>
std::vector<T> inputs() {
    std::mt19937_64 random(61);
    std::vector<T> values(20000);
    for (T& x : values) {
        const auto r = random();
        x = r % 4 == 0 ? from_bits<T>(static_cast<bits_t<T>>(r >> 8))
                       : static_cast<T>(static_cast<int>(r >> 40) - (1 << 23)) / (1 << 19);
    }
    return values;
}

template <class T>
void print_hash(const char* verb, const char* form, const std::vector<T>& results) {
    std::uint64_t hash = 14695981039346656037u;
    for (const T y : results) hash = (hash ^ (std::isnan(y) ? 1 : bits(y))) * 1099511628211u;
    std::printf("%s<%s>(%s) %016" PRIx64 "\n", verb, sizeof(T) == 4 ? "float" : "double", form,
                hash);
}

template <class T, class Form>
void run(const char* name, Form form) {
    const std::vector<T> in = inputs<T>();
    std::vector<T> out(in.size()), slope(in.size());
    gelu::forward(in, out, form);
    print_hash("forward", name, out);
    gelu::derivative(in, out, form);
    print_hash("derivative", name, out);
    gelu::second_derivative(in, out, form);
    print_hash("second_derivative", name, out);
    gelu::forward_with_derivative(in, out, slope, form);
    print_hash("forward_with_derivative", name, out);
    print_hash("the slope of forward_with_derivative", name, slope);
    gelu::backward(in, in, out, form);
    print_hash("backward", name, out);

    // A product at the end of a batch verb must not be fused with the caller's sum.
    using B = xsimd::batch<T>;
    for (std::size_t i = 0; i < in.size(); i += B::size) {
        const B x = B::load_unaligned(&in[i]);
        (B(T(1)) - gelu::forward(x, form)).store_unaligned(&out[i]);
        (B(T(1)) - gelu::backward(x, x, form)).store_unaligned(&slope[i]);
    }
    print_hash("1 - forward of batches", name, out);
    print_hash("1 - backward of batches", name, slope);
}

double constant(double value) {
#if GELU_TEST_HIDES_CONSTANTS
    volatile double hidden = value;
    return hidden;
#else
    return value;
#endif
}

template <class T>
void run_forms() {
    const gelu::tanh_form tanh{constant(0.044715)};
    const gelu::sigmoid_form sigmoid{constant(1.702)};
    run<T>("erf_form{}", gelu::erf_form{});
    run<T>("tanh_form{}", tanh);
    run<T>("sigmoid_form{}", sigmoid);
    run<T>("tanh_form{0.0455399}", gelu::tanh_form{constant(0.0455399)});
    run<T>("sigmoid_form{1.7009913}", gelu::sigmoid_form{constant(1.7009913)});
    run<T>("fast{erf_form{}}", gelu::fast{gelu::erf_form{}});
    run<T>("fast{tanh_form{}}", gelu::fast{tanh});
    run<T>("fast{sigmoid_form{}}", gelu::fast{sigmoid});
}

}  // namespace

int main() {
    run_forms<float>();
    run_forms<double>();
}
