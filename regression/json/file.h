// SPDX-License-Identifier: MIT
// Files, whole: read with a limit, written all or not at all.
#ifndef ASSAY_REGRESSION_JSON_FILE_H_
#define ASSAY_REGRESSION_JSON_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "regression/json/value.h"

namespace assay::json {

// The content of a file, a pipe or a device. Throws Error(unavailable) when there is
// none, Error(bad_file) when it cannot be read or is longer than `max_bytes`; both name
// the path.
std::string read_file(const std::string& path,
                      std::size_t max_bytes = Limits().max_bytes);

// read_file() and parse(); the path is in every message.
Value load_file(const std::string& path, const Limits& limits = {});

// Replaces `path` by `text` so that a reader, and the disk after a crash, has the old
// content or the new: temporary file in the same folder, fsync, rename, fsync of the
// folder. A symbolic link is followed. Something that is no regular file (a pipe,
// /dev/stdout) is written to and never replaced. Of two writers the later wins, whole.
// Leftovers of killed writers of the same file are removed when they are an hour old.
//
// Throws Error(failed_precondition), or Error(resource_exhausted) for a full disk, with
// path and system message; then `path` is as it was and no temporary file is left.
// (Only if the folder's own fsync fails is the new content in place: it may not outlive
// a power cut.)
void write_file_atomically(const std::string& path, std::string_view text);

}  // namespace assay::json

#endif  // ASSAY_REGRESSION_JSON_FILE_H_
