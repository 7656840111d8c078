// ONNX Runtime: a model of one node each, which its own kernels carry out.
#include <fcntl.h>
#include <onnxruntime_c_api.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "peer.hpp"

namespace {
using namespace compare;

const OrtApi* api() {
    static const OrtApi* a = OrtGetApiBase()->GetApi(ORT_API_VERSION);
    return a;
}
void check(OrtStatus* status) {
    if (!status) return;
    const std::string message = api()->GetErrorMessage(status);
    api()->ReleaseStatus(status);
    throw std::runtime_error("ONNX Runtime: " + message);
}

// The model in protobuf's wire format: a field is its number and kind, then a length and bytes, or
// an integer.
std::string integer(std::uint64_t value) {
    std::string bytes;
    for (; value >= 128; value >>= 7) bytes += static_cast<char>(value & 127 | 128);
    return bytes + static_cast<char>(value);
}
std::string field(int number, const std::string& bytes) {
    return integer(static_cast<std::uint64_t>(number) << 3 | 2) + integer(bytes.size()) + bytes;
}
std::string field(int number, int value) {
    return integer(static_cast<std::uint64_t>(number) << 3) +
           integer(static_cast<std::uint64_t>(value));
}
std::string tensor(const std::string& name) {  // of float, of one dimension "n"
    const std::string shape = field(1, field(2, std::string("n")));
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)));
}
std::string model(const std::string& domain, const std::string& op) {
    const std::string node =
        field(1, std::string("x")) + field(2, std::string("y")) + field(4, op) + field(7, domain);
    const std::string graph = field(1, node) + field(2, std::string("gelu")) +
                              field(11, tensor("x")) + field(12, tensor("y"));
    return field(1, 8) + field(7, graph) + field(8, field(1, std::string()) + field(2, 20)) +
           field(8, field(1, std::string("com.microsoft")) + field(2, 1));
}

/// Debian's build registers every operator twice, and says so at length.
class silence {
public:
    silence() : shown_(dup(STDERR_FILENO)) {
        const int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDERR_FILENO);
        close(nowhere);
    }
    ~silence() {
        dup2(shown_, STDERR_FILENO);
        close(shown_);
    }
    silence(const silence&) = delete;
    silence& operator=(const silence&) = delete;

private:
    int shown_;
};

OrtSession* session(const std::string& domain, const std::string& op) {
    const silence during_this;
    static OrtEnv* environment = [] {
        OrtEnv* e;
        check(api()->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "gelu_compare", &e));
        return e;
    }();
    OrtSessionOptions* options;
    check(api()->CreateSessionOptions(&options));
    check(api()->SetIntraOpNumThreads(options, 1));
    check(api()->SetInterOpNumThreads(options, 1));
    const std::string bytes = model(domain, op);
    OrtSession* s;
    check(api()->CreateSessionFromArray(environment, bytes.data(), bytes.size(), options, &s));
    api()->ReleaseSessionOptions(options);
    return s;
}

OrtValue* value(const float* p, std::size_t n) {
    static OrtMemoryInfo* memory = [] {
        OrtMemoryInfo* m;
        check(api()->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &m));
        return m;
    }();
    const auto size = static_cast<std::int64_t>(n);
    OrtValue* v;
    check(api()->CreateTensorWithDataAsOrtValue(memory, const_cast<float*>(p), n * sizeof(float),
                                                &size, 1, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &v));
    return v;
}

void run(OrtSession* s, const float* in, float* out, std::size_t n) {
    OrtValue* x = value(in, n);
    OrtValue* y = value(out, n);
    const char* const from = "x";
    const char* const to = "y";
    check(api()->Run(s, nullptr, &from, &x, 1, &to, 1, &y));
    api()->ReleaseValue(x);
    api()->ReleaseValue(y);
}

void gelu(const float*, const float* in, float* out, std::size_t n) {
    static OrtSession* s = session("com.microsoft", "Gelu");
    run(s, in, out, n);
}
void fast_gelu(const float*, const float* in, float* out, std::size_t n) {
    static OrtSession* s = session("com.microsoft", "FastGelu");
    run(s, in, out, n);
}
void quick_gelu(const float*, const float* in, float* out, std::size_t n) {
    static OrtSession* s = session("com.microsoft", "QuickGelu");  // its alpha is 1.702 by default
    run(s, in, out, n);
}

const entry entries[] = {
    {"Gelu", form::exact, verb::forward, gelu, nullptr},
    {"FastGelu", form::tanh, verb::forward, fast_gelu, nullptr},
    {"QuickGelu", form::sigmoid, verb::forward, quick_gelu, nullptr},
};
}  // namespace

const peer* gelu_compare_peer() {
    static const std::string version = OrtGetApiBase()->GetVersionString();
    static const peer self = {"ONNX Runtime", version.c_str(), entries,
                              sizeof entries / sizeof *entries};
    return &self;
}
