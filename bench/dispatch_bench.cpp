// What gelu::dispatch adds to a call: short arrays through it, made to use the instruction set that
// this file is compiled for, and directly. The difference is the overhead of a call.
#include <benchmark/benchmark.h>

#include <gelu/dispatch.hpp>
#include <gelu/gelu.hpp>
#include <vector>

namespace {

template <class T>
std::vector<T> inputs(std::size_t n) {
    std::vector<T> x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<T>(0.01 * static_cast<double>(i) - 1);
    return x;
}

// As far away as a function of another file is: in a program, too, the verb is seldom inlined into
// the loop that calls it.
template <class T, class Form>
GELU_NOINLINE void forward_directly(const T* in, T* out, std::size_t n, const Form& form) {
    gelu::forward(in, out, n, form);
}

template <class T, class Form>
void direct(benchmark::State& state) {
    const auto x = inputs<T>(static_cast<std::size_t>(state.range(0)));
    std::vector<T> y(x.size());
    for (auto _ : state) {
        forward_directly(x.data(), y.data(), x.size(), Form{});
        benchmark::ClobberMemory();
    }
}

template <class T, class Form>
void dispatched(benchmark::State& state) {
    gelu::dispatch::use(GELU_BENCH_SET);
    const auto x = inputs<T>(static_cast<std::size_t>(state.range(0)));
    std::vector<T> y(x.size());
    for (auto _ : state) {
        gelu::dispatch::forward(x.data(), y.data(), x.size(), Form{});
        benchmark::ClobberMemory();
    }
    state.SetLabel(gelu::dispatch::active().data());
}

// Also of a call that computes nothing: n = 0 ends before the choice, 1 is the least that doesn't.
#define GELU_BENCH(T, form)                                                                 \
    BENCHMARK_TEMPLATE(direct, T, gelu::form)->Arg(1)->Arg(4)->Arg(16)->Arg(64)->Arg(1024); \
    BENCHMARK_TEMPLATE(dispatched, T, gelu::form)->Arg(1)->Arg(4)->Arg(16)->Arg(64)->Arg(1024);

GELU_BENCH(float, erf_form)
GELU_BENCH(float, fast<gelu::tanh_form>)
GELU_BENCH(double, erf_form)

}  // namespace

BENCHMARK_MAIN();
