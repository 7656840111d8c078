// Google Benchmark over every verb x form x tier x element type x size: the library's arrays (gelu)
// against its scalar reference (scalar) and loops over <cmath> (naive), with memcpy as the ceiling.
//
//   gelu_bench_<instruction set> [--input=NAME[,NAME...]|all] [--benchmark_...]
//
// Names are implementation/verb/form/tier/type/input/size; --benchmark_filter selects by them. An
// input is one of those that --help lists or file:PATH with raw float32 values.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstring>
#include <exception>

#include "cases.hpp"
#include "machine.hpp"

namespace {

using namespace bench;

template <class T>
arrays<T> prepare(const std::string& input, std::size_t n, form_id form, int order) {
    static workspace<T> arrays;
    return arrays.get(input, n, form, order);
}

void count(benchmark::State& state, std::size_t n, std::size_t bytes_each) {
    const auto items = static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(n);
    state.SetItemsProcessed(items);
    state.SetBytesProcessed(items * static_cast<std::int64_t>(bytes_each));
}

template <class T, class Verb, class FormCase, class Run>
void add(const std::string& implementation, const std::string& tier, const std::string& input,
         std::size_t n, Run run) {
    const std::string name = implementation + '/' + Verb::name + '/' + FormCase::name + '/' + tier +
                             '/' + type_name<T>::value + '/' + input + '/' + std::to_string(n);
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        const arrays<T> a = prepare<T>(input, n, FormCase::id, Verb::order);
        for (auto _ : state) {
            run(a);
            benchmark::ClobberMemory();
        }
        count(state, n, Verb::streams * sizeof(T));
    });
}

template <class T>
void add_type(const std::string& input, std::size_t n) {
    const std::string copy =
        std::string("memcpy/") + type_name<T>::value + '/' + input + '/' + std::to_string(n);
    benchmark::RegisterBenchmark(copy.c_str(), [=](benchmark::State& state) {
        const arrays<T> a = prepare<T>(input, n, form_id::erf, 0);
        for (auto _ : state) {
            std::memcpy(a.out, a.in, n * sizeof(T));
            benchmark::ClobberMemory();
        }
        count(state, n, 2 * sizeof(T));
    });
    for_each(verbs{}, [&](auto verb) {
        using Verb = decltype(verb);
        for_each(forms{}, [&](auto form_case) {
            using FormCase = decltype(form_case);
            const typename FormCase::form form{};
            for_each(tiers{}, [&](auto tier) {
                add<T, Verb, FormCase>("gelu", tier.name, input, n, [=](const arrays<T>& a) {
                    Verb::simd(a, tier.apply(form));
                });
            });
            add<T, Verb, FormCase>("scalar", "reference", input, n,
                                   [=](const arrays<T>& a) { Verb::scalar(a, form); });
            add<T, Verb, FormCase>("naive", "cmath", input, n,
                                   [=](const arrays<T>& a) { Verb::template naive<FormCase>(a); });
        });
    });
}

std::vector<std::string> split(const std::string& words) {
    std::vector<std::string> all;
    for (std::size_t begin = 0; begin <= words.size();) {
        const std::size_t end = std::min(words.find(',', begin), words.size());
        all.push_back(words.substr(begin, end - begin));
        begin = end + 1;
    }
    return all;
}

void list_inputs() {
    std::printf("gelu_bench [--input=NAME[,NAME...]|all], default n02:\n");
    for (const input_kind& kind : input_kinds) std::printf("  %-14s %s\n", kind.name, kind.what);
    std::printf("  %-14s raw float32 values of a file\n\n", "file:PATH");
}

}  // namespace

int main(int argc, char** argv) try {
    std::vector<std::string> inputs{"n02"};
    int kept = 1;
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        if (option == "--help") list_inputs();
        if (option == "--input=all") {
            inputs.clear();
            for (const input_kind& kind : input_kinds) inputs.push_back(kind.name);
        } else if (option.rfind("--input=", 0) == 0) {
            inputs = split(option.substr(8));
        } else {
            argv[kept++] = argv[i];
        }
    }
    argc = kept;
    argv[argc] = nullptr;
    for (const std::string& input : inputs) make_input<float>(input, 1);  // throws on a wrong name

    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    for (const auto& fact : machine_facts()) benchmark::AddCustomContext(fact.first, fact.second);
    for (const std::size_t n : sizes)
        for (const std::string& input : inputs)
            for_each(element_types{},
                     [&](auto t) { add_type<typename decltype(t)::element>(input, n); });
    benchmark::RunSpecifiedBenchmarks();
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "gelu_bench: %s\n", e.what());
    return 1;
}
