#include "mp/cpu.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <fstream>

#include "mp/os/cpu.hpp"

namespace {

// A file system root with its own cgroup tree.
class FakeRoot {
public:
    FakeRoot() {
        char pattern[] = "/tmp/mp-cgroup-XXXXXX";
        root_ = mkdtemp(pattern);
    }
    ~FakeRoot() { std::filesystem::remove_all(root_); }
    FakeRoot& file(const std::string& path, const std::string& text) {
        std::filesystem::create_directories((root_ + path).substr(0, (root_ + path).rfind('/')));
        std::ofstream(root_ + path) << text;
        return *this;
    }
    operator const std::string&() const { return root_; }

private:
    std::string root_;
};

constexpr auto v2_mount = "30 20 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n";
constexpr auto v1_mount =
    "31 20 0:27 / /sys/fs/cgroup/cpu rw shared:10 - cgroup cgroup rw,cpu,cpuacct\n";

TEST(Cpu, counts_are_at_least_one_and_in_order) {
    EXPECT_GE(mp::process_cpu_count(), 1U);
    EXPECT_LE(mp::process_cpu_count(), mp::affinity_cpu_count());
    EXPECT_GE(mp::cpu_count(), 1U);
}

TEST(Cpu, a_mask_with_holes_is_counted) {
    cpu_set_t before;
    ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
    cpu_set_t holes; // every second CPU from the last one down, so without the first of two
    CPU_ZERO(&holes);
    unsigned count = 0;
    bool take = true;
    for (int cpu = CPU_SETSIZE - 1; cpu >= 0; --cpu)
        if (CPU_ISSET(cpu, &before)) {
            if (take) {
                CPU_SET(cpu, &holes);
                ++count;
            }
            take = !take;
        }
    ASSERT_EQ(sched_setaffinity(0, sizeof holes, &holes), 0);
    EXPECT_EQ(mp::affinity_cpu_count(), count);
    EXPECT_LE(mp::process_cpu_count(), count);
    sched_setaffinity(0, sizeof before, &before);
}

TEST(Cpu, the_affinity_mask_bounds_the_count) {
    cpu_set_t before;
    ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, &before)) {
            CPU_SET(cpu, &one);
            break;
        }
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(mp::affinity_cpu_count(), 1U);
    EXPECT_EQ(mp::process_cpu_count(), 1U);
    sched_setaffinity(0, sizeof before, &before);
}

TEST(Cpu, what_slurm_allotted_bounds_the_count) {
    const unsigned before = mp::process_cpu_count();
    setenv("SLURM_CPUS_PER_TASK", "1", 1);
    EXPECT_EQ(mp::slurm_cpus_per_task(), 1U);
    EXPECT_EQ(mp::process_cpu_count(), 1U);
    setenv("SLURM_CPUS_PER_TASK", "100000", 1);
    EXPECT_EQ(mp::process_cpu_count(), before);
    for (const char* nonsense : {"", "0", "-1", "two", "2 "}) {
        setenv("SLURM_CPUS_PER_TASK", nonsense, 1);
        EXPECT_EQ(mp::slurm_cpus_per_task(), std::nullopt) << nonsense;
        EXPECT_EQ(mp::process_cpu_count(), before) << nonsense;
    }
    unsetenv("SLURM_CPUS_PER_TASK");
    EXPECT_EQ(mp::slurm_cpus_per_task(), std::nullopt);
}

TEST(Cpu, a_version_2_quota_is_read) {
    FakeRoot root;
    root.file("/proc/self/cgroup", "0::/job/7\n")
        .file("/proc/self/mountinfo", v2_mount)
        .file("/sys/fs/cgroup/job/7/cpu.max", "150000 100000\n");
    EXPECT_EQ(mp::os::cgroup_cpu_quota(root), 1.5);
}

TEST(Cpu, the_tightest_level_above_counts) {
    FakeRoot root;
    root.file("/proc/self/cgroup", "0::/job/7\n")
        .file("/proc/self/mountinfo", v2_mount)
        .file("/sys/fs/cgroup/job/cpu.max", "50000 100000\n")
        .file("/sys/fs/cgroup/job/7/cpu.max", "max 100000\n");
    EXPECT_EQ(mp::os::cgroup_cpu_quota(root), 0.5);
}

