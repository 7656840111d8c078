// Compiled with -fno-exceptions -fno-rtti, and so without Catch2: errors that throw elsewhere print
// their message and abort.
#include <gelu/dispatch.hpp>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "support/child.hpp"

namespace {

int failures = 0;

template <class F>
void check_aborts(F f, const char* message) {
    const auto fate = gelu_tests::fate_of(f);
    if (fate.signal == SIGABRT && fate.error.find(message) != std::string::npos) return;
    std::printf("signal %d, message without '%s': %s\n", fate.signal, message, fate.error.c_str());
    ++failures;
}

}  // namespace

int main() {
    std::vector<float> x(37, 1.0f), y(37), few(3);
    gelu::dispatch::forward(x, y);
    if (!(y[36] > 0.8413f && y[36] < 0.8414f)) ++failures;
    check_aborts([] { gelu::dispatch::use("avx1024"); }, "unknown instruction set \"avx1024\"");
    check_aborts([&] { gelu::dispatch::forward(x, few); }, "in has 37 elements and out has 3");
    std::printf("%d failures\n", failures);
    return failures != 0;
}
