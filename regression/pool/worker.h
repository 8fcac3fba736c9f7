// SPDX-License-Identifier: MIT
// The other side of a pool: the loop of a worker process.
#ifndef ASSAY_REGRESSION_POOL_WORKER_H_
#define ASSAY_REGRESSION_POOL_WORKER_H_

#include <functional>
#include <string>
#include <string_view>

namespace assay::pool {

// File descriptors of a worker, besides the standard ones: its channel, the bell it
// rings after a reply, and the file of Options::data_fd, when there is one.
inline constexpr int kChannelFd = 3;
inline constexpr int kBellFd = 4;
inline constexpr int kDataFd = 5;

// From a request to its reply. What it throws (derived from std::exception) is a failed
// reply, and the worker goes on.
using Handler = std::function<std::string(std::string_view request)>;

// Serves requests one after the other until the pool closes the channel. Dies with
// `parent`, the process that started it. Returns the exit status of the process; what
// is wrong before the first request goes to standard error as one line.
int serve(int parent, const Handler& handler);

}  // namespace assay::pool

#endif  // ASSAY_REGRESSION_POOL_WORKER_H_
