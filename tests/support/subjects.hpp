// Implements support/subject.hpp for one T; included by subjects_float.cpp and
// subjects_double.cpp, which share out the compile time.
#ifndef GELU_TESTS_SUPPORT_SUBJECTS_HPP
#define GELU_TESTS_SUPPORT_SUBJECTS_HPP

#include <cstdio>
#include <gelu/gelu.hpp>

#include "support/subject.hpp"

namespace gelu_tests {

inline family family_of(gelu::erf_form) { return family::erf; }
inline family family_of(gelu::tanh_form) { return family::tanh; }
inline family family_of(gelu::sigmoid_form) { return family::sigmoid; }

inline std::string number(double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", x);
    return text;
}
inline std::string name_of(gelu::erf_form) { return "erf_form{}"; }
inline std::string name_of(gelu::tanh_form f) { return "tanh_form{" + number(f.cubic) + "}"; }
inline std::string name_of(gelu::sigmoid_form f) { return "sigmoid_form{" + number(f.slope) + "}"; }

template <class T, class Form>
struct subject_of final : subject<T> {
    using batch = xsimd::batch<T>;
    Form f;

    explicit subject_of(Form form_) : f(form_) {
        const auto plain = gelu::detail::to_plain(f);
        this->form = family_of(plain);
        this->is_fast = gelu::detail::tier<Form>::is_fast;
        this->has_default_constant = plain == std::decay_t<decltype(plain)>{};
        this->name = this->is_fast ? "fast{" + name_of(plain) + "}" : name_of(plain);
        this->max_ulp[0] = gelu::max_ulp<T, 0>(f);
        this->max_ulp[1] = gelu::max_ulp<T, 1>(f);
        this->max_ulp[2] = gelu::max_ulp<T, 2>(f);
    }

    void map(int order, const T* in, T* out, std::size_t n) const noexcept override {
        if (order == 0) gelu::forward(in, out, n, f);
        if (order == 1) gelu::derivative(in, out, n, f);
        if (order == 2) gelu::second_derivative(in, out, n, f);
    }
    void map(int order, const std::vector<T>& in, std::vector<T>& out) const override {
        if (order == 0) gelu::forward(in, out, f);
        if (order == 1) gelu::derivative(in, out, f);
        if (order == 2) gelu::second_derivative(in, out, f);
    }
    void map_batch(int order, const T* in, T* out) const noexcept override {
        const batch x = batch::load_unaligned(in);
        const batch y = order == 0   ? gelu::forward(x, f)
                        : order == 1 ? gelu::derivative(x, f)
                                     : gelu::second_derivative(x, f);
        y.store_unaligned(out);
    }
    T map_scalar(int order, T x) const override {
        return order == 0   ? gelu::forward(x, f)
               : order == 1 ? gelu::derivative(x, f)
                            : gelu::second_derivative(x, f);
    }

    void backward(const T* grad, const T* in, T* grad_in, std::size_t n) const noexcept override {
        gelu::backward(grad, in, grad_in, n, f);
    }
    void backward(const std::vector<T>& grad, const std::vector<T>& in,
                  std::vector<T>& grad_in) const override {
        gelu::backward(grad, in, grad_in, f);
    }
    void backward_batch(const T* grad, const T* in, T* grad_in) const noexcept override {
        gelu::backward(batch::load_unaligned(grad), batch::load_unaligned(in), f)
            .store_unaligned(grad_in);
    }
    T backward_scalar(T grad, T x) const override { return gelu::backward(grad, x, f); }

    void both(const T* in, T* out, T* slope, std::size_t n) const noexcept override {
        gelu::forward_with_derivative(in, out, slope, n, f);
    }
    void both(const std::vector<T>& in, std::vector<T>& out, std::vector<T>& slope) const override {
        gelu::forward_with_derivative(in, out, slope, f);
    }

    void call_batch(const T* in, T* out) const override {
        f(batch::load_unaligned(in)).store_unaligned(out);
    }
    T call_scalar(T x) const override { return f(x); }
};

template <class T>
std::vector<std::unique_ptr<const subject<T>>> make_subjects() {
    std::vector<std::unique_ptr<const subject<T>>> all;
    const auto add = [&](auto form) {
        all.push_back(std::make_unique<subject_of<T, decltype(form)>>(form));
        all.push_back(
            std::make_unique<subject_of<T, gelu::fast<decltype(form)>>>(gelu::fast{form}));
    };
    add(gelu::erf_form{});
    // Beside the defaults, constants that people refit.
    for (const double cubic : {gelu::tanh_form{}.cubic, 0.0455399, 0.0443829})
        add(gelu::tanh_form{cubic});
    for (const double slope : {gelu::sigmoid_form{}.slope, 1.7009913, 1.7729340})
        add(gelu::sigmoid_form{slope});
    return all;
}

}  // namespace gelu_tests

#endif
