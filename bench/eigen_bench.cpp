// Google Benchmark of Eigen expressions: the array verb (array), the same verb assigned as an
// expression (expression), fused with a sum before it and around it (argument, inside), and what
// one would write with Eigen's own functions (eigen). N(0, 2) input.
//
//   gelu_eigen_bench_<instruction set> [--benchmark_...]
#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <cstdint>
#include <gelu/eigen.hpp>
#include <random>
#include <string>
#include <unsupported/Eigen/SpecialFunctions>

namespace {

template <class T>
using array = Eigen::Array<T, Eigen::Dynamic, 1>;

template <class T>
array<T> normal(Eigen::Index n, unsigned seed) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> distribution(0.0f, 2.0f);
    return array<T>::NullaryExpr(n, [&] { return static_cast<T>(distribution(generator)); });
}

/// Registers run(x, grad, y).
template <class T, class Run>
void add(const std::string& name, Eigen::Index n, Run run) {
    const std::string type = sizeof(T) == 2 ? "half" : sizeof(T) == 4 ? "float" : "double";
    benchmark::RegisterBenchmark(
        (name + '/' + type + '/' + std::to_string(n)).c_str(), [=](benchmark::State& state) {
            const array<T> x = normal<T>(n, 1), grad = normal<T>(n, 2);
            array<T> y(n);
            for (auto _ : state) {
                run(x, grad, y);
                benchmark::ClobberMemory();
            }
            state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * n);
        });
}

template <class T, class Form>
void add_form(const std::string& name, Eigen::Index n, Form form) {
    using A = array<T>;
    add<T>("array/forward/" + name, n,
           [=](const A& x, const A&, A& y) { gelu::forward(x, y, form); });
    add<T>("expression/forward/" + name, n,
           [=](const A& x, const A&, A& y) { y = gelu::forward(x, form); });
    add<T>("argument/forward/" + name, n,
           [=](const A& x, const A& b, A& y) { y = gelu::forward(x + b, form); });
    add<T>("inside/forward/" + name, n,
           [=](const A& x, const A& b, A& y) { y = gelu::forward(x, form) + b; });
    add<T>("array/backward/" + name, n,
           [=](const A& x, const A& grad, A& y) { gelu::backward(grad, x, y, form); });
    add<T>("expression/backward/" + name, n,
           [=](const A& x, const A& grad, A& y) { y = gelu::backward(grad, x, form); });
}

template <class T>
void add_type(Eigen::Index n) {
    add_form<T>("erf", n, gelu::erf_form{});
    add_form<T>("tanh", n, gelu::tanh_form{});
    add_form<T>("sigmoid", n, gelu::sigmoid_form{});
    add_form<T>("fast-erf", n, gelu::fast{gelu::erf_form{}});
}

template <class T>
void add_eigen(Eigen::Index n) {
    using A = array<T>;
    add<T>("eigen/forward/erf", n, [](const A& x, const A&, A& y) {
        y = T(0.5) * x * (T(1) + (x * T(0.70710678118654752)).erf());
    });
    add<T>("eigen/forward/tanh", n, [](const A& x, const A&, A& y) {
        y = T(0.5) * x * (T(1) + (T(0.79788456080286536) * (x + T(0.044715) * x * x * x)).tanh());
    });
    add<T>("eigen/forward/sigmoid", n,
           [](const A& x, const A&, A& y) { y = x * (T(1.702) * x).logistic(); });
}

}  // namespace

int main(int argc, char** argv) {
    for (const Eigen::Index n : {Eigen::Index{4096}, Eigen::Index{1} << 20}) {
        add_type<float>(n);
        add_eigen<float>(n);
        add_type<double>(n);
        add_eigen<double>(n);
        add_type<Eigen::half>(n);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
