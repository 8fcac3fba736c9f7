// SPDX-License-Identifier: MIT
// The pool of every device: it needs buffers and points, and nothing of what is behind.
#ifndef ASSAY_BACKENDS_RUNTIME_MEMORY_POOL_H_
#define ASSAY_BACKENDS_RUNTIME_MEMORY_POOL_H_

#include <cstddef>
#include <functional>
#include <memory>

#include "backends/interface/memory_pool.h"

namespace assay::runtime {

// As Device::create_buffer, and keeps the device open.
using BufferFactory = std::function<std::shared_ptr<Buffer>(const BufferDesc& desc)>;

std::shared_ptr<MemoryPool> make_memory_pool(BufferFactory factory,
                                             const PoolDesc& desc,
                                             std::size_t max_buffer_bytes);

// Sizes are rounded up to four steps a doubling, so that a block serves requests down
// to four fifths of its size and at most a quarter is wasted. The number of the class,
// and the size of its blocks. Requires bytes <= 2^63.
struct SizeClass {
  std::size_t index = 0;
  std::size_t bytes = 0;
};
SizeClass size_class(std::size_t bytes) noexcept;

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_MEMORY_POOL_H_
