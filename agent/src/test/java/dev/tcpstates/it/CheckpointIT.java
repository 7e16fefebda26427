// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.it.workload.Checkpointed;
import dev.tcpstates.jfr.SocketTimeline;
import dev.tcpstates.jfr.read.TcpRecording;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JDK with CRaC makes a checkpoint. Its classes are those of the test, with the signatures of the
 * real ones, and they only call back: no process is saved.
 */
@NeedsBpf
class CheckpointIT {
  private static final String RESOURCE =
      """
      package jdk.crac;
      public interface Resource {
        void beforeCheckpoint(Context<? extends Resource> context) throws Exception;
        void afterRestore(Context<? extends Resource> context) throws Exception;
      }
      """;
  private static final String CONTEXT =
      """
      package jdk.crac;
      public abstract class Context<R extends Resource> implements Resource {
        public abstract void register(R resource);
      }
      """;
  private static final String CORE =
      """
      package jdk.crac;
      import java.lang.ref.WeakReference;
      import java.util.ArrayList;
      import java.util.List;
      public final class Core {
        private static final List<WeakReference<Resource>> RESOURCES = new ArrayList<>();
        private static final Context<Resource> GLOBAL = new Context<>() {
          @Override public void register(Resource resource) {
            RESOURCES.add(new WeakReference<>(resource));
          }
          @Override public void beforeCheckpoint(Context<? extends Resource> context) {}
          @Override public void afterRestore(Context<? extends Resource> context) {}
        };
        public static Context<Resource> getGlobalContext() { return GLOBAL; }
        public static void before() throws Exception {
          System.gc();
          for (var each : RESOURCES) { each.get().beforeCheckpoint(GLOBAL); }
        }
        public static void after() throws Exception {
          for (var each : RESOURCES) { each.get().afterRestore(GLOBAL); }
        }
      }
      """;

  @TempDir private Path directory;

  @OnEachJdk
  void theAgentEndsBeforeItAndStartsAfterIt(Jdk jdk) throws Exception {
    AgentJvm.Result result =
        new AgentJvm(jdk, directory)
            .jvm(
                "--patch-module=java.base=" + compiled(jdk),
                "--add-exports=java.base/jdk.crac=ALL-UNNAMED")
            .record()
            .run(Checkpointed.class)
            .ok();
    assertNotEquals(0, number(result, "attached"));
    assertEquals(0, number(result, "checkpoint"));
    assertEquals(number(result, "attached"), number(result, "restored"));
    TcpRecording recording = Recorded.readWithLosses(result.recording());
    for (String label : new String[] {"before", "after"}) {
      int port = number(result, label);
      assertTrue(
          recording.timelines().stream()
              .filter(timeline -> timeline.transitions().get(1).localPort() == port)
              .allMatch(CheckpointIT::isComplete),
          label);
      assertTrue(
          recording.timelines().stream()
              .anyMatch(timeline -> timeline.transitions().get(1).localPort() == port),
          label);
    }
  }

  private static boolean isComplete(SocketTimeline timeline) {
    return timeline.complete() && timeline.openedBy().contains("Checkpointed.connect");
  }

  private static int number(AgentJvm.Result result, String label) {
    return result
        .out()
        .lines()
        .filter(line -> line.startsWith(label + " "))
        .map(line -> Integer.parseInt(line.substring(label.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private Path compiled(Jdk jdk) throws Exception {
    Path sources = Files.createDirectories(directory.resolve("sources/jdk/crac"));
    Files.writeString(sources.resolve("Resource.java"), RESOURCE);
    Files.writeString(sources.resolve("Context.java"), CONTEXT);
    Files.writeString(sources.resolve("Core.java"), CORE);
    Path classes = directory.resolve("crac");
    Tool.run(
            jdk.tool("javac"),
            "--patch-module=java.base=" + directory.resolve("sources"),
            "-d",
            classes.toString(),
            sources.resolve("Resource.java").toString(),
            sources.resolve("Context.java").toString(),
            sources.resolve("Core.java").toString())
        .ok();
    return classes;
  }
}
