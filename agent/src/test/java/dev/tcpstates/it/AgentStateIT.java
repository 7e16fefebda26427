// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.io.TempDir;

/** What AgentState reports of the agent's own work. */
@NeedsBpf
class AgentStateIT {
  private static final int RING = 64 << 10;

  /** A StateChange's and its header; all other records are as long or longer. */
  private static final int RECORD = 112;

  private static final int DUMPS = 5;

  @TempDir private Path directory;

  @OnEachJdk
  void ringAndRateAndCpuTime(Jdk jdk) throws Exception {
    // All of the load in one chunk, however fast the machine is.
    AgentJvm jvm =
        new AgentJvm(jdk, directory)
            .jvm("-XX:FlightRecorderOptions:maxchunksize=500M")
            .options("ringSize=64KB")
            .record();
    List<RecordedEvent> states;
    int connections;
    long readerTime;
    try (Shell shell = Shell.start(jvm)) {
      shell.run("load 4");
      shell.run("more 5000");
      connections = shell.number("unload");
      readerTime = cpuTime(shell.pid(), "tcpstates reader");
      Path loaded = directory.resolve("loaded.jfr");
      Tool.jcmd(jdk, shell.pid(), "JFR.dump", "filename=" + loaded).ok();
      Thread.sleep(2_000); // nothing happens
      states = Events.of(shell.end().recording(), "AgentState");
    }
    RecordedEvent begin = states.get(0);
    RecordedEvent loaded = states.get(1); // the end of the first chunk
    RecordedEvent end = states.get(states.size() - 1);

    assertEquals(RING, loaded.getLong("ringSize"));
    assertTrue(loaded.getLong("highestRingFill") >= RECORD, loaded::toString);
    assertTrue(loaded.getLong("highestRingFill") <= RING, loaded::toString);
    assertTrue(loaded.getLong("ringFill") <= RING, loaded::toString);
    assertTrue(end.getLong("highestRingFill") < RING / 2, end::toString);

    // Ten transitions and two ends of connections each, unless lost.
    long records = loaded.getLong("records");
    assertTrue(records + loaded.getInt("lost") >= 12L * connections, loaded::toString);
    Duration time = Duration.between(begin.getStartTime(), loaded.getStartTime());
    long least = records * 1_000 / (time.toMillis() + 5_000);
    long most = records * 1_000 / Math.max(1, time.toMillis() - 500);
    int rate = loaded.getInt("recordsPerSecond");
    assertTrue(least <= rate && rate <= most, least + " <= " + rate + " <= " + most);
    assertTrue(end.getInt("recordsPerSecond") < Math.max(20, rate / 10), end::toString);

    assertTrue(loaded.getDuration("cpuTime").toNanos() >= readerTime, readerTime + " " + loaded);
    assertNotEquals(0, readerTime);
    assertTrue(loaded.getDuration("cpuTime").compareTo(time) < 0, loaded::toString);
    assertTrue(end.getDuration("cpuTime").compareTo(loaded.getDuration("cpuTime")) > 0);
    for (RecordedEvent state : states) {
      assertEquals(0, state.getInt("suppressedErrors"));
      assertNull(state.getString("missing"));
    }
  }

  /** Nanoseconds that the kernel says a thread has been on the CPU. */
  private static long cpuTime(long pid, String thread) throws Exception {
    String name = thread.substring(0, Math.min(thread.length(), 15)); // all that the kernel keeps
    try (Stream<Path> tasks = Files.list(Path.of("/proc", "" + pid, "task"))) {
      for (Path task : tasks.toList()) {
        if (Files.readString(task.resolve("comm")).strip().equals(name)) {
          return Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ")[0]);
        }
      }
    }
    throw new AssertionError("no thread " + thread);
  }

  /** What waits at the moment: under load, something nearly always does. */
  @OnEachJdk
  void ringFill(Jdk jdk) throws Exception {
    try (Shell shell = Shell.start(new AgentJvm(jdk, directory).record())) {
      shell.run("load 2");
      Path file = directory.resolve("loaded.jfr");
      long most = 0;
      for (int i = 0; i < DUMPS && most < RECORD; i++) {
        RecordedEvent last = dumped(jdk, shell.pid(), file);
        most = last.getLong("ringFill");
        assertTrue(most <= last.getLong("highestRingFill"), last::toString);
      }
      assertTrue(most >= RECORD, "nothing was in the ring at the end of " + DUMPS + " chunks");
      shell.run("unload");
      shell.end();
    }
  }

  private static RecordedEvent dumped(Jdk jdk, long pid, Path file) throws Exception {
    Tool.jcmd(jdk, pid, "JFR.dump", "filename=" + file).ok();
    List<RecordedEvent> states = Events.of(file, "AgentState");
    return states.get(states.size() - 1);
  }
}
