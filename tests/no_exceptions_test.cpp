// Compiled with -fno-exceptions -fno-rtti, and so without Catch2: results as ever, and a range
// error, which elsewhere throws, prints its message and aborts.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <gelu/gelu.hpp>
#include <string>

#if defined(__cpp_exceptions) || defined(__cpp_rtti)
#error "this test is to be compiled with -fno-exceptions -fno-rtti"
#endif

namespace {

int failures = 0;

void check(bool holds, const char* what) {
    if (!holds) {
        std::printf("failed: %s\n", what);
        ++failures;
    }
}

#if defined(__EMSCRIPTEN__)  // has no processes
template <class F>
void check_aborts(F&&, const char*) {}
#else
template <class F>
void check_aborts(F&& f, const char* message) {
    int channel[2] = {};
    if (pipe(channel) != 0) std::perror("pipe");
    const pid_t child = fork();
    if (child == 0) {
        dup2(channel[1], STDERR_FILENO);
        f();
        _exit(0);
    }
    close(channel[1]);
    std::string text;
    char part[256];
    for (ssize_t n; (n = read(channel[0], part, sizeof part)) > 0;)
        text.append(part, static_cast<std::size_t>(n));
    close(channel[0]);
    int status = 0;
    waitpid(child, &status, 0);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "a range error aborts");
    if (text.find(message) == std::string::npos) {
        std::printf("the message lacks '%s': %s\n", message, text.c_str());
        ++failures;
    }
}
#endif

template <class T>
void check_type() {
    std::array<T, 37> x{}, y{}, slope{};
    x[36] = T(1);
    gelu::forward(x, y);
    gelu::forward(x.data(), y.data(), x.size(), gelu::approximation::tanh);
    gelu::forward_with_derivative(x, y, slope, gelu::sigmoid_form{});
    gelu::forward_with_derivative(x, y, slope);
    check(y[0] == T(0) && slope[0] == T(0.5), "g(0) = 0, g'(0) = 1/2");
    check(y[36] > T(0.8413) && y[36] < T(0.8414), "g(1) = 0.8413...");
    check(slope[36] > T(1.0833) && slope[36] < T(1.0834), "g'(1) = 1.0833...");
    std::array<T, 3> few{};
    check_aborts([&] { gelu::forward(x, few); }, "37");
    check_aborts([&] { gelu::forward(x, y, gelu::tanh_form{-1.0}); }, "cubic");
}

}  // namespace

int main() {
    check_type<float>();
    check_type<double>();
    check_aborts([] { (void)gelu::parse_approximation("relu"); }, "relu");
    std::printf("%d failures\n", failures);
    return failures != 0;
}
