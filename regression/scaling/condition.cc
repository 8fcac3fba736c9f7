// SPDX-License-Identifier: MIT
#include "regression/scaling/condition.h"

#include <algorithm>

namespace assay::scaling {

std::string_view to_string(WorkerKind kind) noexcept {
  switch (kind) {
    case WorkerKind::threads:
      return "threads";
    case WorkerKind::processes:
      return "processes";
  }
  return "unknown";
}

std::optional<WorkerKind> parse_worker_kind(std::string_view name) noexcept {
  for (const WorkerKind kind : {WorkerKind::threads, WorkerKind::processes}) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

Condition normalized(Condition condition) noexcept {
  if (condition.bare) return bare_of(condition);
  if (condition.sync_mode == SyncMode::none) condition.sync_every = 0;
  if (condition.sync_every == 0) condition.sync_mode = SyncMode::none;
  if (condition.sync_every != 0 && condition.in_flight >= condition.sync_every) {
    condition.in_flight = 0;
  }
  if (condition.kind == WorkerKind::processes) condition.shared_queue = false;
  return condition;
}

Condition baseline_of(Condition condition) noexcept {
  condition.workers = 1;
  return condition;
}

Condition bare_of(const Condition& condition) noexcept {
  Condition bare;
  bare.kind = condition.kind;
  bare.workers = condition.workers;
  bare.sync_mode = SyncMode::none;
  bare.sync_every = 0;
  bare.bare = true;
  return bare;
}

std::string id(const Condition& condition) {
  if (condition.bare) {
    return std::string(to_string(condition.kind)) + ".bare.workers-" +
           std::to_string(condition.workers);
  }
  return std::string(to_string(condition.kind)) + "." +
         std::string(measure::to_string(condition.sync_mode)) +
         (condition.shared_queue ? ".shared" : ".own") + ".every-" +
         std::to_string(condition.sync_every) + ".depth-" +
         std::to_string(condition.in_flight) + ".batch-" +
         std::to_string(condition.batch) + ".workers-" +
         std::to_string(condition.workers);
}

std::string describe(const Condition& condition) {
  if (condition.bare) {
    return "no device, each calls the kernel itself: what the machine has to give, " +
           std::string(to_string(condition.kind));
  }
  std::string text = condition.sync_mode == SyncMode::none
                         ? "no sync before the end"
                         : std::string(measure::to_string(condition.sync_mode)) +
                               " sync every " + std::to_string(condition.sync_every);
  text += condition.shared_queue ? ", one shared queue" : ", a queue each";
  if (condition.in_flight != 0) {
    text += ", at most " + std::to_string(condition.in_flight) + " in flight";
  }
  if (condition.batch != 1) text += ", batch " + std::to_string(condition.batch);
  return text + ", " + std::string(to_string(condition.kind));
}

std::vector<Condition> conditions(const Sweep& sweep) {
  std::vector<std::uint32_t> workers = sweep.workers;
  workers.push_back(1);
  std::sort(workers.begin(), workers.end());
  workers.erase(std::unique(workers.begin(), workers.end()), workers.end());

  // All but the number of workers; a sweep is small, so doubles are looked for plainly.
  std::vector<Condition> bases;
  const auto add = [&](Condition condition) {
    condition = normalized(condition);
    if (std::find(bases.begin(), bases.end(), condition) == bases.end()) {
      bases.push_back(condition);
    }
  };
  Condition at;
  for (const WorkerKind kind : sweep.kinds) {
    for (const SyncMode mode : sweep.sync_modes) {
      for (const bool shared : sweep.shared_queues) {
        for (const std::uint32_t every : sweep.sync_every) {
          for (const std::uint32_t depth : sweep.in_flight) {
            for (const std::uint32_t batch : sweep.batch) {
              at = {kind, 1, mode, shared, every, depth, batch, false};
              add(at);
            }
          }
        }
      }
    }
    at = {};
    at.kind = kind;
    if (sweep.bare) add(bare_of(at));
  }
  std::vector<Condition> all;
  for (Condition base : bases) {
    for (const std::uint32_t count : workers) {
      base.workers = count;
      all.push_back(base);
    }
  }
  return all;
}

}  // namespace assay::scaling
