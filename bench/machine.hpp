// What a measurement must say about where it was made.
#ifndef GELU_BENCH_MACHINE_HPP
#define GELU_BENCH_MACHINE_HPP

#include <fstream>
#include <gelu/version.hpp>
#include <string>
#include <utility>
#include <vector>
#include <xsimd/xsimd.hpp>

namespace bench {

inline std::string cpu_name() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("model name", 0) != 0) continue;
        const std::size_t colon = line.find(": ");
        if (colon != std::string::npos) return line.substr(colon + 2);
    }
    return "unknown";
}

inline std::string compiler() {
#if defined(__clang__)
    return "clang " + std::to_string(__clang_major__) + '.' + std::to_string(__clang_minor__) +
           '.' + std::to_string(__clang_patchlevel__);
#elif defined(__GNUC__)
    return "gcc " __VERSION__;
#else
    return "unknown";
#endif
}

inline std::string xsimd_version() {
    return std::to_string(XSIMD_VERSION_MAJOR) + '.' + std::to_string(XSIMD_VERSION_MINOR) + '.' +
           std::to_string(XSIMD_VERSION_PATCH);
}

/// The instruction set that this program was compiled for, in xsimd's words.
inline std::string instruction_set() {
#if defined(XSIMD_NO_SUPPORTED_ARCHITECTURE)
    return "none";
#else
    return xsimd::default_arch::name();
#endif
}

inline std::vector<std::pair<std::string, std::string>> machine_facts() {
    return {{"cpu", cpu_name()},
            {"compiler", compiler()},
            {"instruction_set", instruction_set()},
            {"gelu", GELU_VERSION_STRING},
            {"xsimd", xsimd_version()}};
}

}  // namespace bench

#endif
