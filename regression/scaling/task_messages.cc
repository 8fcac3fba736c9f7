// SPDX-License-Identifier: MIT
#include <utility>

#include "regression/scaling/task.h"

namespace assay::scaling {
namespace {

using json::Cursor;
using json::Value;

template <typename Parsed>
auto named(const Cursor& cursor, const Parsed& parse) {
  const auto value = parse(cursor.as_string());
  if (!value) cursor.fail("unknown name '" + cursor.as_string() + "'");
  return *value;
}

Cursor opened(const Value& document) {
  Cursor root(document);
  if (root.at("protocol").as_integer<int>() != kTaskProtocol) {
    root.at("protocol").fail("the other process speaks another protocol");
  }
  return root;
}

}  // namespace

Value to_json(const Cell& cell) {
  Value::Object members;
  for (const Figure& figure : figures()) {
    members.emplace(figure.name, json::any_double(cell.*figure.value));
  }
  members.emplace("failure", cell.failure);
  return members;
}

Cell cell_at(const Cursor& cursor) {
  Cell cell;
  for (const Figure& figure : figures()) {
    cell.*figure.value = cursor.at(figure.name).as_any_double();
  }
  cell.failure = cursor.at("failure").as_string();
  return cell;
}

Value to_json(const Condition& condition) {
  return Value::Object{
      {"workers_are", to_string(condition.kind)},
      {"workers", condition.workers},
      {"sync_mode", measure::to_string(condition.sync_mode)},
      {"shared_queue", condition.shared_queue},
      {"sync_every", condition.sync_every},
      {"in_flight", condition.in_flight},
      {"batch", condition.batch},
      {"bare", condition.bare},
  };
}

Condition condition_at(const Cursor& cursor) {
  Condition condition;
  condition.kind = named(cursor.at("workers_are"), parse_worker_kind);
  condition.workers = cursor.at("workers").as_integer<std::uint32_t>();
  condition.sync_mode = named(cursor.at("sync_mode"), measure::parse_sync_mode);
  condition.shared_queue = cursor.at("shared_queue").as_bool();
  condition.sync_every = cursor.at("sync_every").as_integer<std::uint32_t>();
  condition.in_flight = cursor.at("in_flight").as_integer<std::uint32_t>();
  condition.batch = cursor.at("batch").as_integer<std::uint32_t>();
  condition.bare = cursor.at("bare").as_bool();
  return condition;
}

std::string to_message(const Task& task) {
  Value::Array conditions;
  for (const Condition& condition : task.conditions) {
    conditions.push_back(to_json(condition));
  }
  const Value document = Value::Object{
      {"protocol", kTaskProtocol},
      {"device", task.device},
      {"op", task.work.op},
      {"shape", task.work.shape},
      {"implementation", task.work.implementation},
      {"seed", task.work.seed},
      {"chain_steps", task.work.chain_steps},
      {"lend_one", task.work.lend_one},
      {"chain_us", task.chain_us},
      {"library_name", task.library_name},
      {"library_path", task.library_path},
      {"library_threads", task.library_threads},
      {"iterations", task.iterations},
      {"cell_ms", task.cell_ms},
      {"budget_s", task.budget_s},
      {"conditions", std::move(conditions)},
  };
  return json::to_text(document, json::Layout::line);
}

Task parse_task(const std::string& message) {
  const Value document = json::parse(message);
  const Cursor root = opened(document);
  Task task;
  task.device = root.at("device").as_string();
  task.work.op = root.at("op").as_string();
  task.work.shape = root.at("shape").as_string();
  task.work.implementation = root.at("implementation").as_string();
  task.work.seed = root.at("seed").as_uint64();
  task.work.chain_steps = root.at("chain_steps").as_uint64();
  task.work.lend_one = root.at("lend_one").as_bool();
  task.chain_us = root.at("chain_us").as_double();
  task.library_name = root.at("library_name").as_string();
  task.library_path = root.at("library_path").as_string();
  task.library_threads = root.at("library_threads").as_integer<int>();
  task.iterations = root.at("iterations").as_integer<std::uint32_t>();
  task.cell_ms = root.at("cell_ms").as_double();
  task.budget_s = root.at("budget_s").as_double();
  for (const Cursor& item : root.at("conditions").items()) {
    task.conditions.push_back(condition_at(item));
  }
  return task;
}

std::string to_message(const PoolTask& task) {
  const Value document = Value::Object{{"protocol", kTaskProtocol},
                                       {"start_ns", task.start_ns},
                                       {"task", to_message(task.task)}};
  return json::to_text(document, json::Layout::line);
}

PoolTask parse_pool_task(const std::string& message) {
  const Value document = json::parse(message);
  const Cursor root = opened(document);
  PoolTask task;
  task.start_ns = root.at("start_ns").as_uint64();
  task.task = parse_task(root.at("task").as_string());
  return task;
}

std::string to_message(const TaskReply& reply) {
  Value::Array cells;
  for (const Cell& cell : reply.cells) cells.push_back(to_json(cell));
  const Value document = Value::Object{
      {"protocol", kTaskProtocol},
      {"iterations", reply.iterations},
      {"chain_steps", reply.chain_steps},
      {"cells", std::move(cells)},
  };
  return json::to_text(document, json::Layout::line);
}

TaskReply parse_task_reply(const std::string& message) {
  const Value document = json::parse(message);
  const Cursor root = opened(document);
  TaskReply reply;
  reply.iterations = root.at("iterations").as_integer<std::uint32_t>();
  reply.chain_steps = root.at("chain_steps").as_uint64();
  for (const Cursor& item : root.at("cells").items()) {
    reply.cells.push_back(cell_at(item));
  }
  return reply;
}

}  // namespace assay::scaling
