// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/interface/status.h"
#include "regression/json/value.h"
#include "regression/measure/worker.h"

namespace assay::measure {
namespace {

using ::testing::HasSubstr;

WorkerRequest request() {
  WorkerRequest made;
  made.device = "vgpu://?cus=2";
  made.kind = CaseKind::control_after_library;
  made.inject = 0.25;
  made.op = "matmul";
  made.shape = "8x8x8";
  made.implementation = "packed";
  made.scopes = {Scope::kernel, Scope::call};
  return made;
}

TEST(WorkerMessagesTest, ARequestArrivesAsItWasSent) {
  const WorkerRequest read = parse_request(to_message(request()));
  EXPECT_EQ(read.kind, CaseKind::control_after_library);
  EXPECT_EQ(read.inject, 0.25);
  EXPECT_EQ(read.scopes, request().scopes);
  EXPECT_EQ(to_message(read), to_message(request()));
}

TEST(WorkerMessagesTest, EveryTaskArrives) {
  for (const auto task : {WorkerTask::measure, WorkerTask::audit, WorkerTask::oracle}) {
    WorkerRequest sent = request();
    sent.task = task;
    EXPECT_EQ(parse_request(to_message(sent)).task, task);
  }
  // As builds without the third ask.
  json::Value message = json::parse(to_message(request()));
  message.get_if<json::Value::Object>()->erase("oracle");
  EXPECT_EQ(parse_request(json::to_text(message, json::Layout::line)).task,
            WorkerTask::measure);
}

TEST(WorkerMessagesTest, AnotherProtocolIsRefusedInWords) {
  json::Value message = json::parse(to_message(request()));
  (*message.get_if<json::Value::Object>())["protocol"] =
      json::Value(kWorkerProtocol + 1);
  try {
    parse_request(json::to_text(message, json::Layout::line));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("too far apart"));
  }
}

TEST(WorkerMessagesTest, AnUnknownKindOfCaseIsRefused) {
  json::Value message = json::parse(to_message(request()));
  (*message.get_if<json::Value::Object>())["kind"] = json::Value(99);
  EXPECT_THROW(parse_request(json::to_text(message, json::Layout::line)), Error);
}

TEST(WorkerMessagesTest, AReplySaysWhichBuildMadeIt) {
  WorkerReply reply;
  reply.build_version = "0.1.0";
  reply.build_commit = "abc-dirty";
  const WorkerReply read = parse_reply(to_message(reply));
  EXPECT_EQ(read.build_version, "0.1.0");
  EXPECT_EQ(read.build_commit, "abc-dirty");
}

}  // namespace
}  // namespace assay::measure
