// A form behind virtual functions. The rules of the contract are written over these and compiled
// once; subjects_float.cpp and subjects_double.cpp are compiled for each instruction set.
#ifndef GELU_TESTS_SUPPORT_SUBJECT_HPP
#define GELU_TESTS_SUPPORT_SUBJECT_HPP

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace gelu_tests {

enum class family { erf, tanh, sigmoid };

/// One form of one tier with one constant, and its verbs on T.
template <class T>
struct subject {
    std::string name;  // fast{tanh_form{0.0443829}}
    family form = family::erf;
    bool is_fast = false;
    bool has_default_constant = true;
    double max_ulp[3] = {};  // by order

    virtual ~subject() = default;

    /// forward, derivative or second_derivative by order: pointers, ranges, one batch, one value.
    virtual void map(int order, const T* in, T* out, std::size_t n) const noexcept = 0;
    virtual void map(int order, const std::vector<T>& in, std::vector<T>& out) const = 0;
    virtual void map_batch(int order, const T* in, T* out) const noexcept = 0;
    virtual T map_scalar(int order, T x) const = 0;

    virtual void backward(const T* grad, const T* in, T* grad_in, std::size_t n) const noexcept = 0;
    virtual void backward(const std::vector<T>& grad, const std::vector<T>& in,
                          std::vector<T>& grad_in) const = 0;
    virtual void backward_batch(const T* grad, const T* in, T* grad_in) const noexcept = 0;
    virtual T backward_scalar(T grad, T x) const = 0;

    virtual void both(const T* in, T* out, T* slope, std::size_t n) const noexcept = 0;
    virtual void both(const std::vector<T>& in, std::vector<T>& out,
                      std::vector<T>& slope) const = 0;

    /// form(x) on a batch and on a value.
    virtual void call_batch(const T* in, T* out) const = 0;
    virtual T call_scalar(T x) const = 0;
};

/// Three forms, default and refitted constants, both tiers.
template <class T>
const std::vector<std::unique_ptr<const subject<T>>>& subjects();

/// Elements in the native batch of the instruction set under test.
template <class T>
std::size_t lanes();

/// The length from which arrays' results are stored around the caches; 0 if they never are.
std::size_t streamed_length();

template <>
const std::vector<std::unique_ptr<const subject<float>>>& subjects<float>();
template <>
const std::vector<std::unique_ptr<const subject<double>>>& subjects<double>();
template <>
std::size_t lanes<float>();
template <>
std::size_t lanes<double>();

/// An array verb of a subject, so that one loop covers them all. Without takes_grad `grad` is
/// ignored, and without has_slope `slope`.
template <class T>
struct verb {
    std::string name;  // backward with erf_form{}
    const subject<T>* of;
    bool takes_grad, has_slope;
    void (*run)(const subject<T>& of, const T* grad, const T* in, T* out, T* slope, std::size_t n);

    void operator()(const T* grad, const T* in, T* out, T* slope, std::size_t n) const {
        run(*of, grad, in, out, slope, n);
    }
};

template <class T>
std::vector<verb<T>> verbs() {
    std::vector<verb<T>> all;
    for (const auto& s : subjects<T>()) {
        const std::string with = " with " + s->name;
        all.push_back({"forward" + with, s.get(), false, false,
                       [](const subject<T>& of, const T*, const T* in, T* out, T*, std::size_t n) {
                           of.map(0, in, out, n);
                       }});
        all.push_back({"derivative" + with, s.get(), false, false,
                       [](const subject<T>& of, const T*, const T* in, T* out, T*, std::size_t n) {
                           of.map(1, in, out, n);
                       }});
        all.push_back({"second_derivative" + with, s.get(), false, false,
                       [](const subject<T>& of, const T*, const T* in, T* out, T*, std::size_t n) {
                           of.map(2, in, out, n);
                       }});
        all.push_back({"backward" + with, s.get(), true, false,
                       [](const subject<T>& of, const T* grad, const T* in, T* out, T*,
                          std::size_t n) { of.backward(grad, in, out, n); }});
        all.push_back({"forward_with_derivative" + with, s.get(), false, true,
                       [](const subject<T>& of, const T*, const T* in, T* out, T* slope,
                          std::size_t n) { of.both(in, out, slope, n); }});
    }
    return all;
}

}  // namespace gelu_tests

#endif
