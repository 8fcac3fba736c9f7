// SPDX-License-Identifier: MIT
#include "regression/measure/results_io.h"

#include <array>
#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "backends/interface/status.h"
#include "regression/json/file.h"

namespace assay::measure {
namespace {

using json::Cursor;
using json::Value;

template <class T, class S>
concept Is = std::same_as<std::remove_const_t<T>, S>;

// One description of each struct serves writer and reader: a field cannot be written
// under one name and read under another, or forgotten on one side. A field that a later
// minor version adds needs a reader that tolerates its absence: older files stay
// readable.

template <class Io, Is<Spoilers> T>
void describe(Io& io, T& s) {
  io.field("compiles", s.compiles);
  io.field("allocations", s.allocations);
  io.field("involuntary_switches", s.involuntary_switches);
  io.field("steal_ms", s.steal_ms);
  io.field("pressure_ms", s.pressure_ms);
  io.later_field("probe_ns", s.probe_ns);
}

template <class Io, Is<Block> T>
void describe(Io& io, T& b) {
  io.field("custom_first", b.custom_first);
  io.field("custom_ns", b.custom_ns);
  io.field("library_ns", b.library_ns);
  io.field("spoilers", b.spoilers);
}

template <class Io, Is<ArmCheck> T>
void describe(Io& io, T& c) {
  io.field("ok", c.ok);
  io.field("worst", c.worst);
  io.field("checked", c.checked);
  io.field("wrong", c.wrong);
  io.field("never_written", c.never_written);
  io.field("guards_intact", c.guards_intact);
  io.field("detail", c.detail);
}

template <class Io, Is<ArmInfo> T>
void describe(Io& io, T& a) {
  io.field("implementation", a.implementation);
  io.field("provider", a.provider);
  io.field("configuration", a.configuration);
}

template <class Io, Is<ProcessSamples> T>
void describe(Io& io, T& p) {
  io.field("iterations", p.iterations);
  io.field("blocks", p.blocks);
  io.field("custom_check", p.custom_check);
  io.field("library_check", p.library_check);
  io.field("peak_gflops", p.peak_gflops);
  io.field("peak_gbs", p.peak_gbs);
}

template <class Io, Is<LibraryAudit> T>
void describe(Io& io, T& a) {
  io.field("name", a.name);
  io.field("resolved_path", a.resolved_path);
  io.field("flavour", a.flavour);
  io.field("version", a.version);
  io.field("core_name", a.core_name);
  io.field("isa", a.isa);
  io.field("host_isa", a.host_isa);
  io.field("config", a.config);
  io.field("threading", a.threading);
  io.field("threads", a.threads);
  io.field("gflops_one_thread", a.gflops_one_thread);
  io.field("share_of_peak", a.share_of_peak);
  io.field("impaired", a.impaired);
  io.field("reason", a.reason);
}

template <class Io, Is<Comparison> T>
void describe(Io& io, T& c) {
  io.field("id", c.id);
  io.field("op", c.op);
  io.field("shape", c.shape);
  io.field("dtype", c.dtype);
  io.field("device", c.device);
  io.field("compute_units", c.compute_units);
  io.later_field("device_cache_bytes", c.device_cache_bytes);
  io.field("data", c.data);
  io.field("seed", c.seed);
  io.field("custom_scope", c.custom_scope);
  io.field("library_scope", c.library_scope);
  io.field("simulated_transfers", c.simulated_transfers);
  io.field("flops", c.flops);
  io.field("compulsory_bytes", c.compulsory_bytes);
  io.later_field("multiplies", c.multiplies);
  io.field("custom", c.custom);
  io.field("library", c.library);
  io.field("audit", c.audit);
  io.field("processes", c.processes);
  io.field("failure", c.failure);
  io.field("complete", c.complete);
}

template <class Io, Is<Machine> T>
void describe(Io& io, T& m) {
  io.field("cpu_model", m.cpu_model);
  io.field("vendor", m.vendor);
  io.field("family", m.family);
  io.field("model", m.model);
  io.field("cpus", m.cpus);
  io.field("isa", m.isa);
  io.field("isa_flags", m.isa_flags);
  io.field("l1d_bytes", m.l1d_bytes);
  io.field("l2_bytes", m.l2_bytes);
  io.field("l3_bytes", m.l3_bytes);
  io.field("hypervisor", m.hypervisor);
  io.field("kernel", m.kernel);
  io.field("huge_pages", m.huge_pages);
}

template <class Io, Is<Build> T>
void describe(Io& io, T& b) {
  io.field("version", b.version);
  io.field("commit", b.commit);
  io.field("compiler", b.compiler);
  io.field("build_type", b.build_type);
}

template <class Io, Is<Results> T>
void describe(Io& io, T& r) {
  io.field("build", r.build);
  io.field("machine", r.machine);
  io.field("utc", r.utc);
  io.field("command_line", r.command_line);
  io.field("worker_environment", r.worker_environment);
  io.field("comparisons", r.comparisons);
  io.field("complete", r.complete);
}

struct Writer {
  Value::Object object;

