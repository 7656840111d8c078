// Memory between two pages that nobody may touch: an array flush against either faults at the
// first element read or written outside it.
#ifndef GELU_TESTS_SUPPORT_GUARD_PAGES_HPP
#define GELU_TESTS_SUPPORT_GUARD_PAGES_HPP

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>

namespace gelu_tests {

template <class T>
class guarded {
public:
    /// Room for at least n elements.
    explicit guarded(std::size_t n)
        : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
          bytes_((n * sizeof(T) + page_ - 1) / page_ * page_) {
        void* p = mmap(nullptr, bytes_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) throw std::bad_alloc();
        room_ = static_cast<char*>(p) + page_;
        set_writable(true);
    }
    ~guarded() { munmap(room_ - page_, bytes_ + 2 * page_); }
    guarded(const guarded&) = delete;
    guarded& operator=(const guarded&) = delete;

    /// All of it, from the page in front to the page behind.
    T* begin() const { return reinterpret_cast<T*>(room_); }
    T* end() const { return reinterpret_cast<T*>(room_ + bytes_); }

    /// n elements that start where the front page ends, or end where the rear page starts.
    T* front(std::size_t) const { return begin(); }
    T* back(std::size_t n) const { return end() - n; }

    void set_writable(bool writable) const {
        if (mprotect(room_, bytes_, writable ? PROT_READ | PROT_WRITE : PROT_READ) != 0)
            throw std::bad_alloc();
    }

private:
    std::size_t page_, bytes_;
    char* room_ = nullptr;
};

}  // namespace gelu_tests

#endif
