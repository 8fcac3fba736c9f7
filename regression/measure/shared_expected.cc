// SPDX-License-Identifier: MIT
#include "regression/measure/shared_expected.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace assay::measure {
namespace {

// Layout: element count, then values, bounds, and one byte an element for `written`.
std::size_t file_bytes(std::uint64_t count) {
  return sizeof(count) + count * (2 * sizeof(double) + 1);
}

class Mapped {
 public:
  Mapped(int fd, std::size_t bytes, int protection)
      : bytes_(bytes), data_(mmap(nullptr, bytes, protection, MAP_SHARED, fd, 0)) {
    if (data_ == MAP_FAILED) {
      throw Error(StatusCode::out_of_memory,
                  std::string("cannot map shared memory: ") + std::strerror(errno));
    }
  }
  ~Mapped() { munmap(data_, bytes_); }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  std::byte* data() const noexcept { return static_cast<std::byte*>(data_); }

 private:
  std::size_t bytes_;
  void* data_;
};

[[noreturn]] void cannot_create() {
  throw Error(StatusCode::internal,
              std::string("cannot create shared memory: ") + std::strerror(errno));
}

}  // namespace

SharedExpected::SharedExpected() : fd_(memfd_create("assay-expected", MFD_CLOEXEC)) {
  if (fd_ < 0) cannot_create();
}

SharedExpected::SharedExpected(const Expected& expected) : SharedExpected() {
  write_shared_expected(fd_, expected);
}

void write_shared_expected(int fd, const Expected& expected) {
  const std::uint64_t count = expected.value.size();
  const std::size_t bytes = file_bytes(count);
  if (ftruncate(fd, static_cast<off_t>(bytes)) != 0) cannot_create();
  const Mapped map(fd, bytes, PROT_READ | PROT_WRITE);
  std::byte* out = map.data();
  std::memcpy(out, &count, sizeof(count));
  out += sizeof(count);
  if (count == 0) return;
  std::memcpy(out, expected.value.data(), count * sizeof(double));
  out += count * sizeof(double);
  std::memcpy(out, expected.bound.data(), count * sizeof(double));
  out += count * sizeof(double);
  for (std::uint64_t i = 0; i < count; ++i) out[i] = std::byte{expected.written[i]};
}

SharedExpected::SharedExpected(SharedExpected&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

SharedExpected::~SharedExpected() {
  if (fd_ >= 0) close(fd_);
}

Expected read_shared_expected(int fd) {
  const off_t size = lseek(fd, 0, SEEK_END);
  std::uint64_t count = 0;
  if (size < static_cast<off_t>(sizeof(count))) {
    throw Error(StatusCode::bad_file, "shared memory: no oracle data");
  }
  const auto bytes = static_cast<std::size_t>(size);
  const Mapped map(fd, bytes, PROT_READ);
  const std::byte* in = map.data();
  std::memcpy(&count, in, sizeof(count));
  if (count > bytes || file_bytes(count) != bytes) {
    throw Error(StatusCode::bad_file, "shared memory: the oracle data do not add up");
  }
  in += sizeof(count);
  Expected expected;
  expected.value.resize(count);
  expected.bound.resize(count);
  expected.written.resize(count);
  if (count == 0) return expected;
  std::memcpy(expected.value.data(), in, count * sizeof(double));
  in += count * sizeof(double);
  std::memcpy(expected.bound.data(), in, count * sizeof(double));
  in += count * sizeof(double);
  for (std::uint64_t i = 0; i < count; ++i) expected.written[i] = in[i] != std::byte{0};
  return expected;
}

Expected compute_expected(const Problem& problem, DataFamily data, std::uint64_t seed) {
  std::vector<std::vector<std::byte>> contents;
  std::vector<std::span<const std::byte>> views;
  for (std::size_t i = 0; i < problem.operands().size(); ++i) {
    contents.emplace_back(problem.operands()[i].bytes());
    problem.fill(i, data, seed, contents.back());
  }
  views.assign(contents.begin(), contents.end());
  return problem.expected(views, data);
}

}  // namespace assay::measure