  template <class T>
  void field(const char* name, const T& value) {
    object.emplace(name, write(value));
  }
  template <class T>
  void later_field(const char* name, const T& value) {
    field(name, value);
  }

  static Value write(bool value) { return value; }
  static Value write(double value) { return json::any_double(value); }
  static Value write(const std::string& value) { return value; }
  static Value write(Scope value) { return to_string(value); }
  static Value write(std::integral auto value) { return value; }
  static Value write(const std::pair<std::string, std::string>& value) {
    return Value::Array{value.first, value.second};
  }
  template <class T>
  static Value write(const std::vector<T>& values) {
    Value::Array array;
    array.reserve(values.size());
    for (const T& value : values) array.push_back(write(value));
    return array;
  }
  static Value write(const std::array<double, 2>& values) {
    return Value::Array{write(values[0]), write(values[1])};
  }
  template <class T>
  requires std::is_aggregate_v<T>
  static Value write(const T& value) {
    Writer writer;
    describe(writer, value);
    return std::move(writer.object);
  }
};

struct Reader {
  const Cursor& at;

  // A field of a later minor version: files from before it keep the default.
  template <class T>
  void later_field(const char* name, T& value) {
    if (const auto found = at.find(name)) read(*found, value);
  }

  template <class T>
  void field(const char* name, T& value) {
    read(at.at(name), value);
  }

  static void read(const Cursor& at, bool& value) { value = at.as_bool(); }
  static void read(const Cursor& at, double& value) { value = at.as_any_double(); }
  static void read(const Cursor& at, std::string& value) { value = at.as_string(); }
  static void read(const Cursor& at, std::integral auto& value) {
    value = at.as_integer<std::remove_reference_t<decltype(value)>>();
  }
  static void read(const Cursor& at, Scope& value) {
    const std::optional<Scope> scope = parse_scope(at.as_string());
    if (!scope) {
      at.fail("expected kernel, submit_to_complete, with_transfer, cold or call");
    }
    value = *scope;
  }
  static void read(const Cursor& at, std::pair<std::string, std::string>& value) {
    const std::vector<Cursor> items = at.items(2);
    value = {items[0].as_string(), items[1].as_string()};
  }
  template <class T>
  static void read(const Cursor& at, std::vector<T>& values) {
    values.clear();
    for (const Cursor& item : at.items()) read(item, values.emplace_back());
  }
  static void read(const Cursor& at, std::array<double, 2>& values) {
    const std::vector<Cursor> items = at.items(2);
    for (std::size_t i = 0; i < 2; ++i) read(items[i], values[i]);
  }
  template <class T>
  requires std::is_aggregate_v<T>
  static void read(const Cursor& at, T& value) {
    Reader reader{at};
    describe(reader, value);
  }
};

}  // namespace

Value to_json(const Results& results) {
  Writer writer;
  describe(writer, results);
  writer.object.emplace(
      "schema",
      json::schema_value(kResultsSchema, kResultsSchemaMajor, kResultsSchemaMinor));
  return std::move(writer.object);
}

Results results_from_json(const Value& document) {
  return results_at(Cursor(document));
}

Results results_at(const Cursor& cursor) {
  json::expect_schema(cursor, kResultsSchema, kResultsSchemaMajor);
  Results results;
  Reader::read(cursor, results);
  return results;
}

Value to_json(const Comparison& comparison) { return Writer::write(comparison); }
Value to_json(const Build& build) { return Writer::write(build); }

Comparison comparison_at(const Cursor& cursor) {
  Comparison comparison;
  Reader::read(cursor, comparison);
  return comparison;
}

Build build_at(const Cursor& cursor) {
  Build build;
  Reader::read(cursor, build);
  return build;
}

Results load_results(const std::string& path) {
  const Value document = json::load_file(path, json::kResultsLimits);
  try {
    return results_from_json(document);
  } catch (const Error& error) {
    throw Error(error.code(), path + ": " + error.what());
  }
}

std::string to_line(const Comparison& comparison) {
  const Value document = Value::Object{
      {"schema",
       json::schema_value(kComparisonSchema, kResultsSchemaMajor, kResultsSchemaMinor)},
      {"comparison", Writer::write(comparison)}};
  return json::to_text(document, json::Layout::line);
}

Comparison comparison_from_line(std::string_view line) {
  const Value document = json::parse(line, json::kResultsLimits);
  const Cursor root(document);
  json::expect_schema(root, kComparisonSchema, kResultsSchemaMajor);
  Comparison comparison;
  Reader::read(root.at("comparison"), comparison);
  return comparison;
}

}  // namespace assay::measure
