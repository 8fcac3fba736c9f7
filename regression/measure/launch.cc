// SPDX-License-Identifier: MIT
#include "regression/measure/launch.h"

#include <unistd.h>

#include "regression/measure/serve.h"

namespace assay::measure {

Environment library_worker_environment(const vendor::LibrarySpec& library,
                                       const LaunchOptions& options) {
  Environment additions = library.environment(static_cast<int>(options.compute_units));
  additions.insert(additions.end(), options.additions.begin(), options.additions.end());
  return worker_environment(additions);
}

ChildReply launch_worker(const WorkerRequest& request,
                         const vendor::LibrarySpec& library,
                         const LaunchOptions& options) {
  ChildRequest child;
  child.executable = options.executable;
  child.arguments = {"worker", std::to_string(getpid())};
  child.environment = library_worker_environment(library, options);
  child.input = to_message(request);
  child.shared_fd = options.shared_fd;
  child.timeout = options.timeout;
  child.cancel = options.cancel;
  ChildReply reply = run_child(child);
  // Our own workers answer before they end well; another's file may be no assay.
  if (options.executable == LaunchOptions().executable && reply.ok() &&
      reply.reply.empty()) {
    reply.code = kWorkerFailed;
    reply.output += "\nsomething in it ended the process before it had answered";
  }
  return reply;
}

WorkerReply reply_of(const ChildReply& child, const LaunchOptions& options) {
  if (!child.reply.starts_with('{')) {
    throw Error(StatusCode::invalid_argument,
                options.executable + " is no assay: started as one of its workers it " +
                    (child.reply.empty() ? "answers nothing" : "answers nonsense") +
                    "; give the 'assay' that was built from the other commit");
  }
  return parse_reply(child.reply);
}

WorkerRequest request_for(const vendor::LibrarySpec& library, const std::string& device,
                          std::uint32_t compute_units) {
  WorkerRequest request;
  request.device = device;
  request.library_name = library.name;
  request.library_path = library.path;
  request.library_threads =
      library.calling == vendor::Calling::whole ? static_cast<int>(compute_units) : 1;
  return request;
}

LibraryAccount audit_library(const vendor::LibrarySpec& library,
                             const std::string& device, const LaunchOptions& options,
                             DType type) {
  WorkerRequest request = request_for(library, device, options.compute_units);
  request.task = WorkerTask::audit;
  request.dtype = to_string(type);
  const ChildReply child = launch_worker(request, library, options);
  LibraryAccount account;
  account.audit.name = library.name;
  if (child.ok()) {
    const WorkerReply reply = reply_of(child, options);
    account.audit = reply.audit;
    account.peak_gflops = reply.peak_gflops;
    account.peak_gflops_one = reply.peak_gflops_one;
    account.peak_gbs = reply.peak_gbs;
  } else if (child.end == ChildReply::End::exited &&
             (child.code == kWorkerInvalid || child.code == kWorkerUnavailable)) {
    // The user's mistake, not a measurement: said as such, before anything else runs.
    throw Error(child.code == kWorkerInvalid ? StatusCode::invalid_argument
                                             : StatusCode::unavailable,
                child.last_line());
  } else if (child.end != ChildReply::End::cancelled) {
    account.failure = "audit of " + library.name + ": " + child.description();
  }
  return account;
}

}  // namespace assay::measure
