// SPDX-License-Identifier: MIT
// The two messages between a run and its workers, as JSON lines.
#include <utility>

#include "regression/json/cursor.h"
#include "regression/json/value.h"
#include "regression/measure/results_io.h"
#include "regression/measure/worker.h"

namespace assay::measure {
namespace {

using json::Cursor;
using json::Value;

// A comparison travels as its own line inside the message, and an audit inside a
// comparison: one place knows how they are written.
Comparison audit_carrier(const LibraryAudit& audit) {
  Comparison carrier;
  carrier.audit = audit;
  return carrier;
}

Scope scope_at(const Cursor& cursor) {
  const auto scope = parse_scope(cursor.as_string());
  if (!scope) cursor.fail("unknown scope");
  return *scope;
}

}  // namespace

std::string to_message(const WorkerRequest& request) {
  Value::Array scopes;
  for (const Scope scope : request.scopes) scopes.emplace_back(to_string(scope));
  return json::to_text(Value(Value::Object{
                           {"protocol", kWorkerProtocol},
                           {"audit", request.task == WorkerTask::audit},
                           {"oracle", request.task == WorkerTask::oracle},
                           {"kind", static_cast<unsigned>(request.kind)},
                           {"inject", request.inject},
                           {"device", request.device},
                           {"library_name", request.library_name},
                           {"library_path", request.library_path},
                           {"library_threads", request.library_threads},
                           {"op", request.op},
                           {"shape", request.shape},
                           {"dtype", request.dtype},
                           {"data", request.data},
                           {"seed", request.seed},
                           {"implementation", request.implementation},
                           {"library_implementation", request.library_implementation},
                           {"scopes", std::move(scopes)},
                           {"blocks", request.blocks},
                           {"epoch_ms", request.epoch_ms},
                           {"pass_ms", request.pass_ms},
                           {"process", request.process},
                       }),
                       json::Layout::line);
}

WorkerRequest parse_request(const std::string& message) {
  const Value document = json::parse(message);
  const Cursor root(document);
  const int protocol = root.at("protocol").as_integer<int>();
  if (protocol != kWorkerProtocol) {
    throw Error(StatusCode::invalid_argument,
                "this build's workers speak protocol " +
                    std::to_string(kWorkerProtocol) + ", they were asked in protocol " +
                    std::to_string(protocol) + ": the two builds are too far apart");
  }
  WorkerRequest request;
  const auto kind = root.at("kind").as_integer<unsigned>();
  if (kind > static_cast<unsigned>(CaseKind::control_after_library)) {
    root.at("kind").fail("unknown kind of case");
  }
  request.kind = static_cast<CaseKind>(kind);
  request.inject = root.at("inject").as_double();
  request.task = root.at("audit").as_bool() ? WorkerTask::audit : WorkerTask::measure;
  // Builds before this one do not know of it, and have it asked of nobody else.
  const auto oracle = root.find("oracle");
  if (oracle && oracle->as_bool()) request.task = WorkerTask::oracle;
  request.device = root.at("device").as_string();
  request.library_name = root.at("library_name").as_string();
  request.library_path = root.at("library_path").as_string();
  request.library_threads = root.at("library_threads").as_integer<int>();
  request.op = root.at("op").as_string();
  request.shape = root.at("shape").as_string();
  request.dtype = root.at("dtype").as_string();
  request.data = root.at("data").as_string();
  request.seed = root.at("seed").as_uint64();
  request.implementation = root.at("implementation").as_string();
  request.library_implementation = root.at("library_implementation").as_string();
  for (const Cursor& item : root.at("scopes").items()) {
    request.scopes.push_back(scope_at(item));
  }
  request.blocks = root.at("blocks").as_integer<std::uint32_t>();
  request.epoch_ms = root.at("epoch_ms").as_double();
  request.pass_ms = root.at("pass_ms").as_double();
  request.process = root.at("process").as_uint64();
  return request;
}

std::string to_message(const WorkerReply& reply) {
  Value::Array comparisons;
  for (const Comparison& comparison : reply.comparisons) {
    comparisons.emplace_back(to_line(comparison));
  }
  return json::to_text(Value(Value::Object{
                           {"comparisons", std::move(comparisons)},
                           {"audit", to_line(audit_carrier(reply.audit))},
                           {"peak_gflops", reply.peak_gflops},
                           {"peak_gflops_one", reply.peak_gflops_one},
                           {"peak_gbs", reply.peak_gbs},
                           {"build_version", reply.build_version},
                           {"build_commit", reply.build_commit},
                       }),
                       json::Layout::line);
}

WorkerReply parse_reply(const std::string& message) {
  const Value document = json::parse(message, json::kResultsLimits);
  const Cursor root(document);
  WorkerReply reply;
  for (const Cursor& item : root.at("comparisons").items()) {
    reply.comparisons.push_back(comparison_from_line(item.as_string()));
  }
  reply.audit = comparison_from_line(root.at("audit").as_string()).audit;
  reply.peak_gflops = root.at("peak_gflops").as_double();
  reply.peak_gflops_one = root.at("peak_gflops_one").as_double();
  reply.peak_gbs = root.at("peak_gbs").as_double();
  reply.build_version = root.at("build_version").as_string();
  reply.build_commit = root.at("build_commit").as_string();
  return reply;
}

}  // namespace assay::measure
