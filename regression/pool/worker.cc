// SPDX-License-Identifier: MIT
#include "regression/pool/worker.h"

#include <sys/eventfd.h>

#include <cstdio>
#include <exception>

#include "backends/interface/status.h"
#include "regression/measure/child_process.h"
#include "regression/pool/channel.h"

namespace assay::pool {
namespace {

constexpr int kFailed = 70;  // the tool's exit code for what should not be

Message answer(const Message& request, const Handler& handler, std::size_t most_bytes) {
  Message reply;
  reply.id = request.id;
  try {
    reply.text = handler(request.text);
    if (reply.text.size() > most_bytes) {
      throw Error(StatusCode::resource_exhausted,
                  "a reply of " + std::to_string(reply.text.size()) +
                      " bytes is longer than a slot of " + std::to_string(most_bytes));
    }
  } catch (const std::exception& error) {
    reply.failed = true;
    reply.text = std::string(error.what()).substr(0, most_bytes);
  }
  return reply;
}

}  // namespace

int serve(int parent, const Handler& handler) {
  measure::die_with_parent(parent);
  try {
    Channel channel = Channel::attach(kChannelFd);
    while (const auto request = channel.next_request()) {
      channel.send_reply(answer(*request, handler, channel.slot_bytes()));
      eventfd_write(kBellFd, 1);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "assay: pool worker: %s\n", error.what());
    return kFailed;
  }
}

}  // namespace assay::pool
