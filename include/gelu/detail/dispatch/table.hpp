// What the files of the library gelu_dispatch share: the functions of one instruction set. Part of
// the library's sources, not installed.
#ifndef GELU_DETAIL_DISPATCH_TABLE_HPP
#define GELU_DETAIL_DISPATCH_TABLE_HPP

#include <stddef.h>

namespace gelu_dispatch {

// The functions of one set. form: a gelu_form, perhaps with GELU_FAST; constant: finite and
// positive; the arrays satisfy what the verbs require. Indexed by the gelu_type that all arrays of
// a call have. They return GELU_OK, so that the functions of the C interface can end in a jump to
// them.
struct table {
    int (*transform[4][3])(const void* in, void* out, size_t n, int form,
                           double constant) noexcept;  // by order, too
    int (*backward[4])(const void* grad, const void* in, void* grad_in, size_t n, int form,
                       double constant) noexcept;
    // Between float and the 16-bit types; null for the others.
    void (*widen[4])(const void* in, float* out, size_t n) noexcept;
    void (*narrow[4])(const float* in, void* out, size_t n) noexcept;
};

}  // namespace gelu_dispatch

#endif