TEST(Cpu, a_version_1_quota_is_read) {
    FakeRoot root;
    root.file("/proc/self/cgroup", "5:memory:/m\n4:cpu,cpuacct:/job\n0::/\n")
        .file("/proc/self/mountinfo", v1_mount)
        .file("/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "200000\n")
        .file("/sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(mp::os::cgroup_cpu_quota(root), 2.0);
}

TEST(Cpu, no_quota_and_nonsense_are_no_quota) {
    for (const char* text : {"max 100000", "", "abc", "-1 100000", "100000 0", "100000"}) {
        FakeRoot root;
        root.file("/proc/self/cgroup", "0::/\n")
            .file("/proc/self/mountinfo", v2_mount)
            .file("/sys/fs/cgroup/cpu.max", text);
        EXPECT_FALSE(mp::os::cgroup_cpu_quota(root)) << text;
    }
    EXPECT_FALSE(mp::os::cgroup_cpu_quota("/nowhere"));
}

TEST(Cpu, inside_of_a_container_the_path_is_seen_from_the_mount) {
    FakeRoot root;
    root.file("/proc/self/cgroup", "0::/docker/abc\n")
        .file("/proc/self/mountinfo",
              "30 20 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
        .file("/sys/fs/cgroup/cpu.max", "300000 100000\n");
    EXPECT_EQ(mp::os::cgroup_cpu_quota(root), 3.0);
}

TEST(Cpu, a_group_whose_name_begins_like_the_mounts_is_not_below_it) {
    FakeRoot root;
    root.file("/proc/self/cgroup", "0::/jobs/7\n")
        .file("/proc/self/mountinfo", "30 20 0:26 /job /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
        .file("/sys/fs/cgroup/jobs/7/cpu.max", "150000 100000\n");
    EXPECT_EQ(mp::os::cgroup_cpu_quota(root), 1.5);
}

// Files of real systems, in a group /job/7 with 1.5 CPUs for /job, 96 MiB and 50 processes for
// /job/7, when the group has read files that fill the page cache: version 1 of Linux 6.18, and
// version 2 of Linux 6.1.
TEST(Cpu, real_files_of_version_1_are_read) {
    const std::string root = MP_TESTS_CGROUPS "/v1";
    EXPECT_EQ(mp::os::cgroup_cpu_quota(root), 1.5);
    EXPECT_EQ(mp::os::cgroup_memory_left(root), 100663296U - 98226176U + 96493568U + 61440U);
    EXPECT_EQ(mp::os::cgroup_processes_left(root), 48U);
    EXPECT_EQ(mp::os::cgroup_out_of_memory_kills(root), 0U);
}

TEST(Cpu, real_files_of_version_2_are_read) {
    const std::string root = MP_TESTS_CGROUPS "/v2";
    EXPECT_EQ(mp::os::cgroup_cpu_quota(root), 1.5);
    EXPECT_EQ(mp::os::cgroup_memory_left(root), 100663296U - 74268672U + 52428800U + 20971520U);
    EXPECT_EQ(mp::os::cgroup_processes_left(root), 48U);
    EXPECT_EQ(mp::os::cgroup_out_of_memory_kills(root), 0U);
}

TEST(Cpu, the_page_cache_of_a_cgroup_counts_as_free_but_never_for_more_than_is_used) {
    FakeRoot root;
    root.file("/proc/self/cgroup", "0::/job\n")
        .file("/proc/self/mountinfo", v2_mount)
        .file("/sys/fs/cgroup/job/memory.max", "1000000\n")
        .file("/sys/fs/cgroup/job/memory.current", "900000\n")
        .file("/sys/fs/cgroup/job/memory.stat",
              "anon 100000\ninactive_file 500000\nactive_file 200000\n");
    EXPECT_EQ(mp::os::cgroup_memory_left(root), 800000U);
    root.file("/sys/fs/cgroup/job/memory.current", "600000\n");
    EXPECT_EQ(mp::os::cgroup_memory_left(root), 1000000U);
}

TEST(Cpu, what_a_cgroup_still_grants_is_limit_less_use) {
    FakeRoot root;
    root.file("/proc/self/cgroup", "0::/job\n")
        .file("/proc/self/mountinfo", v2_mount)
        .file("/sys/fs/cgroup/job/memory.max", "1000000\n")
        .file("/sys/fs/cgroup/job/memory.current", "400000\n")
        .file("/sys/fs/cgroup/job/pids.max", "max\n")
        .file("/sys/fs/cgroup/job/pids.current", "3\n");
    EXPECT_EQ(mp::os::cgroup_memory_left(root), 600000U);
    EXPECT_FALSE(mp::os::cgroup_processes_left(root));
}

} // namespace
