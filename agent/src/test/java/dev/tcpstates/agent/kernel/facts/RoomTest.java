// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.facts;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tcpstates.agent.kernel.facts.Condition.Effect;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a machine leaves to a start of the agent. */
class RoomTest {
  private static final long MEGABYTE = 1 << 20;

  @TempDir private Path root;
  private FakeSystem system;
  private Room room;

  @BeforeEach
  void machineWithEnough() throws IOException {
    system = new FakeSystem(root).write("proc/meminfo", "MemTotal: 1 kB\nMemAvailable: 8388608 kB");
    room = new Room(root);
  }

  /** The limit is 1024. */
  private Condition withOpenFiles(int count) throws IOException {
    for (int fd = 0; fd < count; fd++) {
      system.write("proc/self/fd/" + fd, "");
    }
    system.write("proc/self/fd/" + count, ""); // the listing's own
    return room.descriptors();
  }

  @Test
  void enoughDescriptors() throws IOException {
    assertEquals(Effect.NONE, withOpenFiles(1024 - Room.DESCRIPTORS).effect());
  }

  @Test
  void tooFewDescriptors() throws IOException {
    assertEquals(
        Condition.certain(
            "file descriptors",
            "this JVM has only 63 file descriptors left of 1024, and the agent starts only if there"
                + " are 64",
            "raise its limit (ulimit -n; systemd: LimitNOFILE=)"),
        withOpenFiles(1024 - 63));
  }

  @Test
  void withoutProcNothingIsInTheWay() throws IOException {
    system.remove("proc/self/limits").remove("proc/meminfo");
    assertEquals(Effect.NONE, room.descriptors().effect());
    assertEquals(Effect.NONE, room.memory(512 * MEGABYTE).effect());
  }

  private void assertHalfOf(long megabytes) {
    assertEquals(Effect.NONE, room.memory(megabytes / 2 * MEGABYTE).effect());
    assertEquals(
        Condition.certain(
            "memory",
            "a ring of 512 MB takes more than half of the "
                + megabytes
                + " MB of memory that are left",
            "set a smaller ringSize, or raise the memory limit of the container or the machine"),
        room.memory(512 * MEGABYTE));
  }

  @Test
  void aMachineWithLittleMemory() throws IOException {
    system.write("proc/meminfo", "MemTotal: 9999999 kB\nMemAvailable: 614400 kB\n");
    assertHalfOf(600);
  }

  @Test
  void aControlGroupOfVersion2() throws IOException {
    system
        .write("proc/self/cgroup", "0::/a.slice/b.scope\n")
        .write("sys/fs/cgroup/a.slice/b.scope/memory.max", "314572800\n")
        .write("sys/fs/cgroup/a.slice/b.scope/memory.stat", "anon 104857600\nfile 99999999\n")
        .write("sys/fs/cgroup/a.slice/memory.max", "max\n");
    assertHalfOf(200);
  }

  /** As with a limit of a systemd slice, or of a Kubernetes pod. */
  @Test
  void aControlGroupAboveTheJvms() throws IOException {
    system
        .write("proc/self/cgroup", "0::/a.slice/b.scope\n")
        .write("sys/fs/cgroup/a.slice/b.scope/memory.max", "max\n")
        .write("sys/fs/cgroup/a.slice/memory.max", "314572800\n");
    assertHalfOf(300);
  }

  @Test
  void theOwnControlGroupOfAContainer() throws IOException {
    system.write("proc/self/cgroup", "0::/\n").write("sys/fs/cgroup/memory.max", "314572800\n");
    assertHalfOf(300);
  }

  @Test
  void aControlGroupOfVersion1WhosePathIsTheHosts() throws IOException {
    system
        .write("proc/self/cgroup", "5:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n0::/docker/1\n")
        .write("sys/fs/cgroup/memory/memory.limit_in_bytes", "314572800\n")
        .write("sys/fs/cgroup/memory/memory.stat", "rss 1\ntotal_rss 104857600\n");
    assertHalfOf(200);
  }

  @Test
  void aControlGroupWithoutALimit() throws IOException {
    system
        .write("proc/self/cgroup", "4:memory:/\n")
        .write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    assertEquals(Effect.NONE, room.memory(512 * MEGABYTE).effect());
  }
}
