// What becomes of a process that runs a function: for code that is to abort with a message.
#ifndef GELU_TESTS_SUPPORT_CHILD_HPP
#define GELU_TESTS_SUPPORT_CHILD_HPP

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

namespace gelu_tests {

struct fate {
    int signal = 0;     // that ended it, 0: it ran to its end
    std::string error;  // what it wrote to stderr
};

/// Runs f in a child process.
template <class F>
fate fate_of(F f) {
    int ends[2];
    fate result;
    if (pipe(ends) != 0) return result;
    const pid_t child = fork();
    if (child == 0) {
        const rlimit no_core{0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        std::signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        f();
        _exit(0);
    }
    close(ends[1]);
    char text[512];
    for (ssize_t n; (n = read(ends[0], text, sizeof text)) > 0;)
        result.error.append(text, static_cast<std::size_t>(n));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    return result;
}

}  // namespace gelu_tests

#endif
