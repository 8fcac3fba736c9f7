// SPDX-License-Identifier: MIT
// How many processors this process may use. The affinity mask says a part of it; the
// rest is a quota that TBB and std::thread::hardware_concurrency do not know of: a
// container with "--cpus 2" on a machine of 64 has an affinity mask of 64.
#ifndef ASSAY_BACKENDS_RUNTIME_USABLE_CPUS_H_
#define ASSAY_BACKENDS_RUNTIME_USABLE_CPUS_H_

#include <string>
#include <string_view>
#include <vector>

namespace assay::runtime {

// min(affinity mask, every quota above this process rounded down), at least 1.
unsigned usable_cpus();

// The parts of it, pure functions over the contents of files. 0: unlimited, or not
// understood.
//   cgroup v2: "cpu.max", as in "200000 100000" or "max 100000"
unsigned quota_cpus(std::string_view cpu_max);
//   cgroup v1: "cpu.cfs_quota_us" (-1: none) and "cpu.cfs_period_us"
unsigned quota_cpus(std::string_view quota_us, std::string_view period_us);

// Folders below the mount points that hold a quota of this process, from the contents
// of /proc/self/cgroup: a group, and every group above it, whose quotas hold as well.
struct CgroupFolders {
  std::vector<std::string> v2;  // "/a/b", "/a", "/": below /sys/fs/cgroup
  std::vector<std::string> v1;  // of the cpu controller: below /sys/fs/cgroup/cpu
};
CgroupFolders cgroup_folders(std::string_view proc_self_cgroup);

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_USABLE_CPUS_H_
