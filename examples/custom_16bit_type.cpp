// Your own 16-bit type: one line says which format it has, and it goes wherever float does.
#include <cstdint>
#include <cstdio>
#include <gelu/gelu.hpp>
#include <vector>

//! [custom]
namespace my {
/// A half as some file format or device driver hands it over: bits, and no arithmetic.
struct half {
    std::uint16_t bits;
};
}  // namespace my

template <>
struct gelu::storage_traits<my::half> : gelu::binary16_storage {};
//! [custom]

int main() {
    // Every finite half in [-4, 4], from its bits.
    std::vector<my::half> x;
    for (std::uint16_t magnitude = 0; magnitude <= 0x4400; ++magnitude) {
        x.push_back(my::half{magnitude});
        x.push_back(my::half{static_cast<std::uint16_t>(magnitude | 0x8000)});
    }
    std::vector<my::half> y(x.size());
    gelu::forward(x, y, gelu::tanh_form{});

    // Formats mix in one call: halves in, floats out.
    std::vector<float> wide(x.size());
    gelu::forward(x, wide, gelu::tanh_form{});

    // The results are the exact ones, rounded once. The library's own half has the same bits, and
    // converts.
    std::size_t different = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto in = static_cast<float>(gelu::float16::from_bits(x[i].bits));
        const gelu::float16 exact(gelu::forward(static_cast<double>(in), gelu::tanh_form{}));
        if (exact.bits != y[i].bits) ++different;
    }
    std::printf("gelu(half 0x3c00 = 1) = half 0x%04x, %.9g as float\n",
                static_cast<unsigned>(y[2 * 0x3c00].bits), static_cast<double>(wide[2 * 0x3c00]));
    std::printf("%zu of %zu results differ from the double result rounded to half\n", different,
                x.size());
    return different == 0 ? 0 : 1;
}
